/**
 * What may happen next in a life. Each command is drawn as an intention (which card, which slip, how much of what is
 * left) and finds out what it means when its turn comes, so that a life that is shortened still makes sense.
 */
import * as fc from "fast-check"
import { until, waits } from "./Amounts.ts"
import { desk } from "./Desk.ts"
import type { Life } from "./Life.ts"
import { load, place, recharge, reverse, settleLater, topUp } from "./Loads.ts"
import type { Model } from "./Model.ts"
import { office } from "./Office.ts"
import { type Does, does, pick } from "./Step.ts"
import { backLater, heldUpTwice, passedByCode, pulledAway, tooLate, tornAndSpent, undoneAndTorn } from "./Stories.ts"
import { alipayRecord, payByCard, payByCode, spendOffline, upload } from "./Tills.ts"

const again = fc.nat({ max: 9_999 }).map((n) =>
  does("again", n, async (model, life) => {
    const sent = pick(model.history, n)
    if (sent !== undefined) await life.sendAgain(sent)
  })
)

const misuse = fc.nat({ max: 9_999 }).map((n) =>
  does("misuse", n, async (model, life) => {
    const sent = pick(model.history, n)
    if (sent !== undefined) await life.misuse(sent)
  })
)

const waiting = waits.map((wish) => does("wait", wish, async (model, life) => life.wait(until(model, wish))))

/** What happens next. The weights make lives in which people mostly eat, and everything else happens too. */
const next: fc.Arbitrary<Does> = fc.oneof(
  { weight: 28, arbitrary: waiting },
  { weight: 24, arbitrary: payByCard },
  { weight: 9, arbitrary: payByCode("todayCampusCode") },
  { weight: 6, arbitrary: payByCode("ecodePayCode") },
  { weight: 2, arbitrary: payByCode("alipayCode") },
  { weight: 1, arbitrary: payByCode("ecodeIdentityCode") },
  { weight: 1, arbitrary: payByCode("keyRing") },
  { weight: 12, arbitrary: spendOffline },
  { weight: 13, arbitrary: upload },
  { weight: 3, arbitrary: alipayRecord },
  { weight: 8, arbitrary: recharge },
  { weight: 3, arbitrary: place },
  { weight: 10, arbitrary: load },
  { weight: 3, arbitrary: settleLater },
  { weight: 6, arbitrary: reverse },
  { weight: 4, arbitrary: again },
  { weight: 2, arbitrary: misuse },
  { weight: 6, arbitrary: topUp },
  { weight: 2, arbitrary: tornAndSpent },
  { weight: 1, arbitrary: undoneAndTorn },
  { weight: 1, arbitrary: pulledAway },
  { weight: 1, arbitrary: backLater },
  { weight: 2, arbitrary: tooLate },
  { weight: 2, arbitrary: heldUpTwice },
  { weight: 2, arbitrary: passedByCode },
  { weight: 24, arbitrary: desk },
  { weight: 19, arbitrary: office }
)

/** The commands of one life, up to so many. */
export const commands = (
  maxCommands: number,
  replayPath?: string
): fc.Arbitrary<Iterable<fc.AsyncCommand<Model, Life>>> =>
  fc.commands([next], { maxCommands, size: "max", ...(replayPath === undefined ? {} : { replayPath }) })
