/**
 * The answers to the messages of the load 圈存应答 (0210, 0410, 0810, 0830): built by the host, read by the terminal.
 *
 * An answer is believed only where it repeats what was asked: terminal, merchant, number, processing code and amount.
 * Another one is no answer, and a transfer without an answer is reversed. Source: 银联POS终端规范 (Q/CUP 009).
 */
import { Callback, CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as IsoMessage from "./IsoMessage.ts"
import * as IsoReply from "./IsoReply.ts"

/** What the host says. `reference`: its own number of the dealing, twelve characters. `keys`: field 62 of a sign-in. */
export interface Answer {
  readonly code: string
  readonly at: CivilTime.Instant
  readonly reference: string
  /** The day of settlement 清算日期, by which the books of both sides are cut (not by the clock). */
  readonly settlementDay?: CivilTime.Day
  readonly keys?: string
}

/** What the answer repeats of the request. */
const repeated = [3, 4, 11, 25, 41, 42, 49]

/** The type of the answer: 0200 becomes 0210. */
const answerType = (type: string): string => `${type.slice(0, 2)}${Number(type[2]) + 1}${type.slice(3)}`

const monthDay = (day: CivilTime.Day): string => CivilTime.formatDay(day).slice(5).replace("-", "")

/** The host's answer to a request. */
export const write = (request: IsoMessage.IsoMessage, answer: Answer): IsoMessage.IsoMessage => {
  const fields = Object.fromEntries(repeated.map((at) => [at, IsoMessage.get(request, at)]))
  const [, time = ""] = CivilTime.format(answer.at).split(" ")
  return IsoMessage.make(answerType(request.type), {
    ...fields,
    12: time.replaceAll(":", ""),
    13: monthDay(CivilTime.dayOf(answer.at)),
    15: answer.settlementDay === undefined ? undefined : monthDay(answer.settlementDay),
    37: answer.reference,
    39: answer.code,
    60: IsoMessage.get(request, 60),
    62: answer.keys
  })
}

/** What the terminal takes from an answer. `settlementDay`: MMDD, for the year is not told. */
export interface Read {
  readonly reply: IsoReply.IsoReply
  readonly reference?: string
  readonly settlementDay?: string
  readonly keys?: string
}

/** Reads the answer to a request; one that answers another is refused. */
export const read = (
  request: IsoMessage.IsoMessage,
  answer: IsoMessage.IsoMessage
): Result.Result<Read, Callback.Refusal> => {
  if (answer.type !== answerType(request.type)) {
    return Result.fail(Callback.refusal("malformed", "an answer of another type"))
  }
  const other = repeated.find((at) => IsoMessage.get(answer, at) !== IsoMessage.get(request, at))
  if (other !== undefined) return Result.fail(Callback.refusal("malformed", `field ${other}: of another request`))
  if (IsoMessage.get(answer, 39) === undefined) return Result.fail(Callback.refusal("malformed", "field 39"))
  const reference = IsoMessage.get(answer, 37)
  const settlementDay = IsoMessage.get(answer, 15)
  const keys = IsoMessage.get(answer, 62)
  return Result.succeed({
    reply: IsoReply.read(answer),
    ...(reference === undefined ? {} : { reference }),
    ...(settlementDay === undefined ? {} : { settlementDay }),
    ...(keys === undefined ? {} : { keys })
  })
}
