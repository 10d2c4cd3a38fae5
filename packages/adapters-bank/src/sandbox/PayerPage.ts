/**
 * The page where a person pays 收银台: at `/pay/` and the transaction's token. The person pays, says no, types a wrong password
 * or runs out of money; a wire that tells the merchant through the browser is told so after that.
 *
 * Plain HTML without a script, so that it works in whatever opens it. The form bears a token that only this start can make:
 * no other page can pay with it.
 */
import { type Callback, CivilTime } from "@yikatong/core"
import { Effect, Result } from "effect"
import { type Desk, payersOf } from "./Desk.ts"
import * as OwnForm from "./OwnForm.ts"
import {
  aside,
  both,
  escaped,
  page,
  password,
  passwordField,
  payers as choices,
  problem,
  rows,
  type Said,
  yuan
} from "./PageFrame.ts"
import type { Trade } from "./Trade.ts"
import type { Answer, Front } from "./Wire.ts"
import { here } from "./WireDesk.ts"

export const path = "/pay/"

/** What the form of one payment stands on, for its seal. */
const pageOf = (token: string): string => `payer page ${token}`

/** Answers what is asked under {@link path}. */
export const answer = (desk: Desk, request: Callback.Raw): Effect.Effect<Answer> =>
  Effect.sync(() => {
    const [token = ""] = request.url.slice(path.length).split("?")
    const trade = desk.house.byToken(token)
    if (trade === undefined) return page(404, aside("?", ["没有这笔交易", "There is no such payment"]))
    if (request.method === "GET") return shown(desk, trade)
    if (request.method !== "POST") return page(405, aside("?", ["方法不对", "Not so"]))
    const form = OwnForm.read(desk, pageOf(token), request)
    if (form === undefined) return page(403, aside("!", ["请从本页面付款", "Pay from the page itself"]))
    return done(desk, trade, form)
  })

/** What the person did. */
const done = (desk: Desk, trade: Trade, form: ReadonlyMap<string, string>): Answer => {
  const now = desk.clock.now()
  const payer = form.get("payer") ?? ""
  if (form.get("does") !== "pay") {
    desk.house.decline(trade.token, now)
    return shown(desk, desk.house.byToken(trade.token) ?? trade, [
      "已拒绝付款，仍可再付",
      "Declined; it may be paid yet"
    ])
  }
  if (!payersOf(desk).some(({ name }) => name === payer)) return shown(desk, trade, ["请选择付款人", "Choose who pays"])
  if (form.get("password") !== password) {
    desk.house.decline(trade.token, now)
    return shown(desk, desk.house.byToken(trade.token) ?? trade, ["密码不正确", "That is not the password"], payer)
  }
  const paid = desk.house.pay(trade.token, payer, now)
  if (Result.isSuccess(paid)) {
    return {
      status: 303,
      headers: { location: path + trade.token, "cache-control": "no-store" },
      body: new Uint8Array()
    }
  }
  const after = desk.house.byToken(trade.token) ?? trade
  return paid.failure._tag === "Declined"
    ? shown(desk, after, ["余额不足，请换一位付款人", "Too little money there: choose another payer"], payer)
    : shown(desk, after)
}

/** The transaction as it stands. */
const shown = (desk: Desk, trade: Trade, said?: Said, payer?: string): Answer => {
  if (trade.state === "paid") {
    const front = desk.wires.find(({ name }) => name === trade.wire)?.front?.(trade, here(desk))
    return page(200, paid(desk, trade, front), { onwardTo: front === undefined ? undefined : safe(front) })
  }
  const isOver = trade.state === "closed" || trade.state === "failed" || desk.clock.now() > trade.expiresAt
  return isOver
    ? page(200, head(desk, trade) + aside("×", ["交易已关闭", "This payment is closed"]))
    : page(200, head(desk, trade) + form(desk, trade, said, payer))
}

const head = ({ wires }: Desk, { amount, description, number, wire }: Trade): string => {
  const name = wires.find((one) => one.name === wire)?.nameZh ?? wire
  return `<header><p class="wire">${escaped(name)}</p>
<p class="what">${escaped(description)}</p>
<p class="amount"><span>¥</span>${yuan(amount)}</p>
<p class="number">${escaped(number)}</p></header>`
}

const form = (desk: Desk, { token }: Trade, said: Said | undefined, chosen: string | undefined): string => {
  const payers = payersOf(desk)
  if (payers.length === 0) {
    return aside("!", ["沙箱里还没有付款人", "Nobody in this sandbox has money yet: add a payer first"])
  }
  return `<form method="post" action="${path}${token}">
${OwnForm.field(desk, pageOf(token))}
${problem(said)}
${choices(payers, chosen)}
${passwordField}
<button name="does" value="pay">${both(["确认支付", "Pay"])}</button>
<button class="no" name="does" value="decline">${both(["拒绝付款", "Decline"])}</button>
</form>`
}

const paid = (desk: Desk, trade: Trade, front: Front | undefined): string => {
  const at = CivilTime.format(trade.paidAt ?? trade.createdAt).slice(0, 19)
  return head(desk, trade) + aside("✓", ["支付成功", "Paid"], "good") +
    rows([
      [["付款人", "Paid by"], trade.payer ?? ""],
      [["时间", "At"], at],
      [["交易号", "Reference"], trade.reference]
    ]) +
    (front === undefined || safe(front) === undefined ? "" : onward(front))
}

const onward = ({ fields, method, to }: Front): string =>
  `<form method="${method.toLowerCase()}" action="${escaped(to)}">
${
    Object.entries(fields).map(([name, value]) =>
      `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`
    ).join("\n")
  }
<button>${both(["返回商家", "Back to the merchant"])}</button></form>`

/** The origin that a browser may be sent to, if it is one. */
const safe = ({ to }: Front): string | undefined => {
  const url = URL.parse(to)
  return url !== null && /^https?:$/.test(url.protocol) ? url.origin : undefined
}
