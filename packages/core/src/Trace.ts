/**
 * Which rules were looked at, in which order, and which one said no 规则轨迹 (R73, D14).
 *
 * A decision stops at its first refusal. So its answer tells that the rules before that one had nothing against the
 * command (also where there was nothing for them to look at), and that those after it were not asked. Nothing is recorded
 * for this: it follows from command and answer by two tables, the declines of each rule and the order of the rules of
 * each command.
 *
 * A decline can come from outside of that order: a code that was no good, a terminal that is cut off. Then its rule
 * stands first, since the command never got to the others.
 */
import type { Command } from "./Command.ts"
import type { Decline } from "./Decline.ts"
import { orderOf, type Rule, rulesOf } from "./internal/rules.ts"

export { orderOf, type Rule, rules } from "./internal/rules.ts"

/** What of a command is looked at: an envelope, or what the journal keeps of it. */
export interface Traced {
  readonly body: Command
  readonly point: string
  readonly subject: { readonly _tag: string }
}

/**
 * What was decided: an answer, or a decision. A decision also says which account there was (none: undefined), and so tells
 * apart two rules that give one decline.
 */
export type Told =
  | { readonly _tag: "Approved" }
  | {
    readonly _tag: "Declined"
    readonly decline: Decline
    readonly account?: { readonly cards: ReadonlyArray<{ readonly id: string }> } | undefined
  }

/** One rule, and what became of it. */
export interface Step {
  readonly rule: Rule
  readonly verdict: "passed" | "refused" | "notReached"
}

/**
 * What was looked at for this command.
 *
 * @example
 * ```ts
 * import { CivilTime, Id, Trace } from "@yikatong/core"
 *
 * const command = {
 *   body: { _tag: "SettleLoad", card: Id.CardId.make("card-1"), load: Id.LoadId.make("canteen-1:load-1") },
 *   point: "canteen-1",
 *   subject: { _tag: "Card" }
 * } as const
 * const since = CivilTime.instant("2025-11-28 09:00")
 * const steps = Trace.trace(command, { _tag: "Declined", decline: { _tag: "AccountClosed", since } })
 * steps.find(({ verdict }) => verdict === "refused")?.rule // => "closing"
 * steps.filter(({ verdict }) => verdict === "notReached").map(({ rule }) => rule) // => ["load"]
 * ```
 */
export const trace = (command: Traced, told: Told): ReadonlyArray<Step> => {
  const order = orderOf(command.body._tag)
  if (told._tag === "Approved") return order.map((rule) => ({ rule, verdict: "passed" }))
  const refusing = refusingRule(command, told)
  const at = order.indexOf(refusing)
  const steps = order.map((rule, position): Step => ({
    rule,
    verdict: position < at ? "passed" : position === at ? "refused" : "notReached"
  }))
  return at === -1 ? [{ rule: refusing, verdict: "refused" }, ...steps] : steps
}

/** The rule that gave this decline: of those that may, the one that was really looked at. */
const refusingRule = (command: Traced, told: Extract<Told, { readonly _tag: "Declined" }>): Rule => {
  const { decline } = told
  const may = rulesOf(decline._tag)
  const [first] = may
  return distinguished(command, told) ?? orderOf(command.body._tag).find((rule) => may.includes(rule)) ?? first
}

/** Where one decline comes from two rules of one command, what tells them apart. */
const distinguished = (
  { body, point, subject }: Traced,
  told: Extract<Told, { readonly _tag: "Declined" }>
): Rule | undefined => {
  const { account, decline } = told
  switch (decline._tag) {
    case "UnknownPoint":
      return decline.point === point ? "point" : "door"
    case "DocumentMissing":
      return decline.missing.some((one) => one === "identityDocument" || one === "campusCard")
        ? "documents"
        : "application"
    case "UnknownCard":
      // Whoever was found by a card has it.
      if ("account" in told ? account === undefined : subject._tag === "Card") return "account"
      return body._tag === "Identify" && body.card === undefined ? "shown" : "card"
    default:
      return undefined
  }
}
