/** A short term at a campus: two accounts, a recharge, lunches that are approved and one that is not. */
import type { Backend } from "@yikatong/core"
import { Campus, csmzxy, simulatedChannel } from "@yikatong/core/promise"

const noon = Date.parse("2026-03-02T12:00:00+08:00")
const papers = [{ _tag: "IdentityDocument", kind: "residentId" }, { _tag: "CampusCard" }] as const
const teller = { operator: "teller-1", role: "teller", department: "ccb", presented: papers }
const clerk = { operator: "clerk-1", role: "clerk", department: "card-centre", presented: papers }

/** What no output of ours may hold: a name, a number, a document. */
export const personal = ["李华", "20260001", "43010219990101125X"]

/** Lets it happen on this backend. */
export const term = async (backend: Backend.Backend): Promise<void> => {
  const weChat = simulatedChannel("todayCampus")
  const campus = await Campus.open({ backend, profile: csmzxy, channels: [weChat.channel], now: () => noon })
  const subject = { _tag: "Account", account: "account-1" } as const
  await campus.openAccount({
    id: "open-1",
    point: "card-centre",
    account: "account-1",
    person: {
      id: "person-1",
      kind: "student",
      number: "20260001",
      name: "李华",
      document: { kind: "residentId", number: "43010219990101125X" }
    }
  })
  const issue = { id: "issue-1", point: "window-ccb", subject, attendance: teller }
  await campus.submit(issue, { _tag: "IssueCard", card: "card-1" })
  const activate = { id: "activate-1", point: "window-3", subject, attendance: clerk }
  await campus.submit(activate, { _tag: "ActivateCard", card: "card-1" })
  const order = { channel: "todayCampus", source: "weChat", amount: 5_000 } as const
  const placed = await campus.recharge({ id: "order-1", point: "today-campus", subject, ...order })
  if (!placed.placed) throw new Error("the recharge was refused")
  weChat.pay(placed.order.id, 5_000, noon)
  await campus.confirmRecharge(placed.order, "card-centre")
  const lunch = { point: "canteen-1", medium: "todayCampusCode", subject } as const
  for (const [id, amount] of [["lunch-1", 1_800], ["lunch-2", 1_200], ["lunch-3", 1]] as const) {
    await campus.pay({ ...lunch, id, amount })
  }
  await campus.pay({ ...lunch, id: "stranger", amount: 100, subject: { _tag: "Account", account: "account-9" } })
  await campus.close()
}
