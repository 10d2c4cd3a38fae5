// A private pcscd with six virtual readers, for tests and benchmarks: started, killed and started again by whoever has its description, in
// whatever process.
//
// It never outlives the process that opened it, however that ends: a detached shell guards it and reads from a pipe that only we hold; when the
// pipe closes, the shell kills pcscd and deletes the folder.
import { Effect } from "effect"
import { spawn, spawnSync } from "node:child_process"
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { connect, Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import * as ReaderCensus from "../packages/adapters-pcsc/src/node/ReaderCensus.ts"
import { driver, pcscd, socketFolder } from "./pcscd-obstacle.ts"

/** Serialisable, so that it can go to test workers. */
export interface Chain {
  readonly folder: string
  /** Of the six slots, in the order of `readers`. */
  readonly ports: ReadonlyArray<number>
  readonly readers: ReadonlyArray<string>
  /** What is loaded into pcscd before all else, if it could be compiled. */
  readonly preload?: string
}

const source = fileURLToPath(new URL("nodelay.c", import.meta.url))
const secondsToReady = 20
const pidFile = ({ folder }: Chain): string => join(folder, "pid")

/** The number of the process, where there is one. */
export const pidOf = (chain: Chain): number | undefined => {
  if (!existsSync(pidFile(chain))) return undefined
  const pid = Number(readFileSync(pidFile(chain), "utf8"))
  return isAlive(pid) ? pid : undefined
}

const isAlive = (pid: number): boolean => {
  try {
    // One that has ended and was not waited for yet is as good as gone.
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

/** Starts it, and waits until all its readers are there. */
export const start = async (chain: Chain): Promise<void> => {
  for (const name of ["pcscd.comm", "pcscd.pid"]) rmSync(join(socketFolder, name), { force: true })
  const log = openSync(join(chain.folder, "log"), "a")
  // The shell becomes pcscd, so that the number is written before anything can be left behind.
  const script = `echo $$ >"$1"; shift; exec "$@"`
  const child = spawn("/bin/sh", [
    "-c",
    script,
    "sh",
    pidFile(chain),
    pcscd,
    "-c",
    join(chain.folder, "conf"),
    "--foreground"
  ], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { PATH: process.env["PATH"], ...(chain.preload === undefined ? {} : { LD_PRELOAD: chain.preload }) }
  })
  closeSync(log)
  child.unref()
  const end = performance.now() + secondsToReady * 1000
  while (!await isReady(chain)) {
    if (performance.now() > end) {
      throw new Error(
        `pcscd is not ready after ${secondsToReady} s:\n${readFileSync(join(chain.folder, "log"), "utf8")}`
      )
    }
    await sleep(20)
  }
}

const isReady = async ({ readers }: Chain): Promise<boolean> =>
  await Effect.runPromise(ReaderCensus.count()) === readers.length

/** Ends it at once, as a crash does. */
export const kill = async (chain: Chain): Promise<void> => {
  const pid = pidOf(chain)
  if (pid === undefined) return
  process.kill(pid, "SIGKILL")
  while (isAlive(pid)) await sleep(5)
}

/** Whether somebody listens on a port of the loopback. */
export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })

/** A chain that runs, until it is closed. */
export interface Opened {
  readonly chain: Chain
  readonly close: () => Promise<void>
}

/** Starts one for as long as it is wanted. */
export const open = async (): Promise<Opened> => {
  const folder = mkdtempSync(join(tmpdir(), "yikatong-pcscd-"))
  const preload = compiled(folder)
  const chain: Chain = {
    folder,
    ...configured(folder, await freePorts()),
    ...(preload === undefined ? {} : { preload })
  }
  const guard = guarded(folder)
  try {
    await start(chain)
  } catch (error) {
    await guard()
    throw error
  }
  return {
    chain,
    close: async () => {
      await kill(chain)
      await guard()
    }
  }
}

const compiled = (folder: string): string | undefined => {
  const library = join(folder, "nodelay.so")
  const { status } = spawnSync("gcc", ["-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"])
  return status === 0 ? library : undefined
}

/** vpcd counts its slots from 0 for every reader, in variables of the library: each reader needs a copy of the library for itself. */
const configured = (folder: string, ports: ReadonlyArray<number>): Pick<Chain, "ports" | "readers"> => {
  mkdirSync(join(folder, "conf"))
  const names = ["A", "B", "C"]
  const blocks = names.map((name, at) => {
    const library = join(folder, `vpcd-${name}.so`)
    copyFileSync(realpathSync(driver), library)
    const port = `0x${(ports[2 * at] ?? 0).toString(16).toUpperCase()}`
    return `FRIENDLYNAME "Yikatong ${name}"\nDEVICENAME /dev/null:${port}\nLIBPATH ${library}\nCHANNELID ${port}\n`
  })
  writeFileSync(join(folder, "conf", "readers"), blocks.join("\n"))
  return { ports, readers: names.flatMap((name) => [`Yikatong ${name} 00 00`, `Yikatong ${name} 00 01`]) }
}

/** Six in a row, below those that the system gives to connections: one of these could connect to itself. */
const freePorts = async (): Promise<ReadonlyArray<number>> => {
  for (let tries = 0; tries < 50; tries++) {
    const first = 20_000 + 6 * Math.floor(Math.random() * 1900)
    const ports = Array.from({ length: 6 }, (_, at) => first + at)
    if (!(await Promise.all(ports.map(listens))).includes(true)) return ports
  }
  throw new Error("no six free ports in a row")
}

const script = `cat >/dev/null
[ -f "$1/pid" ] && [ "$(cat "/proc/$(cat "$1/pid")/comm" 2>/dev/null)" = pcscd ] && {
  kill -9 "$(cat "$1/pid")"
  rm -f "$2/pcscd.comm" "$2/pcscd.pid"
}
rm -rf "$1"`

const guarded = (folder: string): () => Promise<void> => {
  const guard = spawn("/bin/sh", ["-c", script, "sh", folder, socketFolder], {
    // Its own session: a Ctrl-C at the terminal reaches us, and pcscd through us.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"]
  })
  const pipe = guard.stdin
  if (!(pipe instanceof Socket)) throw new Error("the guard has no pipe")
  const ended = new Promise<void>((resolve) => guard.once("exit", () => resolve()))
  guard.unref()
  pipe.unref()
  return () => {
    guard.ref()
    pipe.end()
    return ended
  }
}
