/**
 * How the cards of a school are set up, from a file 卡片设置文件: each flaw with its place, and never with what stood there.
 */
import { CardSetup } from "@yikatong/adapters-pcsc"
import { Effect, Option, Result } from "effect"
import * as Bytes from "./Bytes.ts"
import * as CardsFlaw from "./CardsFlaw.ts"
import { type Failed, Flawed } from "./Failure.ts"
import * as JsonText from "./JsonText.ts"
import * as Output from "./Output.ts"

/** The largest file that is read. */
const limit = 256 * 1024

/** The setup in this file, or the usual one where none is given. */
export const read = Effect.fnUntraced(function*(
  file: Option.Option<string>
): Effect.fn.Return<CardSetup.CardSetup, Failed | Flawed> {
  if (Option.isNone(file)) return CardSetup.usual
  const json = JsonText.parse(yield* Bytes.textOfFile(file.value, limit))
  const decoded = json.flaws.length > 0
    ? Result.fail({ flaws: json.flaws })
    : Result.mapError(CardSetup.decode(json.value), ({ flaws }) => ({
      flaws: flaws.map((flaw) => ({ ...CardsFlaw.told(flaw), ...JsonText.find(json.root, flaw.path) }))
    }))
  if (Result.isSuccess(decoded)) return decoded.success
  yield* Output.errors(
    ...decoded.failure.flaws.map(({ column, line, path, problem }) =>
      `${file.value}:${line}:${column}: ${path === "" ? "" : `${path}: `}${problem}`
    )
  )
  return yield* new Flawed()
})
