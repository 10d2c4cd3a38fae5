/**
 * What became of a write to a card 写卡结果 (R28, D8): done, not done, or not known, and then with the evidence. It is told from what the
 * card itself says afterwards; nothing is ever written twice to find out.
 */
import type { Chip } from "@yikatong/core"
import type { CardFault } from "./CardFault.ts"
import type { CardProblem } from "./CardProblem.ts"

/** What is known of a write whose outcome is not. `before`: as it was read; `after`: as far as anything could be read since. */
export interface Evidence {
  readonly before: Chip.Reading
  readonly after?: Chip.Reading
  /** What GET TRANSACTION PROVE said: the card has signed it, has not, was not asked, or its signature is wrong. */
  readonly proof: "signed" | "none" | "notAsked" | "forged"
  /** Why nothing more is known. */
  readonly cause: CardFault | CardProblem
}

/** `reading`: the chip as it was read after the write. `tac`: its signature, in hexadecimal, kept as evidence (D11). */
export type Outcome =
  | { readonly _tag: "Done"; readonly reading: Chip.Reading; readonly tac?: string }
  | { readonly _tag: "NotDone"; readonly reading: Chip.Reading; readonly cause?: CardFault | CardProblem }
  | { readonly _tag: "Unknown"; readonly evidence: Evidence }
