/**
 * Phones as they really are 手机: each makes signed codes 出示码 that count upwards under a pseudonym, is authorised for
 * some hours, and asks anew when these are over, or does not get to (A22). No book knows what they have made.
 */
import * as fc from "fast-check"
import type { Burned } from "../../src/BurnedCodes.ts"
import type { IdentityMedium, PayMedium } from "../../src/CodeKeys.ts"
import { mintKey } from "../../src/internal/mint.ts"
import * as Money from "../../src/Money.ts"
import { Pseudonym } from "../../src/Pseudonym.ts"
import { VerifiedIdentity, VerifiedPay } from "../../src/VerifiedCode.ts"
import { remembered } from "./Codes.ts"
import { hour } from "./Dates.ts"
import type { Model } from "./Model.ts"
import { pick } from "./Step.ts"

export type SignedMedium = PayMedium | IdentityMedium

export interface Phone {
  readonly medium: SignedMedium
  pseudonym: string
  counter: number
  notAfter: number
}

/** A code as it reaches an account: what the command says, and what was found when it was judged, if it was. */
export interface Shown {
  readonly code: Burned
  readonly proof: VerifiedPay | VerifiedIdentity | undefined
}

export interface Showing {
  /**
   * The next one; one after others that nobody scanned; the one that was made last; any of this phone, also one that
   * nobody scanned; a picture of any that was ever made.
   */
  readonly what: "next" | "jump" | "again" | "older" | "picture"
  readonly n: number
  /** What a phone does whose authorisation is over: gets another under its pseudonym or a new one, or has no network. */
  readonly over: "renews" | "rotates" | "shows"
  /** What was judged, where it is not what the command says. */
  readonly judged: "this" | "nothing" | "another" | "longer" | "otherKind" | "otherMedium"
}

/** Mostly a code that is good. */
export const showing: fc.Arbitrary<Showing> = fc.record({
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constant("next" as const) },
    { weight: 3, arbitrary: fc.constant("jump" as const) },
    { weight: 3, arbitrary: fc.constantFrom("again", "older", "picture" as const) }
  ),
  n: fc.nat({ max: 9_999 }),
  over: fc.constantFrom("renews", "renews", "rotates", "rotates", "shows" as const),
  judged: fc.oneof(
    { weight: 20, arbitrary: fc.constant("this" as const) },
    { weight: 1, arbitrary: fc.constantFrom("nothing", "another", "longer", "otherKind", "otherMedium" as const) }
  )
})

/** What is judged at a door is who somebody is; at a till, a code to pay with, if it is one. */
export const show = (
  model: Model,
  medium: SignedMedium,
  at: "till" | "door",
  { judged, n, over, what }: Showing
): Shown => {
  const phone = phoneAt(model, medium, n, over)
  const before = old(model, phone, what, n)
  const code = before === undefined || !remembered(model, before)
    ? make(model, phone, what === "jump" ? n % 99 : 0)
    : before
  return { code, proof: judge(code, medium, at, judged) }
}

/** A code of old; nothing where none was made, or none is asked for. */
const old = ({ made }: Model, { pseudonym }: Phone, what: Showing["what"], n: number): Burned | undefined => {
  const own = made.filter((code) => code.pseudonym === pseudonym)
  switch (what) {
    case "again":
      return own.at(-1)
    case "older":
      return pick(own, n)
    case "picture":
      return pick(made, n)
    default:
      return undefined
  }
}

/** Two phones of each medium. */
const phoneAt = (model: Model, medium: SignedMedium, n: number, over: Showing["over"]): Phone => {
  const { now, phones } = model
  const mine = phones.filter((phone) => phone.medium === medium)
  const known = mine.length < 2 && n % 5 === 0 ? undefined : pick(mine, n)
  const phone = known ?? { medium, pseudonym: newPseudonym(model), counter: 0, notAfter: authorised(now, n) }
  if (known === undefined) phones.push(phone)
  if (phone.notAfter >= now || over === "shows") return phone
  phone.notAfter = authorised(now, n)
  if (over === "rotates") Object.assign(phone, { pseudonym: newPseudonym(model), counter: 0 })
  return phone
}

/** For a day at most. */
const authorised = (now: number, n: number): number => now + (pick([2, 12, 18, 24], n) ?? 24) * hour

const newPseudonym = (model: Model): string => (++model.pseudonyms).toString(16).padStart(16, "0")

/** The next code, after so many others, of which the first is kept: it may be shown some day. */
const make = ({ made }: Model, phone: Phone, unseen: number): Burned => {
  const codeOf = (counter: number) => ({ pseudonym: phone.pseudonym, counter, notAfter: phone.notAfter }) as Burned
  if (unseen > 0) made.push(codeOf(phone.counter + 1))
  phone.counter += unseen + 1
  const code = codeOf(phone.counter)
  made.push(code)
  return code
}

const others = { todayCampusCode: "ecodePayCode", ecodePayCode: "todayCampusCode" } as const

const judge = (code: Burned, medium: SignedMedium, at: "till" | "door", judged: Showing["judged"]): Shown["proof"] => {
  if (judged === "nothing") return undefined
  const facts = {
    pseudonym: Pseudonym.make(code.pseudonym),
    counter: code.counter + (judged === "another" ? 1 : 0),
    notAfter: (code.notAfter + (judged === "longer" ? 1 : 0)) as Burned["notAfter"],
    accountClass: "regular",
    skew: 0
  } as const
  if (medium === "ecodeIdentityCode") return new VerifiedIdentity(mintKey, { ...facts, medium })
  const found = judged === "otherMedium" ? others[medium] : medium
  return (at === "till") === (judged === "otherKind")
    ? new VerifiedIdentity(mintKey, { ...facts, medium: found })
    : new VerifiedPay(mintKey, { ...facts, medium: found, offlineCap: Money.zero, offlineUses: 0 })
}
