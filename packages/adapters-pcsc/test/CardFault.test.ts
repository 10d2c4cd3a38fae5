// What a fault says to people: the same in both languages.
import { describe, expect, it } from "vitest"
import * as CardFault from "../src/CardFault.ts"
import { PcscError } from "../src/PcscBinding.ts"
import * as PcscFault from "../src/PcscFault.ts"

const reader = "ACS ACR39U 00"
const services: ReadonlyArray<string> = [
  "NoService",
  "ServiceStopped",
  "CommError",
  "died",
  "Timeout",
  "HandlesExhausted",
  "Closed",
  "pcsc-mini does not load"
]
const faults: ReadonlyArray<CardFault.CardFault> = [
  ...services.map((code) => new CardFault.ServiceGone({ code })),
  new CardFault.AccessDenied({ code: "AccessDenied" }),
  new CardFault.ReaderGone({ reader }),
  new CardFault.ReaderStuck({ reader, milliseconds: 5000 }),
  new CardFault.CardGone({ reader }),
  ...(["empty", "removed", "reset", "link", "late"] as const).map((how) => new CardFault.AnswerLost({ reader, how })),
  new CardFault.CardBusy({ reader, tries: 7 }),
  new CardFault.CardMute({ reader }),
  new CardFault.ReaderFailed({ reader, operation: "connect", code: "Other" })
]

/** What each half says besides words: names, codes and numbers. */
const facts = (half: string): ReadonlySet<string> =>
  new Set([reader, "pcscd", "polkit", "doctor", "5000", ...services].filter((fact) => half.includes(fact)))

describe("a fault says the same in both languages: at which reader, what happened, and what to do", () => {
  it.each(faults.map((fault) => [fault._tag, "code" in fault ? fault.code : "", fault] as const))(
    "%s %s",
    (_, _code, fault) => {
      const [zh = "", en = "", ...more] = fault.message.split(" / ")
      expect(more).toEqual([])
      expect(facts(zh)).toEqual(facts(en))
      if ("reader" in fault) expect(zh).toContain(reader)
      // What is to be done comes after what happened.
      expect(zh).toMatch(/[：；](请|运行)/u)
      expect(en).toMatch(/[:;] \S/u)
    }
  )

  it.each(
    [
      ["that does not run", "NoService", "start pcscd;"],
      ["that does not answer", "Timeout", "start pcscd anew"],
      ["whose client is renewed", "HandlesExhausted", "tap again in a moment"]
    ] as const
  )("only a service that does not run is to be started: one %s", (_, code, remedy) => {
    const { message } = PcscFault.ofService(new PcscError({ operation: "open", code, detail: code }))
    expect(message).toContain(remedy)
    expect(message.includes("请启动 pcscd")).toBe(code === "NoService")
  })

  it("a library that does not load is told by its own words", () => {
    const detail = "pcsc-mini does not load on plan9"
    const { message } = PcscFault.ofService(new PcscError({ operation: "load", code: "Other", detail }))
    expect(message).toBe(
      `无法连接智能卡服务（${detail}）：运行 yikatong reader doctor 查看原因 / ` +
        `the smart card service can not be connected to (${detail}): \`yikatong reader doctor\` tells more`
    )
  })
})
