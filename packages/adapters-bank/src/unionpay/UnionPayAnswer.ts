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
import type { Named } from "./UnionPayOrder.ts"
import * as Time from "./UnionPayTime.ts"

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

/** An answer to another question than ours is no answer: it might be an old one, sent again. */
const isAbout = (message: Message.Message, { orderId, txnTime }: Named): Result.Result<void, Callback.Refusal> =>
  message.get("orderId") === orderId && message.get("txnTime") === Time.write(txnTime)
    ? Result.void
    : Result.fail(Callback.refusal("malformed", "an answer to another request"))

/** Reads the verified answer to a request for money. */
export const submitted = (
  message: Message.Message,
  merId: string,
  asked: Named
): Result.Result<Submitted, Callback.Refusal> =>
  Result.gen(function*() {
    yield* Notice.forMerchant(message, merId)
    yield* isAbout(message, asked)
    const respCode = yield* Fields.text(message, "respCode")
    const queryId = yield* Fields.find(message, "queryId")
    const qrCode = yield* Fields.find(message, "qrCode")
    return { outcome: Code.submitted(respCode), respCode, queryId, qrCode }
  })

/** Reads the verified answer to a query. `respCode`: the code that decided. */
export const queried = (
  message: Message.Message,
  merId: string,
  asked: Named
): Result.Result<Queried, Callback.Refusal> =>
  Result.gen(function*() {
    yield* Notice.forMerchant(message, merId)
    yield* isAbout(message, asked)
    const respCode = yield* Fields.text(message, "respCode")
    const origRespCode = yield* Fields.find(message, "origRespCode")
    const outcome = Code.queried(respCode, origRespCode)
    const decided = outcome === "done" || outcome === "declined" ? origRespCode ?? respCode : respCode
    if (outcome !== "done") return { outcome, respCode: decided }
    return { outcome, respCode: decided, done: yield* Notice.readDone(message, "origRespCode", merId) }
  })

/** The file of a day in an answer, still packed; "none" if UnionPay has none (98), which a day without payments has. */
export type File = { readonly name: string; readonly content: string } | "none"

/** Reads the verified answer to a request for a file. */
export const file = (message: Message.Message, merId: string): Result.Result<File, Callback.Refusal> =>
  Result.gen(function*() {
    yield* Notice.forMerchant(message, merId)
    const respCode = yield* Fields.text(message, "respCode")
    if (respCode === "98") return "none" as const
    if (respCode !== "00") return yield* Result.fail(Callback.refusal("unsupported", "a respCode that is no success"))
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
