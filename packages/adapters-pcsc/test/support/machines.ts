/** Machines as facts: one where all is good, and small changes to it. */
import type * as Machine from "../../src/Machine.ts"

export const acr122u: Machine.UsbDevice = { id: "072f:2200", name: "ACR122U PICC Interface", isCcid: true }
export const utrust: Machine.UsbDevice = { id: "04e6:5790", name: "uTrust 3700 F CL Reader", isCcid: true }
export const newcomer: Machine.UsbDevice = { id: "1234:5678", name: "Reader of tomorrow", isCcid: true }

export const ccid: Machine.Driver = {
  name: "ifd-ccid",
  version: "1.5.2",
  plist: "/etc/libccid_Info.plist",
  drives: ["072f:2200", "04e6:5790"],
  options: 0x0001
}

/** Debian on a PC with an ACR122U that works. */
export const good: Machine.Machine = {
  system: {
    family: "debian",
    name: "Debian GNU/Linux 13 (trixie)",
    platform: "linux",
    architecture: "x64",
    libc: "glibc",
    node: "24.21.0",
    isRoot: false,
    isContainer: false,
    hasSystemd: true
  },
  service: { isInstalled: true, version: "2.3.3", isRunning: true, door: "open", polkit: "asks", allows: true },
  hasLibrary: true,
  binding: {
    name: "pcsc-mini",
    version: "0.1.3",
    needs: "@pcsc-mini/linux-x86_64-gnu",
    state: "loads",
    detail: "",
    most: 4
  },
  modules: [],
  blacklisted: [],
  usb: [acr122u],
  drivers: [ccid],
  configured: [],
  readers: { seen: ["ACS ACR122U PICC Interface 00 00"], there: 1, refusal: "" },
  rivals: []
}

/** The same as machine says it when it could look at nothing. */
export const unknown: Machine.Machine = {
  system: {
    family: "other",
    name: "freebsd",
    platform: "freebsd",
    architecture: "x64",
    libc: "unknown",
    node: "24.21.0",
    isRoot: "unknown",
    isContainer: "unknown",
    hasSystemd: "unknown"
  },
  service: {
    isInstalled: "unknown",
    version: "unknown",
    isRunning: "unknown",
    door: "unknown",
    polkit: "unknown",
    allows: "unknown"
  },
  hasLibrary: "unknown",
  binding: { name: "pcsc-mini", version: "0.1.3", needs: null, state: "unknown", detail: "", most: 4 },
  modules: "unknown",
  blacklisted: "unknown",
  usb: "unknown",
  drivers: "unknown",
  configured: "unknown",
  readers: { seen: "unknown", there: "unknown", refusal: "" },
  rivals: "unknown"
}

/** What is other: one level deep where the facts are grouped. */
export interface Change {
  readonly system?: Partial<Machine.System>
  readonly service?: Partial<Machine.Service>
  readonly binding?: Partial<Machine.Binding>
  readonly readers?: Partial<Machine.Readers>
  readonly rest?: Partial<Omit<Machine.Machine, "system" | "service" | "binding" | "readers">>
}

export const changed = (
  { binding, readers, rest, service, system }: Change,
  from: Machine.Machine = good
): Machine.Machine => ({
  ...from,
  ...rest,
  system: { ...from.system, ...system },
  service: { ...from.service, ...service },
  binding: { ...from.binding, ...binding },
  readers: { ...from.readers, ...readers }
})

/** No reader could be asked for. */
export const unasked = { seen: "unknown", there: "unknown", refusal: "" } as const
/** The service answers that it has none. */
export const empty = { seen: [], there: 0, refusal: "" } as const
