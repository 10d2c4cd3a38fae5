/**
 * What UnionPay answers at once 同步应答: to requests for money, to queries, and with the file of a day.
 *
 * Source: 全渠道平台接入接口规范, 5.1.0. An answer to a request for money is never proof; that to a query is, once it is
 * verified. The words of the answer (respMsg) are not read: they may repeat what a payer typed.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import * as Code from "./UnionPayCode.ts"
import * as Fields from "./UnionPayFields.ts"
import * as Message from "./UnionPayMessage.ts"
import * as Notice from "./UnionPayNotice.ts"

/** What a request for money became. `qrCode`: the text of the code to show, where one was asked for. */
export interface Submitted {
  readonly outcome: Code.Submitted
  readonly respCode: string
  readonly queryId: string | undefined
  readonly qrCode: string | undefined
}

/** What a transaction is, as the answer to a query says. */
export type Queried =
  | { readonly outcome: "done"; readonly respCode: string; readonly done: Notice.Done }
  | { readonly outcome: Exclude<Code.Queried, "done">; readonly respCode: string }

const otherRequest = (name: Fields.Name) =>
  Result.fail(Callback.refusal("malformed", `an answer to another request, by the field ${name}`))

/**
 * An answer to another question than ours is no answer: it might be an old one, sent again. `repeats`: what every answer
 * repeats of its question; `mayRepeat`: what it repeats if it has the field at all.
 */
const isAbout = (
  answer: Message.Message,
  request: Message.Message,
  repeats: ReadonlyArray<Fields.Name>,
  mayRepeat: ReadonlyArray<Fields.Name> = []
): Result.Result<string, Callback.Refusal> => {
  const merchant = Notice.forMerchant(answer, request.get("merId") ?? "")
  if (Result.isFailure(merchant)) return merchant
  for (const name of [...repeats, ...mayRepeat]) {
    const said = repeats.includes(name) ? Fields.text(answer, name) : Fields.find(answer, name)
    if (Result.isFailure(said)) return Result.fail(said.failure)
    if (said.success !== undefined && said.success !== request.get(name)) return otherRequest(name)
  }
  return merchant
}

/** Reads the verified answer to a request for money. */
export const submitted = (
  message: Message.Message,
  request: Message.Message
): Result.Result<Submitted, Callback.Refusal> =>
  Result.gen(function*() {
    yield* isAbout(message, request, ["orderId", "txnTime"], ["txnType", "txnAmt", "currencyCode"])
    const respCode = yield* Fields.text(message, "respCode")
    const queryId = yield* Fields.find(message, "queryId")
    const qrCode = yield* Fields.find(message, "qrCode")
    return { outcome: Code.submitted(respCode), respCode, queryId, qrCode }
  })

/** What is asked about: money that came, or money that went back. */
export type Asked = "payment" | "back"

/** The answer bears the kind of the transaction, as UnionPay's own samples have it, or that of the query. */
const txnTypes: Readonly<Record<Asked, ReadonlyArray<string>>> = { payment: ["01", "00"], back: ["04", "31", "00"] }

/** Reads the verified answer to a query. `respCode`: the code that decided. The amount is compared by who knows it. */
export const queried = (
  message: Message.Message,
  request: Message.Message,
  about: Asked
): Result.Result<Queried, Callback.Refusal> =>
  Result.gen(function*() {
    const merId = yield* isAbout(message, request, ["orderId", "txnTime"])
    const respCode = yield* Fields.text(message, "respCode")
    const origRespCode = yield* Fields.find(message, "origRespCode")
    const outcome = Code.queried(respCode, origRespCode)
    const decided = outcome === "done" || outcome === "declined" ? origRespCode ?? respCode : respCode
    if (outcome !== "done") return { outcome, respCode: decided }
    if (!txnTypes[about].includes(yield* Fields.text(message, "txnType"))) return yield* otherRequest("txnType")
    return { outcome, respCode: decided, done: yield* Notice.readDone(message, "origRespCode", merId) }
  })

/** The file of a day in an answer, still packed; "none" if UnionPay has none (98), which a day without payments has. */
export type File = { readonly name: string; readonly content: string } | "none"

/** Reads the verified answer to a request for a file: one that says of which day it is, and that it is the day asked for. */
export const file = (message: Message.Message, request: Message.Message): Result.Result<File, Callback.Refusal> =>
  Result.gen(function*() {
    yield* isAbout(message, request, ["txnTime"], ["txnType", "settleDate", "fileType"])
    const respCode = yield* Fields.text(message, "respCode")
    if (respCode === "98") return "none" as const
    if (respCode !== "00") return yield* Result.fail(Callback.refusal("unsupported", "a respCode that is no success"))
    yield* Fields.text(message, "settleDate")
    return { name: yield* Fields.text(message, "fileName"), content: yield* Fields.text(message, "fileContent") }
  })

/** What UnionPay repeats of a request in its answer and in its notification. */
const repeated = [
  "version",
  "encoding",
  "txnType",
  "txnSubType",
  "bizType",
  "accessType",
  "merId",
  "orderId",
  "txnTime",
  "reqReserved",
  "settleDate",
  "fileType"
]

/** An answer or a notification to a request, as UnionPay's side writes it; not yet signed. */
export const to = (
  request: Message.Message,
  respCode: string,
  fields: Readonly<Record<string, string | undefined>> = {}
): Message.Message =>
  Message.of({
    ...Object.fromEntries(repeated.map((name) => [name, request.get(name)])),
    respCode,
    respMsg: `${Code.words(respCode, "zh")}[${respCode}00000]`,
    ...fields
  })
