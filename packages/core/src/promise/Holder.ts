/**
 * What a holder asks of the own account 本人查询 (R50, R56): what was bought and recharged, what is left of the limits, and
 * where the money is.
 */
import { Effect, Option, Schema } from "effect"
import * as Explanation from "../Explanation.ts"
import * as Flow from "../flows/Statements.ts"
import * as Holding from "../Holdings.ts"
import type * as LimitPolicy from "../LimitPolicy.ts"
import { Medium } from "../Medium.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import type * as Statement from "../Statement.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import type { Plain } from "./Plain.ts"

/** One line of a statement; amounts in fen. `words`: what a person reads of it, in Chinese and English. */
export type Line = Plain<Statement.Line> & { readonly words: Explanation.LineInWords }
/** Some lines, newest first, and where it goes on; no `next` at the end. */
export interface Page {
  readonly lines: ReadonlyArray<Line>
  readonly next?: string
}
/** `cursor`: the `next` of the page before. `limit`: 1 to 100 lines; 20, if left out. */
export interface PageInput {
  readonly cursor?: string
  readonly limit?: number
}
/** What is left of one limit, in fen or purchases. `name`: what a person calls it. */
export type Quota = Plain<LimitPolicy.Quota> & { readonly name: Explanation.Text }
/** Where money is spent, and with what. */
export interface Spending {
  readonly category: "canteen" | "shop"
  readonly medium: Medium
}
/** Where the holder's money is, and what to do next with each part, in Chinese and English. */
export type Holdings = Plain<Holding.Holdings>

export interface Holder {
  /** One page of transactions (R56); an empty one where nobody is found. */
  readonly statement: (subject: Input.Subject, page?: PageInput) => Promise<Page>
  /** What is left of every limit that counts there now (R50); nothing where nobody is found. */
  readonly remaining: (subject: Input.Subject, spending: Spending) => Promise<ReadonlyArray<Quota>>
  /** Where the money is now; nothing where nobody is found. */
  readonly holdings: (subject: Input.Subject) => Promise<Holdings | undefined>
}

const Paged = Schema.Struct({
  cursor: Schema.optionalKey(Flow.Cursor),
  limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
})
const Spent = Schema.Struct({ category: Schema.Literals(["canteen", "shop"]), medium: Medium })

export const holder = (host: Host): Holder => ({
  statement: (subject, page = {}) =>
    host.run(() => {
      const profile = host.profileAt(host.now)
      return Effect.map(
        Flow.page(Input.subject(subject), Input.decode(Paged, page)),
        ({ lines, ...rest }) => ({
          ...rest,
          lines: lines.map((line) => ({ ...line, words: Explanation.ofLine(line, profile) }))
        })
      )
    }),
  remaining: (subject, spending) =>
    host.run(() =>
      Effect.map(
        Flow.remaining(Input.subject(subject), Input.decode(Spent, spending)),
        (all) => all.map((quota) => ({ ...quota, name: Explanation.ofQuota(quota) }))
      )
    ),
  holdings: (subject) =>
    host.run(() => {
      const known = Input.subject(subject)
      const now = Input.instant(host.now)
      return Effect.map(
        Effect.flatMap(AccountStore, (store) => store.find(known)),
        (found) => Option.isNone(found) ? undefined : Holding.of(host.profileAt(now), found.value, now)
      )
    })
})
