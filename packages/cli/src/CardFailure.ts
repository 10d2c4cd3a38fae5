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

/** What a file of `--cards` decides: keys, their numbers, the PIN. */
const ofSetup: ReadonlySet<CardProblem.CardProblem["_tag"]> = new Set([
  "KeyMissing",
  "KeyNotOnCard",
  "KeysSuspended",
  "MacRefused",
  "MacWrong",
  "PinNeeded",
  "PinSuspended",
  "SectorKeyWrong"
])

/** What helps against a problem, and where that is said at a command line. */
const helps = (problem: CardProblem.CardProblem): ReturnType<typeof CardProblem.explain>["remedy"] => {
  const { remedy } = CardProblem.explain(problem)
  return ofSetup.has(problem._tag)
    ? {
      zh: `${remedy.zh}；密钥和密码写在 --cards 文件中`,
      en: `${remedy.en}; keys and PIN stand in the file of --cards`
    }
    : remedy
}

/** What helps against it. A fault says so itself. */
export const remedy = (failure: PurseCard.Failure): string => {
  if (isFault(failure)) return ""
  const { en, zh } = helps(failure)
  return both(zh, en)
}

/** Both in one sentence. */
const sentence = (problem: CardProblem.CardProblem): string => {
  const [{ what }, remedy] = [CardProblem.explain(problem), helps(problem)]
  return both(`${what.zh}，${remedy.zh}`, `${what.en}; ${remedy.en}`)
}

/** The same with the reader on which the card lies, where the words do not name it. */
export const at = (reader: string, words: string): string => words.includes(reader) ? words : `${reader}: ${words}`

/** The same for machines. */
export const plain = (failure: PurseCard.Failure): object => {
  const { _tag: tag } = failure
  if (isFault(failure)) return { tag, message: failure.message }
  const { _tag, ...numbers } = failure
  return { tag, ...numbers, ...CardProblem.explain(failure) }
}

/** Nothing could be done with the card on this reader, and nothing was written. */
export const told = Effect.fnUntraced(function*(reader: string, failure: PurseCard.Failure, json: boolean) {
  const isBroken = isFault(failure)
  if (json) yield* Output.json({ ok: false, reader, [isBroken ? "fault" : "problem"]: plain(failure) })
  if (isBroken) return yield* new Unknown({ message: at(reader, failure.message) })
  return yield* json ? new Flawed() : new Failed({ message: at(reader, sentence(failure)) })
})
