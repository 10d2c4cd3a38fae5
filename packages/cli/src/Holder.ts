/**
 * The process that has a file 占用者: how it signs, and whether it lives still.
 *
 * A number alone says little: it is given to others later, and in every container the first process is 1. So the start of
 * the process stands beside it, and the space in which the number counts: on Linux the boot of the machine and the PID
 * namespace, elsewhere the name of the machine. Of a number in another space nothing is known here.
 */
import { randomBytes } from "node:crypto"
import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"

/** `start`: in ticks since the boot, where that is known. `token`: what no other hold has. */
export interface Holder {
  readonly number: number
  readonly start: string
  readonly space: string
  readonly token: string
}

/** It lives, it is dead, or it is elsewhere and can not be asked. */
export type Fate = "alive" | "dead" | "elsewhere"

const unknown = "-"

/** What a file of the system says; nothing where there is none, as on other systems than Linux. */
const said = (read: () => string): string | undefined => {
  try {
    return read().trim()
  } catch {
    return undefined
  }
}

/** What Linux tells of a process; the name in brackets may hold anything. */
const statOf = (process: number | "self") => {
  const text = said(() => readFileSync(`/proc/${process}/stat`, "utf8")) ?? ""
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  return { number: Number.parseInt(text, 10), state: fields[0] ?? "", start: fields[19] ?? unknown }
}

const self = () => {
  const { number, start } = statOf("self")
  // Where /proc is that of another namespace, its numbers are other processes'.
  return number === process.pid ? start : unknown
}

const spaceHere = (): string => {
  const boot = said(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))
  const namespace = said(() => readlinkSync("/proc/self/ns/pid"))
  return encodeURIComponent(boot === undefined || namespace === undefined ? hostname() : `${boot}/${namespace}`)
}

/** What this process has now: without the start of a process its own number may be that of one that died. */
const ours = new Set<string>()

/** Signs for this process, until it is `forgotten`. */
export const sign = (): Holder => {
  const token = randomBytes(8).toString("hex")
  ours.add(token)
  return { number: process.pid, start: self(), space: spaceHere(), token }
}

export const forgotten = ({ token }: Holder): void => void ours.delete(token)

export const write = ({ number, space, start, token }: Holder): string => `${number} ${start} ${space} ${token}\n`

/** Nothing where it is no signature, or half of one. */
export const parse = (text: string): Holder | undefined => {
  const [, number, start, space, token] = /^([1-9][0-9]{0,9}) ([0-9]+|-) (\S+) ([0-9a-f]{16})\n$/.exec(text) ?? []
  return number === undefined || start === undefined || space === undefined || token === undefined
    ? undefined
    : { number: Number(number), start, space, token }
}

const isThere = (number: number): boolean => {
  try {
    process.kill(number, 0)
    return true
  } catch (cause) {
    return typeof cause === "object" && cause !== null && "code" in cause && cause.code === "EPERM"
  }
}

/** What became of it. */
export const fateOf = ({ number, space, start, token }: Holder): Fate => {
  if (space !== spaceHere()) return "elsewhere"
  if (ours.has(token)) return "alive"
  if (!isThere(number)) return "dead"
  const here = self()
  // Another program's beginnings are not known here, and our own number is ours alone.
  if (here === unknown || start === unknown) return number === process.pid ? "dead" : "alive"
  const now = statOf(number)
  // A zombie has ended, though its parent has not asked for its end.
  if (now.state === "Z" || now.state === "X") return "dead"
  return now.start === unknown || now.start === start ? "alive" : "dead"
}
