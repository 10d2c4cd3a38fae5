/**
 * What the model answers to a command, and what it writes down when it approves. A decline writes nothing but a wrong
 * password, and the code that was shown (D13, A22).
 */
import type * as Command from "../../src/Command.ts"
import * as Codes from "./Codes.ts"
import * as Correcting from "./Correcting.ts"
import * as Counters from "./Counters.ts"
import * as Doors from "./Doors.ts"
import { type Expected, no, yes } from "./Expected.ts"
import * as Holding from "./Holding.ts"
import * as Loading from "./Loading.ts"
import * as Losing from "./Losing.ts"
import type { Model, Plastic } from "./Model.ts"
import * as Paying from "./Paying.ts"
import { type Category, clockTolerance, places, points } from "./School.ts"
import * as Subsidies from "./Subsidies.ts"

/** What a rule sees beside the body. `card`: the card by which the account was found, if it was. */
export interface Setting {
  readonly id: string
  /** Caller and id: what the command makes is named after it. */
  readonly key: string
  readonly at: number
  readonly point: string
  readonly category: Category
  readonly loads: boolean
  readonly pinPad: boolean
  readonly card: Plastic | undefined
  readonly proofs: Command.Proofs | undefined
  readonly evidence: Command.Envelope["evidence"]
}

/** The one answer. The model is at the time of arrival. */
export const answerTo = (model: Model, envelope: Command.Envelope): Expected => {
  const told = tell(model, envelope)
  if (isFound(model, envelope.subject)) Codes.show(model, envelope)
  return told
}

/** Whether the subject leads to the account. */
const isFound = (model: Model, subject: Command.Subject): boolean => {
  if (!model.opened) return false
  if (subject._tag === "Card") return model.card(subject.card) !== undefined
  return (subject._tag === "Handle" ? subject.handle.value : subject.account) === model.account
}

const tell = (model: Model, envelope: Command.Envelope): Expected => {
  const { at, body, evidence, id, point, proofs, subject } = envelope
  const place = points[point]
  if (place === undefined) return no("UnknownPoint", { point })
  const skew = Math.abs(at - model.now)
  const toldLater = body._tag.startsWith("Record") || body._tag === "CreditRecharge"
  if (skew > clockTolerance && !toldLater) return no("ClockUntrusted", { skew, tolerance: clockTolerance })
  const { category } = place
  const [procedure, ...allowed] = placeOf(body)
  if (procedure !== "" && !allowed.includes(category)) return no("ChannelNotAllowed", { procedure, category, allowed })
  const unattended = procedure === "" ? undefined : Counters.refuse(procedure, category, envelope.attendance)
  if (unattended !== undefined) return { _tag: "Declined", decline: unattended }
  const card = subject._tag === "Card" ? model.card(subject.card) : undefined
  const setting: Setting = { id, key: `${envelope.caller}:${id}`, at, point, ...place, card, proofs, evidence }
  if (body._tag === "OpenAccount") return open(model, setting)
  if (!model.opened || (subject._tag === "Account" && subject.account !== model.account)) return no("UnknownAccount")
  if (subject._tag === "Card" && card === undefined) return no("UnknownCard")
  if (subject._tag === "Handle" && subject.handle.value !== model.account) {
    return no("UnknownHandle", { kind: subject.handle.kind })
  }
  const goesOn = toldLater && body._tag !== "CreditRecharge"
  if (model.closing !== undefined && !goesOn && !afterClosing.includes(body._tag)) {
    return no("AccountClosed", { since: model.closing.since })
  }
  const unserved = Codes.refuse(model, envelope)
  return unserved === undefined ? rule(model, body, setting) : { _tag: "Declined", decline: unserved }
}

const afterClosing: ReadonlyArray<string> = [
  "PayByCard",
  "PayByCode",
  "PayOut",
  "RepayDebt",
  "WriteOffDebt",
  "Identify",
  "OpenByKeyRing"
]

const placeOf = (body: Command.Command): readonly [string, ...ReadonlyArray<Category>] =>
  body._tag === "BindBankCard"
    ? body.purpose === "wallet" ? ["bindWallet", "app"] : ["bindTransfer", "kiosk"]
    : places[body._tag] ?? [""]

const open = (model: Model, { proofs }: Setting): Expected => {
  if (model.opened) return no("AccountExists")
  if (proofs?.fresh === undefined) return no("PasswordMissing")
  model.opened = true
  return yes
}

const rule = (
  model: Model,
  body: Exclude<Command.Command, Command.Of<"OpenAccount">>,
  setting: Setting
): Expected => {
  switch (body._tag) {
    case "PayByCard":
      return Paying.payByCard(model, body, setting)
    case "PayByCode":
      return Paying.payByCode(model, body, setting)
    case "RecordCardPurchase":
    case "RecordAlipayPurchase":
      return Paying.record(model, body, setting)
    case "RecordPassage":
      return Doors.record(model, body, setting)
    case "ReversePurchase":
      return Paying.reverse(model, body, setting)
    case "BeginLoad":
      return Loading.begin(model, body, setting)
    case "SettleLoad":
      return Loading.settleLoad(model, body, setting)
    case "IssueCard":
      return Losing.issue(model, body)
    case "ActivateCard":
      return Losing.activate(model, body)
    case "CancelCard":
      return Losing.cancel(model, body)
    case "ReportLost":
      return Losing.reportLost(model)
    case "ReportFound":
      return Losing.reportFound(model, body)
    case "ReportBankSideLost":
      return model.card(body.card) === undefined ? no("UnknownCard") : yes
    case "ClaimFrozen":
      return Losing.claim(model, body)
    case "ExtendValidity":
      return Losing.extend(model, body)
    case "ChangePassword":
      return Holding.changePassword(model, body, setting)
    case "ResetPassword":
      return Holding.resetPassword(model, body, setting)
    case "OpenWallet":
      return Holding.openWallet(model, setting)
    case "BindBankCard":
    case "BindAlipay":
      return Holding.bind(model, body, setting)
    case "PlaceRecharge":
      return Holding.place(model, body, setting)
    case "CreditRecharge":
      return Holding.credit(model, body, setting)
    case "MoveToTransit":
      return Holding.moveToTransit(model, body)
    case "GrantSubsidy":
      return Subsidies.grant(model, body)
    case "ExpireSubsidy":
      return Subsidies.expire(model, body)
    case "RefundPurchase":
      return Correcting.refund(model, body)
    case "RepayDebt":
    case "WriteOffDebt":
      return Correcting.repay(model, body)
    case "GrantAccess":
      return Doors.grant(model, body, setting.key)
    case "RevokeAccess":
      return Doors.revoke(model, body)
    case "Identify":
      return Doors.identify(model, body, setting.point)
    case "OpenByKeyRing":
      return Doors.openByKeyRing(model, body)
    case "CloseAccount":
      return Losing.close(model)
    case "PayOut":
      return Losing.payOut(model)
  }
}
