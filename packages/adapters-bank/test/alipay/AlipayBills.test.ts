import { BillRow, CivilTime } from "@yikatong/core"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import * as Alipay from "../../src/alipay/Alipay.ts"
import * as AlipayBills from "../../src/alipay/AlipayBills.ts"
import { furnished } from "./counter.ts"

describe("the bill of a day", () => {
  it.each([
    ["https://dwbillcenter.alipay.com/file?a=1", "https://dwbillcenter.alipay.com/file?a=1"],
    ["http://dwbillcenter.alipay.com/file", "https://dwbillcenter.alipay.com/file"],
    ["https://openapi.alipay.com/file", "https://openapi.alipay.com/file"],
    ["https://dwbillcenter.alipay.com.evil.test/file", undefined],
    ["https://dwbillcenter.alipay.com@evil.test/file", undefined],
    ["https://evil.test/dwbillcenter.alipay.com", undefined],
    ["https://dwbillcenter.alipay.com:8443/file", undefined],
    ["not an address", undefined]
  ])("lies at the channel's own hosts and is never fetched in the clear: %s", (url, place) => {
    expect(AlipayBills.placeOf(url, Alipay.production, Alipay.billHosts)).toBe(place)
  })

  it("tells what was paid and what went back, in the words of all channels", async () => {
    const { campus, channel, deliver, net, pay } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const kept = yield* campus.place("alipay", 5_000)
      const back = yield* campus.place("alipay", 1_000)
      pay(kept.attempt)
      yield* deliver()
      yield* campus.closeAccount
      pay(back.attempt)
      yield* deliver()
      const day = CivilTime.dayOf(campus.now)
      const bill = channel.bill ?? expect.fail()
      expect(yield* Effect.flip(bill(day))).toMatchObject({ _tag: "BillNotReady" })
      const paidAt = campus.now
      campus.wait(CivilTime.dayLength)
      const { rows } = yield* bill(day)
      for (const { row } of rows) expect(Schema.is(BillRow.BillRow)(row)).toBe(true)
      expect(rows.map(({ row: { amount, fee, kind, number } }) => ({ amount, fee, kind, number }))).toEqual([
        { kind: "payment", amount: 5_000, fee: 30, number: kept.attempt.number },
        { kind: "payment", amount: 1_000, fee: 6, number: back.attempt.number },
        { kind: "refund", amount: 1_000, fee: -6, number: back.attempt.number }
      ])
      expect(rows[0]?.receipt).toMatchObject({
        number: kept.attempt.number,
        amount: 5_000,
        paidAt,
        witness: "statement"
      })
      expect(rows[2]?.receipt).toBeUndefined()
      net.rules.add({ operation: "bill", does: { _tag: "Bill", flaw: "shiftDay" } })
      expect((yield* bill(day)).rows).toHaveLength(2)
      expect((yield* bill(day)).rows).toHaveLength(2)
      net.rules.add({ operation: "download", times: 4, does: { _tag: "Truncate", bytes: 200 } })
      expect(yield* Effect.flip(bill(day))).toMatchObject({ _tag: "ChannelFailed" })
    }))
  })
})
