/**
 * A trainee for two weeks: a form, a fee, an account with an end; e码通 from the first step to the last; and what is left at
 * the end goes back (R8, R9, R22, R38, R51-R55, A15-A17, D7).
 */
import { CivilTime, type Command, Id, Money, Opening, Pin } from "@yikatong/core"
import { Effect, Result } from "effect"
import type { Bank } from "../Bank.ts"
import { student, trainee } from "../Cast.ts"
import type { Stage, Words } from "../Stage.ts"
import * as TopUp from "../TopUp.ts"

const account = Id.AccountId.make("account-2")
/** The number leads to the temporary account, since a trainee holds no other (R74). */
const subject: Command.Subject = { _tag: "Handle", handle: { kind: "number", value: trainee.number } }
const pin = Result.getOrThrow(Pin.parse("310020"))

const application = (stamped: boolean, fee: string) => ({
  form: { filled: true, signed: true, stamped },
  applicant: "clerk" as const,
  unit: "社会工作学院",
  ...(fee === "" ? {} : { fee: { amount: Money.yuan(fee), desk: "window-3" } }),
  until: CivilTime.day("2026-06-28")
})

export const visit = (stage: Stage, bank: Bank) => {
  const { topUp } = TopUp.make(stage, bank)
  const open = Effect.fnUntraced(function*(wish: Words, form: ReturnType<typeof application>, person = trainee) {
    const body = {
      _tag: "OpenAccount",
      person: person.id,
      kind: person.kind,
      class: "temporary",
      application: form
    } as const
    const { answer } = yield* Opening.open(stage.statement("window-3", body, { _tag: "Account", account }), person)
    yield* stage.hear(wish, answer)
  })
  const ask = (wish: Words, point: string, body: Parameters<Stage["ask"]>[2], secrets?: Parameters<Stage["ask"]>[3]) =>
    stage.ask(wish, point, body, secrets, subject)
  const recharge = (wish: Words) => topUp(wish, { channel: "ecode", source: "unionPayCard", yuan: "50.00", subject })
  const claim = { number: trainee.number, name: trainee.name }
  const code = (medium: "ecodePayCode" | "todayCampusCode", yuan: string) =>
    ({ _tag: "PayByCode", medium, amount: Money.amount(Money.yuan(yuan)), link: "up" }) as const

  return stage.scene(
    ["培训人员的临时卡，到期退款", "a trainee's temporary card, and its end"],
    "一、(三), 三、(十), 一、(一) 方式二 · R8, R9, R22, R38, R51-R55",
    Effect.gen(function*() {
      stage.at("2026-06-15 10:00")
      yield* open(["学生想办临时卡", "a student would like a temporary card"], application(true, "20.00"), student)
      yield* open(
        ["培训人员：申请表没盖章，没交工本费", "a trainee: the form not stamped, the fee not paid"],
        application(false, "")
      )
      yield* open(["盖了章，没交工本费", "stamped, the fee not paid"], application(true, ""))
      yield* open(
        ["工本费 20.00 已交，3 号窗口开通", "fee of 20.00 paid, opened at window 3"],
        application(true, "20.00")
      )
      yield* ask(["领一张实体卡", "a plastic card, please"], "window-3", {
        _tag: "IssueCard",
        card: Id.CardId.make("card-9")
      })
      stage.at("2026-06-15 10:20")
      yield* recharge(["没开通钱包就充值", "a recharge before the wallet is open"])
      yield* ask(["姓名对，密码错", "right name, wrong password"], "ecode", { _tag: "OpenWallet" }, {
        pin: Result.getOrThrow(Pin.parse("000000")),
        claim
      })
      yield* ask(["学号、姓名、卡密码都对", "number, name and card password"], "ecode", { _tag: "OpenWallet" }, {
        pin,
        claim
      })
      yield* recharge(["没绑银行卡就充值", "a recharge before a bank card is bound"])
      yield* ask(["绑定银行卡", "a bank card is bound"], "ecode", { _tag: "BindBankCard", purpose: "wallet" })
      yield* recharge(["充值 50.00", "recharges 50.00"])
      stage.at("2026-06-15 12:00")
      yield* ask(["食堂 e码通付 16.00", "canteen, e码通, 16.00"], "canteen-1", code("ecodePayCode", "16.00"))
      yield* ask(["食堂今日校园付 5.00", "canteen, Today Campus, 5.00"], "canteen-1", code("todayCampusCode", "5.00"))
      stage.at("2026-06-28 18:00")
      yield* ask(["最后一天的晚饭 15.00", "dinner on the last day, 15.00"], "canteen-1", code("ecodePayCode", "15.00"))
      stage.at("2026-06-29 07:30")
      yield* ask(["第二天的早饭", "breakfast on the day after"], "canteen-1", code("ecodePayCode", "4.00"))
      stage.at("2026-06-29 09:40")
      yield* ask(["3 号窗口销户", "closed at window 3"], "window-3", { _tag: "CloseAccount" })
      yield* ask(["当天退款", "paid out the same day"], "card-centre", { _tag: "PayOut", desk: "ccb" })
      stage.at("2026-07-02 09:40")
      yield* ask(["三天后余额退回本人银行卡", "three days later, to the owner's bank card"], "card-centre", {
        _tag: "PayOut",
        desk: "ccb"
      })
    })
  )
}
