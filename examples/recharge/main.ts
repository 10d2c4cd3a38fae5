/**
 * Recharges through WeChat Pay and UnionPay, from the order to the bill: over real sockets, with the sandbox's money.
 *
 * Run it here with `npx node --conditions=yikatong-source examples/recharge/main.ts`; what it prints stands in
 * main.ts.out.
 */
import { Sandbox } from "@yikatong/adapters-bank/sandbox"
import * as Embedded from "@yikatong/adapters-pg/embedded"
import { CivilTime, Driving, HostClock, Money, type PaymentAttempt, Reconciling } from "@yikatong/core"
import { Clock, Effect, References, Result } from "effect"
import * as School from "./School.ts"

const tell = (chinese: string, english: string) => console.log(`${chinese} / ${english}`)
const yuan = Money.format
const payer = "lihua"
const has = 100_000
/** How an order or an attempt stands, in words. */
const inChinese: Readonly<Record<string, string>> = { Paying: "待支付", Kept: "已入账", Returned: "已退回" }
const zh = (tag: string) => inChinese[tag] ?? tag

const story = Effect.fnUntraced(function*(box: Sandbox.Sandbox) {
  const { clock, house, rules } = box
  /** The payer scans the code and pays: what a phone does. */
  const scan = (attempt: PaymentAttempt.Attempt) => {
    const code = attempt._tag === "Waiting" && attempt.instruction._tag === "QrCode" ? attempt.instruction.text : ""
    Result.getOrThrow(house.pay(code.slice(code.lastIndexOf("/") + 1), payer, clock.now()))
  }
  /** The sandbox's time goes on until something is so. */
  const until = Effect.fnUntraced(function*<E, R>(isSo: Effect.Effect<boolean, E, R>) {
    while (!(yield* isSo)) {
      yield* clock.advance(CivilTime.second)
      yield* Effect.sleep(20)
    }
  })
  const isCredited = (order: Parameters<typeof School.orderOf>[0]) =>
    Effect.map(School.orderOf(order), ({ _tag }) => _tag === "Credited")

  yield* School.enrol(clock.now())
  tell("一、付款一次，微信通知学校", "1. paid once; WeChat Pay tells the school")
  const told = yield* School.recharge(clock.now(), "weChat")
  scan(told.attempt)
  // Every notice that is due is delivered before this is over.
  yield* clock.advance(0)
  tell(`  通知验签通过，入账 ${yield* School.credited}`, `verified and credited: ${yield* School.credited}`)

  tell("二、银联的通知丢失", "2. UnionPay's notice is lost")
  rules.add({ wire: "unionpay", operation: "notice", times: 100, does: { _tag: "Drop", after: false } })
  const silent = yield* School.recharge(clock.now(), "unionPayCard")
  scan(silent.attempt)
  yield* clock.advance(0)
  const { _tag: before } = yield* School.orderOf(silent.order)
  tell(`  没有收到通知，订单${zh(before)}`, `nobody tells: the order is ${before}`)
  yield* until(isCredited(silent.order))
  tell(
    `  充值驱动主动查询，入账 ${yield* School.credited}`,
    `the driver asks, and it is credited: ${yield* School.credited}`
  )
  rules.clear()

  tell("三、同一订单付了两次", "3. one order is paid twice")
  const first = yield* School.recharge(clock.now(), "unionPayCard")
  const second = yield* School.recharge(clock.now(), "weChat", first.order)
  scan(first.attempt)
  yield* clock.advance(0)
  scan(second.attempt)
  yield* clock.advance(0)
  yield* until(Effect.map(School.attemptOf(second.attempt), ({ _tag }) => _tag === "Returned"))
  const kept = yield* School.attemptOf(first.attempt)
  const back = yield* School.attemptOf(second.attempt)
  tell(
    `  银联那笔${zh(kept._tag)}，微信那笔${zh(back._tag)}`,
    `UnionPay's is ${kept._tag}, WeChat Pay's is ${back._tag}`
  )
  const spent = yuan(Money.minus(Money.of(has), house.purses.has(`payer:${payer}`)))
  const held = yield* School.credited
  tell(`  账上 ${held}，付款人共付出 ${spent}`, `${held} in the account, ${spent} left the payer's purse`)

  tell("四、次日对账", "4. the bills of the next morning")
  const day = CivilTime.dayOf(clock.now())
  yield* clock.advance(CivilTime.startOf(CivilTime.addDays(day, 1)) + 10 * CivilTime.hour - clock.now())
  for (const channel of ["weChatPay", "unionPay"]) {
    const { bill, outcome } = yield* Reconciling.compare({ channel, day })
    const fen = (kind: string) =>
      yuan(Money.sum(bill.rows.filter(({ row }) => row.kind === kind).map(({ row }) => row.amount)))
    const [paid, back] = [fen("payment"), fen("refund")]
    const { findings: { length: differ }, matched } = outcome
    tell(
      `  ${channel} 收款 ${paid}，退款 ${back}，核对一致 ${matched} 笔，差异 ${differ} 笔`,
      `${paid} in, ${back} back, ${matched} agree, ${differ} differ`
    )
  }
})

const program = Effect.gen(function*() {
  const box = yield* Sandbox.start({ now: CivilTime.instant("2026-03-02 12:00"), payers: { [payer]: has } })
  // The driver sleeps by the sandbox's clock, so that its patience takes no time here.
  const driver = Effect.provideService(Driving.run(School.office), Clock.Clock, box.clock.asClock)
  yield* Effect.forkScoped(driver).pipe(
    Effect.andThen(story(box)),
    Effect.provide(School.layer(box)),
    HostClock.provide(() => box.clock.now())
  )
})

await Effect.scoped(program).pipe(
  Effect.provide(Embedded.layer()),
  Effect.provideService(References.MinimumLogLevel, "Error"),
  Effect.runPromise
)
