import { Effect, Logger, References } from "effect"
import { describe, expect, it } from "vitest"
import * as WeChatCode from "../../src/wechat/WeChatCode.ts"
import * as WeChatOutcome from "../../src/wechat/WeChatOutcome.ts"
import * as WeChatVerdict from "../../src/wechat/WeChatVerdict.ts"
import { attempt, counter, scan } from "./counter.ts"

/** What is written to the log. */
const linesOf = (effect: Effect.Effect<unknown, unknown>): Promise<ReadonlyArray<string>> => {
  const lines: Array<string> = []
  const log = Logger.make<unknown, void>(({ message }) => void lines.push([message].flat().join(" ")))
  return Effect.exit(effect).pipe(
    Effect.provide(Logger.layer([log])),
    Effect.provideService(References.MinimumLogLevel, "All"),
    Effect.as(lines),
    Effect.runPromise
  )
}
const said = (status: number, code: string, field?: string) => ({
  outcome: WeChatOutcome.of("create", status, { code }),
  code,
  body: new Uint8Array(),
  ...(field === undefined ? {} : { field })
})

describe("what a code says", () => {
  it("stands here in both languages for every code that means something for an order", () => {
    for (const code of WeChatOutcome.codes) {
      expect([code, WeChatCode.of(code)]).toEqual([
        code,
        { zh: expect.stringMatching(/\p{Script=Han}/u), en: expect.stringMatching(/^[\x20-\x7e]{8,}$/) }
      ])
    }
  })

  it.each([
    ["SIGN_ERROR", /serial.*private key/, /序列号.*私钥/],
    ["PARAM_ERROR", /log says which field/, /日志.*字段/],
    ["NO_AUTH", /merchant platform/, /商户平台/],
    ["APPID_MCHID_NOT_MATCH", /bind/, /绑定/],
    ["OUT_TRADE_NO_USED", /ask for it first/, /先查询/],
    ["AUTH_CODE_EXPIRED", /show a new one/, /刷新/]
  ])("%s says what helps", (code, en, zh) => {
    expect(WeChatCode.of(code)?.en).toMatch(en)
    expect(WeChatCode.of(code)?.zh).toMatch(zh)
  })

  it.each(["SOMETHING_NEW", "__proto__", "constructor", ""])("of %s nothing is known, and its class speaks", (code) => {
    expect(WeChatCode.of(code)).toBeUndefined()
    expect(WeChatVerdict.problemOf(said(400, code))).toBe(WeChatOutcome.unanswered.en)
  })
})

describe("the log", () => {
  it("names the field that is wrong, once", async () => {
    const lines = await linesOf(WeChatVerdict.unmade("create", said(400, "PARAM_ERROR", "/amount/total")))
    expect(lines).toEqual([
      `WeChat Pay refuses us create PARAM_ERROR ${WeChatCode.of("PARAM_ERROR")?.en} field /amount/total`
    ])
  })

  it("has nothing of what is an order's own end", async () => {
    expect(await linesOf(WeChatVerdict.unmade("create", said(403, "NOT_ENOUGH")))).toEqual([])
  })

  it("tells whoever set the channel up wrongly which field it was, and never what stood in it", async () => {
    const description = "校园卡充值".repeat(20)
    const lines = await linesOf(Effect.gen(function*() {
      const { channel } = yield* counter({ description })
      const refused = yield* Effect.flip(channel.create(attempt(), scan))
      expect(refused).toMatchObject({ _tag: "ChannelRefused", code: "PARAM_ERROR" })
      expect(refused.message).toContain("the log says which field")
    }))
    expect(lines.filter((line) => line.includes("PARAM_ERROR"))).toEqual([
      expect.stringMatching(/field \/description$/)
    ])
    expect(lines.join()).not.toContain("校园卡")
  })
})
