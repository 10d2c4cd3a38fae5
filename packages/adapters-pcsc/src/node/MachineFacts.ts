/**
 * Gathers what `Diagnosis` has to know of this machine 读卡环境检查: in seconds, without starting, stopping or changing
 * anything, and without ever failing. What could not be looked at is "unknown".
 */
import { Effect } from "effect"
import { release } from "node:os"
import { join } from "node:path"
import type { Known, Machine, Service } from "../Machine.ts"
import * as BindingTrial from "./BindingTrial.ts"
import * as DesktopFacts from "./DesktopFacts.ts"
import * as Inspection from "./Inspection.ts"
import * as LinuxDevices from "./LinuxDevices.ts"
import * as LinuxFacts from "./LinuxFacts.ts"
import * as ReaderCensus from "./ReaderCensus.ts"

/** Where the facts come from. All of it has a default: the machine that this runs on. */
export interface Source {
  readonly platform?: string
  readonly architecture?: string
  /** The folder that stands for "/". */
  readonly root?: string
  /** How commands are run. */
  readonly ask?: Inspection.Ask
  readonly isRoot?: Known<boolean>
  /** Where pcscd listens, below `root`. */
  readonly door?: string
  /** How many readers pcscd has. */
  readonly census?: Effect.Effect<number | undefined>
}

/** The facts of a machine. */
export const gather = (source: Source = {}): Effect.Effect<Machine> => {
  const { platform = process.platform } = source
  if (platform === "linux") return linux(source)
  return platform === "darwin" || platform === "win32" ? desktop(source, platform) : elsewhere(source, platform)
}

const isRootHere = (): Known<boolean> => process.getuid === undefined ? "unknown" : process.getuid() === 0

const linux = (source: Source): Effect.Effect<Machine> =>
  Effect.gen(function*() {
    const { architecture = process.arch, ask = Inspection.ask, isRoot = isRootHere(), root = "/" } = source
    const files = Inspection.files(root)
    const { door = process.env["PCSCLITE_CSOCK_NAME"] ?? ReaderCensus.defaultSocket } = source
    const { census = ReaderCensus.count(join(root, door)) } = source
    const distribution = yield* LinuxFacts.distribution(files)
    const libc = yield* LinuxFacts.libc(files)
    const { hasSystemd, rivals, service } = yield* LinuxFacts.service(files, ask, door)
    const needs = BindingTrial.packageFor("linux", architecture, libc)
    // Only a service that runs is asked: the first client would start one that waits.
    const isAsking = service.door === "open"
    const { binding, readers } = yield* BindingTrial.run(ask, needs, isAsking)
    const there = isAsking && readers.refusal === "" ? yield* counted(census) : "unknown"
    const usb = yield* LinuxDevices.usb(files)
    return {
      system: {
        ...distribution,
        platform: "linux",
        architecture,
        libc,
        node: process.versions.node,
        isRoot,
        isContainer: yield* LinuxFacts.isContainer(files),
        hasSystemd
      },
      service,
      hasLibrary: yield* LinuxDevices.hasLibrary(files),
      binding,
      modules: yield* LinuxDevices.modules(files),
      blacklisted: yield* LinuxDevices.blacklisted(files),
      usb,
      drivers: yield* LinuxDevices.drivers(files, usb),
      configured: yield* LinuxDevices.configured(files),
      readers: { ...readers, there },
      rivals
    }
  })

const counted = (census: Effect.Effect<number | undefined>): Effect.Effect<Known<number>> =>
  census.pipe(
    Effect.map((count): Known<number> => count ?? "unknown"),
    Effect.timeoutOrElse({ duration: "3 seconds", orElse: () => Effect.succeed<Known<number>>("unknown") })
  )

/**
 * macOS has its service within and Windows starts it with the first reader: asking starts nothing that was not there.
 */
const desktop = (source: Source, platform: "darwin" | "win32"): Effect.Effect<Machine> =>
  Effect.gen(function*() {
    const { architecture = process.arch, ask = Inspection.ask, isRoot = isRootHere(), root = "/" } = source
    const isMac = platform === "darwin"
    const service = isMac
      ? { isInstalled: true, isRunning: "unknown" } as const
      : yield* DesktopFacts.windowsService(ask)
    const needs = BindingTrial.packageFor(platform, architecture, "none")
    const { binding, readers } = yield* BindingTrial.run(ask, needs, service.isRunning !== false)
    return {
      system: {
        family: isMac ? "macos" : "windows",
        name: isMac ? yield* DesktopFacts.macName(ask) : `Windows ${release()}`,
        platform,
        architecture,
        libc: "none",
        node: process.versions.node,
        isRoot,
        isContainer: false,
        hasSystemd: false
      },
      service: { ...service, version: "unknown", door: "unknown", polkit: "absent", allows: "unknown" },
      hasLibrary: true,
      binding,
      modules: [],
      blacklisted: [],
      usb: isMac ? yield* DesktopFacts.macUsb(ask) : yield* DesktopFacts.windowsUsb(ask),
      drivers: isMac ? yield* DesktopFacts.macDrivers(Inspection.files(root)) : "unknown",
      configured: [],
      readers,
      rivals: "unknown"
    }
  })

const nothing: Service = {
  isInstalled: "unknown",
  version: "unknown",
  isRunning: "unknown",
  door: "unknown",
  polkit: "unknown",
  allows: "unknown"
}

/** A system of which nothing is known here: only the binding is tried. */
const elsewhere = (source: Source, platform: string): Effect.Effect<Machine> =>
  Effect.gen(function*() {
    const { architecture = process.arch, ask = Inspection.ask, isRoot = isRootHere() } = source
    const { binding, readers } = yield* BindingTrial.run(ask, null, false)
    return {
      system: {
        family: "other",
        name: platform,
        platform,
        architecture,
        libc: "unknown",
        node: process.versions.node,
        isRoot,
        isContainer: "unknown",
        hasSystemd: "unknown"
      },
      service: nothing,
      hasLibrary: "unknown",
      binding,
      modules: "unknown",
      blacklisted: "unknown",
      usb: "unknown",
      drivers: "unknown",
      configured: "unknown",
      readers,
      rivals: "unknown"
    }
  })
