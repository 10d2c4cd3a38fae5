/** What the bank's app shows 手机银行页面: who is meant, whether that is right, and what came of it. */
import type { Visit } from "./AppVisits.ts"
import type { Dealing } from "./DepositCaller.ts"
import * as DepositWords from "./DepositWords.ts"
import { type Desk, payersOf } from "./Desk.ts"
import * as OwnForm from "./OwnForm.ts"
import { aside, both, escaped, page, passwordField, payers, problem, rows, type Said, yuan } from "./PageFrame.ts"
import type { Answer } from "./Wire.ts"

export const path = "/app/"

/** What a form of the app is sealed for. */
export const pageOf = (id: string): string => `bank app ${id}`

const titled = (status: number, content: string): Answer =>
  page(status, content, { title: ["沙箱手机银行", "Sandbox bank app"] })

/** Nothing can be done here; what helps. */
export const ended = (status: number, said: Said): Answer => titled(status, aside("!", said) + again)

const again = `<p class="onward"><a href="${path}">${both(["重新填写", "Begin again"])}</a></p>`

const head = `<header><p class="wire">建设银行 · 沙箱</p>
<p class="what">${both(["校园卡充值", "Recharge of a campus card"])}</p></header>`

/** No school, or nobody with money: what to ask the control desk for. */
const missing = ({ origin }: Desk, said: Said, request: string, body: string): Answer =>
  titled(
    200,
    `${head}${aside("!", said)}<p class="how">${
      both(["在启动沙箱的终端执行，令牌见启动输出", "In a terminal, with the token that was printed at the start"])
    }</p>
<pre>curl -H "Authorization: Bearer $TOKEN" \\
-d '${escaped(body)}' \\
${origin()}/__sandbox/${request}</pre>`
  )

const field = (name: string, said: Said, value: string, more: string): string =>
  `<label class="field">${both(said)}
<input name="${name}" value="${escaped(value)}" autocomplete="off" ${more}></label>`

/** Who is meant, and how much. `given`: what was written before; the document is written anew. */
export const asking = (desk: Desk, said?: Said, given: ReadonlyMap<string, string> = new Map()): Answer => {
  if (!desk.banks.app.isConnected) {
    const none: Said = ["还没有学校告知监听端口", "No school has told where it listens"]
    return missing(desk, none, "banks/school", `{"port": 7001}`)
  }
  const all = payersOf(desk)
  if (all.length === 0) {
    const none: Said = ["沙箱里还没有付款人", "Nobody in this sandbox has money yet"]
    return missing(desk, none, "payers", `{"name": "小明", "amount": 50000}`)
  }
  const value = (name: string) => given.get(name) ?? ""
  return titled(
    200,
    `${head}<form method="post" action="${path}">
${OwnForm.field(desk, pageOf(""))}
${problem(said)}
${field("studentNumber", ["学号", "Student number"], value("studentNumber"), `required maxlength="20"`)}
${field("name", ["姓名", "Name"], value("name"), `required maxlength="32"`)}
${field("idNumber", ["证件号，可不填", "Document, if you like"], "", `maxlength="20"`)}
${
      field(
        "amount",
        ["金额（元）", "Amount in yuan"],
        value("amount"),
        `required inputmode="decimal" placeholder="50.00"`
      )
    }
${payers(all, given.get("payer"))}
<button>${both(["下一步", "Next"])}</button>
</form>`
  )
}

const facts = (
  { account, payer, shownName, studentNumber }: Visit
): ReadonlyArray<readonly [Said, string]> => [
  [["持卡人", "Holder"], shownName],
  [["学号", "Student number"], studentNumber],
  [["账户", "Account"], account],
  [["付款人", "Paid by"], payer]
]

const amountOf = ({ amount }: Visit): string =>
  `<header><p class="wire">建设银行 · 沙箱</p>
<p class="what">${both(["校园卡充值", "Recharge of a campus card"])}</p>
<p class="amount"><span>¥</span>${yuan(amount)}</p></header>`

const form = (desk: Desk, { id }: Visit, content: string): string =>
  `<form method="post" action="${path}${id}">
${OwnForm.field(desk, pageOf(id))}
${content}
</form>`

/** Is that right? */
export const confirming = (desk: Desk, visit: Visit, said?: Said): Answer =>
  titled(
    200,
    amountOf(visit) + rows(facts(visit)) +
      form(
        desk,
        visit,
        `${problem(said)}
${passwordField}
<button name="does" value="pay">${both(["确认充值", "Pay"])}</button>
<button class="no" name="does" value="leave">${both(["取消", "Leave it"])}</button>`
      )
  )

/** The school is being asked. */
export const waiting = (visit: Visit): Answer =>
  titled(
    200,
    amountOf(visit) + aside("…", ["正在等学校应答，请稍后刷新", "Waiting for the school: reload in a moment"])
  )

/** What came of it. */
export const done = (desk: Desk, visit: Visit, dealing: Dealing): Answer => {
  const { serial, state } = dealing
  const isGood = state === "credited"
  const [sign, kind] = isGood ? ["✓", "good"] : [state === "asked" ? "?" : "×", "plain"]
  const { balance } = visit
  const isBack: Said = ["款项已退回付款人", "The payer has the money again"]
  return titled(
    200,
    amountOf(visit) + aside(sign, DepositWords.ofDealing(dealing), kind) +
      (state === "refused" ? `<p class="how">${both(isBack)}</p>` : "") +
      rows([
        ...(isGood && balance !== undefined ? [[["余额", "Balance"], `¥${yuan(balance)}`] as const] : []),
        [["流水号", "Bank's number"], serial],
        ...facts(visit)
      ]) +
      (state === "asked"
        ? form(desk, visit, `<button name="does" value="reverse">${both(["要求撤销", "Have it taken back"])}</button>`)
        : again)
  )
}
