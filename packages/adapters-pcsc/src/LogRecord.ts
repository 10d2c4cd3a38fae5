/**
 * A line of the card's own log 交易明细 (file 18, 23 bytes): what it loaded and paid, where and when. The card writes
 * it with the money, in one piece; nobody else can. Source: JR/T 0025.1-2005, the manual of FMCOS 2.0.
 */
import { type CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import * as Bcd from "./Bcd.ts"
import * as Bytes from "./Bytes.ts"
import type { Of } from "./CardProblem.ts"
import type { CpuProfile } from "./CpuProfile.ts"

/** Its length in bytes. */
export const length = 23

/** The numbers of the transactions, as commands, signatures and the log bear them. */
export const kinds = {
  edLoad: 0x01,
  epLoad: 0x02,
  unload: 0x03,
  cash: 0x04,
  edPurchase: 0x05,
  epPurchase: 0x06,
  overdraft: 0x07,
  compoundPurchase: 0x09
} as const

/** `counter`: before the transaction or after it, as cards differ (`counterBefore`); `terminal`: 6 bytes. In fen. */
export interface LogRecord {
  readonly counter: number
  readonly overdraft: Money.Money
  readonly amount: Money.Money
  readonly type: number
  readonly terminal: Bytes.Bytes
  readonly at: CivilTime.Instant
}

const damaged = (problem: string): Result.Result<never, Of<"FileDamaged">> =>
  Result.fail({ _tag: "FileDamaged", file: "18", problem })

/** Whether nothing was ever written there. */
export const isBlank = (bytes: Bytes.Bytes): boolean =>
  bytes.every((byte) => byte === 0) || bytes.every((byte) => byte === 0xff)

/** What 23 bytes say. A blank line is none: ask `isBlank` first. */
export const decode = (bytes: Bytes.Bytes): Result.Result<LogRecord, Of<"FileDamaged">> => {
  if (bytes.length !== length) return damaged(`${bytes.length} bytes instead of ${length}`)
  const at = Bcd.instant(bytes.subarray(16, 20), bytes.subarray(20, 23))
  if (Result.isFailure(at)) return damaged(`date or time: ${at.failure.problem}`)
  return Result.succeed({
    counter: Bytes.toNumber(bytes.subarray(0, 2)),
    overdraft: Money.of(Bytes.toNumber(bytes.subarray(2, 5))),
    amount: Money.of(Bytes.toNumber(bytes.subarray(5, 9))),
    type: bytes[9] ?? 0,
    terminal: bytes.slice(10, 16),
    at: at.success
  })
}

/** The bytes of a line. */
export const encode = ({ amount, at, counter, overdraft, terminal, type }: LogRecord): Bytes.Bytes => {
  const { date, time } = Bcd.stamp(at)
  return Bytes.join(
    Bytes.ofNumber(counter, 2),
    Bytes.ofNumber(overdraft, 3),
    Bytes.ofNumber(amount, 4),
    type,
    terminal,
    date,
    time
  )
}

/** Which counter a transaction had before it, whichever of the two this card's log bears. */
export const counterBefore = ({ counter }: LogRecord, { logged }: Pick<CpuProfile, "logged">): number =>
  logged === "after" ? counter - 1 : counter
