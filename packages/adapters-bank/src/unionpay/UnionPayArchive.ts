/**
 * How a file of UnionPay's travels in a message 文件内容 (fileContent): a zip archive, deflated once more, in Base64.
 *
 * Source: 全渠道平台接入接口规范 第3部分 文件接口. A few bytes can unpack into more than a machine has, so each step has its limit,
 * which is looked at before memory is given. Names are no paths, and what is unpacked is what was packed, by its length
 * and its checksum.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import { unzipSync, zipSync } from "fflate"
import * as Zlib from "node:zlib"
import * as ZipDirectory from "./ZipDirectory.ts"

/** The files by their names. */
export type Files = ReadonlyMap<string, Uint8Array>

/** `packed`: Base64, and the archive; `unpacked`: all files together, in bytes; `files`: how many. */
export interface Limits {
  readonly packed: number
  readonly unpacked: number
  readonly files: number
}

/** A day of 100,000 payments, 61 MB, passes. */
export const limits: Limits = { packed: 33_554_432, unpacked: 134_217_728, files: 32 }

/** The largest answer with a file in it, in bytes. */
export const largestMessage: number = limits.packed + 65_536

const tooLarge = Callback.refusal("tooLarge", "the file")
const malformed = (what: string) => Callback.refusal("malformed", what)

const inflate = (packed: Uint8Array, most: number): Result.Result<Buffer, Callback.Refusal> =>
  Result.try({
    try: () => Zlib.inflateSync(packed, { maxOutputLength: most }),
    catch: (error) =>
      error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"
        ? tooLarge
        : malformed("the compression of the file")
  })

const isName = (name: string): boolean => /^[0-9A-Za-z._-]{1,128}$/.test(name) && !/^\.+$/.test(name)

/** Why the list of an archive is not followed, if it is not. */
const objection = (entries: ReadonlyArray<ZipDirectory.Entry>, limits: Limits): Callback.Refusal | undefined => {
  const names = new Set<string>()
  let total = 0
  for (const { name, size } of entries) {
    if (!isName(name)) return malformed("the name of a file")
    if (names.has(name)) return Callback.refusal("duplicateKey", "the name of a file")
    total += size
    if (total > limits.unpacked) return tooLarge
    names.add(name)
  }
  return undefined
}

const unzip = (archive: Buffer, limits: Limits): Result.Result<Files, Callback.Refusal> => {
  const listed = ZipDirectory.read(archive, limits.files)
  if (Result.isFailure(listed)) return Result.fail(listed.failure)
  const problem = objection(listed.success, limits)
  if (problem !== undefined) return Result.fail(problem)
  const sizes = new Map(listed.success.map(({ name, size }) => [name, size]))
  const unpacked = Result.try({
    // The library may read the list in another way than we did: it unpacks what stands in ours alone.
    try: () => unzipSync(archive, { filter: ({ name, originalSize }) => sizes.get(name) === originalSize }),
    catch: () => malformed("the archive")
  })
  if (Result.isFailure(unpacked)) return Result.fail(unpacked.failure)
  const files = new Map(Object.entries(unpacked.success))
  if (files.size !== sizes.size) return Result.fail(malformed("the archive"))
  for (const { checksum, name, size } of listed.success) {
    const bytes = files.get(name)
    if (bytes?.length !== size) return Result.fail(malformed("the archive"))
    // The library does not look at it.
    if (Zlib.crc32(bytes) !== checksum) return Result.fail(malformed("the checksum of a file"))
  }
  return Result.succeed(files)
}

/** Unpacks what an answer brought. */
export const open = (content: string, within: Limits = limits): Result.Result<Files, Callback.Refusal> => {
  if (content.length > within.packed) return Result.fail(tooLarge)
  const text = content.replaceAll(/\s/g, "")
  if (text.length % 4 !== 0 || !/^[0-9A-Za-z+/]+={0,2}$/.test(text)) {
    return Result.fail(malformed("the Base64 of the file"))
  }
  return Result.flatMap(inflate(Buffer.from(text, "base64"), within.packed), (archive) => unzip(archive, within))
}

/** Any day does: the time of the archive says nothing, and the same files shall always be the same bytes. */
const mtime = new Date(2000, 0, 1)

/** Packs files, as UnionPay's side does. */
export const seal = (files: Files): string =>
  Zlib.deflateSync(zipSync(Object.fromEntries(files), { mtime })).toString("base64")
