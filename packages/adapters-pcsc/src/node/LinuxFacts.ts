/**
 * What Linux tells of itself and of pcscd 系统与服务: os-release, /proc, the socket, `pcscd --version` and `pkcheck`.
 *
 * It starts nothing: where systemd waits to start pcscd with the first client, the socket is left alone; polkit is
 * asked only where it runs already.
 */
import { Effect } from "effect"
import type { Family, Known, Service } from "../Machine.ts"
import type { Ask, Files } from "./Inspection.ts"

/** Where programs of the system lie. */
const programs = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"]

const fieldsOf = (osRelease: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    osRelease.split("\n").flatMap((line) => {
      const [, key, value] = /^([A-Z_]+)="?([^"]*)"?$/.exec(line.trim()) ?? []
      return key === undefined || value === undefined ? [] : [[key, value]]
    })
  )

const families: Readonly<Record<string, Family>> = {
  debian: "debian",
  ubuntu: "debian",
  fedora: "fedora",
  rhel: "fedora",
  centos: "fedora",
  arch: "arch",
  alpine: "alpine"
}

/** Which Linux it is, by os-release: its own name, then those that it is like. */
export const distribution = (files: Files): Effect.Effect<{ readonly family: Family; readonly name: string }> =>
  Effect.map(files.text("/etc/os-release"), (text) => {
    const fields = fieldsOf(text)
    const kinds = [fields["ID"] ?? "", ...(fields["ID_LIKE"] ?? "").split(" ")]
    const known = kinds.find((kind) => Object.hasOwn(families, kind))
    return {
      family: known === undefined ? "other" : families[known] ?? "other",
      name: fields["PRETTY_NAME"] ?? "Linux"
    }
  })

/** Which C library programs are linked with, by what `ldd` is. */
export const libc = (files: Files): Effect.Effect<Known<"glibc" | "musl">> =>
  Effect.gen(function*() {
    const ldd = yield* files.text("/usr/bin/ldd")
    if (/GLIBC|GNU libc/.test(ldd)) return "glibc"
    if (/musl/.test(ldd)) return "musl"
    const names = yield* files.names("/lib")
    if (typeof names === "string") return "unknown"
    if (names.some((name) => name.startsWith("ld-musl-"))) return "musl"
    return names.some((name) => name.startsWith("ld-linux")) ? "glibc" : "unknown"
  })

/** Whether this is a container, as docker, podman, systemd-nspawn and Kubernetes mark them. */
export const isContainer = (files: Files): Effect.Effect<Known<boolean>> =>
  Effect.gen(function*() {
    const marks = yield* Effect.forEach(["/.dockerenv", "/run/.containerenv", "/run/systemd/container"], files.exists)
    if (marks.includes(true)) return true
    const groups = yield* files.text("/proc/1/cgroup")
    if (/docker|kubepods|containerd|lxc|libpod/.test(groups)) return true
    return marks.includes("unknown") ? "unknown" : false
  })

interface Process {
  readonly id: string
  readonly name: string
}

/** Every process that this user can see; `isWhole`: whether those of others are among them. */
const processes = (files: Files) =>
  Effect.gen(function*() {
    const names = yield* files.names("/proc")
    if (typeof names === "string") return { all: [], isWhole: false }
    const ids = names.filter((name) => /^[0-9]+$/.test(name))
    const all = yield* Effect.forEach(ids, (id) =>
      Effect.map(files.text(`/proc/${id}/comm`), (name): ReadonlyArray<Process> =>
        name === "unknown" || name === "absent" ? [] : [{ id, name: name.trim() }]), { concurrency: 16 })
    const first = yield* files.exists("/proc/1/comm")
    return { all: all.flat(), isWhole: first === true }
  })

/** pcscd itself: its file, process, socket, and what it asks of polkit. And which programs run that hold cards. */
export const service = (files: Files, ask: Ask, door: string): Effect.Effect<
  { readonly service: Service; readonly hasSystemd: Known<boolean>; readonly rivals: Known<ReadonlyArray<string>> }
> =>
  Effect.gen(function*() {
    const found = yield* Effect.forEach(programs, (folder) => files.exists(`${folder}/pcscd`))
    const isInstalled = found.includes(true) ? true : found.includes("unknown") ? "unknown" : false
    const { all, isWhole } = yield* processes(files)
    const daemon = all.find(({ name }) => name === "pcscd")
    const isRunning = daemon !== undefined ? true : isWhole ? false : "unknown"
    const hasSystemd = yield* files.exists("/run/systemd/system")
    const isWaiting = isRunning !== true && hasSystemd !== false && (yield* files.exists(door)) !== false
    const path = programs[found.indexOf(true)]
    const version = path === undefined ? "unknown" as const : yield* ask(`${path}/pcscd`, ["--version"])
    const said = typeof version === "string" ? "" : version.out
    const polkit = yield* asksPolkit(files, said, daemon)
    const rivals = all.map(({ name }) => name).filter((name) => name === "scdaemon")
    return {
      hasSystemd,
      rivals: isWhole || rivals.length > 0 ? [...new Set(rivals)] : "unknown",
      service: {
        isInstalled,
        version: /version ([0-9][\w.-]*[\w])/.exec(said)?.[1] ?? "unknown",
        isRunning,
        door: isWaiting ? "waits" : yield* files.door(door),
        polkit,
        allows: polkit === "asks" && all.some(({ name }) => name === "polkitd") ? yield* allowed(ask) : "unknown"
      }
    }
  })

/** Whether it was built with polkit, as it says itself, and was not told to do without. */
const asksPolkit = (files: Files, said: string, daemon: Process | undefined): Effect.Effect<Service["polkit"]> =>
  Effect.gen(function*() {
    const features = /Enabled features:(.*)/.exec(said)?.[1]
    if (features === undefined) return "unknown"
    if (!/\bpolkit\b/.test(features)) return "absent"
    const call = daemon === undefined ? "" : yield* files.text(`/proc/${daemon.id}/cmdline`)
    return call.includes("--disable-polkit") ? "off" : "asks"
  })

/** What polkit says of this process: 0 yes, 1 no, 2 only after a password, for which pcscd never asks. */
const allowed = (ask: Ask): Effect.Effect<Known<boolean>> =>
  Effect.map(
    ask("pkcheck", ["--action-id", "org.debian.pcsc-lite.access_pcsc", "--process", String(process.pid)]),
    (told) => {
      if (typeof told === "string") return "unknown"
      return told.code === 0 ? true : told.code === 1 || told.code === 2 ? false : "unknown"
    }
  )
