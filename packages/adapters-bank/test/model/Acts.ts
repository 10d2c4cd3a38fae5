/** What may happen in a life: what a student, payers, a clerk and a bank out of order may do, in any order and number. */
import type { Recharge } from "@yikatong/core"
import { CivilTime } from "@yikatong/core"
import * as fc from "fast-check"
import { BillFlaw, type Mischief } from "../../src/sandbox/Mischief.ts"

const { hour, minute } = CivilTime

/** What is paid through each wire. */
export const sourceOf = { wechat: "weChat", unionpay: "unionPayCard", alipay: "alipay", ccb: "ccbCard" } as const
export type Name = keyof typeof sourceOf
export const names = Object.keys(sourceOf) as ReadonlyArray<Name>

/** Those that have bills, and send money back when they are told to. The basic contract of the other has neither. */
export const billed: ReadonlyArray<Name> = ["wechat", "unionpay", "alipay"]

const name = fc.constantFrom<Name>(...names)
const which = fc.nat(7)
const sometimes = fc.integer({ min: 0, max: 3 }).map((one) => one === 0)
const rarely = fc.nat(5).map((chance) => chance === 0)

/** Another amount that is signed as such is no mischief on the way, but a channel that lies. */
const forgery = fc.constantFrom(
  "otherKey" as const,
  "unknownKey",
  "ownCertificate",
  "tamper",
  "otherMerchant",
  "skewPast",
  "skewFuture",
  "probe"
)

/** What may be done wrong with any request. */
const does: fc.Arbitrary<Mischief> = fc.oneof(
  fc.record({ _tag: fc.constant("Drop" as const), after: fc.boolean() }),
  fc.record({ _tag: fc.constant("Error" as const), after: fc.boolean() }),
  fc.constant({ _tag: "Limit" as const }),
  fc.record({ _tag: fc.constant("Truncate" as const), bytes: fc.integer({ min: 0, max: 400 }) }),
  fc.record({ _tag: fc.constant("Forge" as const), how: forgery })
)
/** And with a notice. */
const told: fc.Arbitrary<Mischief> = fc.oneof(
  does,
  fc.record({ _tag: fc.constant("Duplicate" as const), times: fc.integer({ min: 2, max: 4 }) }),
  fc.constantFrom<Mischief>({ _tag: "Reorder" }, { _tag: "Replay" })
)
const operation = fc.constantFrom("create", "query", "close", "refund", "queryRefund")
const times = fc.integer({ min: 1, max: 3 })
const act = <Tag extends string>(tag: Tag) => fc.constant(tag)

export const anAct = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: act("place"), name, fen: fc.integer({ min: 1, max: 30_000 }) }) },
  { weight: 3, arbitrary: fc.record({ act: act("turn"), name, which }) },
  {
    weight: 8,
    arbitrary: fc.record({
      act: act("payer"),
      which,
      how: fc.constantFrom("pays" as const, "pays", "pays", "declines", "isAsked")
    })
  },
  { weight: 3, arbitrary: fc.record({ act: act("spoil"), name, operation, does, times }) },
  { weight: 2, arbitrary: fc.record({ act: act("spoil"), name, operation: act("notice"), does: told, times }) },
  { weight: 3, arbitrary: fc.record({ act: act("deliver") }) },
  { weight: 3, arbitrary: fc.record({ act: act("drive") }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: act("wait"), ms: fc.constantFrom(1_000, minute, 20 * minute, 3 * hour, 11 * hour) })
  },
  { weight: 1, arbitrary: fc.record({ act: act("close"), isSo: rarely }) },
  /** The card is lost, or lost and cancelled by its successor, though not the account. */
  {
    weight: 1,
    arbitrary: fc.record({
      act: act("card"),
      isSo: sometimes,
      how: fc.constantFrom("cancel" as const, "cancel", "lose")
    })
  },
  { weight: 1, arbitrary: fc.record({ act: act("stuck"), isSo: rarely }) },
  /** Somebody gives back a part of what was paid, or all of it, in the channel's own office. */
  {
    weight: 2,
    arbitrary: fc.record({ act: act("office"), isSo: fc.boolean(), which, parts: fc.integer({ min: 1, max: 3 }) })
  },
  /** A tap writes a recharge to the card, and the terminal may tell so twice. */
  { weight: 1, arbitrary: fc.record({ act: act("write"), which, times: fc.integer({ min: 1, max: 2 }) }) }
)
export type Act = typeof anAct extends fc.Arbitrary<infer A> ? A : never

export const aLife = fc.record({
  acts: fc.array(anAct, { minLength: 10, maxLength: 60 }),
  latePayment: fc.constantFrom<Recharge.Channel["latePayment"]>("credit", "refund"),
  /** Of the first bills that are fetched. */
  flaws: fc.array(fc.record({ name: fc.constantFrom(...billed), flaw: fc.constantFrom(...BillFlaw.literals) }), {
    maxLength: 3
  })
})
export type Life = typeof aLife extends fc.Arbitrary<infer A> ? A : never
