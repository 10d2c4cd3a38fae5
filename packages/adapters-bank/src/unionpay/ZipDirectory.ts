/**
 * The list at the end of a zip archive 压缩包目录: what files it says to hold, before any of them is unpacked.
 *
 * Source: PKWARE APPNOTE, 4.3. Nobody needs an archive in several parts, of more than 4 GB, with a password, or with
 * something behind its end: none of them is read, and what is cut off has no end.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"

/** One file. `size`: unpacked, in bytes; `checksum`: its CRC-32. */
export interface Entry {
  readonly name: string
  readonly size: number
  readonly checksum: number
}

const endMark = 0x06054b50
const endLength = 22
const entryMark = 0x02014b50
const entryLength = 46
const encrypted = 1

const refused = (reason: Callback.Reason, what: string) => Result.fail(Callback.refusal(reason, what))
const cutOff = refused("malformed", "the end of the archive")
const broken = refused("malformed", "the archive")

/** The files of an archive, in its own order. `most`: how many are read. */
export const read = (archive: Buffer, most: number): Result.Result<ReadonlyArray<Entry>, Callback.Refusal> => {
  const end = archive.length - endLength
  if (end < 0 || archive.readUInt32LE(end) !== endMark) return cutOff
  const [disk, first, here, count] = [4, 6, 8, 10].map((at) => archive.readUInt16LE(end + at))
  const [length = 0, from = 0] = [12, 16].map((at) => archive.readUInt32LE(end + at))
  if (disk !== 0 || first !== 0 || count === undefined || here !== count || from + length !== end) return broken
  if (count > most) return refused("tooLarge", "the file")
  const entries: Array<Entry> = []
  for (let at = from; at < end;) {
    if (at + entryLength > end || archive.readUInt32LE(at) !== entryMark) return broken
    const [name = 0, extra = 0, comment = 0] = [28, 30, 32].map((place) => archive.readUInt16LE(at + place))
    const next = at + entryLength + name + extra + comment
    if (next > end || (archive.readUInt16LE(at + 8) & encrypted) !== 0) return broken
    entries.push({
      name: archive.toString("latin1", at + entryLength, at + entryLength + name),
      size: archive.readUInt32LE(at + 24),
      checksum: archive.readUInt32LE(at + 16)
    })
    at = next
  }
  return entries.length === count ? Result.succeed(entries) : broken
}
