/**
 * What Linux tells of readers 读卡器与驱动: USB in /sys, modules of the kernel, the folders of drivers, files in /etc. It
 * only reads.
 */
import { Effect } from "effect"
import * as DriverBundle from "../DriverBundle.ts"
import * as KnownReader from "../KnownReader.ts"
import type { Driver, Known, UsbDevice } from "../Machine.ts"
import type { Files } from "./Inspection.ts"

/** Where pcscd looks for drivers, on Debian, Fedora, and when it was built by hand. */
const dropFolders = ["/usr/lib/pcsc/drivers", "/usr/lib64/pcsc/drivers", "/usr/local/lib/pcsc/drivers"]

const interesting = new Set(["nfc_digital", "nfc", "pn533", ...Object.keys(KnownReader.takenBy)])

/** Modules that are loaded and have to do with readers. A kernel without modules has no /proc/modules. */
export const modules = (files: Files): Effect.Effect<Known<ReadonlyArray<string>>> =>
  Effect.gen(function*() {
    const text = yield* files.text("/proc/modules")
    if (text === "absent") return (yield* files.exists("/proc/self")) === true ? [] : "unknown"
    if (text === "unknown") return text
    return text.split("\n").map((line) => line.split(" ")[0] ?? "").filter((name) => interesting.has(name))
  })

/** Modules that the configuration keeps from being loaded for a device. */
export const blacklisted = (files: Files): Effect.Effect<Known<ReadonlyArray<string>>> =>
  Effect.gen(function*() {
    const folders = ["/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"]
    const all = yield* Effect.forEach(folders, (folder) => texts(files, folder, ".conf"))
    if (all.every((it) => it === "unknown")) return "unknown"
    const lines = all.flatMap((it) => it === "unknown" ? [] : it).join("\n")
    const names = [...lines.matchAll(/^\s*(?:blacklist\s+(\S+)|install\s+(\S+)\s+\/bin\/(?:true|false))/gm)]
    return [...new Set(names.map(([, name, other]) => (name ?? other ?? "").replaceAll("-", "_")))]
      .filter((name) => interesting.has(name))
  })

const texts = (files: Files, folder: string, ending: string): Effect.Effect<Known<ReadonlyArray<string>>> =>
  Effect.gen(function*() {
    const names = yield* files.names(folder)
    if (names === "absent") return []
    if (names === "unknown") return names
    const all = yield* Effect.forEach(
      names.filter((name) => name.endsWith(ending)),
      (name) => files.text(`${folder}/${name}`)
    )
    return all.filter((text) => text !== "unknown" && text !== "absent")
  })

/** Readers on USB. A device that is no reader is nobody's business. */
export const usb = (files: Files): Effect.Effect<Known<ReadonlyArray<UsbDevice>>> =>
  Effect.gen(function*() {
    const folder = "/sys/bus/usb/devices"
    const names = yield* files.names(folder)
    if (names === "absent") return (yield* files.exists("/sys/bus")) === true ? [] : "unknown"
    if (names === "unknown") return names
    const field = (name: string, file: string) =>
      Effect.map(files.text(`${folder}/${name}/${file}`), (text) =>
        text === "unknown" || text === "absent" ? "" : text.trim())
    const devices = names.filter((name) =>
      !name.includes(":")
    )
    const all = yield* Effect.forEach(devices, (name) =>
      Effect.gen(function*() {
        const id = `${yield* field(name, "idVendor")}:${yield* field(name, "idProduct")}`.toLowerCase()
        const interfaces = names.filter((one) => one.startsWith(`${name}:`))
        const classes = yield* Effect.forEach(interfaces, (one) => field(one, "bInterfaceClass"))
        return { id, name: yield* field(name, "product"), isCcid: classes.includes("0b") }
      }), { concurrency: 8 })
    return all.filter(KnownReader.isReader)
  })

/** Drivers that are installed, and which of these devices each lists. */
export const drivers = (
  files: Files,
  usb: Known<ReadonlyArray<UsbDevice>>
): Effect.Effect<Known<ReadonlyArray<Driver>>> =>
  Effect.gen(function*() {
    const folders = yield* Effect.forEach(dropFolders, (folder) =>
      Effect.map(files.names(folder), (names) => ({ folder, names })))
    const bundles = folders.flatMap(({ folder, names }) =>
      typeof names === "string" ? [] : names.filter((name) =>
        name.endsWith(".bundle")
      ).map((name) => ({ folder, name }))
    )
    if (bundles.length === 0 && folders.some(({ names }) => names === "unknown")) return "unknown"
    return yield* Effect.forEach(bundles, ({ folder, name }) =>
      Effect.gen(function*() {
        const path = `${folder}/${name}/Contents/Info.plist`
        const text = yield* files.text(path)
        const { devices, options, version } = DriverBundle.parse(text)
        return {
          name: name.replace(/\.bundle$/, ""),
          version: version ?? "unknown",
          // On Debian it is a link into /etc, and an editor would put a file in its place.
          plist: yield* files.place(path),
          drives: usb === "unknown" ? [] : usb.map(({ id }) => id).filter((id) => devices.has(id)),
          options: options ?? "unknown"
        } as const
      }))
  })

/** Readers that a file names, as serial and virtual ones. */
export const configured = (files: Files): Effect.Effect<Known<ReadonlyArray<string>>> =>
  Effect.map(
    texts(files, "/etc/reader.conf.d", ""),
    (all) =>
      all === "unknown" ?
        all :
        all.flatMap((text) =>
          [...text.matchAll(/^\s*FRIENDLYNAME\s+"?([^"\n]*)"?/gm)].map(([, name = ""]) => name.trim())
        )
  )

/** Whether libpcsclite.so.1 lies where the linker looks. */
export const hasLibrary = (files: Files): Effect.Effect<Known<boolean>> =>
  Effect.gen(function*() {
    const fixed = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib"]
    const triples = yield* Effect.forEach(["/usr/lib", "/lib"], (folder) =>
      Effect.map(files.names(folder), (names) =>
        typeof names === "string"
          ? []
          : names.filter((name) =>
            /-linux-/.test(name)
          ).map((name) => `${folder}/${name}`)))
    const all = yield* Effect.forEach([...fixed, ...triples.flat()], (folder) =>
      files.exists(`${folder}/libpcsclite.so.1`))
    return all.includes(true) ? true : all.includes("unknown") ? "unknown" : false
  })
