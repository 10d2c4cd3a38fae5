/**
 * A temporary card 临时校园卡: an account of its own class with an end, opened on a unit's application (R8, R9, R51-R55,
 * A15-A17).
 *
 * The application form is one fact, wherever it was downloaded (A17): filled in, signed, stamped. A department's clerk
 * 报账员 or the unit that invited the person hands it in, never the person (R52). The fee goes from the desk to fee income
 * and is not returned (R54, D4, A16). Outsiders pay by code only; serving staff may have a plastic card (A15).
 */
import { Schema } from "effect"
import { Numberless } from "./Attendance.ts"
import { addMonths, Day, lastDay } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import { BookName } from "./Id.ts"
import { type Outside, type Transfer, transfer } from "./Ledger.ts"
import { Medium } from "./Medium.ts"
import * as Money from "./Money.ts"
import type { Kind } from "./Person.ts"

/** `until`: the last day on which the card is good. `fee`: what was paid in, in fen, at which desk. */
export const Application = Schema.Struct({
  form: Schema.Struct({ filled: Schema.Boolean, signed: Schema.Boolean, stamped: Schema.Boolean }),
  applicant: Schema.Literals(["clerk", "unit"]),
  unit: Numberless,
  fee: Schema.optionalKey(Schema.Struct({ amount: Money.Money, desk: BookName })),
  until: Day
})
export interface Application extends Schema.Schema.Type<typeof Application> {}

/** What outsiders pay and identify themselves with. */
const Media = Schema.Array(Medium)

/** A school's rules of temporary cards. `fee` in fen; `longest`: months from the opening on; `media`: who shows what. */
export const Policy = Schema.Struct({
  fee: Money.Money,
  longest: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 120 })),
  media: Schema.Struct({ staff: Media, trainee: Media, visitor: Media })
})
export interface Policy extends Schema.Schema.Type<typeof Policy> {}

/** Where the fee goes. */
export const feeBook: Outside = "fees:temporary-card"

/** Why no temporary account is opened on this application today, or nothing: form, end date, fee. */
export const refuse = (
  { fee, longest }: Policy,
  application: Application | undefined,
  today: Day
): Decline.Decline | undefined => {
  if (application === undefined) return { _tag: "DocumentMissing", missing: ["applicationForm"] }
  const { filled, signed, stamped } = application.form
  const missing: ReadonlyArray<Decline.Missing> = [
    ...(filled ? [] : ["formFilled" as const]),
    ...(signed ? [] : ["formSigned" as const]),
    ...(stamped ? [] : ["formStamped" as const])
  ]
  if (missing.length > 0) return { _tag: "DocumentMissing", missing }
  // At the end of time there are not so many months left.
  const latest = today > addMonths(lastDay, -longest) ? lastDay : addMonths(today, longest)
  const { until } = application
  if (until < today || until > latest) return { _tag: "EndDateNotAllowed", until, latest }
  return (application.fee?.amount ?? Money.zero) === fee ? undefined : { _tag: "FeeUnpaid", fee }
}

/** The fee, from the desk to fee income: never through a pocket (D4). */
export const feeTransfers = ({ fee }: Application): ReadonlyArray<Transfer> =>
  fee === undefined ? [] : transfer(`channel:${fee.desk}`, feeBook, fee.amount)

/** What the holder of an account may show, where that is less than everything (R8, A15). */
export const mediaOf = (
  { media }: Policy,
  { class: accountClass, kind }: { readonly class: "regular" | "temporary"; readonly kind: Kind }
): ReadonlyArray<Medium> | undefined => accountClass === "regular" || kind === "student" ? undefined : media[kind]

/** Whether this holder may have a plastic card (A15). */
export const hasPlastic = (
  policy: Policy,
  holder: { readonly class: "regular" | "temporary"; readonly kind: Kind }
): boolean => mediaOf(policy, holder)?.includes("physicalCard") ?? true

/** Why this holder does not show this medium, or nothing (R8). */
export const refuseMedium = (
  policy: Policy,
  holder: { readonly class: "regular" | "temporary"; readonly kind: Kind },
  medium: Medium
): Decline.Of<"MediumNotForHolder"> | undefined => {
  const allowed = mediaOf(policy, holder)
  return allowed === undefined || allowed.includes(medium)
    ? undefined
    : { _tag: "MediumNotForHolder", medium, kind: holder.kind, allowed }
}
