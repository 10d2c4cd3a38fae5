import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CardProblem from "../src/CardProblem.ts"
import * as StatusWord from "../src/StatusWord.ts"

describe("status words in Chinese and English (R73)", () => {
  it.each<[word: number, tag: string, zh: string, en: string]>([
    [0x9000, "Success", "成功", "done"],
    [0x6110, "MoreAvailable", "还有 16 字节可取", "16 bytes more are available"],
    [0x6100, "MoreAvailable", "还有 256 字节可取", "256 bytes more are available"],
    [0x6c1e, "WrongExpectedLength", "长度应为 30 字节", "the length must be 30 bytes"],
    [0x63c2, "Wrong", "密码或密钥不对，还可试 2 次", "wrong PIN or key, 2 tries are left"],
    [0x63c1, "Wrong", "密码或密钥不对，还可试 1 次", "wrong PIN or key, 1 try is left"],
    [0x6101, "MoreAvailable", "还有 1 字节可取", "1 byte more is available"],
    [0x6c01, "WrongExpectedLength", "长度应为 1 字节", "the length must be 1 byte"],
    [0x63c0, "Wrong", "密码或密钥不对，还可试 0 次", "wrong PIN or key, 0 tries are left"],
    [0x6300, "Failed", "操作失败", "the operation failed"],
    [0x6581, "MemoryFailure", "卡片存储器写入失败", "the memory of the card could not be written"],
    [0x6983, "Locked", "密码或密钥已锁定", "the PIN or key is locked"],
    [0x6a82, "FileNotFound", "未找到文件或应用", "there is no such file or application"],
    [0x9302, "MacInvalid", "MAC 无效", "the MAC is wrong"],
    [0x9401, "BalanceShort", "余额不足", "the balance is too small"],
    [0x9406, "ProofNotAvailable", "所需的 MAC 或 TAC 不可用", "the MAC or TAC that was asked for is not available"],
    [0x9f12, "Unlisted", "未知状态 9F12", "unknown status 9F12"]
  ])("%#: %i is %s", (word, tag, zh, en) => {
    const status = StatusWord.of(word)
    expect(status._tag).toBe(tag)
    expect(StatusWord.explain(status)).toEqual({ zh, en })
  })

  it("every word has a meaning and words, and keeps its number", () => {
    for (let word = 0; word <= 0xffff; word++) {
      const status = StatusWord.of(word)
      const { en, zh } = StatusWord.explain(status)
      if (status.word !== word || en === "" || !/[一-龥]/.test(zh)) expect.fail(`no words for ${word}`)
    }
  })
})

describe("what a refusal means for the card", () => {
  it.each<[step: CardProblem.Step, word: number, problem: CardProblem.CardProblem]>([
    ["select", 0x6a82, { _tag: "NotACampusCard" }],
    ["select", 0x6a81, { _tag: "CardBlocked", forEver: false }],
    ["select", 0x9303, { _tag: "CardBlocked", forEver: true }],
    ["writeFile", 0x9303, { _tag: "CardBlocked", forEver: true }],
    ["verifyPin", 0x63c1, { _tag: "PinWrong", tries: 1 }],
    ["verifyPin", 0x6983, { _tag: "PinLocked" }],
    ["credit", 0x9302, { _tag: "MacRefused", step: "credit" }],
    ["writeFile", 0x6988, { _tag: "MacRefused", step: "writeFile" }],
    ["psam", 0x9302, { _tag: "CardRefused", step: "psam", status: StatusWord.of(0x9302) }],
    ["readFile", 0x6a82, { _tag: "CardRefused", step: "readFile", status: StatusWord.of(0x6a82) }],
    ["debit", 0x6901, { _tag: "CardRefused", step: "debit", status: StatusWord.of(0x6901) }]
  ])("%s %i", (step, word, problem) => expect(CardProblem.ofStatus(step, word)).toEqual(problem))

  it("every refusal has words and a remedy in both languages", () =>
    fc.assert(fc.property(
      fc.constantFrom<CardProblem.Step>("select", "readFile", "verifyPin", "credit", "debit", "prove"),
      fc.integer({ min: 0, max: 0xffff }),
      (step, word) => {
        const { remedy, what } = CardProblem.explain(CardProblem.ofStatus(step, word))
        for (const { en, zh } of [what, remedy]) {
          expect(en.length).toBeGreaterThan(0)
          expect(zh).toMatch(/[一-龥]/)
        }
      }
    )))
})
