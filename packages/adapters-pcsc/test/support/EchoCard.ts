// The simplest card that shows what happens to it: it answers with what it got, remembers a selection as long as it has power, and counts
// its writes for ever.
import type { CardProgram } from "../../src/CardProgram.ts"
import { Bytes } from "../../src/index.ts"

export interface EchoCard extends CardProgram {
  /** Writes that were carried out, whole or in part. */
  readonly writes: () => number
  readonly selected: () => boolean
  /** What happened to its power, in order. */
  readonly powers: ReadonlyArray<string>
}

export const atr = Bytes.of("3B 80 80 01 01")
export const echo = Bytes.of("80 10 01 02")
export const select = Bytes.of("00 A4 00 00")
export const selection = Bytes.of("80 12 00 00")
export const write = Bytes.of("80 14 00 00")

const good = Bytes.of("90 00")

export const echoCard = (answerToReset: Bytes.Bytes = atr): EchoCard => {
  let selected = false
  let writes = 0
  const powers: Array<string> = []
  return {
    atr: answerToReset,
    power: (change) => {
      powers.push(change)
      selected = false
    },
    answer: (command) => {
      switch (command[1]) {
        case 0xa4:
          selected = true
          return good
        case 0x12:
          return Bytes.join(selected ? 1 : 0, good)
        case 0x14:
          writes++
          return Bytes.join(writes, good)
        default:
          return Bytes.join(command, good)
      }
    },
    interrupt: (command, written) => {
      if (command[1] === 0x14 && written > 0) writes++
    },
    writes: () => writes,
    selected: () => selected,
    powers
  }
}
