/**
 * The page where a person pays 收银台: at `/pay/` and the transaction's token. The person pays, says no, types a wrong password
 * or runs out of money; a wire that tells the merchant through the browser is told so after that.
 *
 * Plain HTML without a script, so that it works in whatever opens it. The form bears a token that only this start can make:
 * no other page can pay with it.
 */
import { type Callback, CivilTime, Money } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import * as FormBody from "../FormBody.ts"
import { type Desk, payersOf } from "./Control.ts"
import { style } from "./PayerStyle.ts"
import type { Trade } from "./Trade.ts"
import type { Answer, Front } from "./Wire.ts"
import { here } from "./WireDesk.ts"

export const path = "/pay/"

/** Every payer's password in the sandbox; every other is a wrong one. */
export const password = "123456"

/** Text in two languages. */
type Said = readonly [zh: string, en: string]

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const both = ([zh, en]: Said): string => `${escaped(zh)}<small lang="en">${escaped(en)}</small>`

/** Answers what is asked under {@link path}. */
export const answer = (desk: Desk, request: Callback.Raw): Effect.Effect<Answer> =>
  Effect.sync(() => {
    const [token = ""] = request.url.slice(path.length).split("?")
    const trade = desk.house.byToken(token)
    if (trade === undefined) return page(404, aside("?", ["没有这笔交易", "There is no such payment"]))
    if (request.method === "GET") return shown(desk, trade)
    if (request.method !== "POST") return page(405, aside("?", ["方法不对", "Not so"]))
    const form = isOwn(request) ? FormBody.parse(request.body) : Result.fail(undefined)
    const csrf = Result.isSuccess(form) ? form.success.get("csrf") ?? "" : ""
    if (Result.isFailure(form) || !isSame(csrf, seal(desk, token))) {
      return page(403, aside("!", ["请从本页面付款", "Pay from the page itself"]))
    }
    return done(desk, trade, form.success)
  })

/** Browsers say which page a form stood in; other programs say nothing. */
const isOwn = ({ headers }: Callback.Raw): boolean => (headers["sec-fetch-site"] ?? "same-origin") === "same-origin"

const seal = ({ token }: Desk, of: string): string =>
  createHmac("sha256", Redacted.value(token)).update(`payer page ${of}`).digest("hex")

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

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
const shown = (desk: Desk, trade: Trade, problem?: Said, payer?: string): Answer => {
  if (trade.state === "paid") {
    const front = desk.wires.find(({ name }) => name === trade.wire)?.front?.(trade, here(desk))
    return page(200, paid(desk, trade, front), front === undefined ? undefined : safe(front))
  }
  const isOver = trade.state === "closed" || trade.state === "failed" || desk.clock.now() > trade.expiresAt
  return isOver
    ? page(200, head(desk, trade) + aside("×", ["交易已关闭", "This payment is closed"]))
    : page(200, head(desk, trade) + form(desk, trade, problem, payer))
}

const yuan = (fen: number): string => Money.format(fen as Money.Money)

const head = ({ wires }: Desk, { amount, description, number, wire }: Trade): string => {
  const name = wires.find((one) => one.name === wire)?.nameZh ?? wire
  return `<header><p class="wire">${escaped(name)}</p>
<p class="what">${escaped(description)}</p>
<p class="amount"><span>¥</span>${yuan(amount)}</p>
<p class="number">${escaped(number)}</p></header>`
}

const form = (desk: Desk, { token }: Trade, problem: Said | undefined, chosen: string | undefined): string => {
  const payers = payersOf(desk)
  if (payers.length === 0) {
    return aside("!", ["沙箱里还没有付款人", "Nobody in this sandbox has money yet: add a payer first"])
  }
  const first = chosen ?? payers[0]?.name
  const choices = payers.map(({ has, name }) =>
    `<label><input type="radio" name="payer" value="${escaped(name)}"${name === first ? " checked" : ""}>` +
    `<span class="who">${escaped(name)}</span><span class="has">¥${yuan(has)}</span></label>`
  ).join("\n")
  return `<form method="post" action="${path}${token}">
<input type="hidden" name="csrf" value="${seal(desk, token)}">
${problem === undefined ? "" : `<p class="problem" role="alert">${both(problem)}</p>`}
<fieldset><legend>${both(["付款人", "Who pays"])}</legend>
${choices}
</fieldset>
<label class="password">${both(["支付密码", `Password, ${password} here`])}
<input type="password" name="password" inputmode="numeric" maxlength="6" autocomplete="off" placeholder="${password}"></label>
<button name="does" value="pay">${both(["确认支付", "Pay"])}</button>
<button class="no" name="does" value="decline">${both(["拒绝付款", "Decline"])}</button>
</form>`
}

const paid = (desk: Desk, trade: Trade, front: Front | undefined): string => {
  const at = CivilTime.format(trade.paidAt ?? trade.createdAt).slice(0, 19)
  const rows: ReadonlyArray<readonly [Said, string]> = [
    [["付款人", "Paid by"], trade.payer ?? ""],
    [["时间", "At"], at],
    [["交易号", "Reference"], trade.reference]
  ]
  return head(desk, trade) + aside("✓", ["支付成功", "Paid"], "good") +
    `<dl>${
      rows.map(([said, value]) => `<div><dt>${both(said)}</dt><dd>${escaped(value)}</dd></div>`).join("\n")
    }</dl>` +
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

const aside = (sign: string, said: Said, kind = "plain"): string =>
  `<section class="end ${kind}"><p class="sign" aria-hidden="true">${sign}</p><h1>${both(said)}</h1></section>`

const styleHash = createHash("sha256").update(style).digest("base64")

/** `onwardTo`: an origin beside this one that the page's forms may be sent to. */
const page = (status: number, content: string, onwardTo = ""): Answer => ({
  status,
  headers: {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy":
      `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self' ${onwardTo}; frame-ancestors 'none'; base-uri 'none'`,
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff"
  },
  body: new TextEncoder().encode(`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>沙箱收银台 · Sandbox cashier</title>
<style>${style}</style>
</head>
<body>
<p class="banner">${both(["沙箱，不是真钱", "Sandbox: no real money"])}</p>
<main>
${content}
</main>
</body>
</html>
`)
})
