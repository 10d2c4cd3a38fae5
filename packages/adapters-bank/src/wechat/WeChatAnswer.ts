/**
 * Short answers of WeChat Pay 应答报文: what an order is paid with, where a bill is, what went wrong. Transactions and
 * refunds have files of their own.
 *
 * All but the last are read after their signature. Source: WeChat Pay APIv3, Native 下单, JSAPI 下单, 申请交易账单, 错误码.
 */
import { Callback } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as JsonBody from "../JsonBody.ts"
import { Problem } from "./WeChatOutcome.ts"

const Visible = Schema.String.check(Schema.isPattern(/^[!-~]{1,2048}$/))

const decodeCode = JsonBody.decode(Schema.Struct({ code_url: Visible }), "the answer")
const decodePrepay = JsonBody.decode(Schema.Struct({ prepay_id: Visible }), "the answer")
const decodeBill = JsonBody.decode(
  Schema.Struct({ hash_type: Schema.String, hash_value: Schema.String, download_url: Visible }),
  "the address of the bill"
)

/** The text of the QR code 二维码链接 of an order. */
export const codeUrl = (body: Uint8Array): JsonBody.Read<string> =>
  Result.map(Result.flatMap(JsonBody.parse(body), decodeCode), ({ code_url }) => code_url)

/** The id with which a page pays an order 预支付交易会话标识. */
export const prepayId = (body: Uint8Array): JsonBody.Read<string> =>
  Result.map(Result.flatMap(JsonBody.parse(body), decodePrepay), ({ prepay_id }) => prepay_id)

/** Where a bill is, and its sum. */
export interface BillAddress {
  readonly url: string
  readonly sha1: string
}

/** Reads where a bill is. */
export const billAddress = (body: Uint8Array): JsonBody.Read<BillAddress> =>
  Result.flatMap(
    Result.flatMap(JsonBody.parse(body), decodeBill),
    ({ download_url, hash_type, hash_value }) => {
      if (hash_type !== "SHA1") return Result.fail(Callback.refusal("unsupported", "the sum of the bill"))
      return /^[0-9A-Fa-f]{40}$/.test(hash_value)
        ? Result.succeed({ url: download_url, sha1: hash_value })
        : Result.fail(Callback.refusal("malformed", "the sum of the bill"))
    }
  )

/** Writes where a bill is. */
export const writeBillAddress = ({ sha1, url }: BillAddress): Uint8Array =>
  JsonBody.write({ hash_type: "SHA1", hash_value: sha1, download_url: url })

const decodeRecall = JsonBody.decode(
  Schema.Struct({ recall: Schema.optionalKey(Schema.Literals(["Y", "N"])) }),
  "the answer"
)

/** Whether a reversal has to be asked for again `recall`; an answer that says nothing of it, or nothing at all, is done. */
export const recall = (body: Uint8Array): JsonBody.Read<"Y" | "N"> =>
  body.length === 0
    ? Result.succeed("N")
    : Result.map(Result.flatMap(JsonBody.parse(body), decodeRecall), ({ recall = "N" }) => recall)

const decodeProblem = JsonBody.decode(Problem, "the error")

/** What an error says, signed or not; nothing where it says nothing that can be read. */
export const problem = (body: Uint8Array): Partial<Problem> =>
  Result.getOrElse(Result.flatMap(JsonBody.parse(body), decodeProblem), () => ({}))

const decodeDetail = JsonBody.decode(
  Schema.Struct({ field: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_./[\]-]{1,64}$/)) }),
  "the detail"
)

/** The name of the field that an error is about, as `/amount/total`: never its value, and nothing that is no name. */
export const fieldOf = ({ detail }: Partial<Problem>): string | undefined =>
  Result.getOrElse(Result.map(decodeDetail(detail), ({ field }) => field), () => undefined)
