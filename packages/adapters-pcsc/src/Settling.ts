/**
 * What became of a write whose answer was lost 写卡结果判定 (R28, D8): a pure judgement on what the card says
 * afterwards, at once or at a later tap.
 *
 * A card counts loads and purchases, signs the last of each, and logs them. If its counter still stands where it stood,
 * and it has signed nothing, the write never happened. If the counter has moved, it must be shown that it was this
 * write that moved it: by the signature, or by the line of the log. Reading and proof must agree; where they do not,
 * nothing is said.
 */
import type { Chip } from "@yikatong/core"
import * as Bytes from "./Bytes.ts"
import type { CardFault } from "./CardFault.ts"
import type { Verdict } from "./CardKeys.ts"
import type { CardProblem } from "./CardProblem.ts"
import type { CpuProfile } from "./CpuProfile.ts"
import * as LogRecord from "./LogRecord.ts"
import type { Evidence, Outcome } from "./Outcome.ts"
import * as PendingWrite from "./PendingWrite.ts"

/** What GET TRANSACTION PROVE said. `tac`: in hexadecimal; `verdict`: what the keys say of the signatures. */
export type Proof =
  | { readonly _tag: "Signed"; readonly tac: string; readonly verdict: Verdict }
  | { readonly _tag: "None" }
  /** The card does not know the command. */
  | { readonly _tag: "NotAsked" }

/** The line of the log for the counter of the write: it is this write, or another terminal's. */
export type Line = "ours" | "anothers"

/** What the card says afterwards. `line`: where the log was asked and has it. */
export interface Findings {
  readonly after: Chip.Reading
  readonly proof: Proof
  readonly line?: Line
}

/** The outcome, as far as these show it. */
export const judge = (
  write: PendingWrite.PendingWrite,
  findings: Findings,
  cause: CardFault | CardProblem
): Outcome => {
  const { before } = write
  const { after, line, proof } = findings
  const evidence: Evidence = { before, after, proof: told(proof), cause }
  const unknown: Outcome = { _tag: "Unknown", evidence }
  const notDone: Outcome = { _tag: "NotDone", reading: after, cause }
  const moved = movedBy(write, after)
  if (moved.own < 0 || moved.other < 0) return unknown
  if (moved.own === 0) return proof._tag === "None" && isUntouched(write, after) ? notDone : unknown
  const isAlone = moved.own === 1 && moved.other === 0
  const fits = isAlone ? after.balance === PendingWrite.done(write).balance : true
  const done: Outcome = { _tag: "Done", reading: after, ...(proof._tag === "Signed" ? { tac: proof.tac } : {}) }
  if (proof._tag === "Signed" && proof.verdict === "right") return fits ? done : unknown
  if (line === "anothers") return notDone
  if (line === "ours") return fits ? done : unknown
  // One load is open at a time, so that no other can have moved this counter.
  const isSigned = proof._tag === "Signed" && proof.verdict === "unknown"
  return write.kind === "load" && isSigned && isAlone && fits ? done : unknown
}

const movedBy = (
  write: PendingWrite.PendingWrite,
  after: Chip.Reading
): { readonly own: number; readonly other: number } => ({
  own: PendingWrite.counter(write, after) - PendingWrite.counter(write, write.before),
  other: PendingWrite.otherCounter(write, after) - PendingWrite.otherCounter(write, write.before)
})

/** Whether the balance is as it was, but for what the other counter has counted since. */
const isUntouched = (write: PendingWrite.PendingWrite, after: Chip.Reading): boolean => {
  const { before, kind } = write
  if (movedBy(write, after).other === 0) return after.balance === before.balance
  return kind === "load" ? after.balance <= before.balance : after.balance >= before.balance
}

const told = (proof: Proof): Evidence["proof"] => {
  switch (proof._tag) {
    case "None":
      return "none"
    case "NotAsked":
      return "notAsked"
    case "Signed":
      return proof.verdict === "wrong" ? "forged" : "signed"
  }
}

/** Whether the log has to be asked: the counter has moved, and no signature shows by what. */
export const needsLog = (write: PendingWrite.PendingWrite, { after, proof }: Findings): boolean => {
  if (movedBy(write, after).own <= 0) return false
  return !(proof._tag === "Signed" && proof.verdict === "right")
}

/** Whether the log has to be read on: nothing in it yet is as old as the write. */
export const isLogOpen = (
  write: PendingWrite.PendingWrite,
  lines: ReadonlyArray<LogRecord.LogRecord>,
  profile: Pick<CpuProfile, "logged">
): boolean =>
  !lines.some((line) =>
    line.type === PendingWrite.type(write) &&
    LogRecord.counterBefore(line, profile) <= PendingWrite.counter(write, write.before)
  )

/** What the log says of the write, if it still has the line of its counter. */
export const lineOf = (
  write: PendingWrite.PendingWrite,
  lines: ReadonlyArray<LogRecord.LogRecord>,
  profile: Pick<CpuProfile, "logged">
): Line | undefined => {
  const line = lines.find((line) =>
    line.type === PendingWrite.type(write) &&
    LogRecord.counterBefore(line, profile) === PendingWrite.counter(write, write.before)
  )
  if (line === undefined) return undefined
  // A card writes no milliseconds.
  const isOurs = line.amount === write.amount && Bytes.hex(line.terminal) === write.terminal &&
    Math.floor(line.at / 1_000) === Math.floor(write.at / 1_000)
  return isOurs ? "ours" : "anothers"
}
