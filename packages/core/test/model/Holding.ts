/**
 * What a holder sets up, and money that comes in or moves, as the model tells it (R6, R19-R26, R36, R37, R67-R69, A8,
 * A9, D2, D6, D10, D15).
 */
import type * as Command from "../../src/Command.ts"
import { type Expected, no, yes } from "./Expected.ts"
import type { Model } from "./Model.ts"
import type { Setting } from "./Rules.ts"
import * as Standing from "./Standing.ts"

/** The wallet asks for the name (R22), the bank's app for the document (R24), Alipay for both (R6). */
const identified = (model: Model, { proofs }: Setting, by: "name" | "document" | "both"): Expected | undefined => {
  const { document = false, name = false, ok = false } = proofs?.identity ?? {}
  const until = Standing.tryClaim(model, { document, name, ok })
  if (until !== undefined) return no("IdentityLocked", { until })
  return ok && (by === "document" || name) && (by === "name" || document) ? undefined : no("IdentityNotMatched")
}

/** Once a command with a claim has been approved, the wrong ones of its parts are forgotten (D15). */
const forgive = (model: Model, { proofs }: Setting): void => {
  if (proofs?.identity?.name === true) model.wrong.delete("claimedName")
  if (proofs?.identity?.document === true) model.wrong.delete("claimedDocument")
}

export const openWallet = (model: Model, setting: Setting): Expected => {
  const refused = Standing.refuseCode(model, "todayCampusCode")
  if (refused !== undefined) return { _tag: "Declined", decline: refused }
  const stranger = identified(model, setting, "name")
  if (stranger !== undefined) return stranger
  const proof = setting.proofs?.password
  if (proof === undefined) return no("PasswordMissing")
  const wrong = Standing.tryPassword(model, proof, setting.category)
  if (wrong !== undefined) return { _tag: "Declined", decline: wrong }
  model.wrong.delete(Standing.channelAt(setting.category))
  forgive(model, setting)
  if (model.wallet === "none") model.wallet = "opened"
  return yes
}

export const bind = (model: Model, body: Command.Of<"BindBankCard" | "BindAlipay">, setting: Setting): Expected => {
  const refused = Standing.refuseCode(model, "todayCampusCode")
  if (refused !== undefined) return { _tag: "Declined", decline: refused }
  if (body._tag === "BindAlipay") {
    const stranger = identified(model, setting, "both")
    if (stranger !== undefined) return stranger
    forgive(model, setting)
    model.alipayBound = true
    return yes
  }
  if (body.purpose === "transfer") model.transferBound = true
  else if (model.wallet === "none") return no("EWalletNotOpened")
  else model.wallet = "bound"
  return yes
}

const setPassword = (model: Model, mustChange: boolean): Expected => {
  Object.assign(model.password, { version: model.password.version + 1, mustChange })
  model.wrong.clear()
  return yes
}

/** Only with the card in use, dormant or not (R31, R36, R37); what else is wrong is not looked at before. */
const withoutCard = (model: Model, id: string | undefined): Expected | undefined => {
  const card = model.card(id ?? "")
  return card?.standing === "active" ? undefined : { _tag: "Declined", decline: Standing.standing(card) }
}

/** At the kiosk with the old password, at the counter without (R37); a password that must be changed may be (A12). */
export const changePassword = (
  model: Model,
  body: Command.Of<"ChangePassword">,
  { category, proofs }: Setting
): Expected => {
  const refused = withoutCard(model, body.card)
  if (refused !== undefined) return refused
  if (category !== "counter") {
    const proof = proofs?.password
    if (proof === undefined) return no("PasswordMissing")
    const wrong = Standing.tryPassword(model, proof, category)
    if (wrong !== undefined && wrong["_tag"] !== "PasswordMustChange") return { _tag: "Declined", decline: wrong }
  }
  if (proofs?.fresh === undefined) return no("PasswordMissing")
  const { weakness } = proofs.fresh
  return weakness === undefined ? setPassword(model, false) : no("PasswordTooWeak", { weakness })
}

export const resetPassword = (model: Model, body: Command.Of<"ResetPassword">, { proofs }: Setting): Expected =>
  withoutCard(model, body.card) ??
    (proofs?.fresh === undefined ? no("PasswordMissing") : setPassword(model, true))

/** The recharge matrix, R67 to R69: the source with whose card it may be, what must be bound, the bounds, the list. */
const channels: Readonly<
  Record<string, {
    readonly sources: Readonly<Record<string, readonly [own: boolean, bound: "none" | "wallet" | "transfer"]>>
    readonly to: "transit" | "wallet"
    readonly max: number
    readonly list?: ReadonlyArray<number>
  }>
> = {
  todayCampus: {
    sources: { unionPayCard: [false, "none"], weChat: [false, "none"], ccbCard: [true, "transfer"] },
    to: "transit",
    max: 50_000,
    list: [1_000, 2_000, 5_000, 10_000, 20_000, 50_000]
  },
  ecode: { sources: { unionPayCard: [false, "wallet"], ccbCard: [false, "wallet"] }, to: "wallet", max: 100_000 },
  ccbApp: { sources: { ccbCard: [true, "none"] }, to: "transit", max: 100_000 }
}

export const place = (model: Model, body: Command.Of<"PlaceRecharge">, setting: Setting): Expected => {
  const channel = channels[body.channel]
  const card = channel?.to === "wallet" ?
    undefined :
    model.active ?? model.cards.filter(({ standing }) => standing !== "cancelled").at(-1) ??
      model.cards.at(-1)
  const refused = card === undefined ? Standing.refuseCode(model, "ecodePayCode") : Standing.refuseCard(model, card)
  if (refused !== undefined) return { _tag: "Declined", decline: refused }
  const stranger = body.channel === "ccbApp" ? identified(model, setting, "document") : undefined
  if (stranger !== undefined) return stranger
  if (channel === undefined) return no("ChannelUnknown", { channel: body.channel })
  const source = channel.sources[body.source]
  if (source === undefined) return no("FundingSourceNotAccepted", { channel: body.channel, source: body.source })
  const [own, bound] = source
  if (own && body.holder === "other") return no("NotOwnBankCard")
  if (bound === "wallet" && model.wallet === "none") return no("EWalletNotOpened")
  if ((bound === "wallet" && model.wallet !== "bound") || (bound === "transfer" && !model.transferBound)) {
    return no("BankCardNotBound", { channel: body.channel })
  }
  const { amount } = body
  const { list, max } = channel
  if (amount < 1 || amount > max || (list !== undefined && !list.includes(amount))) {
    return no("AmountNotAllowed", { amount, min: 1, max })
  }
  if (body.channel === "ccbApp") forgive(model, setting)
  return yes
}

/** What was paid is credited, whatever became of the card meanwhile; only evidence counts (D2). */
export const credit = (model: Model, body: Command.Of<"CreditRecharge">, { evidence }: Setting): Expected => {
  const { amount, channel, order, reference } = body
  if (evidence?.order !== order || evidence.amount !== amount || evidence.reference !== reference) return no("NotPaid")
  const known = channels[channel]
  if (known === undefined) return no("ChannelUnknown", { channel })
  if (model.posted.has(`order ${order}`)) return no("OrderAlreadyCredited")
  model.posted.set(`order ${order}`, { amount: 0, at: 0, point: "" })
  model.receive("in", known.to, amount)
  return yes
}

export const moveToTransit = (model: Model, { amount }: Command.Of<"MoveToTransit">): Expected => {
  const unusable = Standing.refuseCode(model, "ecodePayCode")
  if (unusable !== undefined) return { _tag: "Declined", decline: unusable }
  const { chip, held, subsidy, transit, wallet } = model.pockets
  if (wallet < amount) {
    return no("InsufficientWallet", { amount, available: wallet, elsewhere: { chip, held, subsidy, transit, wallet } })
  }
  model.move("wallet", "transit", amount)
  return yes
}
