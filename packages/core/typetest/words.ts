/**
 * Promises that the compiler keeps about words: each line below `@ts-expect-error` must not compile. Nothing here runs; `tsc -b` is the test.
 */
import type * as Decline from "../src/Decline.ts"
import { rulesOf } from "../src/internal/rules.ts"
import type { acceptance } from "../src/internal/words/Acceptance.ts"
import type { accounts } from "../src/internal/words/Accounts.ts"
import type { balances } from "../src/internal/words/Balances.ts"
import type { cards } from "../src/internal/words/Cards.ts"
import type { codes } from "../src/internal/words/Codes.ts"
import type { corrections } from "../src/internal/words/Corrections.ts"
import type { doors } from "../src/internal/words/Doors.ts"
import type { Declines, Entry } from "../src/internal/words/Entry.ts"
import type { facts } from "../src/internal/words/Facts.ts"
import type { hall } from "../src/internal/words/Hall.ts"
import type { limits } from "../src/internal/words/Limits.ts"
import type { passwords } from "../src/internal/words/Passwords.ts"
import type { recharges } from "../src/internal/words/Recharges.ts"
import type { replacements } from "../src/internal/words/Replacements.ts"
import type { subjects } from "../src/internal/words/Subjects.ts"
import type { temporary } from "../src/internal/words/Temporary.ts"
import { text } from "../src/internal/words/Text.ts"
import type { Step } from "../src/Trace.ts"

// R73 The groups together are every decline, and each decline stands in one of them.
type Groups = [
  typeof accounts,
  typeof hall,
  typeof temporary,
  typeof acceptance,
  typeof cards,
  typeof codes,
  typeof doors,
  typeof limits,
  typeof passwords,
  typeof balances,
  typeof recharges,
  typeof replacements,
  typeof facts,
  typeof corrections,
  typeof subjects
]
/** What stands in more than one group. */
type Twice<All extends ReadonlyArray<object>, Seen = never> = All extends
  [infer One extends object, ...infer Rest extends ReadonlyArray<object>]
  ? (keyof One & Seen) | Twice<Rest, Seen | keyof One>
  : never
export const once: [Twice<Groups>] extends [never] ? true : false = true
/** A tag of any group. */
type Told<All extends ReadonlyArray<object>> = { readonly [At in keyof All]: keyof All[At] }[number]
export const every: [Decline.Decline["_tag"]] extends [Told<Groups>] ? true : false = true

const entry: Entry = [text("未查到", "Not found"), text("请重试", "Try again")]
declare const complete: Declines
declare const withoutOne: Omit<Declines, "CardLost">

// R73 A decline without words does not compile.
export const all: Declines = { ...withoutOne, CardLost: () => entry }
// @ts-expect-error R73 CardLost is missing
export const missing: Declines = { ...withoutOne }
// @ts-expect-error R73 nor do words for what is no decline
export const stranger: Declines = { ...complete, CardEaten: () => entry }
// @ts-expect-error R73 nor a group with one
export const group = { CardEaten: () => entry } satisfies Partial<Declines>
// @ts-expect-error R73 nor a fact without a remedy
export const helpless: Declines = { ...complete, CardLost: () => [text("已挂失", "Lost")] }
// @ts-expect-error R73 nor a text in one language
export const oneLanguage: Declines = { ...complete, CardLost: () => [{ zh: "已挂失" }, text("请解挂", "Unlock it")] }
// @ts-expect-error R73 nor a number that the decline does not have
export const foreign: Declines = { ...complete, CardLost: ({ until }) => [text("{}", "{}", until), entry[1]] }

// R73 As many blanks as there are, in both languages.
export const filled = text("还可再试 {} 次", "Tries left: {}", 2)
// @ts-expect-error R73 a blank that nobody fills
export const unfilled = text("还可再试 {} 次", "Tries left: {}")
// @ts-expect-error R73 more than there are blanks
export const overfilled = text("还可再试 {} 次", "Tries left: {}", 2, 3)
// @ts-expect-error R73 a blank in one language only
export const uneven = text("还可再试 {} 次", "Some tries are left", 2)

// R73 D14 Every decline has a rule, and every rule a name; nothing else is looked up.
export const ruled = (decline: Decline.Decline["_tag"]) => rulesOf(decline)
// @ts-expect-error R73 what is no decline comes from no rule
export const unruled = rulesOf("CardEaten")
export const step: Step = { rule: "limits", verdict: "refused" }
// @ts-expect-error D14 a rule that nobody knows
export const unknownRule: Step = { rule: "mood", verdict: "refused" }
