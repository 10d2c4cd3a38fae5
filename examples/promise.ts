/**
 * The promise door: a campus without a word of Effect. `await campus.pay(...)` gives Approved or Declined.
 *
 * Run it here with `npx node --conditions=yikatong-source examples/promise.ts`, or in a project of yours with Node
 * 22.18 or newer; what it prints stands in promise.ts.out.
 */
import { Campus, csmzxy, memory, simulatedChannel } from "@yikatong/core/promise"

// The host's clock: a real one in production, one that stands still here.
const noon = Date.parse("2026-03-02T12:00:00+08:00")
const now = () => noon

const weChat = simulatedChannel("todayCampus")
const campus = await Campus.open({ backend: memory(), profile: csmzxy, channels: [weChat.channel], now })

// An account, a card from the bank window, activated at window 3.
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
const subject = { _tag: "Account", account: "account-1" } as const
// At a counter somebody attends, with the papers on the desk: in production, whoever has signed on there.
const papers = [{ _tag: "IdentityDocument", kind: "residentId" }, { _tag: "CampusCard" }] as const
const teller = { operator: "teller-1", role: "teller", department: "ccb", presented: papers }
const clerk = { operator: "clerk-1", role: "clerk", department: "card-centre", presented: papers }
const issue = { id: "issue-1", point: "window-ccb", subject, attendance: teller }
await campus.submit(issue, { _tag: "IssueCard", card: "card-1" })
const activate = { id: "activate-1", point: "window-3", subject, attendance: clerk }
await campus.submit(activate, { _tag: "ActivateCard", card: "card-1" })

// A recharge: placed, paid at the channel, credited once however often it is confirmed.
const placed = await campus.recharge({
  id: "order-1",
  point: "today-campus",
  subject,
  channel: "todayCampus",
  source: "weChat",
  amount: 5_000
})
if (!placed.placed) throw new Error(campus.explain(placed.answer.decline).what.en)
weChat.pay(placed.order.id, 5_000, now())
await campus.confirmRecharge(placed.order, "card-centre")
await campus.confirmRecharge(placed.order, "card-centre")

// A lunch by code, then one that is above the meal limit.
const lunch = { point: "canteen-1", medium: "todayCampusCode", subject } as const
for (const [id, amount] of [["lunch-1", 2_000], ["lunch-2", 1_001]] as const) {
  const answer = await campus.pay({ ...lunch, id, amount })
  if (answer._tag === "Approved") {
    console.log(`${id}: approved, ${answer.pockets.transit} fen are left in transit`)
  } else {
    const { remedy, what } = campus.explain(answer.decline)
    console.log(`${id}: ${what.zh}。${remedy.zh}。`)
    console.log(`${id}: ${what.en}. ${remedy.en}.`)
  }
}

// The same id again gives the same answer; with another body it is misuse, which rejects.
const again = await campus.pay({ ...lunch, id: "lunch-1", amount: 2_000 })
console.log(`lunch-1 again: ${again._tag}, still one payment`)
await campus.pay({ ...lunch, id: "lunch-1", amount: 1 }).catch((error: Error) =>
  console.log(`misuse: ${error.message}`)
)

const books = await campus.checkBooks()
console.log(`books: ${books.transfers} transfers, ${books.breaks.length} breaks`)
await campus.close()
