import { Redacted, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as HolderFile from "../src/HolderFile.ts"

const { of } = Bytes
/** 张三 in GBK. */
const zhang = "D5C5C8FD"
const filled = (text: string, length: number, fill = "00") => text + fill.repeat(length - text.length / 2)
const number = Bytes.hex(new TextEncoder().encode("110105194912310021"))
const short = (name: string, id: string, document = "00") => `0100${filled(name, 20)}${filled(id, 16)}${document}`
const long = (name: string, id: string, document = "00") => `0101${filled(name, 20)}${filled(id, 32)}${document}`

const said = (read: ReturnType<typeof HolderFile.decode>) =>
  Result.isSuccess(read)
    ? { ...read.success, name: Redacted.value(read.success.name), number: Redacted.value(read.success.number) }
    : read.failure.problem

describe("file 16", () => {
  it.each([
    ["55 bytes", long(zhang, number), {
      kind: 1,
      staff: true,
      name: "张三",
      document: "identityCard",
      number: "110105194912310021"
    }],
    ["39 bytes: a number of 16 characters at most", short(zhang, "4731323334353637", "02"), {
      kind: 1,
      staff: false,
      name: "张三",
      document: "passport",
      number: "G1234567"
    }],
    ["filled up with blanks", `0100${filled(zhang, 20, "20")}${filled("4731", 16, "20")}02`, {
      kind: 1,
      staff: false,
      name: "张三",
      document: "passport",
      number: "G1"
    }],
    ["never written: zeros", "00".repeat(39), {
      kind: 0,
      staff: false,
      name: "",
      document: "identityCard",
      number: ""
    }],
    ["never written: ones", "FF".repeat(39), { kind: 255, staff: false, name: "", document: undefined, number: "" }],
    ["a name cut in the middle of a character", short("D5C5C8", "31"), "the name is no text in GBK"],
    ["a number that is no text", short(zhang, "0102"), "the number of the document is no text"],
    ["an unknown document", short(zhang, "31", "09"), "a document of the unknown kind 9"],
    ["38 bytes", short(zhang, "31").slice(2), "38 bytes instead of 39 or 55"],
    ["nothing", "", "0 bytes instead of 39 or 55"]
  ])("%s", (_, bytes, expected) => expect(said(HolderFile.decode(of(bytes)))).toEqual(expected))

  it("D24: nobody sees name and number by chance", () => {
    const read = HolderFile.decode(of(long(zhang, number)))
    const shown = `${JSON.stringify(read)} ${String(Result.isSuccess(read) && read.success.name)}`
    expect(shown).not.toContain("张三")
    expect(shown).not.toContain("110105194912310021")
  })

  it("any bytes at all give a file or say why not", () =>
    fc.assert(fc.property(fc.uint8Array({ minLength: 39, maxLength: 39 }), (bytes) => {
      const read = HolderFile.decode(bytes)
      expect(Result.isSuccess(read) || read.failure._tag === "FileDamaged").toBe(true)
    })))
})
