/**
 * What is known of a machine that is to read cards 读卡环境: service, drivers, USB, kernel, binding, as plain data for
 * `Diagnosis`.
 *
 * `MachineFacts` (in `@yikatong/adapters-pcsc/node`) gathers it. What could not be looked at is "unknown", never a
 * guess. There is no name of a user or a host and no path of a user in it, so it can be pasted into a report.
 */

/** What was found, or that it could not be found out. */
export type Known<A> = A | "unknown"

/** Which commands a system takes. `other`: it is known which one it is not. */
export type Family = "debian" | "fedora" | "arch" | "alpine" | "macos" | "windows" | "other"

/** The operating system. `architecture`: as Node calls it, "x64". `name`: as it calls itself. */
export interface System {
  readonly family: Family
  readonly name: string
  readonly platform: string
  readonly architecture: string
  readonly libc: Known<"glibc" | "musl" | "none">
  readonly node: string
  readonly isRoot: Known<boolean>
  readonly isContainer: Known<boolean>
  readonly hasSystemd: Known<boolean>
}

/**
 * The door of pcscd. `open`: it took a connection. `waits`: systemd holds it and starts pcscd with the first client; it
 * was not knocked at, since that would start something. `forbidden`: this user may not write to it. `dead`: nobody
 * listens any more.
 */
export type Door = "open" | "waits" | "forbidden" | "dead" | "absent"

/**
 * The service of smart cards: pcscd, SCardSvr on Windows, a part of macOS. `polkit`: whether it asks polkit, or is told
 * not to.
 * `allows`: what polkit says of this process.
 */
export interface Service {
  readonly isInstalled: Known<boolean>
  readonly version: Known<string>
  readonly isRunning: Known<boolean>
  readonly door: Known<Door>
  readonly polkit: Known<"asks" | "off" | "absent">
  readonly allows: Known<boolean>
}

/** A reader on USB, or what the kernel takes for one. `id`: vendor and product, "072f:2200". */
export interface UsbDevice {
  readonly id: string
  readonly name: string
  readonly isCcid: boolean
}

/** A driver of readers. `drives`: those of the USB devices above that it lists. `options`: its ifdDriverOptions. */
export interface Driver {
  readonly name: string
  readonly version: Known<string>
  readonly plist: string
  readonly drives: ReadonlyArray<string>
  readonly options: Known<number>
}

/**
 * The library between Node and the service. `needs`: the package with its machine code for this platform, where there
 * is one.
 * `unsupported`: there is none. `withoutLibrary`: it needs libpcsclite.so.1. `most`: so many readers it sees.
 */
export interface Binding {
  readonly name: string
  readonly version: Known<string>
  readonly needs: string | null
  readonly state: Known<"loads" | "unsupported" | "missing" | "withoutLibrary" | "broken">
  readonly detail: string
  readonly most: number
}

/** The `refusal` of a service that takes a connection and then says nothing. */
export const silence = "Silence"

/**
 * Readers as the binding sees them, and how many the service has. `refusal`: the service's word for no, "" if there was
 * none.
 */
export interface Readers {
  readonly seen: Known<ReadonlyArray<string>>
  readonly there: Known<number>
  readonly refusal: string
}

/**
 * All of it. `modules`: those of the kernel that may take readers away. `blacklisted`: those that are kept from being
 * loaded.
 * `usb`: readers alone. `configured`: readers named in /etc/reader.conf.d. `rivals`: running programs that hold cards.
 */
export interface Machine {
  readonly system: System
  readonly service: Service
  readonly hasLibrary: Known<boolean>
  readonly binding: Binding
  readonly modules: Known<ReadonlyArray<string>>
  readonly blacklisted: Known<ReadonlyArray<string>>
  readonly usb: Known<ReadonlyArray<UsbDevice>>
  readonly drivers: Known<ReadonlyArray<Driver>>
  readonly configured: Known<ReadonlyArray<string>>
  readonly readers: Readers
  readonly rivals: Known<ReadonlyArray<string>>
}

/** The list, or none where it is unknown: for questions of the kind "is there one that". */
export const listed = <A>(facts: Known<ReadonlyArray<A>>): ReadonlyArray<A> => facts === "unknown" ? [] : facts

/** The names of what could not be found out, in the order above: "service.isRunning". */
export const unknowns = (machine: Machine): ReadonlyArray<string> =>
  Object.entries(machine).flatMap(([name, facts]: readonly [string, unknown]) => {
    if (facts === "unknown") return [name]
    if (typeof facts !== "object" || facts === null || Array.isArray(facts)) return []
    return Object.entries(facts).flatMap(([inner, fact]) => fact === "unknown" ? [`${name}.${inner}`] : [])
  })
