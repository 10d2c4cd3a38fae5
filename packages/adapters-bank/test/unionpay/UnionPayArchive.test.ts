import { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { zipSync } from "fflate"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { deflateSync, inflateSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import * as Archive from "../../src/unionpay/UnionPayArchive.ts"
import * as File from "../../src/unionpay/UnionPayFile.ts"

const settleDay = CivilTime.day("2026-01-01")
const refused = (reason: string, what: string) => Result.fail({ _tag: "Refusal", reason, what })
const bytes = Uint8Array.from({ length: 1_200 }, (_, at) => at * at % 251)

describe("the archive", () => {
  const name = File.nameOf("ZM", settleDay, "777290058110048")
  const files = new Map([[name, bytes], [File.nameOf("ZME", settleDay, "777290058110048"), new Uint8Array()]])
  const content = Archive.seal(files)
  const seal = (archive: Uint8Array) => deflateSync(archive).toString("base64")

  it("names its files after their kind, their day and the merchant", () => {
    expect(name).toBe("INN26010188ZM_777290058110048")
    expect([name, "INN26010188ZME_777290058110048", "INN26010188ZMR_1", "readme.txt", "RD2018ZM_1"].map(File.kindOf))
      .toEqual(["ZM", "ZME", undefined, undefined, "ZM"])
  })

  it("is opened as it was sealed, with line ends in the Base64 too, and sealed to the same bytes", () => {
    expect(Archive.open(content)).toEqual(Result.succeed(files))
    expect(Archive.open(content.replaceAll(/(.{76})/g, "$1\r\n"))).toEqual(Result.succeed(files))
    expect(Archive.seal(files)).toBe(content)
  })

  it("is what other programs read", () => {
    const folder = mkdtempSync(join(tmpdir(), "archive-"))
    try {
      writeFileSync(join(folder, "a.zip"), inflateSync(Buffer.from(content, "base64")))
      const script = "import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))"
      expect(execFileSync("python3", ["-c", script, join(folder, "a.zip"), name]).equals(bytes)).toBe(true)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  const small = { packed: 20_000, unpacked: 10_000, files: 3 }
  const zeros = (length: number) => new Uint8Array(length)
  const renamed = (archive: Uint8Array, from: string, to: string) =>
    Buffer.from(Buffer.from(archive).toString("latin1").replaceAll(from, to), "latin1")
  const whole = inflateSync(Buffer.from(content, "base64"))
  it.each<[string, string, string, string]>([
    ["nothing", "", "malformed", "the Base64 of the file"],
    ["no Base64", "ab$=", "malformed", "the Base64 of the file"],
    ["no compression", Buffer.from("hello").toString("base64"), "malformed", "the compression of the file"],
    ["compression that is cut off", content.slice(0, 400), "malformed", "the compression of the file"],
    ["no archive", seal(Buffer.from("hello")), "malformed", "the end of the archive"],
    [
      "an archive that is cut off",
      seal(whole.subarray(0, 300)),
      "malformed",
      "the end of the archive"
    ],
    ["more text than is read", "A".repeat(20_004), "tooLarge", "the file"],
    ["a bomb in the outer compression", seal(zeros(1_000_000)), "tooLarge", "the file"],
    ["a bomb in the archive", seal(zipSync({ a: zeros(10_001) })), "tooLarge", "the file"],
    ["a bomb in parts", seal(zipSync({ a: zeros(6_000), b: zeros(6_000) })), "tooLarge", "the file"],
    [
      "too many files",
      seal(zipSync({ a: zeros(1), b: zeros(1), c: zeros(1), d: zeros(1) })),
      "tooLarge",
      "the file"
    ],
    ["a path into a folder", seal(zipSync({ "a/b": zeros(1) })), "malformed", "the name of a file"],
    ["a folder", seal(zipSync({ "a/": zeros(0) })), "malformed", "the name of a file"],
    ["the folder above", seal(zipSync({ "..": zeros(1) })), "malformed", "the name of a file"],
    ["a path out of its folder", seal(zipSync({ "../../a": zeros(1) })), "malformed", "the name of a file"],
    ["a name of a machine's own", seal(zipSync({ "C:\\a": zeros(1) })), "malformed", "the name of a file"],
    [
      "a name that objects trip over",
      seal(renamed(zipSync({ ninechars: zeros(1) }), "ninechars", "__proto__")),
      "malformed",
      "the archive"
    ]
  ])("is refused: %s", (_, content, reason, what) => {
    expect(Archive.open(content, small)).toEqual(refused(reason, what))
  })

  it("is refused with one name twice", () => {
    const same = renamed(zipSync({ aaa: zeros(9), bbb: zeros(9) }), "bbb", "aaa")
    expect(Archive.open(seal(same))).toEqual(refused("duplicateKey", "the name of a file"))
  })

  /** An archive of two files, the places in its list and its end, and what one of them was changed into. */
  const lied = (change: (archive: Buffer, list: number, end: number) => void): string => {
    const archive = Buffer.from(zipSync({ aaa: bytes, bbb: [Buffer.from("hello"), { level: 0 }] }))
    change(archive, archive.indexOf("PK\x01\x02"), archive.length - 22)
    return seal(archive)
  }
  it.each<[string, Parameters<typeof lied>[0], string]>([
    ["a size that is larger", (archive, list) => archive.writeUInt32LE(2_000, list + 24), "the archive"],
    ["a size that is smaller", (archive, list) => archive.writeUInt32LE(500, list + 24), "the checksum of a file"],
    ["another checksum", (archive, list) => archive.writeUInt32LE(1, list + 16), "the checksum of a file"],
    [
      "another content of the same length",
      (archive) => {
        archive.set(Buffer.from("hallo"), archive.indexOf("hello"))
      },
      "the checksum of a file"
    ],
    ["a password", (archive, list) => archive.writeUInt16LE(1, list + 8), "the archive"],
    ["more files than there are", (archive, _, end) => archive.fill(3, end + 8, end + 9), "the archive"],
    [
      "fewer files than there are",
      (archive, _, end) => {
        archive.writeUInt16LE(1, end + 8)
        archive.writeUInt16LE(1, end + 10)
      },
      "the archive"
    ],
    ["parts that lie elsewhere", (archive, _, end) => archive.writeUInt16LE(1, end + 4), "the archive"],
    ["a list that begins elsewhere", (archive, _, end) => archive.writeUInt32LE(0, end + 16), "the archive"],
    ["a list that is none", (archive, list) => archive.writeUInt32LE(0, list), "the archive"],
    ["a name that runs out of the list", (archive, list) => archive.writeUInt16LE(900, list + 28), "the archive"],
    ["data that begin elsewhere", (archive, list) => archive.writeUInt32LE(2, list + 42), "the checksum of a file"]
  ])("is refused with %s", (_, change, what) => {
    expect(Archive.open(lied(change))).toMatchObject({ failure: { reason: "malformed", what } })
  })

  it("is refused with anything behind its end, where another reader would look for another list", () => {
    const long = Buffer.concat([whole, Buffer.from("x")])
    expect(Archive.open(seal(long))).toEqual(refused("malformed", "the end of the archive"))
    expect(Archive.open(seal(Buffer.concat([whole, whole])))).toEqual(refused("malformed", "the archive"))
  })

  it("is refused wherever it is cut off, and however it was changed says nothing else than it did", () => {
    fc.assert(fc.property(fc.nat(whole.length - 1), (length) => {
      expect(Result.isFailure(Archive.open(seal(whole.subarray(0, length))))).toBe(true)
    }))
    fc.assert(fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
      const changed = Buffer.from(whole)
      changed[at] = value
      const opened = Archive.open(seal(changed))
      // A name, a date, or a hint to a system may change; what a file holds may not.
      if (Result.isSuccess(opened)) expect([...opened.success.values()]).toEqual([...files.values()])
    }))
  })

  it("never throws", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (archive, content) => {
      expect(Result.isResult(Archive.open(seal(archive), small))).toBe(true)
      expect(Result.isResult(Archive.open(content, small))).toBe(true)
    }))
  })
})
