// The control desk's banks: a school that is told of, cards, and deposits that the bank begins; and what it never repeats.
import { describe, expect, it } from "@effect/vitest"
import { CivilTime } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import * as DepositFile from "../../src/ccb/DepositFile.ts"
import type { DepositCode } from "../../src/ccb/DepositMessages.ts"
import * as Gbk from "../../src/Gbk.ts"
import * as DepositTerms from "../../src/sandbox/DepositTerms.ts"
import * as DepositWords from "../../src/sandbox/DepositWords.ts"
import { calling, sandbox } from "./support/merchant.ts"
import * as School from "./support/school.ts"

const card = {
  payer: "小明",
  number: "6217000010000000003",
  name: "李小明",
  idNumber: "430102200001011230",
  pin: "808017"
}
const paying = {
  payer: "小明",
  payerName: "李小明",
  payerTail: "0003",
  studentNumber: "20260001",
  account: "account-1",
  amount: 5_000
}

/** With a school that says this. */
const connected = (says: School.Says = School.kind) =>
  Effect.gen(function*() {
    const box = yield* sandbox()
    const { heard, port } = yield* School.open(box, says)
    const { call, control } = calling(box)
    expect((yield* control("banks/school", { port })).json()).toEqual({ port })
    return {
      box,
      call,
      control,
      heard,
      tags: () => heard.map(({ _tag }) => _tag),
      has: () => box.house.purses.has("payer:小明")
    }
  })

describe("the list of debits that the bank has written", () => {
  it.live("is there by the name that the bank answered, and by no other", () =>
    Effect.gen(function*() {
      const { box, control } = yield* connected()
      const { file } = box.banks.transfer.lists.write("S01", CivilTime.day("2026-03-02"))
      const list = yield* control(`banks/transfers/${file}`)
      expect([list.status, list.text]).toEqual([200, "20260302|0|0\n"])
      const other = yield* control("banks/transfers/TRF_S01_20260303.txt")
      expect([other.status, other.json()]).toMatchObject([404, { error: { en: "the bank has named no such file" } }])
    }))
})

/** Answers a message with this code, and all others kindly. */
const saying = (tag: string, code: DepositCode): School.Says => (asked) =>
  asked._tag === tag ? { code } : School.kind(asked)

describe("deposits that the bank begins", () => {
  it.live("a holder is looked up, the deposit credited, asked about, taken back, and listed", () =>
    Effect.gen(function*() {
      const { box, control, has, heard, tags } = yield* connected()
      expect((yield* control("status")).json()).toMatchObject({ hasSchool: true, isWhole: true })
      expect((yield* control("banks/lookup", { studentNumber: "20260001", name: "李小明" })).json()).toEqual({
        code: "accepted",
        zh: "学校已受理",
        en: "The school accepts it",
        shownName: "李**",
        account: "account-1",
        balance: 12_300,
        least: 100,
        most: 50_000
      })
      const credited = (yield* control("banks/deposits", paying)).json()
      expect(credited).toEqual({
        serial: expect.stringMatching(/^CCB\d{9}$/),
        day: "2026-03-02",
        time: expect.stringMatching(/^08000\d$/),
        payer: "小明",
        studentNumber: "20260001",
        amount: 5_000,
        state: "credited",
        code: "accepted",
        zh: "充值成功",
        en: "The money is credited"
      })
      expect(heard.at(-1)).toMatchObject({ _tag: "Deposit", payerTail: "0003", ownCard: true })
      expect(has()).toBe(45_000)
      expect((yield* control("purses")).json()).toMatchObject({ isWhole: true, purses: { "merchant:S01": 5_000 } })
      expect((yield* control("banks/deposits")).json()).toEqual([credited])
      const place = `banks/deposits/${credited.serial}`
      expect((yield* control(`${place}/inquire`, {})).json()).toMatchObject({
        serial: credited.serial,
        code: "accepted",
        state: "credited",
        campusSerial: "C1",
        amount: 5_000
      })
      const list = yield* control("banks/list/2026-03-02")
      expect(list.headers.get("content-disposition")).toBe("attachment; filename=\"CCB_S01_20260302.txt\"")
      expect(list.text).toMatch(/^20260302\|1\|5000\n.*CCB\d{9}\|\|20260001\|5000\|00\n$/)
      const read = DepositFile.read(DepositTerms.list, Buffer.from(Gbk.encode(list.text)))
      expect(Result.getOrThrow(read).rows).toMatchObject([{ bankSerial: credited.serial, state: "credited" }])
      expect((yield* control(`${place}/reverse`, {})).json()).toMatchObject({ state: "reversed", zh: /已撤销/ })
      expect(has()).toBe(50_000)
      expect(box.house.purses.isWhole).toBe(true)
      expect(tags().filter((tag) => tag !== "SignIn")).toEqual(["Lookup", "Deposit", "Inquiry", "Reverse"])
    }))

  it.live("one of which nobody is sure is held, and taken back when it is settled", () =>
    Effect.gen(function*() {
      const { control, has, tags } = yield* connected()
      const lost = { wire: "ccbApp", does: { _tag: "Drop", after: true } }
      yield* control("rules", { ...lost, operation: "Deposit" })
      yield* control("rules", { ...lost, operation: "Reverse" })
      const unsure = (yield* control("banks/deposits", paying)).json()
      expect(unsure).toMatchObject({ state: "asked", en: expect.stringContaining("Nobody knows") })
      expect(unsure).not.toHaveProperty("code")
      expect(has()).toBe(45_000)
      expect((yield* control("status")).json()).toMatchObject({ deposits: 1, isWhole: true })
      expect((yield* control("banks/settle", {})).json()).toMatchObject([{ serial: unsure.serial, state: "reversed" }])
      expect(has()).toBe(50_000)
      expect(tags()).toEqual(["Deposit", "Reverse", "Reverse"])
    }))

  it.live.each(Object.entries(DepositWords.ofCode).filter(([code]) => code !== "accepted" && code !== "outOfOrder"))(
    "refused with %s gives the money back, and says why",
    ([code, [zh, en]]) =>
      Effect.gen(function*() {
        const { control, has } = yield* connected(saying("Deposit", code as DepositCode))
        const dealing = (yield* control("banks/deposits", paying)).json()
        expect(dealing).toMatchObject({ state: "refused", code, zh, en })
        expect([zh, en]).toEqual([
          expect.stringMatching(/\p{Script=Han}/u),
          expect.stringMatching(/^[A-Z][\x20-\x7e]+$/)
        ])
        expect(has()).toBe(50_000)
      })
  )

  it.live("a school that is not there gives no answer, in words that help", () =>
    Effect.gen(function*() {
      const { control } = calling(yield* sandbox())
      // Nobody listens at the discard port.
      yield* control("banks/school", { port: 9 })
      const told = yield* control("banks/lookup", { studentNumber: "20260001", name: "李小明" })
      expect([told.status, told.json().error.en]).toEqual([
        504,
        expect.stringContaining("see whether its deposit server")
      ])
    }))
})

describe("cards", () => {
  it.live("are known to both hosts, with the PIN that was told, or 123456", () =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      const { control } = calling(box)
      const { iso, transfer } = box.banks
      expect((yield* control("banks/cards", card)).json()).toEqual({ payer: "小明", tail: "0003" })
      expect(iso.cards.get(card.number)?.payer).toBe("小明")
      expect(Redacted.value(iso.cards.get(card.number)?.pin ?? Redacted.make(""))).toBe("808017")
      expect(Redacted.value(transfer.cards.get(card.number)?.name ?? Redacted.make(""))).toBe("李小明")
      const { pin: _, ...rest } = card
      yield* control("banks/cards", rest)
      expect(Redacted.value(iso.cards.get(card.number)?.pin ?? Redacted.make(""))).toBe("123456")
    }))

  it.live("names, PINs and numbers that came in never come out", () =>
    Effect.gen(function*() {
      const { control } = yield* connected()
      const texts: Array<string> = []
      const statuses: Array<number> = []
      for (
        const [path, body] of [
          ["banks/cards", card],
          ["banks/cards", { ...card, number: "6217000010000000008" }],
          ["banks/cards", { ...card, more: "李小明" }],
          ["banks/lookup", { studentNumber: "20260001", name: "李小明", idNumber: card.idNumber }],
          ["banks/lookup", { studentNumber: "20260001", name: "李小明", idNumber: "43010220000101123?" }],
          ["banks/deposits", paying],
          ["banks/deposits"],
          ["status"]
        ] as const
      ) {
        const { status, text } = yield* control(path, body)
        statuses.push(status)
        texts.push(text)
      }
      expect(statuses).toEqual([200, 422, 422, 200, 422, 200, 200, 200])
      for (const secret of [card.name, card.idNumber, card.pin, card.number, card.number.slice(0, 12)]) {
        expect(texts.join()).not.toContain(secret)
      }
    }))
})

describe("the ISO 8583 host's working keys", () => {
  it.live("change when they are told to, and the terminal is not told", () =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      const rotated = yield* calling(box).control("wires/iso8583/rotate", {})
      expect([rotated.status, rotated.json()]).toEqual([200, box.banks.terms.iso8583])
    }))
})

describe("what the banks refuse", () => {
  it.live.each<[title: string, path: string, body: unknown, status: number, en: RegExp]>([
    ["no port", "banks/school", {}, 422, /: port$/],
    ["port 0", "banks/school", { port: 0 }, 422, /: port$/],
    ["a port of text", "banks/school", { port: "7001" }, 422, /: port$/],
    ["another machine", "banks/school", { port: 7_001, host: "10.0.0.1" }, 422, /: host$/],
    ["a card of nobody", "banks/cards", { ...card, payer: "小刚" }, 404, /POST payers first/],
    ["a wrong check digit", "banks/cards", { ...card, number: "6217000010000000008" }, 422, /: number$/],
    ["a short PIN", "banks/cards", { ...card, pin: "123" }, 422, /: pin$/],
    ["no document", "banks/cards", { ...card, idNumber: "?" }, 422, /: idNumber$/],
    ["no name", "banks/lookup", { studentNumber: "1", name: "" }, 422, /: name$/],
    ["a name with a blank at its end", "banks/lookup", { studentNumber: "1", name: "李 " }, 422, /: name$/],
    ["a name that GBK has not", "banks/lookup", { studentNumber: "1", name: "🙂" }, 422, /: name$/],
    ["a name too wide for the link", "banks/lookup", { studentNumber: "1", name: "李".repeat(33) }, 422, /: name$/],
    ["a number with a separator", "banks/lookup", { studentNumber: "1|2", name: "李" }, 422, /: studentNumber$/],
    ["a payer nobody knows", "banks/deposits", { ...paying, payer: "小刚" }, 404, /POST payers first/],
    ["too little money", "banks/deposits", { ...paying, payer: "小红" }, 409, /too little/],
    ["no money", "banks/deposits", { ...paying, amount: 0 }, 422, /: amount$/],
    ["three digits of a card", "banks/deposits", { ...paying, payerTail: "009" }, 422, /: payerTail$/],
    ["an account too wide", "banks/deposits", { ...paying, account: "a".repeat(65) }, 422, /: account$/],
    ["two flaws", "banks/deposits", { ...paying, account: "", amount: 1.5 }, 422, /account.*amount|amount.*account/],
    ["no such deposit to reverse", "banks/deposits/CCB1/reverse", {}, 404, /no such deposit/],
    ["no such deposit to ask about", "banks/deposits/CCB1/inquire", {}, 404, /no such deposit/],
    ["more than was asked for", "banks/settle", { all: true }, 422, /: all$/],
    ["no such day", "banks/list/2026-02-30", undefined, 422, /no such day/],
    ["another method", "banks/school", undefined, 405, /POST/]
  ])("%s", ([, path, body, status, en]) =>
    Effect.gen(function*() {
      const { control, has, tags } = yield* connected()
      const told = yield* control(path, body)
      expect([told.status, told.json().error]).toEqual([
        status,
        { zh: expect.stringMatching(/\p{Script=Han}/u), en: expect.stringMatching(en) }
      ])
      expect([has(), tags()]).toEqual([50_000, []])
    }))

  it.live.each<[path: string, body: unknown]>([
    ["banks/lookup", { studentNumber: "20260001", name: "李小明" }],
    ["banks/deposits", paying],
    ["banks/settle", {}]
  ])("%s, where no school has told where it listens", ([path, body]) =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      const told = yield* calling(box).control(path, body)
      expect([told.status, told.json().error.en]).toEqual([409, expect.stringContaining("POST banks/school first")])
      expect(box.house.purses.has("payer:小明")).toBe(50_000)
    }))
})
