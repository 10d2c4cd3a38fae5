import { CivilTime, Flaw, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as DepositLayout from "../../src/ccb/DepositLayout.ts"
import * as Layout from "../../src/ccb/Layout.ts"
import * as LayoutRecord from "../../src/ccb/LayoutRecord.ts"
import * as TransferLayout from "../../src/ccb/TransferLayout.ts"
import * as XmlRecord from "../../src/ccb/XmlRecord.ts"
import * as Gbk from "../../src/Gbk.ts"

const { of, text } = Layout
const refusal = (read: Result.Result<unknown, { readonly reason: string; readonly what: string }>) => {
  const { reason, what } = Result.getOrThrow(Result.flip(read))
  return `${reason}: ${what}`
}

const fields = [
  text("name", 8),
  of("digits", "serial", 6),
  of("fen", "amount", 8),
  of("yuan", "price", 8),
  of("date", "day", 8),
  of("time", "time", 6),
  of("flag", "own", 1),
  text("note", 4, true),
  of("fen", "fee", 4, true)
]
const values = {
  name: "王小明",
  serial: "000042",
  amount: 5_000,
  price: 5,
  day: CivilTime.day("2025-11-30"),
  time: "235958",
  own: true,
  fee: 0
}
const styles = {
  fixed: { charset: "gbk", form: { _tag: "Fixed" } },
  separated: { charset: "gbk", form: { _tag: "Separated", separator: "|" } },
  xml: { charset: "gbk", form: { _tag: "Xml", root: "msg" } }
} as const

describe("a record", () => {
  it.each(
    [
      ["fixed", "王小明  0000420000500000000.0520251130235958Y    0000"],
      ["separated", "王小明|000042|5000|0.05|20251130|235958|Y||0"],
      [
        "xml",
        "<?xml version=\"1.0\" encoding=\"GBK\"?><msg><name>王小明</name><serial>000042</serial><amount>5000</amount>" +
        "<price>0.05</price><day>20251130</day><time>235958</time><own>Y</own><fee>0</fee></msg>"
      ]
    ] as const
  )("%s", (name, expected) => {
    const bytes = Result.getOrThrow(LayoutRecord.write(styles[name], fields, values))
    expect(Result.getOrThrow(Gbk.decode(bytes))).toBe(expected)
    expect(Result.getOrThrow(LayoutRecord.read(styles[name], fields, bytes))).toEqual(values)
  })

  it("a character whose second byte is the separator is no separator", () => {
    // 倈 is 82 7C in GBK.
    const bytes = Result.getOrThrow(
      LayoutRecord.write(styles.separated, [text("a", 4), text("b", 4)], { a: "倈", b: "x" })
    )
    expect(Buffer.from(bytes).toString("hex")).toBe("827c7c78")
    expect(Result.getOrThrow(LayoutRecord.read(styles.separated, [text("a", 4), text("b", 4)], bytes))).toEqual({
      a: "倈",
      b: "x"
    })
  })

  it.each([
    ["wider than its field", { name: "王小明王小" }, "malformed: the field name"],
    ["a character that GBK lacks", { name: "😀" }, "charset: a character that GBK lacks"],
    ["a line end", { name: "a\nb" }, "malformed: the field name"],
    ["text that padding would change", { name: "a " }, "malformed: the field name"],
    ["empty text", { name: "" }, "malformed: the field name"],
    ["an amount below nothing", { amount: -1 }, "malformed: the field amount"],
    ["a fraction", { amount: 0.5 }, "malformed: the field amount"],
    ["an amount as text", { amount: "5000" }, "malformed: the field amount"],
    ["a time that does not exist", { time: "240000" }, "malformed: the field time"],
    ["a letter in a number", { serial: "4a" }, "malformed: the field serial"],
    ["a value without a field", { more: "1" }, "malformed: a value without a field"]
  ])("not written: %s", (_, changed, expected) => {
    expect(refusal(LayoutRecord.write(styles.fixed, fields, { ...values, ...changed }))).toBe(expected)
  })
  it("a separator in a value is not written", () => {
    const write = LayoutRecord.write(styles.separated, [text("a", 4)], { a: "1|2" })
    expect(refusal(write)).toBe("malformed: the field a")
  })

  const line = "王小明  0000420000500000000.0520251130235958Y    0000"
  it.each([
    ["cut off", line.slice(0, -1), "malformed: the field fee: cut off"],
    ["too long", `${line} `, "malformed: more than its fields"],
    ["no name", line.replace("王小明", "      "), "malformed: the field name"],
    ["an amount below nothing", line.replace("00005000", "-0005000"), "malformed: the field amount"],
    ["a fraction of a fen", line.replace("00000.05", "000.0500"), "malformed: the field price"],
    ["a day that does not exist", line.replace("20251130", "20251131"), "malformed: the field day"],
    ["a time that does not exist", line.replace("235958", "235960"), "malformed: the field time"],
    ["neither Y nor N", line.replace("Y", "y"), "malformed: the field own"]
  ])("not read: %s", (_, line, expected) => {
    expect(refusal(LayoutRecord.read(styles.fixed, fields, Gbk.encode(line)))).toBe(expected)
  })
  it("a character that a width cuts in two is not read", () => {
    const read = LayoutRecord.read(styles.fixed, [text("a", 3), text("b", 3)], Gbk.encode("王小明"))
    expect(refusal(read)).toBe("charset: text in GBK")
  })
  it("a part that is missing, or too many, is not read", () => {
    const two = [text("a", 4), text("b", 4)]
    expect(refusal(LayoutRecord.read(styles.separated, two, Buffer.from("x")))).toBe("malformed: the field b: cut off")
    expect(refusal(LayoutRecord.read(styles.separated, two, Buffer.from("x|y|z")))).toBe(
      "malformed: more than its fields"
    )
    expect(refusal(LayoutRecord.read(styles.separated, two, Buffer.from("x|12345")))).toBe("malformed: the field b")
  })

  it("any values, in any form: what is read back is what was written", () => {
    const money = fc.nat(99_999)
    const given = fc.record({
      name: fc.string({ unit: fc.constantFrom("王", "a", "|", "<", "&", "\"", " "), minLength: 1, maxLength: 4 })
        .map((text) => text.trimEnd()).filter((text) => text !== ""),
      amount: money,
      price: money,
      day: fc.integer({ min: CivilTime.firstDay, max: CivilTime.firstDay + 20_000 }),
      own: fc.boolean()
    })
    const some = fields.filter(({ name }) => ["name", "amount", "price", "day", "own"].includes(name))
    fc.assert(fc.property(given, fc.constantFrom("fixed", "separated", "xml"), (values, name) => {
      const style = styles[name]
      const bytes = LayoutRecord.write(style, some, values)
      if (Result.isFailure(bytes)) {
        expect([name, values.name]).toEqual(["separated", expect.stringContaining("|")])
        return
      }
      expect(Result.getOrThrow(LayoutRecord.read(style, some, bytes.success))).toEqual(values)
    }))
  })
})

describe("flat XML", () => {
  it("takes its elements in any order, with blanks between them", () => {
    const read = XmlRecord.read("m", " <m>\n <b>2</b> <a>&lt;1&amp;</a>\n</m>\n")
    expect([...Result.getOrThrow(read)]).toEqual([["b", "2"], ["a", "<1&"]])
  })
  it.each([
    ["another root", "<x></x>", "malformed: the root of the XML"],
    ["a root that does not end", "<m><a>1</a>", "malformed: the root of the XML"],
    ["begin and end in one", "<m></m", "malformed: the root of the XML"],
    ["an attribute", "<m><a b=\"1\">1</a></m>", "malformed: an element of the XML"],
    ["nesting", "<m><a><b>1</b></a></m>", "malformed: an element of the XML"],
    ["a comment", "<m><!-- --><a>1</a></m>", "malformed: an element of the XML"],
    ["a section of characters", "<m><a><![CDATA[1]]></a></m>", "malformed: an element of the XML"],
    ["a document type", "<!DOCTYPE m [<!ENTITY x \"1\">]><m><a>&x;</a></m>", "malformed: the root of the XML"],
    ["an entity of its own", "<m><a>&x;</a></m>", "malformed: an entity of the XML"],
    ["an end of another name", "<m><a>1</b></m>", "malformed: an element of the XML"],
    ["text between elements", "<m><a>1</a>x<b>2</b></m>", "malformed: an element of the XML"],
    ["a name twice", "<m><a>1</a><a>2</a></m>", "duplicateKey: an element of the XML"]
  ])("refused: %s", (_, text, expected) => expect(refusal(XmlRecord.read("m", text))).toBe(expected))
  it("a megabyte of elements is read in one pass", () => {
    const many = Array.from({ length: 50_000 }, (_, at) => `<a${at}>${"x".repeat(10)}</a${at}>`).join("")
    expect(Result.getOrThrow(XmlRecord.read("m", `<m>${many}</m>`)).size).toBe(50_000)
  })
  it("an element that has no field is refused", () => {
    const bytes = Buffer.from("<msg><a>1</a><b>2</b></msg>")
    expect(refusal(LayoutRecord.read(styles.xml, [text("a", 1)], bytes))).toBe("malformed: more than its fields")
    expect(refusal(LayoutRecord.read(styles.xml, [text("c", 1)], bytes))).toBe("malformed: the field c: missing")
  })
})

const decode = Schema.decodeUnknownResult(Layout.Link)
const flaws = (description: unknown): string => Flaw.told(Flaw.of(Result.getOrThrow(Result.flip(decode(description)))))

describe("the description of a link", () => {
  it.each([["deposit", DepositLayout.proposal], ["transfer", TransferLayout.proposal]])(
    "%s: is read from JSON",
    (_, link) => {
      expect(Result.getOrThrow(decode(JSON.parse(JSON.stringify(link))))).toEqual(link)
    }
  )
  const link = TransferLayout.proposal
  const { Reversal, Transfer } = link.messages
  it.each([
    [
      "a reversal under the transfer's own code",
      { ...link, messages: { ...link.messages, Reversal: { ...Reversal, code: Transfer?.code } } },
      "another code for every kind of message"
    ],
    [
      "a code wider than its field",
      { ...link, messages: { SignIn: { code: "1234567", body: [] } } },
      "codes that fit their field"
    ],
    [
      "a code of letters in digits",
      { ...link, messages: { SignIn: { code: "A", body: [] } } },
      "codes that fit their field"
    ],
    ["no field for the kind", { ...link, kind: "code" }, "a kind that is a field of the head"],
    ["a name twice", { ...link, head: [...link.head, text("kind", 1)] }, "every name once"],
    [
      "a name of the head in a body",
      { ...link, messages: { SignIn: { code: "1", body: [text("kind", 1)] } } },
      "no name of the head"
    ],
    ["a date of six bytes", { ...link, head: [...link.head, of("date", "d", 6)] }, "8 bytes for a date"],
    [
      "money padded to another sum",
      { ...link, head: [...link.head, { ...of("fen", "f", 6), align: "left" }] },
      "zeros on the left"
    ],
    ["a number padded with digits", { ...link, head: [...link.head, { ...of("digits", "d", 6), pad: "0" }] }, "blanks"],
    ["two words that read the same", { ...link, words: { code: { a: "1", b: "1" } } }, "another text for every word"],
    ["a form that nobody writes", { ...link, form: { _tag: "Json" } }, "form"]
  ])("refused: %s", (_, description, expected) => expect(flaws(description)).toContain(expected))
})

it("no yuan becomes a float on the way", () => {
  const field = [of("yuan", "sum", 18)]
  fc.assert(fc.property(fc.maxSafeNat(), (fen) => {
    const bytes = Result.getOrThrow(LayoutRecord.write(styles.fixed, field, { sum: fen }))
    expect(Buffer.from(bytes).toString()).toBe(Money.format(Money.of(fen)).padStart(18, "0"))
    expect(Result.getOrThrow(LayoutRecord.read(styles.fixed, field, bytes))).toEqual({ sum: fen })
  }))
})
