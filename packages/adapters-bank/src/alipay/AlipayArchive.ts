/**
 * The zip archive of an Alipay bill 账单压缩包, with names in GBK.
 *
 * The library unpacks, and is asked for no more than the archive's own list says and our limits allow: an archive of a
 * few kilobytes can claim to hold gigabytes. It looks at no checksums and knows no GBK, so that is done here. Source:
 * PKWARE APPNOTE, 4.3.
 */
import { Callback, type CivilTime } from "@yikatong/core"
import { Result } from "effect"
import { unzipSync, zipSync } from "fflate"
import { crc32 } from "node:zlib"
import * as Gbk from "../Gbk.ts"

/** The most that is unpacked. `bytes`: of the archive; `unpacked`: of all files together. */
export interface Limits {
  readonly bytes: number
  readonly unpacked: number
  readonly files: number
}

/** A million rows, which is more than a campus has in a day. */
export const limits: Limits = { bytes: 67_108_864, unpacked: 268_435_456, files: 8 }

/** The files of an archive by their names. */
export const read = (
  archive: Uint8Array,
  most: Limits = limits
): Result.Result<ReadonlyMap<string, Uint8Array>, Callback.Refusal> => {
  if (archive.length > most.bytes) return refused("tooLarge", "an archive")
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)
  const listed = entries(bytes, most.files)
  if (Result.isFailure(listed)) return Result.fail(listed.failure)
  if (listed.success.reduce((sum, { size }) => sum + size, 0) > most.unpacked) {
    return refused("tooLarge", "an archive, unpacked")
  }
  let unpacked: Readonly<Record<string, Uint8Array>>
  const names: Array<string> = []
  try {
    unpacked = unzipSync(archive, {
      filter: ({ name, originalSize }) => {
        // The library believes a second list (ZIP64), if there is one; ours was within the limits.
        if (originalSize !== listed.success[names.length]?.size) throw new RangeError("Another list")
        return names.push(name) > 0
      }
    })
  } catch {
    return refused("malformed", "an archive")
  }
  const files = new Map<string, Uint8Array>()
  for (const [index, { checksum, size }] of listed.success.entries()) {
    const name = names[index] ?? ""
    const content = unpacked[name]
    if (content === undefined || content.length !== size || crc32(content) !== checksum) {
      return refused("malformed", "a file of an archive")
    }
    const decoded = decodeName(name)
    if (Result.isFailure(decoded)) return Result.fail(decoded.failure)
    if (files.has(decoded.success)) return refused("duplicateKey", "the names of an archive")
    files.set(decoded.success, content)
  }
  return Result.succeed(files)
}

/** Unless it is marked as UTF-8, the library hands over one character for each byte. */
const decodeName = (name: string): Result.Result<string, Callback.Refusal> =>
  /^[\0-\xff]*$/.test(name) ? Gbk.decode(Buffer.from(name, "latin1")) : Result.succeed(name)

interface Entry {
  readonly checksum: number
  readonly size: number
  /** Where its name stands in the list, and before its data. */
  readonly named: readonly [inList: number, before: number]
}

const endMark = Buffer.from("504b0506", "hex")
const entryMark = 0x02014b50

/** What the list at the end of an archive says of its files. */
const entries = (archive: Buffer, most: number): Result.Result<ReadonlyArray<Entry>, Callback.Refusal> => {
  const end = archive.lastIndexOf(endMark)
  if (end < 0 || end + 22 > archive.length) return refused("malformed", "an archive without an end")
  const count = archive.readUInt16LE(end + 10)
  if (count > most) return refused("tooLarge", "the files of an archive")
  const found: Array<Entry> = []
  let at = archive.readUInt32LE(end + 16)
  for (let index = 0; index < count; index++) {
    if (at + 46 > end || archive.readUInt32LE(at) !== entryMark) return refused("malformed", "the list of an archive")
    found.push({
      checksum: archive.readUInt32LE(at + 16),
      size: archive.readUInt32LE(at + 24),
      named: [at + 46, archive.readUInt32LE(at + 42) + 30]
    })
    at += 46 + archive.readUInt16LE(at + 28) + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  return Result.succeed(found)
}

const refused = (reason: Callback.Reason, what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal(reason, what))

/** The other side: an archive of up to nine files. */
export const write = (
  files: ReadonlyArray<readonly [name: string, content: Uint8Array]>,
  at: CivilTime.Instant
): Buffer => {
  const names = files.map(([name]) => Gbk.encode(name))
  // The library writes a name that is not ASCII as UTF-8: it gets one of the same length, which is then overwritten.
  const placeholders = names.map(({ length }, index) => String(index).padStart(length, "_"))
  const archive = Buffer.from(zipSync(
    Object.fromEntries(files.map(([, content], index) => [placeholders[index], content])),
    { mtime: at }
  ))
  for (const [index, { named }] of Result.getOrThrow(entries(archive, 9)).entries()) {
    for (const place of named) archive.set(names[index] ?? [], place)
  }
  return archive
}
