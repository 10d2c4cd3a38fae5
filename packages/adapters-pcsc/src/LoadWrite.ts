/**
 * How a till writes money to the card that lies there, for the flows of the core 圈存写卡, and what it learns as it does: whether the card
 * wanted its PIN. The flows ask what the chip reads afterwards and nothing else, so that is told beside them.
 */
import { type Loading, Submit } from "@yikatong/core"
import { Effect, Option, type Redacted } from "effect"
import type { Bytes } from "./Bytes.ts"
import type { CardProblem } from "./CardProblem.ts"
import type { Failure, PurseCard } from "./PurseCard.ts"

/** `wanted`: why nothing was written, where that was for the PIN: none was there, or it was wrong. */
export interface LoadWrite {
  readonly write: Loading.Write
  readonly wanted: Effect.Effect<CardProblem | undefined>
}

const ofPin: ReadonlyArray<Failure["_tag"]> = ["PinNeeded", "PinWrong", "PinLocked", "PinSuspended"]
const isOfPin = (failure: Failure): failure is CardProblem => ofPin.includes(failure._tag)

/** `pin`: as it was typed at this tap; the till's own where it is left out. */
export const make = (card: PurseCard, pin?: Redacted.Redacted<Bytes>): LoadWrite => {
  let wanted: CardProblem | undefined
  return {
    wanted: Effect.sync(() => wanted),
    write: (amount, before) =>
      Effect.gen(function*() {
        const at = yield* Submit.arrival
        const outcome = yield* card.load({ amount, before, at, ...(pin === undefined ? {} : { pin }) })
        return outcome._tag === "Unknown" ? Option.none() : Option.some(outcome.reading)
      }).pipe(
        // Nothing was written: what the chip says now is the proof of it.
        Effect.catch((failure) => {
          if (isOfPin(failure)) wanted = failure
          return Effect.option(card.reading)
        })
      )
  }
}

/** Shows the PIN that was typed at this tap, if one was and the card knows PINs: a wrong one is told before anything else happens. */
export const show = (card: PurseCard, pin: Redacted.Redacted<Bytes> | undefined): Effect.Effect<void, Failure> =>
  pin === undefined || card.showPin === undefined ? Effect.void : card.showPin(pin)
