// vitest's globalSetup of the project "chain": one private pcscd a run, with six virtual readers. A test reaches it by `inject("chain")`.
//
// It never outlives this process, however this process ends: a detached shell guards it and reads from a pipe that only we hold; when the
// pipe closes, the shell kills pcscd and deletes the folder.
import { spawn, spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs"
import { Socket } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { TestProject } from "vitest/node"
import { chainObstacle, driver, socketFolder } from "./chainObstacle.ts"
import { type Chain, kill, listens, start } from "./pcscd.ts"

const source = join(dirname(fileURLToPath(import.meta.url)), "nodelay.c")

export default async (project: TestProject): Promise<() => Promise<void>> => {
  const obstacle = chainObstacle()
  if (obstacle !== undefined) {
    throw new Error(`No chain to a virtual reader, and YIKATONG_CHAIN requires it: ${obstacle}`)
  }
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
  project.vitest.logger.log(
    `Readers for the tests: a pcscd of our own with vpcd on ports ${chain.ports[0]} to ${chain.ports.at(-1)}` +
      (preload === undefined ? "; no gcc: 44 ms a command, and vpcd listens on all addresses" : "")
  )
  project.provide("chain", chain)
  return async () => {
    await kill(chain)
    await guard()
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
