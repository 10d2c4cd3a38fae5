/**
 * A journal in a file 流水文件: one entry of the store per line, as JSON, in the order in which each account lived it. It
 * names nobody: accounts and persons are opaque ids (D24).
 */
import { AccountEvent, AccountStore, Flaw } from "@yikatong/core"
import { Effect, Result, Schema, Stream } from "effect"
import { createReadStream } from "node:fs"
import * as Bytes from "./Bytes.ts"
import { both, Failed } from "./Failure.ts"
import type { Numbering } from "./Numbering.ts"
import * as Output from "./Output.ts"

/** The longest line that is read: a command with all its events has a few thousand bytes. */
export const longest = 1024 * 1024

const decode = Schema.decodeUnknownResult(AccountStore.Entry)

/** The entries of a file, as they are read. The first line that is none, or can not follow, ends it. */
export const entries = (file: string, numbering: Numbering): Stream.Stream<AccountStore.Entry, Failed> =>
  Stream.fromAsyncIterable(linesOf(file), (cause) => Bytes.unreadable(file, cause)).pipe(
    Stream.filter(({ text }) => text !== ""),
    Stream.mapEffect(({ number, text }) =>
      Effect.fromResult(Result.flatMap(entry(`${file}:${number}`, text), (entry) => {
        const flaw = numbering.take(entry)
        return flaw === undefined
          ? Result.succeed(entry)
          : Result.fail(new Failed({ message: `${file}:${number}: ${incomplete}: ${flaw}` }))
      }))
    )
  )

const incomplete = both("流水不完整", "the journal is incomplete")

/** An entry as its line. */
export const line = (entry: AccountStore.Entry): string => `${Output.visible(JSON.stringify(entry))}\n`

const entry = (where: string, text: string): Result.Result<AccountStore.Entry, Failed> => {
  const failed = (why: string) => Result.fail(new Failed({ message: `${where}: ${why}` }))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return failed(both("不是合法的 JSON", "this is no JSON"))
  }
  if (typeof value === "object" && value !== null && "shape" in value && value.shape !== AccountEvent.shape) {
    return failed(both("由其他版本写成", `written by another release, in a shape other than ${AccountEvent.shape}`))
  }
  const decoded = decode(value)
  if (Result.isSuccess(decoded)) return Result.succeed(decoded.success)
  const flaws = Flaw.of(decoded.failure)
  return failed(`${both("不是流水", "this is no entry of a journal")}: ${Flaw.told(flaws.slice(0, 3))}`)
}

interface Line {
  readonly number: number
  readonly text: string
}

async function* linesOf(file: string): AsyncGenerator<Line> {
  let rest: Array<Buffer> = []
  let length = 0
  let number = 1
  const take = (): Line => {
    const text = Bytes.decode(`${file}:${number}`, Buffer.concat(rest))
    rest = []
    length = 0
    return { number: number++, text: text.trim() }
  }
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = chunk.indexOf(10, from); end >= 0; end = chunk.indexOf(10, from)) {
      rest.push(chunk.subarray(from, end))
      from = end + 1
      yield take()
    }
    rest.push(chunk.subarray(from))
    length += chunk.length - from
    if (length > longest) throw Bytes.tooLarge(`${file}:${number}`, longest)
  }
  if (length > 0) yield take()
}
