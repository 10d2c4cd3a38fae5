/**
 * The first page of the sandbox 首页: at `/`, what there is and where. It tells addresses and never a key; the token was printed at
 * the start, and stands on no page.
 */
import type { Callback } from "@yikatong/core"
import { Effect } from "effect"
import * as AppPage from "./AppPage.ts"
import * as Control from "./Control.ts"
import type { Doing } from "./ControlDoing.ts"
import type { Desk } from "./Desk.ts"
import { aside, both, escaped, page, password, type Said } from "./PageFrame.ts"
import * as PayerPage from "./PayerPage.ts"
import type { Answer } from "./Wire.ts"

export const path = "/"

const title: Said = ["一卡通沙箱", "Yikatong sandbox"]

/** Answers what is asked at {@link path}. */
export const answer = (desk: Desk, { method }: Callback.Raw): Effect.Effect<Answer> =>
  Effect.sync(() =>
    method === "GET" || method === "HEAD"
      ? page(200, content(desk), { title, width: "wide" })
      : page(405, aside("!", ["方法不对", "Not so"]), { title })
  )

const item = (name: string, ...codes: ReadonlyArray<string>): string =>
  `<li><span>${name}</span><span>${codes.map((code) => `<code>${escaped(code)}</code>`).join("")}</span></li>`

const list = (items: ReadonlyArray<string>): string =>
  `<ul>
${items.join("\n")}
</ul>`

/** Whatever of the terms is an address of this sandbox; all else may be a key. */
const addresses = ({ origin, wires }: Desk): ReadonlyArray<string> =>
  wires.map(({ name, nameZh, terms }) => {
    const told = Object.values(terms(origin())).filter((value) => value.startsWith(origin()))
    return item(both([nameZh, name]), ...new Set(told))
  })

const lines: Readonly<Record<string, Said>> = {
  iso8583: ["圈存，ISO 8583", "iso8583: debits of bank cards over ISO 8583"],
  transferLink: ["圈存，约定报文", "transferLink: debits of contracted cards over a described link"],
  ccbApp: ["建行 APP 充值", "ccbApp: deposits that the bank begins"]
}

const ports = (desk: Desk): ReadonlyArray<string> =>
  Object.entries(desk.banks.terms).map(([name, { host, port }]) => {
    const said = lines[name] ?? [name, name]
    return port === undefined
      ? `<li><span>${both(said)}</span><span>${both(schoolOf(desk))}</span></li>`
      : item(both(said), `${host}:${port}`)
  })

const schoolOf = ({ banks }: Desk): Said =>
  banks.app.isConnected
    ? ["学校已告知监听端口", "The school has told where it listens"]
    : ["由学校监听；用 POST banks/school 告知端口", "The school listens: tell the port by POST banks/school"]

const pages = ({ origin }: Desk): ReadonlyArray<string> => [
  `<li><span>${both(["手机银行，由付款人充值", "The bank's app, where a payer begins a deposit"])}</span>` +
  `<span><a href="${AppPage.path}"><code>${escaped(origin())}${AppPage.path}</code></a></span></li>`,
  item(
    both(["收银台，每笔交易一页；网址见 GET trades", "Cashier, a page for each payment: see GET trades"]),
    `${origin()}${PayerPage.path}TOKEN`
  )
]

const request = ({ en, example, method, path: place, zh }: Doing): string =>
  `<li><span>${both([zh, en])}</span><span><code>${method} ${escaped(place)}</code>` +
  `${example === "" ? "" : `<code class="body">${escaped(example)}</code>`}</span></li>`

const content = (desk: Desk): string => {
  const control = `${desk.origin()}${Control.path}`
  return `<header><h1>${both(title)}</h1>
<p>${
    both([
      "本机上的各充值渠道对端。钱、密钥和账单都不是真的。",
      "The other side of the recharge channels, on this machine. Money, keys and bills are not real."
    ])
  }</p></header>
<h2>${both(["渠道", "Channels"])}</h2>
${list(addresses(desk))}
<h2>${both(["银行专线", "Bank lines over TCP"])}</h2>
${list(ports(desk))}
<h2>${both(["页面", "Pages"])}</h2>
${list(pages(desk))}
<p>${both([`支付密码均为 ${password}`, `Every password is ${password}`])}</p>
<h2>${both(["控制接口", "Control API"])}</h2>
<p>${
    both([
      "每个请求带启动时打印的令牌，请求体为 JSON，金额单位为分：",
      "Every request bears the token that was printed at the start; bodies are JSON, money is in fen:"
    ])
  }</p>
<pre>curl -H "Authorization: Bearer $TOKEN" ${escaped(control)}status</pre>
${list(Control.doings.map(request))}`
}
