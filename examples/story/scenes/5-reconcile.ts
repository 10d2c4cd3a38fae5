/** The bills of the channels against the school's journals, and the banks' money against the school's books (I3, D2). */
import { Books, CivilTime, Money, Reconciling } from "@yikatong/core"
import { Effect } from "effect"
import type { Bank } from "../Bank.ts"
import type { Stage } from "../Stage.ts"

/** Those that write bills; the debit of a bound card stands in the bank's own books alone. */
const channels = ["weChatPay", "unionPay", "ccbApp"]

/** The books of the money that comes in; the rest of a channel's is what is paid out. */
const sources = ["channel:todayCampus", "channel:ecode", "channel:ccbApp"]

const yuan = (fen: number): string => Money.format(Money.of(fen))

export const reconcile = (stage: Stage, bank: Bank) =>
  stage.scene(
    ["渠道对账", "the channels' bills"],
    "手册未写 not in the manual · D2, I3",
    Effect.gen(function*() {
      stage.at("2026-03-03 11:00")
      yield* bank.catchUp
      const day = CivilTime.day("2026-03-02")
      for (const channel of channels) {
        const { bill, outcome } = yield* Reconciling.compare({ channel, day })
        const paid = yuan(Money.sum(bill.rows.map(({ row }) => row.amount)))
        const { findings: { length: differ }, matched } = outcome
        if (differ > 0) process.exitCode = 1
        yield* stage.say(differ === 0 ? "✓" : "✗", [
          `${channel} 前一日账单 ${paid}，一致 ${matched} 笔，差异 ${differ} 笔`,
          `yesterday's bill, ${paid}: ${matched} agree, ${differ} differ`
        ])
      }
      const { balances } = yield* Books.check(...Books.house)
      let booked = 0
      for (const [book, fen] of balances) if (sources.includes(book)) booked -= fen
      const received = bank.received()
      yield* stage.say(received === booked ? "✓" : "✗", [
        `银行一侧收到 ${yuan(received)}，学校账本记 ${yuan(booked)}`,
        `${yuan(received)} arrived at the banks, ${yuan(booked)} in the school's books`
      ])
      if (received !== booked) process.exitCode = 1
    })
  )
