/**
 * What macOS and Windows tell about readers: less than Linux, since service and drivers are theirs. Commands that only
 * list: `system_profiler`, `sw_vers`, `sc query`, `pnputil`. Their words differ by language, so numbers are read and no
 * words.
 */
import { Effect } from "effect"
import * as KnownReader from "../KnownReader.ts"
import type { Driver, Known, UsbDevice } from "../Machine.ts"
import type { Ask, Files, Seen, Told } from "./Inspection.ts"

const outOf = (told: Seen<Told>): string | undefined =>
  typeof told === "string" || told.code !== 0 ? undefined : told.out

/** What macOS calls itself: "macOS 15.1". */
export const macName = (ask: Ask): Effect.Effect<string> =>
  Effect.map(ask("sw_vers", ["-productVersion"]), (told) => `macOS ${outOf(told)?.trim() ?? ""}`.trim())

/** Where macOS looks for drivers beside its own. Source: the manual page SmartCardServices(7). */
const macFolders = ["/usr/libexec/SmartCardServices/drivers", "/usr/local/libexec/SmartCardServices/drivers"]

/**
 * The drivers on macOS. It drives readers that follow the standard by itself, so nothing follows from what they list.
 */
export const macDrivers = (files: Files): Effect.Effect<Known<ReadonlyArray<Driver>>> =>
  Effect.gen(function*() {
    const all = yield* Effect.forEach(macFolders, (folder) =>
      Effect.map(files.names(folder), (names) =>
        typeof names === "string" ? [] : names.filter((name) =>
          name.endsWith(".bundle")
        ).map((name): Driver => ({
          name: name.replace(/\.bundle$/, ""),
          version: "unknown",
          plist: `${folder}/${name}/Contents/Info.plist`,
          drives: [],
          options: "unknown"
        }))))
    return all.flat()
  })

/** Readers on USB that are known by their numbers; if there is none, there may be one of another number. */
export const macUsb = (ask: Ask): Effect.Effect<Known<ReadonlyArray<UsbDevice>>> =>
  Effect.map(ask("system_profiler", ["-json", "SPUSBDataType"]), (told) => {
    const devices = macDevices(outOf(told) ?? "").filter(KnownReader.isReader)
    return devices.length === 0 ? "unknown" : devices
  })

const macDevices = (json: string): ReadonlyArray<UsbDevice> => {
  try {
    return below(JSON.parse(json))
  } catch {
    return []
  }
}

/** Devices hang below hubs, to any depth. */
const below = (tree: unknown): ReadonlyArray<UsbDevice> => {
  if (Array.isArray(tree)) return tree.flatMap(below)
  if (typeof tree !== "object" || tree === null) return []
  const fields: Readonly<Record<string, unknown>> = { ...tree }
  const [vendor, product] = [fields["vendor_id"], fields["product_id"]].map((it) =>
    typeof it === "string" ? /^0x([0-9a-f]{4})/i.exec(it)?.[1]?.toLowerCase() : undefined
  )
  const name = typeof fields["_name"] === "string" ? fields["_name"] : ""
  const own = vendor === undefined || product === undefined ? [] : [{ id: `${vendor}:${product}`, name, isCcid: false }]
  return [...own, ...Object.values(fields).flatMap(below)]
}

/** Whether SCardSvr runs: state 4 of `sc query`. 1060 is its word for a service that there is none of. */
export const windowsService = (ask: Ask): Effect.Effect<
  { readonly isInstalled: Known<boolean>; readonly isRunning: Known<boolean> }
> =>
  Effect.map(ask("sc.exe", ["query", "SCardSvr"]), (told) => {
    if (typeof told !== "string" && told.code === 1060) return { isInstalled: false, isRunning: false }
    // The line before says the type, the next one the state.
    const state = [...(outOf(told) ?? "").matchAll(/:\s*([0-9a-f]+)\s+[A-Z_]+/gi)].map(([, number]) => number)[1]
    return state === undefined
      ? { isInstalled: "unknown", isRunning: "unknown" }
      : { isInstalled: true, isRunning: state === "4" }
  })

/** Readers that Windows has a driver for and that are plugged in. */
export const windowsUsb = (ask: Ask): Effect.Effect<Known<ReadonlyArray<UsbDevice>>> =>
  Effect.map(ask("pnputil.exe", ["/enum-devices", "/class", "SmartCardReader", "/connected"]), (told) => {
    const out = outOf(told)
    if (out === undefined) return "unknown"
    const ids = [...out.matchAll(/VID_([0-9A-F]{4})&PID_([0-9A-F]{4})/gi)].map(([, vendor, product]) =>
      `${vendor}:${product}`.toLowerCase()
    )
    return [...new Set(ids)].map((id) => ({ id, name: "", isCcid: true }))
  })
