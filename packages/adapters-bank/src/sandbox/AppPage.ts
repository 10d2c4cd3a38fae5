/**
 * The bank's app as pages for a person 沙箱手机银行: at `/app/`. Who is meant, what the school says to that, a password, and what came
 * of it: credited, refused with the school's reason, or unknown.
 *
 * Plain HTML without a script; every form bears a seal of its page. What was written comes by POST and stays here: an address
 * bears nothing but a visit's own random name.
 */
import { type Callback, Money } from "@yikatong/core"
import { Effect, type Redacted, Result, Schema } from "effect"
import * as AppView from "./AppView.ts"
import { AppVisits, type Visit } from "./AppVisits.ts"
import type { Dealing } from "./DepositCaller.ts"
import { type Claim, IdNumber, Name, StudentNumber } from "./DepositClaim.ts"
import * as DepositWords from "./DepositWords.ts"
import { type Desk, payersOf } from "./Desk.ts"
import * as OwnForm from "./OwnForm.ts"
import { password, type Said, yuan } from "./PageFrame.ts"
import type { Answer } from "./Wire.ts"

export const { path } = AppView

type Form = ReadonlyMap<string, string>

/** Answers what is asked under {@link path}. */
export const make = (desk: Desk): (request: Callback.Raw) => Effect.Effect<Answer> => {
  const visits = new AppVisits()
  return (request) =>
    Effect.suspend(() => {
      const [id = ""] = request.url.slice(path.length).split("?")
      const visit = visits.find(id)
      if (id !== "" && visit === undefined) {
        return said(404, ["没有这次充值，或已过期", "There is no such visit any more"])
      }
      if (request.method === "GET") {
        return Effect.succeed(visit === undefined ? AppView.asking(desk) : shown(desk, visit))
      }
      if (request.method !== "POST") {
        return said(405, ["方法不对", "Not so"])
      }
      const form = OwnForm.read(desk, AppView.pageOf(id), request)
      if (form === undefined) return said(403, ["请从本页面充值", "Use the app's own page"])
      return visit === undefined ? begun(desk, visits, form) : gone(desk, visits, visit, form)
    })
}

const said = (status: number, words: Said): Effect.Effect<Answer> => Effect.succeed(AppView.ended(status, words))

const to = (place: string): Answer => ({
  status: 303,
  headers: { location: place, "cache-control": "no-store" },
  body: new Uint8Array()
})

const shown = (desk: Desk, visit: Visit): Answer => {
  if (visit.isBusy) return AppView.waiting(visit)
  const dealing = desk.banks.app.caller.dealings.get(visit.serial ?? "")
  return dealing === undefined ? AppView.confirming(desk, visit) : AppView.done(desk, visit, dealing)
}

interface Wanted {
  readonly claim: Claim
  readonly payer: string
  readonly amount: Money.Amount
}

/** What was written, or what of it can not be. */
const wanted = (desk: Desk, form: Form): Result.Result<Wanted, Said> => {
  const value = (name: string): string => (form.get(name) ?? "").trim()
  const number = Schema.decodeResult(StudentNumber)(value("studentNumber"))
  if (Result.isFailure(number)) {
    return wrong("请填写学号，20 位以内的字母、数字", "The student number: letters and digits, 20 at most")
  }
  const name = Schema.decodeResult(Name)(value("name"))
  if (Result.isFailure(name)) return wrong("请填写姓名，32 个汉字以内", "The name: 64 letters at most, that GBK has")
  const document = value("idNumber") === "" ? undefined : Schema.decodeResult(IdNumber)(value("idNumber"))
  if (document !== undefined && Result.isFailure(document)) {
    return wrong("证件号格式不对，也可不填", "That is no number of a document; it may be left out")
  }
  const amount = Money.parse(value("amount"))
  const fen = Result.isSuccess(amount) ? amount.success : 0
  if (fen < 1 || fen > Money.largestAmount) return wrong("请填写金额，如 50.00", "The amount in yuan, as 50.00")
  const payer = form.get("payer") ?? ""
  if (!payersOf(desk).some(({ name }) => name === payer)) return wrong("请选择付款人", "Choose who pays")
  return Result.succeed({
    claim: {
      studentNumber: number.success,
      name: name.success,
      ...(document === undefined ? {} : { idNumber: document.success })
    },
    payer,
    amount: Money.amount(fen)
  })
}

const wrong = (...words: Said): Result.Result<never, Said> => Result.fail(words)

/** Asks the school who that is. */
const begun = (desk: Desk, visits: AppVisits, form: Form): Effect.Effect<Answer> => {
  const again = (words: Said): Answer => AppView.asking(desk, words, form)
  const read = wanted(desk, form)
  if (Result.isFailure(read) || !desk.banks.app.isConnected) {
    return Effect.succeed(again(Result.isFailure(read) ? read.failure : DepositWords.noSchool))
  }
  const { amount, claim, payer } = read.success
  return Effect.map(desk.banks.app.lookup(claim, desk.clock.now()), (answer) => {
    if (answer === undefined) return again(DepositWords.silent)
    const { account, code, least = 0, most = Money.largestAmount, shownName = "*" } = answer
    if (code !== "accepted") return again(DepositWords.ofCode[code])
    if (account === undefined) return again(DepositWords.ofCode.malformed)
    if (amount < least || amount > most) {
      const [from, until] = [yuan(least), yuan(most)]
      return again([`学校允许 ${from} 至 ${until} 元`, `The school allows ¥${from} to ¥${until}`])
    }
    const { studentNumber } = claim
    const visit = { claim, payer, ...cardOf(desk, payer, claim.name), studentNumber, shownName, account, amount }
    return to(path + visits.begin(visit).id)
  })
}

/** Of the payer's card, if the bank gave one out; else the bank takes it that people pay for themselves. */
const cardOf = ({ banks }: Desk, payer: string, name: Redacted.Redacted<string>) => {
  const [number = "0000", card] = [...banks.transfer.cards].find(([, card]) => card.payer === payer) ?? []
  return { payerName: card?.name ?? name, payerTail: number.slice(-4) }
}

/** The person pays, leaves it, or wants it back. */
const gone = (desk: Desk, visits: AppVisits, visit: Visit, form: Form): Effect.Effect<Answer> => {
  const back = to(path + visit.id)
  const does = form.get("does")
  const { app } = desk.banks
  if (visit.isBusy) return Effect.succeed(back)
  if (visit.serial !== undefined) {
    const { serial } = visit
    return does === "reverse"
      ? Effect.as(asked(visits, visit, app.caller.reverse(serial, desk.clock.now())), back)
      : Effect.succeed(back)
  }
  if (does !== "pay") {
    visits.end(visit)
    return Effect.succeed(to(path))
  }
  if (form.get("password") !== password) {
    return Effect.succeed(AppView.confirming(desk, visit, ["密码不正确", "That is not the password"]))
  }
  const poor: Said = ["余额不足，请取消后换一位付款人", "Too little money there: leave it, and choose another payer"]
  return Effect.map(
    asked(visits, visit, paid(desk, visit)),
    (after) => after === undefined ? AppView.confirming(desk, visit, poor) : back
  )
}

/** Pays, and asks what the account has since. */
const paid = (desk: Desk, visit: Visit) =>
  Effect.gen(function*() {
    const { banks: { app }, clock } = desk
    const dealing = yield* app.deposit(visit, clock.now())
    const isDone = dealing?.state === "credited"
    const balance = isDone ? (yield* app.lookup(visit.claim, clock.now()))?.balance : undefined
    return dealing === undefined || balance === undefined ? dealing : { ...dealing, balance }
  })

/** While the school is asked, nobody pays a second time. */
const asked = <A extends Pick<Dealing, "serial"> & Pick<Visit, "balance">>(
  visits: AppVisits,
  visit: Visit,
  ask: Effect.Effect<A | undefined>
): Effect.Effect<A | undefined> =>
  Effect.suspend(() => {
    visits.keep({ ...visit, isBusy: true })
    let after = visit
    return ask.pipe(
      Effect.tap((told) => {
        if (told === undefined) return Effect.void
        const { balance, serial } = told
        after = { ...visit, serial, ...(balance === undefined ? {} : { balance }) }
        return Effect.void
      }),
      Effect.ensuring(Effect.sync(() => visits.keep(after)))
    )
  })
