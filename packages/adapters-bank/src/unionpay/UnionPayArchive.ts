/**
 * How a file of UnionPay's travels in a message 文件内容 (fileContent): a zip archive, deflated once more, in Base64.
 *
 * Source: 全渠道平台接入接口规范 第3部分 文件接口. A few bytes can unpack into more than a machine has, so each step has its limit,
 * which is looked at before memory is given.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import { unzipSync, zipSync } from "fflate"
import * as Zlib from "node:zlib"

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

const inflate = (packed: Uint8Array, most: number): Result.Result<Uint8Array, Callback.Refusal> =>
  Result.try({
    try: () => new Uint8Array(Zlib.inflateSync(packed, { maxOutputLength: most })),
    catch: (error) =>
      error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"
        ? tooLarge
        : malformed("the compression of the file")
  })

const unzip = (archive: Uint8Array, limits: Limits): Result.Result<Files, Callback.Refusal> => {
  const sizes = new Map<string, number>()
  let total = 0
  let refusal: Callback.Refusal | undefined
  const unpacked = Result.try({
    try: () =>
      unzipSync(archive, {
        filter: ({ name, originalSize }) => {
          total += originalSize
          if (!/^[0-9A-Za-z._-]{1,128}$/.test(name)) refusal ??= malformed("the name of a file")
          else if (sizes.has(name)) refusal ??= Callback.refusal("duplicateKey", "the name of a file")
          else if (total > limits.unpacked || sizes.size === limits.files) refusal ??= tooLarge
          sizes.set(name, originalSize)
          return refusal === undefined
        }
      }),
    catch: () => malformed("the archive")
  })
  if (refusal !== undefined) return Result.fail(refusal)
  if (Result.isFailure(unpacked)) return Result.fail(unpacked.failure)
  const files = new Map(Object.entries(unpacked.success))
  const isWhole = files.size === sizes.size && [...files].every(([name, bytes]) => bytes.length === sizes.get(name))
  return isWhole ? Result.succeed(files) : Result.fail(malformed("the archive"))
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
