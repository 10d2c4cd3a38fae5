import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as FormBody from "../src/FormBody.ts"

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"))
const refused = (reason: string, what: string) => Result.fail({ _tag: "Refusal", reason, what })

describe("the body of a form", () => {
  it.each<[string, string, FormBody.Charset, ReadonlyArray<readonly [string, string]>]>([
    ["names and values", "a=1&b=2", "utf-8", [["a", "1"], ["b", "2"]]],
    ["escapes, of both cases", "sign=%2b%2F%3d", "utf-8", [["sign", "+/="]]],
    ["a plus for the blank", "a=x+y", "utf-8", [["a", "x y"]]],
    ["only the first equals sign divides", "a=b=c==", "utf-8", [["a", "b=c=="]]],
    ["a name without a value", "a&b=", "utf-8", [["a", ""], ["b", ""]]],
    ["empty pairs, which say nothing", "&a=1&&", "utf-8", [["a", "1"]]],
    ["UTF-8 under the escapes", "a=%E9%93%B6%E8%81%94", "utf-8", [["a", "银联"]]],
    ["a byte order mark stays, since it was signed", "a=%EF%BB%BFx", "utf-8", [["a", "\ufeffx"]]],
    ["GBK under the escapes", "a=%D2%F8%C1%AA", "gbk", [["a", "银联"]]],
    ["GBK whose second byte was plain", "a=%81A", "gbk", [["a", "丄"]]],
    ["an escaped ampersand is no border", "a=1%262&b=%3D", "utf-8", [["a", "1&2"], ["b", "="]]],
    ["names that an object would trip over", "__proto__=1&constructor=2", "utf-8", [
      ["__proto__", "1"],
      ["constructor", "2"]
    ]],
    ["nothing", "", "utf-8", []]
  ])("%s", (_, body, charset, fields) => {
    expect(Result.map(FormBody.parse(ascii(body), charset), (map) => [...map])).toEqual(Result.succeed(fields))
  })

  it.each<[string, string, FormBody.Charset, string, string]>([
    ["an escape without digits", "a=%zz", "utf-8", "malformed", "an escape of the form"],
    ["an escape that is cut off", "a=%4", "utf-8", "malformed", "an escape of the form"],
    ["a percent sign alone in a name", "a%=1", "utf-8", "malformed", "an escape of the form"],
    ["a value without a name", "=1", "utf-8", "malformed", "a name of the form"],
    ["a name twice", "a=1&b=2&a=1", "utf-8", "duplicateKey", "a name of the form"],
    ["a name twice, once escaped", "a=1&%61=2", "utf-8", "duplicateKey", "a name of the form"],
    ["GBK where UTF-8 was agreed", "a=%D2%F8%C1%AA", "utf-8", "charset", "the form's text"],
    ["an overlong NUL", "a=%C0%80", "utf-8", "charset", "the form's text"],
    ["a surrogate", "a=%ED%A0%80", "utf-8", "charset", "the form's text"],
    ["half a character of GBK", "a=%D2", "gbk", "charset", "text in GBK"],
    ["raw bytes that are no text", "a=\xff", "utf-8", "charset", "the form's text"]
  ])("%s is refused", (_, body, charset, reason, what) => {
    expect(FormBody.parse(ascii(body), charset)).toEqual(refused(reason, what))
  })

  it("reads a long value that comes again as it did before, and another one in its place as itself", () => {
    const long = (end: string) => `a=${"%2B".repeat(400)}${end}`
    const read = (body: string, charset?: FormBody.Charset) =>
      Result.map(FormBody.parse(ascii(body), charset), (map) => map.get("a"))
    for (const end of ["x", "x", "%E9%93%B6", "%E9%93%B6", "x"]) {
      expect(read(long(end))).toEqual(Result.succeed("+".repeat(400) + decodeURIComponent(end)))
    }
    expect(read(long("%D2%F8"))).toEqual(refused("charset", "the form's text"))
    expect(read(long("%D2%F8"), "gbk")).toEqual(Result.succeed(`${"+".repeat(400)}银`))
    expect(read(long("%D2%F8"))).toEqual(refused("charset", "the form's text"))
  })

  it("reads the same whether all of it is ASCII or a byte somewhere is not", () => {
    const piece = fc.constantFrom("a", "=", "+", "%2B", "%zz", "%4", "%", "%E9%93%B6", "%FF", "%00", "%EF%BB%BF", "1")
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const body = Buffer.from(`a=${pieces.join("")}`)
      const quick = FormBody.parse(body)
      // A raw character makes the form one that is read the careful way.
      const careful = FormBody.parse(Buffer.concat([body, Buffer.from("&z=银")]))
      expect(Result.map(careful, (fields) => fields.get("a"))).toEqual(Result.map(quick, (fields) => fields.get("a")))
    }))
  })

  it("refuses a body over the limit, and more fields than a message has", () => {
    expect(Result.isSuccess(FormBody.parse(ascii(`a=${"x".repeat(FormBody.largestBody - 2)}`)))).toBe(true)
    expect(FormBody.parse(ascii(`a=${"x".repeat(FormBody.largestBody - 1)}`))).toEqual(refused("tooLarge", "the form"))
    expect(FormBody.parse(ascii("a=12"), "utf-8", 3)).toEqual(refused("tooLarge", "the form"))
    const many = Array.from({ length: 257 }, (_, i) => `f${i}=1`)
    expect(Result.isSuccess(FormBody.parse(ascii(many.slice(1).join("&"))))).toBe(true)
    expect(FormBody.parse(ascii(many.join("&")))).toEqual(refused("tooLarge", "the number of the form's fields"))
  })

  it("writes what the platform's own encoder writes", () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }))), (pairs) => {
      expect(FormBody.encode(pairs)).toBe(new URLSearchParams(pairs).toString())
    }))
  })

  it("reads back what it wrote, in both charsets", () => {
    const chinese = fc.string({ unit: fc.constantFrom("银", "联", "a", "&", "=", "%", "+", " ", "丄", "\n", "*", "~") })
    const pairs = fc.uniqueArray(fc.tuple(chinese.filter((name) => name !== ""), chinese), {
      selector: ([name]) => name
    })
    fc.assert(fc.property(pairs, fc.constantFrom("utf-8" as const, "gbk" as const), (pairs, charset) => {
      const written = FormBody.encode(pairs, charset)
      expect(written).toMatch(/^[\x21-\x7e]*$/)
      expect(Result.map(FormBody.parse(ascii(written), charset), (map) => [...map])).toEqual(Result.succeed(pairs))
    }))
  })
})
