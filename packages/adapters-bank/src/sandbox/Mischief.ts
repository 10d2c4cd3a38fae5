/**
 * What the sandbox is told to do wrong 故障注入: rules that hold for the next so many requests, answers, notices or bills.
 *
 * What any wire can do wrong is done by the server and the courier; what only a wire knows how to falsify, such as a
 * signature, it is asked for as a {@link Forgery}.
 */
import { Schema } from "effect"

/** What is falsified in something that is signed. */
export const Forgery = Schema.Literals([
  /** Signed by a key that the merchant does not know, under the name of one that it does. */
  "otherKey",
  /** Signed under a name that the merchant does not know. */
  "unknownKey",
  /** With a certificate of the attacker's own in the message, where a wire sends certificates. */
  "ownCertificate",
  /** The amount is changed after it was signed. */
  "tamper",
  /** The amount is another, and signed as such. */
  "wrongAmount",
  /** For another merchant, and signed as such. */
  "otherMerchant",
  /** Signed six minutes ago, or as if in six minutes. */
  "skewPast",
  "skewFuture",
  /** A probe of the channel's own, where there is such a thing. */
  "probe"
])
export type Forgery = typeof Forgery.Type

/** What is wrong with a bill. */
export const BillFlaw = Schema.Literals(["omitRow", "extraRow", "wrongAmount", "duplicateRow", "shiftDay"])
export type BillFlaw = typeof BillFlaw.Type

export const Mischief = Schema.TaggedUnion({
  /** The connection ends without an answer; `after`: the request was done all the same. */
  Drop: { after: Schema.Boolean },
  /** It takes so long, in milliseconds. */
  Delay: { milliseconds: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 86_400_000 })) },
  /** HTTP 500; `after`: the request was done all the same. */
  Error: { after: Schema.Boolean },
  /** HTTP 429. */
  Limit: {},
  /** The answer ends after so many bytes. */
  Truncate: { bytes: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })) },
  Forge: { how: Forgery },
  /** A notice is sent so many times. */
  Duplicate: { times: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 20 })) },
  /** A notice waits for the one after it. */
  Reorder: {},
  /** A notice that was sent before is sent instead. */
  Replay: {},
  Bill: { flaw: BillFlaw }
})
export type Mischief = typeof Mischief.Type

/**
 * A rule. `wire` and `operation`: where it holds; everywhere, where they are left out. `skip`: it begins after so many;
 * `times`: it holds for so many.
 */
export const Rule = Schema.Struct({
  wire: Schema.optionalKey(Schema.String),
  operation: Schema.optionalKey(Schema.String),
  skip: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))),
  times: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))),
  does: Mischief
})
export interface Rule extends Schema.Schema.Type<typeof Rule> {}

/** The rules that hold, each as long as it does. */
export class Rules {
  readonly #isAble: (does: Mischief, wire: string, operation: string) => boolean
  #open: Array<{ readonly rule: Rule; skip: number; times: number }> = []

  /** `isAble`: whether an operation of a wire can do this wrong (`Abilities`); all can, unless told. */
  constructor(isAble: (does: Mischief, wire: string, operation: string) => boolean = () => true) {
    this.#isAble = isAble
  }

  add(rule: Rule): void {
    this.#open.push({ rule, skip: rule.skip ?? 0, times: rule.times ?? 1 })
  }

  clear(): void {
    this.#open = []
  }

  get left(): ReadonlyArray<Rule> {
    return this.#open.map(({ rule }) => rule)
  }

  /**
   * What is done wrong this time: by the first rule that holds here, which is then used up by one. `isFit`: whether such a
   * rule can be obeyed here at all; one that can not goes on waiting.
   */
  take(wire: string, operation: string, isFit: (rule: Rule) => boolean = () => true): Mischief | undefined {
    for (const one of this.#open) {
      const { rule } = one
      if ((rule.wire ?? wire) !== wire || (rule.operation ?? operation) !== operation) continue
      if (!this.#isAble(rule.does, wire, operation) || !isFit(rule)) continue
      if (one.skip > 0) {
        one.skip--
        continue
      }
      if (--one.times === 0) this.#open = this.#open.filter((other) => other !== one)
      return rule.does
    }
    return undefined
  }
}
