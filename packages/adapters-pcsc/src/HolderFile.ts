/**
 * Who holds the card 持卡人基本信息 (file 16): 39 bytes, or 55 where the number of the document has 32 characters.
 * Sources: JR/T 0025.1-2005, the manual of FMCOS 2.0.
 *
 * Names are written in GBK, padded with blanks, zeros or FF. Name and number are personal data: they are `Redacted`, so
 * that no log and no error shows them.
 */
import { Redacted, Result } from "effect"
import type * as Bytes from "./Bytes.ts"
import type { Of } from "./CardProblem.ts"

/** Its two lengths in bytes. */
export const lengths = [39, 55] as const

const documents = [
  "identityCard",
  "officerCard",
  "passport",
  "entryPermit",
  "temporaryIdentityCard",
  "other"
] as const

/** 证件类型, by its number from 00 to 05. */
export type Document = typeof documents[number]

/** `kind`: the issuer's own class of cards; `staff`: whether an employee of the issuer holds it. */
export interface HolderFile {
  readonly kind: number
  readonly staff: boolean
  readonly name: Redacted.Redacted<string>
  readonly document: Document | undefined
  readonly number: Redacted.Redacted<string>
}

const damaged = (problem: string): Result.Result<never, Of<"FileDamaged">> =>
  Result.fail({ _tag: "FileDamaged", file: "16", problem })

/** Without what fills it up. */
const trimmed = (bytes: Bytes.Bytes): Bytes.Bytes => {
  let end = bytes.length
  while (end > 0 && [0x00, 0x20, 0xff].includes(bytes[end - 1] ?? 0)) end--
  return bytes.subarray(0, end)
}

const text = (bytes: Bytes.Bytes): Result.Result<string, "Characters"> => {
  try {
    const read = new TextDecoder("gbk", { fatal: true }).decode(trimmed(bytes)).trim()
    return /\p{Cc}/u.test(read) ? Result.fail("Characters") : Result.succeed(read)
  } catch {
    return Result.fail("Characters")
  }
}

/** What 39 or 55 bytes say. FF where the kind of document stands means that none was written. */
export const decode = (bytes: Bytes.Bytes): Result.Result<HolderFile, Of<"FileDamaged">> => {
  const last = bytes.length - 1
  if (last + 1 !== lengths[0] && last + 1 !== lengths[1]) {
    return damaged(`${bytes.length} bytes instead of ${lengths.join(" or ")}`)
  }
  const name = text(bytes.subarray(2, 22))
  if (Result.isFailure(name)) return damaged("the name is no text in GBK")
  const number = text(bytes.subarray(22, last))
  if (Result.isFailure(number)) return damaged("the number of the document is no text")
  const code = bytes[last] ?? 0xff
  const document = documents[code]
  if (document === undefined && code !== 0xff) return damaged(`a document of the unknown kind ${code}`)
  return Result.succeed({
    kind: bytes[0] ?? 0,
    staff: bytes[1] === 1,
    name: Redacted.make(name.success, { label: "name" }),
    document,
    number: Redacted.make(number.success, { label: "number" })
  })
}
