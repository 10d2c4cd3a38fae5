/**
 * A code on a phone: the server authorises it, the phone draws it, the canteen takes it once, a bus that is cut off judges
 * it with the public key alone, and one that was made for gates pays nothing (R4, R5, R12, R13, A22).
 *
 * Run it here with `npx node --conditions=yikatong-source examples/codes.ts`, or in a project of yours with Node 22.18 or
 * newer; what it prints stands in codes.ts.out.
 */
import {
  CivilTime,
  CodeAuthorisation,
  CodeKeys,
  CodePicture,
  PresentedCode,
  Revocations,
  VerifiedCode
} from "@yikatong/core"
import { Campus, csmzxy, memory } from "@yikatong/core/promise"
import { Clerk } from "@yikatong/core/testing"
import { Result, Schema } from "effect"

const noon = CivilTime.instant("2026-03-02 12:00")

// The issuer's secret key stays on the server, in hardware if there is any; its public one goes to every terminal. Those of
// this example are known to everybody: draw yours with `crypto.getRandomValues`, and so the pseudonyms.
const issuerSecret = new Uint8Array(32).fill(1)
const issuers = Schema.decodeSync(CodeKeys.IssuerKeys)([{
  kid: 1,
  publicKey: CodeKeys.publicKeyOf(CodeKeys.secretKey(issuerSecret)),
  pay: "ecodePayCode",
  identity: "ecodeIdentityCode",
  notBefore: CivilTime.instant("2026-01-01 00:00"),
  notAfter: CivilTime.instant("2027-01-01 00:00")
}])
let drawn = 0
const random = (length: number) => new Uint8Array(length).fill(++drawn)

const campus = await Campus.open({
  backend: memory(),
  profile: { ...csmzxy, codes: { issuers, signed: ["ecodePayCode", "ecodeIdentityCode"] } },
  issuer: { secretKeys: { 1: issuerSecret }, random },
  now: () => noon
})

// A student with a card and 50 yuan.
const subject = { _tag: "Account", account: "account-1" } as const
const person = {
  id: "person-1",
  kind: "student",
  number: "20260001",
  name: "李华",
  document: { kind: "residentId", number: "43010219990101125X" }
} as const
const at = (point: string) => ({ id: `at-${point}`, point, subject, ...Clerk.at(csmzxy, point) })
await campus.openAccount({ id: "open", point: "card-centre", account: subject.account, person })
await campus.submit(at("window-ccb"), { _tag: "IssueCard", card: "card-1" })
await campus.submit(at("window-3"), { _tag: "ActivateCard", card: "card-1" })
await campus.submit(at("card-centre"), { _tag: "GrantSubsidy", amount: 5_000 })

// The phone made its own key, and asks to be authorised. From then on it makes codes by itself, online or not.
const phone = CodeKeys.secretKey(new Uint8Array(32).fill(7))
let counter = 0
const show = async (medium: "ecodePayCode" | "ecodeIdentityCode") => {
  const given = await campus.authorisePhone({ subject, medium, deviceKey: CodeKeys.publicKeyOf(phone) })
  if (given._tag === "Declined") throw new Error(given.decline._tag)
  const authorisation = Schema.decodeSync(CodeAuthorisation.Authorisation)(given.authorisation)
  return Result.getOrThrow(PresentedCode.present(authorisation, phone, { now: noon, counter: ++counter }))
}

const text = await show("ecodePayCode")
const picture = Result.getOrThrow(CodePicture.draw(text))
console.log(CodePicture.halfBlocks(picture))
const bytes = `${PresentedCode.length} bytes, ${text.length} characters`
console.log(`${bytes}: QR version ${picture.version} at level M, ${picture.modules} modules a side`)

/** What a person at the till would read. */
const told = (answer: Awaited<ReturnType<Campus["payByScan"]>>): string => {
  switch (answer._tag) {
    case "Approved":
      return `approved, ${answer.pockets.subsidy} fen left`
    case "Foreign":
      return `a code of ${answer.wallet}`
    case "Declined": {
      const { remedy, what } = campus.explain(answer.decline)
      return `${answer.decline._tag}: ${what.zh}。${remedy.zh}。 ${what.en}. ${remedy.en}.`
    }
  }
}
const till = { point: "canteen-1", amount: 1_200 }
console.log(`lunch: ${told(await campus.payByScan({ ...till, id: "scan-1", text }))}`)
console.log(`the same code again: ${told(await campus.payByScan({ ...till, id: "scan-2", text }))}`)
console.log(
  `a code for doors: ${told(await campus.payByScan({ ...till, id: "scan-3", text: await show("ecodeIdentityCode") }))}`
)
console.log(`somebody's WeChat: ${told(await campus.payByScan({ ...till, id: "scan-4", text: "134567890123456789" }))}`)

const gate = await campus.identifyByScan({ id: "scan-5", point: "dorm-1", text: await show("ecodeIdentityCode") })
console.log(`dorm gate: ${gate._tag}`)

// A terminal that is cut off has the public keys and the list of what was revoked, and no secret.
const judged = VerifiedCode.verifyPay(issuers, await show("ecodePayCode"), {
  now: noon,
  clockOffset: 0,
  tolerance: csmzxy.clockTolerance,
  revocations: Revocations.none(noon)
})
console.log(`cut off: ${Result.isFailure(judged) ? judged.failure._tag : worth(judged.success)}`)
await campus.close()

/** What a code may buy at a terminal that is cut off: the issuer has signed it. */
function worth({ offlineCap, offlineUses }: VerifiedCode.VerifiedPay): string {
  const most = `${offlineUses} purchases of ${offlineCap} fen in sum`
  return `a good code, and ${offlineUses === 0 ? "this school sells nothing by code while cut off" : most}`
}
