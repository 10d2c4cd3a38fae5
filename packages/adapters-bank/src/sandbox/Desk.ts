/** What the pages and the control desk stand on 沙箱值班台: all parts of a sandbox, and the token of its start. */
import type { Redacted } from "effect"
import type { Banks } from "./Banks.ts"
import type { Courier } from "./Courier.ts"
import type { Premises } from "./WireDesk.ts"

/** What is controlled, and by whom: whoever holds the token. */
export interface Desk extends Premises {
  readonly banks: Banks
  readonly courier: Courier
  readonly token: Redacted.Redacted<string>
  readonly seed: number
}

/** The terms of every wire and of every bank's line, by its name. */
export const terms = ({ banks, origin, wires }: Pick<Desk, "banks" | "origin" | "wires">) => ({
  ...Object.fromEntries(wires.map((wire) => [wire.name, wire.terms(origin())])),
  ...banks.terms
})

/** What a payer has, by name. */
export const payersOf = ({ house: { purses } }: Pick<Desk, "house">): ReadonlyArray<{ name: string; has: number }> =>
  [...purses.all].flatMap(([purse, has]) => purse.startsWith("payer:") ? [{ name: purse.slice(6), has }] : [])
