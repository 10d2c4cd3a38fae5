/**
 * One payment as a line of a diary: what it takes to send the very same command again, in another process and after a crash.
 */
import type { Answer, Command } from "@yikatong/core"
import { CivilTime } from "@yikatong/core"
import { hash } from "node:crypto"
import { account } from "../../packages/adapters-pg/test/commands.ts"

export interface Payment {
  readonly id: string
  /** The name of the account. */
  readonly account: string
  readonly fen: number
  /** When it was received, in milliseconds: by the clock of the host, whatever that says. */
  readonly at: number
}

/** When the payments of a load begin: a day with every window open. */
export const start: number = Number(CivilTime.instant("2026-03-02 11:00"))

/** The command of a payment: the same each time. */
export const command = ({ account: name, at, fen, id }: Payment): Command.Envelope => {
  const received = at as CivilTime.Instant
  return { ...account(name).pay(fen, id), at: received, receivedAt: received }
}

/** By which two answers are known to be the same: their fields in the order of their names. */
export const digest = (answer: Answer.Answer): string =>
  hash("sha256", JSON.stringify(answer, sorted), "hex").slice(0, 24)

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
    : value
