import { CivilTime } from "@yikatong/core"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as WeChatClock from "../../src/wechat/WeChatClock.ts"
import * as WeChatOutcome from "../../src/wechat/WeChatOutcome.ts"

const writing = ["create", "close", "refund", "reverse"] as const
const calls = [...writing, "query", "queryRefund", "bill"] as const

describe("what an answer means", () => {
  it.each<[WeChatOutcome.Call, number, string | undefined, WeChatOutcome.Class]>([
    ["create", 200, undefined, "done"],
    ["close", 204, undefined, "done"],
    ["create", 202, "USERPAYING", "pending"],
    ["create", 202, undefined, "pending"],
    ["create", 400, "USERPAYING", "pending"],
    ["reverse", 202, "ACCEPTED", "pending"],
    ["create", 429, "FREQUENCY_LIMITED", "unknown"],
    ["refund", 429, "RATELIMIT_EXCEEDED", "unknown"],
    ["create", 500, "SYSTEM_ERROR", "unknown"],
    ["create", 500, "BANK_ERROR", "unknown"],
    ["refund", 502, undefined, "unknown"],
    ["close", 503, undefined, "unknown"],
    ["create", 504, undefined, "unknown"],
    ["create", 500, "PARAM_ERROR", "unknown"],
    ["create", 403, "FREQUENCY_LIMITED", "unknown"],
    ["create", 302, undefined, "unknown"],
    ["create", 400, "PARAM_ERROR", "permanent"],
    ["create", 400, "INVALID_REQUEST", "permanent"],
    ["query", 401, "SIGN_ERROR", "permanent"],
    ["query", 401, undefined, "permanent"],
    ["create", 403, "NO_AUTH", "permanent"],
    ["create", 400, "APPID_MCHID_NOT_MATCH", "permanent"],
    ["create", 403, "OUT_TRADE_NO_USED", "numberUsed"],
    ["create", 400, "ORDER_CLOSED", "terminal"],
    ["create", 403, "NOT_ENOUGH", "terminal"],
    ["create", 403, "RULE_LIMIT", "terminal"],
    ["create", 403, "TRADE_ERROR", "terminal"],
    ["refund", 403, "NOT_ENOUGH", "unknown"],
    ["refund", 400, "TRADE_ERROR", "unknown"],
    ["query", 404, "ORDER_NOT_EXIST", "notFound"],
    ["queryRefund", 404, "RESOURCE_NOT_EXISTS", "notFound"],
    ["bill", 400, "NO_STATEMENT_EXIST", "notFound"],
    ["bill", 400, "STATEMENT_CREATING", "pending"],
    ["close", 429, "FREQUENCY_LIMITED", "paying"],
    ["close", 400, "ORDER_PAID", "paying"],
    ["query", 404, undefined, "unknown"],
    ["query", 400, "SOMETHING_NEW", "unknown"],
    ["create", 400, "__proto__", "unknown"]
  ])("%s answered with %i %s: %s", (call, status, code, expected) => {
    expect(WeChatOutcome.of(call, status, code === undefined ? {} : { code }).class).toBe(expected)
  })

  it("a number that was used is told in words alone, too", () => {
    const problem = { code: "INVALID_REQUEST", message: "201 商户订单号重复" }
    expect(WeChatOutcome.of("create", 400, problem).class).toBe("numberUsed")
    expect(WeChatOutcome.of("create", 400, { ...problem, message: "缺少参数" }).class).toBe("permanent")
  })

  it("no answer, or one that is not believed, is unknown", () => {
    expect(WeChatOutcome.unanswered.class).toBe("unknown")
  })

  it("no error of a call that writes is ever taken for done, and whatever is repeated keeps its number", () => {
    fc.assert(fc.property(
      fc.constantFrom(...calls),
      fc.integer({ min: 300, max: 599 }),
      fc.oneof(
        fc.string(),
        fc.constantFrom("SUCCESS", "ACCEPTED", "SYSTEM_ERROR", "ORDER_CLOSED", "OUT_TRADE_NO_USED")
      ),
      (call, status, code) => {
        const outcome = WeChatOutcome.of(call, status, { code })
        expect(outcome.class).not.toBe("done")
        if (["numberUsed", "terminal", "permanent", "paying"].includes(outcome.class)) {
          expect(outcome.mayRepeat).toBe(false)
        }
        expect(outcome.zh).not.toBe("")
        expect(outcome.en).not.toBe("")
      }
    ))
  })
})

describe("the times of WeChat Pay", () => {
  it("a callback comes again for 24 hours and 4 minutes", () => {
    expect(WeChatClock.noticeAgain.reduce((sum, wait) => sum + wait, 0)).toBe(
      24 * CivilTime.hour + 4 * CivilTime.minute
    )
  })

  it("a bill is there at ten on the next morning, and for three months", () => {
    expect(WeChatClock.billFrom(CivilTime.day("2026-02-28"))).toBe(CivilTime.instant("2026-03-01 10:00"))
    expect(WeChatClock.billUntil(CivilTime.day("2026-11-30"))).toBe(CivilTime.day("2027-02-28"))
  })

  it("times are written with the offset of Shanghai", () => {
    expect(WeChatClock.format(CivilTime.instant("2026-09-01T00:00:05Z"))).toBe("2026-09-01T08:00:05+08:00")
  })
})
