import { CivilTime, Money } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as fc from "fast-check"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import * as BlockCipher from "../../src/BlockCipher.ts"
import * as DepositFile from "../../src/ccb/DepositFile.ts"
import * as DepositLayout from "../../src/ccb/DepositLayout.ts"
import * as DepositMessages from "../../src/ccb/DepositMessages.ts"
import type * as Layout from "../../src/ccb/Layout.ts"
import * as LinkDialogue from "../../src/ccb/LinkDialogue.ts"
import * as TransferLayout from "../../src/ccb/TransferLayout.ts"
import * as TransferMessages from "../../src/ccb/TransferMessages.ts"
import * as LengthPrefix from "../../src/LengthPrefix.ts"
import * as Pan from "../../src/Pan.ts"

const refusal = (read: Result.Result<unknown, { readonly reason: string; readonly what: string }>) => {
  const { reason, what } = Result.getOrThrow(Result.flip(read))
  return `${reason}: ${what}`
}
const key = BlockCipher.key("des", Buffer.from("0123456789ABCDEFFEDCBA9876543210", "hex"))
const otherKey = BlockCipher.key("des", Buffer.from("FEDCBA98765432100123456789ABCDEF", "hex"))
const xml = (link: Layout.Link): Layout.Link => ({ ...link, form: { _tag: "Xml", root: "msg" } })

const day = CivilTime.day("2025-11-30")
const head = { bankSerial: "B0042", bankDate: day, bankTime: "101500", school: "S01" }
const deposit = {
  _tag: "Deposit",
  ...head,
  studentNumber: "20250001",
  account: "a-20250001",
  amount: Money.amount(5_000),
  payerTail: "0003",
  payerNameHash: "ab".repeat(32),
  ownCard: true
} as const
const { DepositMessage } = DepositMessages
const { TransferMessage } = TransferMessages

const deposits: ReadonlyArray<DepositMessages.DepositMessage> = [
  { _tag: "Lookup", ...head, studentNumber: "20250001", name: Redacted.make("王小明") },
  { _tag: "LookupAnswer", ...head, code: "lost" },
  { _tag: "LookupAnswer", ...head, code: "accepted", shownName: "王*明", account: "a-1", balance: Money.zero },
  deposit,
  { _tag: "DepositAnswer", ...head, code: "duplicateMismatch" },
  { _tag: "Reverse", ...head, originalSerial: "B0041", originalDate: day, amount: Money.amount(5_000) },
  { _tag: "ReverseAnswer", ...head, code: "spent" },
  { _tag: "Inquiry", ...head, originalSerial: "B0041", originalDate: day },
  { _tag: "InquiryAnswer", ...head, code: "accepted", state: "reversed", amount: Money.amount(1) },
  { _tag: "SignIn", ...head },
  { _tag: "SignInAnswer", ...head, code: "accepted" },
  { _tag: "SignOut", ...head },
  { _tag: "SignOutAnswer", ...head, code: "accepted" },
  { _tag: "Heartbeat", ...head },
  { _tag: "HeartbeatAnswer", ...head, code: "outOfOrder" }
]

const bankCard = Result.getOrThrow(Pan.parse("6217000010000000003"))
const ours = { date: day, time: "101500", campusSerial: "C0042", channel: "01", organisation: "S01" }
const holder = {
  account: "a-20250001",
  name: Redacted.make("王小明"),
  idNumber: Redacted.make("11010119900307793X"),
  bankCard
}
const transfer = { _tag: "Transfer", ...ours, ...holder, amount: Money.amount(5_000) } as const
const reversal = TransferMessages.reversal(transfer, { date: day, time: "101530", campusSerial: "C0043" })

const transfers: ReadonlyArray<TransferMessages.TransferMessage> = [
  { _tag: "SignIn", ...ours },
  { _tag: "SignInAnswer", ...ours, code: "accepted" },
  { _tag: "SignOut", ...ours },
  { _tag: "SignOutAnswer", ...ours, code: "accepted" },
  { _tag: "Contract", ...ours, ...holder },
  { _tag: "ContractAnswer", ...ours, code: "nameMismatch", words: "户名不符" },
  { _tag: "Terminate", ...ours, account: "a-20250001", bankCard },
  { _tag: "TerminateAnswer", ...ours, code: "noContract" },
  transfer,
  { _tag: "TransferAnswer", ...ours, code: "accepted", bankSerial: "B0042", settlementDay: day },
  reversal,
  { _tag: "ReversalAnswer", ...ours, code: "accepted" },
  { _tag: "Download", ...ours, day },
  { _tag: "DownloadAnswer", ...ours, code: "accepted", file: "x.txt", count: "2", sum: Money.of(10_000) }
]

describe("every message, from one side to the other", () => {
  const forms = [["fixed widths", (link: Layout.Link) => link], ["XML", xml]] as const
  for (const [form, of] of forms) {
    it.each(deposits)(`deposit, ${form}: $_tag`, (message) => {
      const link = of(DepositLayout.proposal)
      const bytes = Result.getOrThrow(LinkDialogue.write(DepositMessage, link, message, key))
      expect(Result.getOrThrow(LinkDialogue.read(DepositMessage, link, bytes, key))).toEqual(message)
    })
    it.each(transfers)(`transfer, ${form}: $_tag`, (message) => {
      const link = of(TransferLayout.proposal)
      const bytes = Result.getOrThrow(LinkDialogue.write(TransferMessage, link, message, key))
      expect(Result.getOrThrow(LinkDialogue.read(TransferMessage, link, bytes, key))).toEqual(message)
    })
  }
  it("over one stream, behind their lengths", () => {
    const link = DepositLayout.proposal
    const sent = deposits.map((message) => Result.getOrThrow(LinkDialogue.write(DepositMessage, link, message, key)))
    const stream = Buffer.concat(sent.map((bytes) => LengthPrefix.write(link.prefix, bytes)))
    const reader = LengthPrefix.reader(link.prefix)
    const found = [...stream].flatMap((byte) => reader.push(Uint8Array.of(byte)).messages)
    expect(found.map((bytes) => Result.getOrThrow(LinkDialogue.read(DepositMessage, link, bytes, key))._tag)).toEqual(
      deposits.map(({ _tag }) => _tag)
    )
  })
  it("no log shows name, number of the document and card", () => {
    expect(inspect(transfers, { depth: 9, showHidden: true }) + JSON.stringify(transfers)).not.toMatch(/王|1101|6217/)
  })
})

describe("the proposals carry their dialogues", () => {
  it.each([
    ["deposit", LinkDialogue.lacks(DepositMessage, DepositLayout.proposal)],
    ["transfer", LinkDialogue.lacks(TransferMessage, TransferLayout.proposal)]
  ])("%s", (_, lacks) => expect(lacks).toEqual([]))
  it("what is missing is told", () => {
    const link = TransferLayout.proposal
    const { Download: _, ...messages } = link.messages
    const teller = { ...link.head[0], name: "teller" } as Layout.Field
    const { Reversal } = link.messages
    const body = Reversal?.body.slice(1) ?? []
    const changed = { ...link, messages: { ...messages, Reversal: { code: "1", body: [...body, teller] } } }
    expect(LinkDialogue.lacks(TransferMessage, changed)).toEqual([
      "Reversal has no originalDate",
      "Reversal wants teller, which nobody fills",
      "no message Download"
    ])
  })
})

const link = DepositLayout.proposal
const sent = Result.getOrThrow(LinkDialogue.write(DepositMessage, link, deposit, key))
const unsigned: Layout.Link = { ...link, mac: "none" }
const bare = Result.getOrThrow(LinkDialogue.write(DepositMessage, unsigned, deposit))
const changed = (from: string, to: string): Uint8Array =>
  Buffer.from(Buffer.from(bare).toString("latin1").replace(from, to), "latin1")

describe("a message that is not believed", () => {
  it("every bit is under the MAC", () => {
    fc.assert(fc.property(fc.nat(sent.length * 8 - 1), (bit) => {
      const forged = sent.slice()
      forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ 1 << bit % 8
      expect(refusal(LinkDialogue.read(DepositMessage, link, forged, key))).toBe("forged: the MAC")
    }))
  })
  it("of another key, without a MAC, or nothing but a MAC", () => {
    expect(refusal(LinkDialogue.read(DepositMessage, link, sent, otherKey))).toBe("forged: the MAC")
    expect(refusal(LinkDialogue.read(DepositMessage, link, bare, key))).toBe("forged: the MAC")
    expect(refusal(LinkDialogue.read(DepositMessage, link, sent.subarray(-16), key))).toBe("forged: the MAC")
    expect(refusal(LinkDialogue.read(DepositMessage, link, new Uint8Array(0), key))).toBe("forged: the MAC")
  })
  it("a link with a MAC is not used without its key", () => {
    expect(() => LinkDialogue.write(DepositMessage, link, deposit)).toThrow(RangeError)
    expect(() => LinkDialogue.read(DepositMessage, link, sent)).toThrow(RangeError)
  })
  it.each([
    ["a kind that is not agreed on", changed("1003", "1099"), "unsupported: the kind of the message"],
    ["a kind with another body", changed("1003", "1005"), "malformed: the field originalDate"],
    ["cut off", bare.subarray(0, -1), "malformed: the field ownCard: cut off"],
    ["nothing", new Uint8Array(0), "malformed: the field kind: cut off"],
    ["too long", Buffer.concat([bare, bare.subarray(0, 1)]), "malformed: more than its fields"],
    ["too large", new Uint8Array(5_000), "tooLarge: the message"],
    ["an amount of nothing", changed("000000005000", "000000000000"), "malformed: a value of Deposit"],
    ["more than anybody moves", changed("000000005000", "999999999999"), "malformed: a value of Deposit"],
    ["an amount below nothing", changed("000000005000", "-00000005000"), "malformed: the field amount"],
    ["a hash that is none", changed("ababab", "xxxxxx"), "malformed: a value of Deposit"],
    ["bytes that are no GBK", changed("20250001", "\xff\xff250001"), "charset: text in GBK"]
  ])("%s", (_, bytes, expected) => {
    expect(refusal(LinkDialogue.read(DepositMessage, unsigned, bytes))).toBe(expected)
  })
  it("a word that is in no list", () => {
    const answer = Result.getOrThrow(
      LinkDialogue.write(DepositMessage, unsigned, { _tag: "SignInAnswer", ...head, code: "accepted" })
    )
    const other = Buffer.from(Buffer.from(answer).toString().replace(/00$/, "77"))
    expect(refusal(LinkDialogue.read(DepositMessage, unsigned, other))).toBe("malformed: the word of the field code")
  })
  it("a name that GBK lacks is not written", () => {
    const lookup = { _tag: "Lookup", ...head, studentNumber: "1", name: Redacted.make("𠮷") } as const
    expect(refusal(LinkDialogue.write(DepositMessage, link, lookup, key))).toBe("charset: a character that GBK lacks")
  })
})

describe("an answer is that of its request", () => {
  const open: Layout.Link = { ...TransferLayout.proposal, mac: "none" }
  const answered = (message: TransferMessages.TransferMessage) =>
    LinkDialogue.readAnswer(
      TransferMessage,
      open,
      transfer,
      TransferMessages.same,
      Result.getOrThrow(LinkDialogue.write(TransferMessage, open, message))
    )
  const right = { _tag: "TransferAnswer", ...ours, code: "accepted" } as const
  it("or it is none", () => {
    expect(Result.getOrThrow(answered(right)).code).toBe("accepted")
    for (const other of [transfer, { ...right, _tag: "ReversalAnswer" }, { ...right, _tag: "SignInAnswer" }] as const) {
      expect(refusal(answered(other))).toBe("malformed: an answer of another kind")
    }
    expect(refusal(answered({ ...right, campusSerial: "C0041" }))).toBe("malformed: campusSerial: of another message")
    expect(refusal(answered({ ...right, date: CivilTime.addDays(day, 1) }))).toBe("malformed: date: of another message")
  })
  it("a reversal names its transfer, and has another code and number", () => {
    expect(reversal).toMatchObject({
      originalSerial: "C0042",
      originalDate: day,
      originalAmount: 5_000,
      campusSerial: "C0043"
    })
    const code = (message: TransferMessages.TransferMessage) =>
      Buffer.from(Result.getOrThrow(LinkDialogue.write(TransferMessage, open, message))).toString("latin1").slice(0, 6)
    expect([code(transfer), code(reversal)]).toEqual(["100005", "100006"])
  })
})

describe("the bank's list of a day", () => {
  const layout = DepositFile.proposal
  const row = {
    bankDate: day,
    bankTime: "101500",
    bankSerial: "B1",
    campusSerial: "C1",
    studentNumber: "20250001",
    amount: Money.amount(5_000),
    state: "credited"
  } as const
  const { campusSerial: _, ...withoutOurs } = row
  const file: DepositFile.DepositFile = {
    day,
    rows: [row, { ...withoutOurs, bankSerial: "B2" }, { ...row, bankSerial: "B3", state: "reversed" }]
  }
  const text = [
    "20251130|3|10000",
    "20251130|101500|B1|C1|20250001|5000|00",
    "20251130|101500|B2||20250001|5000|00",
    "20251130|101500|B3|C1|20250001|5000|01",
    ""
  ].join("\n")
  it("is head and rows; what was reversed is not in the sum", () => {
    expect(DepositFile.name("S01", day)).toBe("CCB_S01_20251130.txt")
    expect(Buffer.from(Result.getOrThrow(DepositFile.write(layout, file))).toString()).toBe(text)
    expect(Result.getOrThrow(DepositFile.read(layout, Buffer.from(text)))).toEqual(file)
  })
  it("with fixed widths and CR LF as well", () => {
    const fixed = { ...layout, form: { _tag: "Fixed" }, lineEnd: "\r\n" } as const
    const bytes = Result.getOrThrow(DepositFile.write(fixed, file))
    expect(Result.getOrThrow(DepositFile.read(fixed, bytes))).toEqual(file)
    expect(refusal(DepositFile.read(fixed, Buffer.from(Buffer.from(bytes).toString().replaceAll("\r\n", " \n"))))).toBe(
      "malformed: a line's end"
    )
  })
  it.each([
    ["a row left out", text.replace(/.*B2.*\n/, ""), "malformed: the count of the list"],
    ["another amount", text.replace("B1|C1|20250001|5000", "B1|C1|20250001|5001"), "malformed: the sum of the list"],
    ["a row twice", text.replace("B2", "B1"), "duplicateKey: a serial number"],
    [
      "a row of another day",
      text.replace("20251130|101500|B1", "20251129|101500|B1"),
      "malformed: a row of another day"
    ],
    ["a state that nobody knows", text.replace("5000|00", "5000|02"), "malformed: a row of the list"],
    ["an amount of nothing", text.replace("5000|00", "0|00"), "malformed: a row of the list"],
    ["a float", text.replace("5000|00", "50.0|00"), "malformed: the field amount"],
    ["cut off", text.slice(0, -1), "malformed: a line's end"],
    ["nothing", "", "malformed: an empty list"],
    ["too large", text, "tooLarge: the list"]
  ])("refused: %s", (name, text, expected) => {
    expect(refusal(DepositFile.read(layout, Buffer.from(text), name === "too large" ? 10 : undefined))).toBe(expected)
  })
})
