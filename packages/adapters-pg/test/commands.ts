// Commands for one account, as a host would send them: each call is a new command, unless it is given an id.
import { CivilTime, type Command, Csmzxy, Id, Money, Password, Recharge } from "@yikatong/core"
import { Clerk } from "@yikatong/core/testing"
import { mintKey } from "../../core/src/internal/mint.ts"

const start = CivilTime.instant("2026-03-02 10:00")
const caller = Id.CallerId.make("tests")
let made = 0

type Body = Exclude<Command.Command, Command.Of<"CreditRecharge">>

/** The commands of the account with this name. */
export const account = (name: string) => {
  const id = Id.AccountId.make(name)
  const card = Id.CardId.make(`${name}.card`)
  const subject: Command.Subject = { _tag: "Account", account: id }
  const head = (point: string, as?: string) => ({
    caller,
    id: Id.CommandId.make(as ?? `${name}.${++made}`),
    at: start,
    receivedAt: start,
    point: Id.PointId.make(point),
    subject
  })
  const say = (point: string, body: Body, as?: string): Command.Envelope => ({
    ...head(point, as),
    ...Clerk.at(Csmzxy.csmzxy, point, body),
    body
  })
  const credential = Id.CredentialId.make(`tests/${name}`)
  const open: Command.Envelope = {
    ...say("card-centre", {
      _tag: "OpenAccount",
      person: Id.PersonId.make(`${name}.person`),
      kind: "student",
      class: "regular"
    }),
    proofs: { fresh: new Password.Fresh(mintKey, credential, undefined, false) }
  } as Command.Envelope
  const credit = (fen: number): Command.Envelope => {
    const paid = {
      order: Id.OrderId.make(`test:${name}.order-${++made}`),
      channel: "ccbApp",
      amount: Money.amount(fen),
      paidAt: start,
      reference: name
    }
    return {
      ...head("card-centre"),
      body: { _tag: "CreditRecharge", ...paid },
      evidence: new Recharge.PaidEvidence(mintKey, paid)
    }
  }
  return {
    id,
    card,
    subject,
    say,
    open,
    credit,
    issue: (other = card, as?: string) => say("window-ccb", { _tag: "IssueCard", card: other }, as),
    pay: (fen: number, as?: string) =>
      say(
        "canteen-1",
        { _tag: "PayByCode", medium: "todayCampusCode", amount: Money.amount(fen), link: "up" },
        as
      ),
    /** What it takes to have an active card and so many fen. */
    funded: (fen: number): ReadonlyArray<Command.Envelope> => [
      open,
      say("window-ccb", { _tag: "IssueCard", card }),
      say("window-3", { _tag: "ActivateCard", card }),
      credit(fen)
    ]
  }
}
