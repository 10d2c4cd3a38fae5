/** A card that expects exactly these commands in this order, and gives these answers; blanks are for people. */
import { Effect } from "effect"
import { expect } from "vitest"
import * as Bytes from "../../src/Bytes.ts"
import type { CardChannel } from "../../src/CardChannel.ts"

export type Script = ReadonlyArray<readonly [command: string, answer: string]>

export interface Scripted extends CardChannel {
  readonly sent: Array<string>
}

export const card = (script: Script, atr = "3B880159494B41544F4E47"): Scripted => {
  const sent: Array<string> = []
  return {
    reader: "reader-1",
    atr: Bytes.of(atr),
    longest: 261,
    sent,
    transmit: (command) =>
      Effect.sync(() => {
        const [expected, answer] = script[sent.length] ?? ["nothing more", ""]
        expect(Bytes.hex(command)).toBe(expected.replaceAll(" ", ""))
        sent.push(Bytes.hex(command))
        return Bytes.of(answer)
      }),
    reset: Effect.void
  }
}
