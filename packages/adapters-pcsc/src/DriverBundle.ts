/**
 * A driver of readers as it lies on the disk 读卡器驱动: a folder with an Info.plist, which lists what it drives and with
 * which options. Source: the manual of IFD handlers of pcsc-lite; libccid, acsccid.
 */

/**
 * What an Info.plist says. `devices`: vendor and product in lower-case hex. `options`: bits, 0x01 lets escape commands
 * through.
 */
export interface DriverBundle {
  readonly version: string | undefined
  readonly devices: ReadonlySet<string>
  readonly options: number | undefined
}

/** The bit of ifdDriverOptions that lets SCardControl speak to the reader itself, for its buzzer and lights. */
export const escapes = 0x01

const valueOf = (text: string, key: string): string | undefined =>
  new RegExp(`<key>${key}</key>\\s*<string>([^<]*)</string>`).exec(text)?.[1]

const listOf = (text: string, key: string): ReadonlyArray<string> => {
  const list = new RegExp(`<key>${key}</key>\\s*<array>([^]*?)</array>`).exec(text)?.[1] ?? ""
  return [...list.matchAll(/<string>([^<]*)<\/string>/g)].map(([, item = ""]) => item)
}

const hex = (text: string): string => text.trim().replace(/^0x/i, "").toLowerCase().padStart(4, "0")

/** Reads an Info.plist; whatever is missing is left out. Comments are none of it, also where they quote keys. */
export const parse = (plist: string): DriverBundle => {
  const text = plist.replace(/<!--[^]*?-->/g, "")
  const vendors = listOf(text, "ifdVendorID")
  const products = listOf(text, "ifdProductID")
  const version = valueOf(text, "CFBundleShortVersionString") ?? valueOf(text, "CFBundleVersion")
  const options = Number(valueOf(text, "ifdDriverOptions") ?? Number.NaN)
  return {
    version,
    devices: new Set(
      vendors.slice(0, products.length).map((vendor, at) => `${hex(vendor)}:${hex(products[at] ?? "")}`)
    ),
    options: Number.isSafeInteger(options) ? options : undefined
  }
}
