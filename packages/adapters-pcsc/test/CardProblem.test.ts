// What is wrong with a card, in words that send people the right way (R73).
import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import * as CardProblem from "../src/CardProblem.ts"
import * as Names from "../src/CardProblemNames.ts"
import * as StatusWord from "../src/StatusWord.ts"

const told = (problem: CardProblem.CardProblem) => {
  const { remedy, what } = CardProblem.explain(problem)
  return { zh: `${what.zh}；${remedy.zh}`, en: `${what.en}; ${remedy.en}` }
}

describe("words and remedy", () => {
  it.each<[title: string, problem: CardProblem.CardProblem, zh: string, en: string]>([
    [
      "the card's own signature is wrong: it may be forged",
      { _tag: "MacWrong", step: "initialiseLoad" },
      "卡片的 MAC 校验失败（圈存初始化）；请核对终端密钥；密钥无误时卡片可疑，请收卡",
      "the signature of the card is wrong (initialiseLoad); check the keys of the terminal; if they are right, keep the card: it may be forged"
    ],
    [
      "the card refuses ours: nobody takes it away",
      CardProblem.ofStatus("debit", 0x9302),
      "卡片拒绝终端的 MAC（消费）；请核对终端密钥",
      "the card refuses the terminal's MAC (debit); check the keys of the terminal"
    ],
    [
      "the same of a file",
      CardProblem.ofStatus("writeFile", 0x6988),
      "卡片拒绝终端的 MAC（写文件）；请核对终端密钥",
      "the card refuses the terminal's MAC (writeFile); check the keys of the terminal"
    ],
    [
      "the card has no key of this index",
      { _tag: "KeyNotOnCard", step: "initialiseLoad", index: 3 },
      "卡片没有索引为 3 的密钥（圈存初始化）；请核对终端的卡片参数（密钥索引）",
      "the card has no key of index 3 (initialiseLoad); check the key indices in the terminal's profile of the cards"
    ],
    [
      "a purchase key: a PSAM has it",
      { _tag: "KeyMissing", key: "purchase" },
      "终端没有消费密钥；请装入消费密钥，或插入销售点终端安全存取模块（PSAM）",
      "the terminal has no key purchase; give it the key that signs purchases, or the PSAM"
    ],
    [
      "a load key: a PSAM never has it",
      { _tag: "KeyMissing", key: "load" },
      "终端没有圈存密钥；请连接学校圈存主机，或装入圈存密钥",
      "the terminal has no key load; connect it to the host that signs loads, or give it the key load"
    ],
    [
      "a file key: a PSAM never has it",
      { _tag: "KeyMissing", key: "file" },
      "终端没有应用维护密钥；请装入应用维护密钥（校园文件）",
      "the terminal has no key file; give it the key that signs writes to the campus file; a PSAM does not have it"
    ],
    [
      "a PIN is no key of a PSAM either",
      { _tag: "KeyMissing", key: "PIN" },
      "终端没有卡片密码；请在终端设置卡片密码（PIN）",
      "the terminal has no PIN of the cards; give it the PIN that the cards ask for"
    ],
    [
      "an M1 key",
      { _tag: "KeyMissing", key: "M1 master seal" },
      "终端没有 M1 主密钥 封印；请装入本校 M1 卡密钥",
      "the terminal has no key M1 master seal; give it the M1 keys of this campus"
    ],
    [
      "a PSAM that does not answer",
      { _tag: "KeysUnreachable", key: "purchase" },
      "消费密钥的保管方无应答；请检查 PSAM 是否插好，稍后再刷卡",
      "whoever has the key purchase does not answer; see that the PSAM sits in its slot, and tap again a little later"
    ],
    [
      "a PSAM that refuses: nobody goes to the card counter with his card",
      CardProblem.ofStatus("psam", 0x9403),
      "销售点终端安全存取模块（PSAM）拒绝：密钥索引不支持（消费签名 9403）；请检查终端的 PSAM 及其参数",
      "the PSAM refuses: there is no key of this index (psam 9403); check the PSAM of the terminal and how it is set up"
    ],
    [
      "a damaged file, with its reason",
      { _tag: "FileDamaged", file: "campus", problem: "no slot is whole" },
      "卡内校园文件已损坏：没有一份数据完好；请到校园卡服务窗口处理",
      "the campus file on the card is damaged: no slot is whole; take it to the card counter"
    ],
    [
      "a damaged block",
      { _tag: "FileDamaged", file: "block 5", problem: "value block: Address" },
      "卡内第 5 块已损坏：值块：地址字节不符；请到校园卡服务窗口处理",
      "block 5 on the card is damaged: value block: Address; take it to the card counter"
    ],
    [
      "both halves of an M1 purse",
      { _tag: "FileDamaged", file: "purse", problem: "main: its seal is wrong; backup: blocks are missing" },
      "卡内电子钱包已损坏：主块：校验封印不对；备份块：缺少数据块；请到校园卡服务窗口处理",
      "the purse on the card is damaged: main: its seal is wrong; backup: blocks are missing; take it to the card counter"
    ],
    [
      "a file that is too long for it",
      { _tag: "NoRoomOnCard", file: "campus", problem: "13 sums, and room for 12" },
      "卡内校园文件空间不足：有 13 项累计，只能放 12 项；请到校园卡服务窗口处理",
      "no room in the campus file of the card: 13 sums, and room for 12; take it to the card counter"
    ],
    [
      "one of it",
      { _tag: "CountersBehind", purchases: 1 },
      "卡内累计少记 1 笔消费；请在联网的消费机上刷卡",
      "the counters on the card miss 1 purchase; tap at a terminal that is connected"
    ],
    [
      "two of it",
      { _tag: "CountersBehind", purchases: 2 },
      "卡内累计少记 2 笔消费；请在联网的消费机上刷卡",
      "the counters on the card miss 2 purchases; tap at a terminal that is connected"
    ],
    [
      "one try",
      { _tag: "PinWrong", tries: 1 },
      "密码不对，还可试 1 次；请核对密码",
      "wrong PIN, 1 try is left; check the PIN"
    ],
    [
      "three tries",
      { _tag: "PinWrong", tries: 3 },
      "密码不对，还可试 3 次；请核对密码",
      "wrong PIN, 3 tries are left; check the PIN"
    ],
    [
      "the terminal's own PIN, once a card has refused it",
      { _tag: "PinSuspended" },
      "卡片拒绝终端设置的卡片密码，为防锁卡已停用；请持卡人输入卡片密码；请核对终端卡片设置中的密码后重新启动终端",
      "a card has refused the PIN that is set up in the terminal: it is not shown any more, or it would lock the cards; " +
      "have the PIN of the card typed; check the one in the card setup of the terminal and start it anew"
    ],
    [
      "one byte",
      { _tag: "AnswerMalformed", step: "balance", bytes: 1, expected: 4 },
      "卡片应答长度为 1，应为 4（读余额）；请到校园卡服务窗口处理",
      "the card answered 1 byte where 4 are due (balance); take it to the card counter"
    ]
  ])("%s", (_, problem, zh, en) => expect(told(problem)).toEqual({ zh, en }))
})

/** Everything that a Chinese sentence may have of Latin letters. */
const latin = /MAC|TAC|PIN|PSAM|M1|GBK|[0-9A-F]{4}|\b7\b|main/gu

describe("Chinese sentences are Chinese", () => {
  const steps: ReadonlyArray<CardProblem.Step> = [
    "select",
    "readFile",
    "writeFile",
    "challenge",
    "verifyPin",
    "balance",
    "initialiseLoad",
    "credit",
    "initialisePurchase",
    "debit",
    "prove",
    "log",
    "authenticate",
    "loadKey",
    "readBlock",
    "writeBlock",
    "value",
    "uid",
    "psam"
  ]
  it.each(steps)("%s", (step) => {
    const status = StatusWord.of(0x6985)
    for (
      const problem of [
        { _tag: "CardRefused", step, status },
        { _tag: "ReaderUnsuited", step, status },
        { _tag: "AnswerMalformed", step, bytes: 2, expected: 4 },
        { _tag: "MacWrong", step },
        { _tag: "MacRefused", step }
      ] as const satisfies ReadonlyArray<CardProblem.CardProblem>
    ) expect(told(problem).zh.replaceAll(latin, "")).not.toMatch(/[a-z]/iu)
  })

  it.each(["15", "16", "18", "campus", "counters", "purse", "block 7"])(
    "the file %s",
    (file) => expect(told({ _tag: "FileDamaged", file, problem: "it is too short" }).zh).not.toMatch(/[a-z]|文件 1/iu)
  )

  it("a file and a reason that are not listed are told as they are", () =>
    expect(told({ _tag: "FileDamaged", file: "99", problem: "eaten" }).zh).toContain("文件 99 已损坏：eaten"))

  const src = new URL("../src/", import.meta.url)
  /** Every reason that the sources give, with something in the places of its numbers. */
  const reasons = readdirSync(src).filter((name) => name.endsWith(".ts") && !name.startsWith("CardProblem")).flatMap(
    (name) => {
      const text = readFileSync(new URL(name, src), "utf8")
      const isSlot = name === "MifareSlot.ts"
      if (!isSlot && !/_tag: "(?:FileDamaged|NoRoomOnCard)"/.test(text)) return []
      const marker = isSlot ? /Result\.fail\((.*)/u : /(?:amaged|noRoom)\((.*)|\bproblem: (["`].*)/u
      return text.split("\n").flatMap((line) => {
        const [, called, given] = marker.exec(line) ?? []
        return [...(called ?? given ?? "").matchAll(/`[^`]*`|"[^"]*"/gu)].map(([literal]) =>
          literal.slice(1, -1).replaceAll(
            /\$\{[^}]*\}/gu,
            (part) => part.includes("problem") ? "its seal is wrong" : part.includes("name") ? "main" : "7"
          )
        )
      })
    }
  )
  it("finds the reasons", () => expect(reasons.length).toBeGreaterThan(30))
  it.each([...new Set(reasons)])(
    "%s",
    (given) => expect(Names.reason(given).replaceAll(latin, "")).not.toMatch(/[a-z]/iu)
  )
})
