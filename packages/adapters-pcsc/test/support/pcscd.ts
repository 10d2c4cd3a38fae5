// A private pcscd with six virtual readers: started, killed and started again by whoever has its description, in whatever process.
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { ReaderCensus } from "../../src/node/index.ts"
import { pcscd, socketFolder } from "./chainObstacle.ts"

/** Serialisable, so that it can go to test workers. */
export interface Chain {
  readonly folder: string
  /** Of the six slots, in the order of `readers`. */
  readonly ports: ReadonlyArray<number>
  readonly readers: ReadonlyArray<string>
  /** What is loaded into pcscd before all else, if it could be compiled. */
  readonly preload?: string
}

declare module "vitest" {
  interface ProvidedContext {
    readonly chain: Chain
  }
}

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
