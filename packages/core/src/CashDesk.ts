/**
 * The desk that a command names for its money: a fee, a debt, what is paid out (R54, R76, D4, D7, D10). Its book is
 * `channel:` and its name, so one that the profile does not list would open a book that nobody counts.
 */
import type * as Command from "./Command.ts"
import type * as Decline from "./Decline.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"

/** Through which desk a command takes or pays money, if it does. */
const of = (body: Command.Command): string | undefined => {
  switch (body._tag) {
    case "OpenAccount":
      return body.application?.fee?.desk
    case "IssueCard":
      return body.fee?.desk
    case "RepayDebt":
    case "PayOut":
      return body.desk
    default:
      return undefined
  }
}

/** Why there is no such desk, or nothing: a matter of the command alone, so nothing is learnt of an account by it (I17). */
export const refuse = (
  { desks }: Pick<SchoolProfile, "desks">,
  body: Command.Command
): Decline.Of<"DeskUnknown"> | undefined => {
  const desk = of(body)
  return desk === undefined || desks.includes(desk) ? undefined : { _tag: "DeskUnknown", desk }
}
