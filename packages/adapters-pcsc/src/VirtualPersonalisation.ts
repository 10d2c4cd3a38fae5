/**
 * How a virtual CPU card comes into the world 虚拟卡个人化: what an issuer writes onto a blank card.
 *
 * Source: the manual of FMCOS 2.0, appendix A (files 15 and 16).
 */
import { CivilTime, Flaw } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as Bytes from "./Bytes.ts"
import * as CpuProfile from "./CpuProfile.ts"
import * as VirtualKeys from "./VirtualKeys.ts"
import * as VirtualMemory from "./VirtualMemory.ts"

export interface Personalisation {
  /** The application serial number 应用序列号, 10 bytes: its lower-case hexadecimal is the id of the card. */
  readonly serial: Bytes.Bytes
  /** Issuer, 8 bytes. */
  readonly issuer?: Bytes.Bytes
  /** The file of the holder as it is, 39 or 55 bytes; zeros where it is left out. */
  readonly holder?: Redacted.Redacted<Bytes.Bytes>
  /** First and last day of the application. */
  readonly dates: { readonly from: CivilTime.Day; readonly until: CivilTime.Day }
  /** The school's masters, diversified by the serial number here; or the keys of this one card. */
  readonly keys: { readonly masters: VirtualKeys.VirtualKeys } | { readonly card: VirtualKeys.VirtualKeys }
  /** 4 to 12 digits. */
  readonly pin: Redacted.Redacted<string>
  /** How often a PIN or external key may be wrong in a row, 1 to 15; 3 where it is left out. */
  readonly tries?: number
  /** What is in the EP, in fen; 0 where it is left out. */
  readonly balance?: number
  /** The greatest balance of a purse, in fen; what four bytes hold where it is left out. */
  readonly mostBalance?: number
  readonly profile: CpuProfile.CpuProfile
  /** What stands in the campus file, up to 256 bytes; zeros after it. */
  readonly campusFile?: Bytes.Bytes
  /** Whether the log is read only after the PIN, as on bank cards. */
  readonly logNeedsPin?: boolean
  /** Contactless cards speak T=1, or are made to look so by their readers. */
  readonly protocol?: VirtualMemory.VirtualMemory["protocol"]
  readonly atr?: Bytes.Bytes
  /**
   * The numbers of the keys of EXTERNAL and INTERNAL AUTHENTICATE, and what INITIALIZE tells of version and algorithm.
   */
  readonly indexes?: {
    readonly external?: number
    readonly internal?: number
    readonly version?: number
    readonly algorithm?: number
  }
}

/** Both tell the historical bytes "YIKATONG"; T=1 asks for a check byte at the end, which happens to be 00. */
const atrs = { "T=0": "3B08 59494B41544F4E47", "T=1": "3B888101 59494B41544F4E47 00" } as const

const dayWritten = (day: CivilTime.Day): Bytes.Bytes => Bytes.of(CivilTime.formatDay(day).replaceAll("-", ""))

const pinWritten = (pin: string): string => {
  if (!/^\d{4,12}$/u.test(pin)) throw new RangeError("A PIN has 4 to 12 digits")
  return pin.length % 2 === 0 ? pin : `${pin}F`
}

const filled = (bytes: Bytes.Bytes, length: number): Bytes.Bytes => {
  if (bytes.length > length) throw new RangeError(`The file has room for ${length} bytes, not ${bytes.length}`)
  return Bytes.join(bytes, new Uint8Array(length - bytes.length))
}

/** The memory of a new card. Throws RangeError for what no card can hold; it repeats no PIN and no key. */
export const personalise = (options: Personalisation): VirtualMemory.VirtualMemory => {
  const { balance = 0, dates, mostBalance = VirtualMemory.mostBalance, profile, protocol = "T=1", serial, tries = 3 } =
    options
  const { algorithm = 0, external = 1, internal = 1, version = 1 } = options.indexes ?? {}
  const own = "masters" in options.keys ? VirtualKeys.diversify(options.keys.masters, serial) : options.keys.card
  const { external: externalKey, ...keys } = VirtualKeys.map(own, (key) => Bytes.hex(Redacted.value(key)))
  const issuer = options.issuer ?? Bytes.of("1111222233330006")
  // Type of application 03 (ED and EP), version 01, and two bytes that are the issuer's own.
  const application = Bytes.join(
    issuer,
    Bytes.of("0301"),
    serial,
    dayWritten(dates.from),
    dayWritten(dates.until),
    Bytes.of("5566")
  )
  const holder = options.holder === undefined ? new Uint8Array(39) : Redacted.value(options.holder)
  const memory = VirtualMemory.decode({
    format: "yikatong-virtual-cpu-card-1",
    protocol,
    atr: Bytes.hex(options.atr ?? Bytes.of(atrs[protocol])),
    name: Bytes.hex(profile.application),
    numbers: profile.files,
    protection: profile.protection,
    logged: profile.logged,
    pinFor: { load: profile.pin !== undefined, log: options.logNeedsPin ?? false },
    pin: { number: profile.pin ?? 0, value: pinWritten(Redacted.value(options.pin)), tries, most: tries },
    indexes: { ...profile.keys, internal, version, algorithm },
    keys,
    external: { number: external, key: externalKey, tries, most: tries },
    macTries: 3,
    application: "open",
    dead: false,
    files: {
      application: Bytes.hex(application),
      holder: Bytes.hex(holder),
      campus: Bytes.hex(filled(options.campusFile ?? Bytes.of(""), VirtualMemory.sizes.campus))
    },
    purses: {
      ed: { balance: 0, loads: 0, purchases: 0, most: mostBalance },
      ep: { balance, loads: 0, purchases: 0, most: mostBalance }
    },
    log: [],
    proofs: []
  })
  if (Result.isFailure(memory)) throw new RangeError(`No card: ${Flaw.told(memory.failure.flaws)}`)
  return memory.success
}

/**
 * A card for demonstrations and tests: TEST KEYS, PIN 123456, and whatever is said otherwise. Its serial number is the
 * one of the manual's example.
 */
export const testCard = (options: Partial<Personalisation> = {}): VirtualMemory.VirtualMemory =>
  personalise({
    serial: Bytes.of("00061998081700000030"),
    dates: { from: CivilTime.day("2025-09-01"), until: CivilTime.day("2029-08-31") },
    keys: { masters: VirtualKeys.testMasters },
    pin: Redacted.make("123456"),
    profile: CpuProfile.fmcos,
    ...options
  })
