/** Who pays: the names of account and card, and the commands by which an account comes to have money on its card. */
import { CivilTime, type Command, Id, Money, Password, Recharge } from "@yikatong/core"
import { Clerk } from "@yikatong/core/testing"
import { mintKey } from "../../packages/core/src/internal/mint.ts"
import { profile } from "./School.ts"

/** When all accounts are opened: a Sunday, before the first breakfast. */
export const opened: CivilTime.Instant = CivilTime.instant("2026-03-01 10:00")

/** What a card is loaded with, in fen: the ceiling of a purse. */
const fen = Money.amount(100_000)

/** How many events `opening` makes: with each payment an account's version grows by one more. */
export const openingEvents = 6

/** The names of an account and its card, in the shape of time-ordered ids (UUIDv7). */
export const accountOf = (n: number): Id.AccountId =>
  Id.AccountId.make(`019caa00-0000-7000-8000-${String(n).padStart(12, "0")}`)
export const cardOf = (n: number): Id.CardId => Id.CardId.make(`card-${String(n).padStart(8, "0")}`)
export const numberOfCard = (card: string): number => Number(card.slice("card-".length))

/** Opened, card handed out and activated, money paid in and written to the card. */
export const opening = (n: number): ReadonlyArray<Command.Envelope> => {
  const card = cardOf(n)
  const head = (point: string, step: string) => ({
    caller: Id.CallerId.make("office"),
    id: Id.CommandId.make(`${accountOf(n)}-${step}`),
    at: opened,
    receivedAt: opened,
    point: Id.PointId.make(point),
    subject: { _tag: "Account", account: accountOf(n) } as const
  })
  const say = (
    point: string,
    step: string,
    body: Exclude<Command.Command, Command.Of<"CreditRecharge">>
  ): Command.Envelope => ({ ...head(point, step), ...Clerk.at(profile, point, body), body })
  const paid = {
    order: Id.OrderId.make(`bench:${n}`),
    channel: "ccbApp",
    amount: fen,
    paidAt: opened,
    reference: `bench-${n}`
  }
  const read = { balance: Money.zero, loadSequence: 0, purchaseSequence: 0 }
  const load = Id.LoadId.make(`office:${accountOf(n)}-load`)
  return [
    {
      ...say("card-centre", "open", {
        _tag: "OpenAccount",
        person: Id.PersonId.make(`person-${n}`),
        kind: "student",
        class: "regular"
      }),
      proofs: { fresh: new Password.Fresh(mintKey, Id.CredentialId.make(`bench/${n}`), undefined, false) }
    } as Command.Envelope,
    say("window-ccb", "issue", { _tag: "IssueCard", card }),
    say("window-3", "activate", { _tag: "ActivateCard", card }),
    {
      ...head("card-centre", "credit"),
      body: { _tag: "CreditRecharge", ...paid },
      evidence: new Recharge.PaidEvidence(mintKey, paid)
    },
    say("canteen-1", "load", { _tag: "BeginLoad", card, chip: read }),
    say("canteen-1", "loaded", { _tag: "SettleLoad", card, load, chip: { ...read, balance: fen, loadSequence: 1 } })
  ]
}
