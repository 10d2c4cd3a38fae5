/**
 * CPU time of processes, in seconds, as Linux tells it; nothing elsewhere. On a machine where others work as well it is the
 * figure to trust: a payment costs the same, however long it had to wait.
 */
import { readdirSync, readFileSync } from "node:fs"

/** Linux counts in these, whatever its kernel counts in. */
const ticksPerSecond = 100

/** A process and all that its parent has and had: of one session the whole server. */
export const ofSiblings = (pid: number): number | undefined => {
  const one = processOf(pid)
  const parent = one === undefined ? undefined : processOf(one.parent)
  if (one === undefined || parent === undefined) return undefined
  let ticks = parent.own + parent.ended
  for (const name of readdirSync("/proc")) {
    const found = /^\d+$/.test(name) ? processOf(Number(name)) : undefined
    if (found?.parent === one.parent) ticks += found.own
  }
  return ticks / ticksPerSecond
}

/** All children of this process that have ended. */
export const ofEndedChildren = (): number | undefined => {
  const own = processOf(process.pid)
  return own === undefined ? undefined : own.ended / ticksPerSecond
}

const processOf = (pid: number) => {
  if (process.platform !== "linux") return undefined
  try {
    // The name of the program may contain anything, and stands in brackets.
    const said = readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = said.slice(said.lastIndexOf(")") + 2).split(" ").map(Number)
    const at = (place: number): number => fields[place] ?? 0
    return { parent: at(1), own: at(11) + at(12), ended: at(13) + at(14) }
  } catch {
    // It ended while we looked.
    return undefined
  }
}
