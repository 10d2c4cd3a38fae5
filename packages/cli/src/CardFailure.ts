/**
 * Why a card was not read or not written 读卡失败: a fault of the reader is told apart from a card that refuses or makes no
 * sense.
 */
import { type CardFault, CardProblem, type PurseCard } from "@yikatong/adapters-pcsc"
import { Effect } from "effect"
import { both, Failed, Flawed, Unknown } from "./Failure.ts"
import * as Output from "./Output.ts"

/** Reader and service are at fault; nothing is known of the card. */
export const isFault = (failure: PurseCard.Failure): failure is CardFault.CardFault => "message" in failure

/** What it is. */
export const what = (failure: PurseCard.Failure): string => {
  if (isFault(failure)) return failure.message
  const { what } = CardProblem.explain(failure)
  return both(what.zh, what.en)
}

/** What helps against it. A fault says so itself. */
export const remedy = (failure: PurseCard.Failure): string => {
  if (isFault(failure)) return ""
  const { remedy } = CardProblem.explain(failure)
  return both(remedy.zh, remedy.en)
}

/** Both in one sentence. */
const sentence = (problem: CardProblem.CardProblem): string => {
  const { remedy, what } = CardProblem.explain(problem)
  return both(`${what.zh}，${remedy.zh}`, `${what.en}; ${remedy.en}`)
}

/** The same for machines. */
export const plain = (failure: PurseCard.Failure): object => {
  const { _tag: tag } = failure
  if (isFault(failure)) return { tag, message: failure.message }
  const { _tag, ...numbers } = failure
  return { tag, ...numbers, ...CardProblem.explain(failure) }
}

/** Nothing could be done, and nothing was written. */
export const told = Effect.fnUntraced(function*(failure: PurseCard.Failure, json: boolean) {
  const isBroken = isFault(failure)
  if (json) yield* Output.json({ ok: false, [isBroken ? "fault" : "problem"]: plain(failure) })
  if (isBroken) return yield* new Unknown({ message: failure.message })
  return yield* json ? new Flawed() : new Failed({ message: sentence(failure) })
})
