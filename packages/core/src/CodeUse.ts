/**
 * A signed code that comes with a command 出示码: it must have been judged, and it serves once, whatever becomes of the
 * command (A22, D13).
 *
 * The command says which code it was; that it was good enters as a proof, like a password (D15). For media that the
 * profile lists as signed, a command without a code is refused; others are judged by the host, whose app they are.
 */
import type { Of as Event } from "./AccountEvent.ts"
import type { AccountState } from "./AccountState.ts"
import * as BurnedCodes from "./BurnedCodes.ts"
import type * as Command from "./Command.ts"
import type * as Decline from "./Decline.ts"
import type { Setting } from "./Setting.ts"

/** Why this code does not serve, or nothing. Without a code there is nothing to refuse, unless there has to be one. */
export const refuse = (
  account: AccountState,
  { envelope, profile }: Pick<Setting, "envelope" | "profile">
): Decline.Decline | undefined => {
  const shown = shownIn(envelope.body)
  if (shown === undefined) return undefined
  const { code, medium } = shown
  if (code === undefined) return profile.codes.signed.includes(medium) ? { _tag: "CodeRequired", medium } : undefined
  return isProven(envelope) ? BurnedCodes.refuse(account.codes, code) : { _tag: "CodeRequired", medium }
}

/** That the code was shown, at its first showing: it is written with whatever was decided. */
export const burn = (
  account: AccountState | undefined,
  envelope: Command.Envelope
): ReadonlyArray<Event<"CodeBurned">> => {
  const code = shownIn(envelope.body)?.code
  if (account === undefined || code === undefined || !isProven(envelope)) return none
  return BurnedCodes.refuse(account.codes, code) === undefined
    ? [{ _tag: "CodeBurned", at: envelope.receivedAt, code }]
    : none
}
const none: ReadonlyArray<never> = []

const shownIn = (body: Command.Command) => body._tag === "PayByCode" || body._tag === "Identify" ? body : undefined

/** Whether what was judged is what the command says: a code to pay with, or one that says who somebody is. */
const isProven = ({ body, proofs }: Command.Envelope): boolean => {
  const shown = shownIn(body)
  const proof = proofs?.code
  return shown?.code !== undefined && proof !== undefined &&
    proof.kind === (body._tag === "PayByCode" ? "PAY" : "ID") &&
    proof.medium === shown.medium &&
    proof.pseudonym === shown.code.pseudonym &&
    proof.counter === shown.code.counter &&
    proof.notAfter === shown.code.notAfter
}
