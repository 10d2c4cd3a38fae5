/**
 * What a reader's status says about a storage card 存储卡状态字: in PC/SC part 3 the words mean otherwise than on a CPU card.
 *
 * Source: PC/SC part 3, 3.2.2.1.4 to 3.2.2.1.9. Many readers know one word only, 6300, for all that fails.
 */
import * as CardProblem from "./CardProblem.ts"
import * as StatusWord from "./StatusWord.ts"

/** Words by which a reader says that it does not take the command, the place for a key, or the kind of key. */
const unsuited: ReadonlySet<number> = new Set([0x6984, 0x6986, 0x6988, 0x6989, 0x6a81, 0x6d00, 0x6e00])

/** Words by which it says that card and key do not agree. */
const wrongKey: ReadonlySet<number> = new Set([0x6300, 0x6982])

/** The problem that a status other than 9000 is. `sector`: where it was tried. */
export const problemOf = (
  step: CardProblem.Step,
  word: number,
  sector: number | undefined
): CardProblem.CardProblem => {
  // A place for keys is in the reader: no card has said anything.
  if (step === "loadKey" || unsuited.has(word)) return { _tag: "ReaderUnsuited", step, status: StatusWord.of(word) }
  if (step === "authenticate" && sector !== undefined && wrongKey.has(word)) return { _tag: "SectorKeyWrong", sector }
  return CardProblem.ofStatus(step, word)
}
