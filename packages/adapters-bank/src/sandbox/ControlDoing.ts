/**
 * One request of the control desk 控制请求: where it is asked, what it says and does, and how it is refused. Refusals are for a
 * person, in both languages, and name fields, never what stood in them.
 */
import { Flaw } from "@yikatong/core"
import { type Effect, Result, Schema } from "effect"
import * as JsonBody from "../JsonBody.ts"
import type { Desk } from "./Desk.ts"
import type { Answer } from "./Wire.ts"

/** Not done, and why: for a person, and by a status. */
export interface Refusal {
  readonly status: number
  readonly zh: string
  readonly en: string
}

export type Told = Result.Result<unknown, Refusal>

export const refused = (status: number, zh: string, en: string): Result.Result<never, Refusal> =>
  Result.fail({ status, zh, en })

/** What is done with a request; `body` is empty where none came. */
export interface Asked {
  readonly desk: Desk
  readonly body: Uint8Array
  readonly query: URLSearchParams
  /** What stands for the variables of the path. */
  readonly parts: ReadonlyArray<string>
}

/** What is told is written as JSON; an answer goes back as it is. */
export type Outcome = Told | Answer

export interface Doing {
  readonly method: "DELETE" | "GET" | "POST"
  /** Words in capitals are variables. */
  readonly path: string
  readonly zh: string
  readonly en: string
  /** What may be sent with it, as JSON. */
  readonly example: string
  readonly does: (asked: Asked) => Effect.Effect<Outcome> | Outcome
}

export const doing = (
  method: Doing["method"],
  path: string,
  [zh, en, example = ""]: readonly [zh: string, en: string, example?: string],
  does: Doing["does"]
): Doing => ({ method, path, zh, en, example, does })

/** An empty object. */
export const Nothing = Schema.Record(Schema.String, Schema.Never)

/** No body is an empty object. Flaws name fields, not values. */
export const decode = <A>(schema: Schema.Codec<A, unknown>, body: Uint8Array): Result.Result<A, Refusal> => {
  const read = body.length === 0 ? Result.succeed({}) : JsonBody.parse(body)
  if (Result.isFailure(read)) {
    const { reason, what } = read.failure
    const [status, zh] = reason === "tooLarge"
      ? [413, "JSON 太长或嵌套太深"] as const
      : [400, "无法读取 JSON，请检查格式"] as const
    return refused(status, zh, `the JSON can not be read: ${what}`)
  }
  return Result.mapError(
    Schema.decodeUnknownResult(schema)(read.success, { errors: "all", onExcessProperty: "error" }),
    (error) => {
      const where = Flaw.of(error).map(({ path: at }) => at === "" ? "/" : at).join(", ")
      return { status: 422, zh: `内容不对：${where}`, en: `it says what can not be: ${where}` }
    }
  )
}
