/** The bank at the other end of a 圈存 line, by ISO 8583 or a described link, with the purse of one holder. */
import { type CivilTime, Money } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import { createHash } from "node:crypto"
import type * as BankClient from "../../src/BankClient.ts"
import * as BlockCipher from "../../src/BlockCipher.ts"
import * as LinkDialogue from "../../src/ccb/LinkDialogue.ts"
import * as TransferLayout from "../../src/ccb/TransferLayout.ts"
import * as TransferLink from "../../src/ccb/TransferLink.ts"
import * as TransferMessages from "../../src/ccb/TransferMessages.ts"
import * as IsoFrame from "../../src/iso8583/IsoFrame.ts"
import * as IsoLink from "../../src/iso8583/IsoLink.ts"
import * as IsoProfile from "../../src/iso8583/IsoProfile.ts"
import * as WorkingKeys from "../../src/iso8583/WorkingKeys.ts"
import * as Pan from "../../src/Pan.ts"
import { IsoHost } from "../../src/sandbox/IsoHost.ts"
import { Rules } from "../../src/sandbox/Mischief.ts"
import { Purses } from "../../src/sandbox/Purses.ts"
import { TransferHost } from "../../src/sandbox/TransferHost.ts"
import type * as TransferChannel from "../../src/TransferChannel.ts"
import { account } from "../support/campus.ts"

type Ask = (message: Uint8Array) => Effect.Effect<Uint8Array, BankClient.LineLost>

const card = Result.getOrThrow(Pan.parse("6217000010000000003"))
const key = BlockCipher.key("des", Buffer.from("0123456789ABCDEFFEDCBA9876543210", "hex"))
const payer = "lihua"

/** What a wire's bank does, and what it is called there. */
export interface Bank {
  readonly purses: Purses
  readonly rules: Rules
  /** The names under which its rules know a sign-in, a debit, and its reversal. */
  readonly operations: readonly [signIn: string, debit: string, reversal: string]
  readonly name: string
  readonly answer: (message: Uint8Array, now: CivilTime.Instant) => Uint8Array | undefined
  /** It forgets who is signed in, or with which keys. */
  readonly forget: () => void
  /** How many debits stand. */
  readonly standing: () => number
  /** The school's side of it, with nothing in memory. */
  readonly wire: (ask: Ask) => TransferChannel.Wire
}

const furnished = (has: number) => {
  const purses = new Purses()
  purses.put(payer, Money.of(has))
  return { purses, rules: new Rules() }
}

const iso = (has: number): Bank => {
  const { purses, rules } = furnished(has)
  const common = {
    profile: IsoProfile.unionPayPos,
    framing: IsoFrame.unionPayPos,
    master: key,
    keys: WorkingKeys.doubleLength,
    mac: "ecb"
  } as const
  let count = 0
  const random = (size: number) => createHash("sha256").update(`${++count}`).digest().subarray(0, size)
  const host = new IsoHost({ ...common, random }, purses, rules)
  host.cards.set(Pan.digits(card), { payer, pin: Redacted.make("123456") })
  return {
    purses,
    rules,
    name: "iso8583",
    operations: ["signIn", "debit", "reverse"],
    answer: (message, now) => host.answer(message, now).frame,
    forget: () => host.rotate(),
    standing: () => host.standing(card),
    wire: (ask) =>
      Effect.runSync(IsoLink.make({
        ...common,
        terminal: "00000001",
        merchant: "898430153110001",
        operator: "01",
        keysWanted: "003",
        ask,
        cardOf: () => Effect.succeed(card)
      }))
  }
}

const described = (has: number): Bank => {
  const { purses, rules } = furnished(has)
  const link = TransferLayout.proposal
  const host = new TransferHost(link, key, purses, rules)
  const holder = { name: Redacted.make("李华"), idNumber: Redacted.make("43010219990101125X"), bankCard: card }
  host.cards.set(Pan.digits(card), { payer, name: holder.name, idNumber: holder.idNumber })
  host.contracts.set(account, Pan.digits(card))
  let hasForgotten = false
  /** What a bank says that does not know who speaks; a sign-in ends that. */
  const stranger = (message: Uint8Array): Uint8Array | undefined => {
    const asked = LinkDialogue.read(TransferMessages.TransferMessage, link, message, key)
    if (Result.isFailure(asked)) return undefined
    if (asked.success._tag === "SignIn") hasForgotten = false
    if (!hasForgotten) return undefined
    const told = { ...asked.success, _tag: `${asked.success._tag}Answer`, code: "outOfOrder" }
    const answer = told as TransferMessages.TransferAnswer
    return Result.getOrThrow(LinkDialogue.write(TransferMessages.TransferMessage, link, answer, key))
  }
  return {
    purses,
    rules,
    name: "transferLink",
    operations: ["SignIn", "Transfer", "Reversal"],
    answer: (message, now) => stranger(message) ?? host.answer(message, now).message,
    forget: () => {
      hasForgotten = true
    },
    standing: () => host.standing,
    wire: (ask) =>
      Effect.runSync(TransferLink.make({
        link,
        key,
        channel: "01",
        organisation: "S01",
        holderOf: () => Effect.succeed(holder),
        ask
      }))
  }
}

/** By the names of their wires; `has`: what the holder has there, in fen. */
export const banks = { iso8583: iso, transferLink: described } as const

export const has = (bank: Bank): number => bank.purses.has(`payer:${payer}`)
