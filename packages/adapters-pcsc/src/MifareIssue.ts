/**
 * A blank M1 card becomes a card of the campus 发卡: purse, counters, keys and access bits are written.
 *
 * A sector is first filled and then locked with its trailer. What was begun and broken off can be done again; a card
 * on which every sector has our keys already is issued, and stays as it is. A trailer that is torn while it is
 * written locks its sector for ever: issue on a reader where a card lies still.
 */
import type { Chip } from "@yikatong/core"
import { Effect, Redacted } from "effect"
import * as AccessBits from "./AccessBits.ts"
import * as Bytes from "./Bytes.ts"
import type { CardChannel } from "./CardChannel.ts"
import type * as CardProblem from "./CardProblem.ts"
import * as MifareBody from "./MifareBody.ts"
import * as MifareClassic from "./MifareClassic.ts"
import * as MifareLayout from "./MifareLayout.ts"
import * as MifareMap from "./MifareMap.ts"
import * as MifarePurse from "./MifarePurse.ts"
import * as MifareSlot from "./MifareSlot.ts"

/** The key with which blank cards are delivered. */
export const delivered: Redacted.Redacted<Bytes.Bytes> = Redacted.make(new Uint8Array(6).fill(0xff))

/** `transport`: key A of the blank card, if it is another than usual. */
export interface Options extends Pick<MifarePurse.Options, "profile" | "keys" | "layout" | "windows"> {
  readonly transport?: Redacted.Redacted<Bytes.Bytes>
}

/** The byte of a trailer that is left to applications; NXP delivers cards with it. */
const general = 0x69

/**
 * Writes this chip to the card, whose UID must be the one it is named after (`AnotherCard`). An issued card is
 * `CardChanged`.
 */
export const issue = Effect.fnUntraced(function*(channel: CardChannel, options: Options, chip: Chip.Chip) {
  const { layout, transport = delivered, windows = MifarePurse.defaultWindows } = options
  const card = yield* MifareClassic.open(channel, options.profile)
  if (chip.card !== MifarePurse.cardOf(card.uid)) {
    return yield* Effect.fail<CardProblem.CardProblem>({ _tag: "AnotherCard" })
  }
  if (!MifareLayout.fits(layout, card.size)) {
    return yield* Effect.fail<CardProblem.CardProblem>({
      _tag: "NoRoomOnCard",
      file: "purse",
      problem: "the card has fewer sectors than its layout"
    })
  }
  const { loadSequence, balance, purchaseSequence } = chip.purse
  if (balance > MifareSlot.last.balance || Math.max(loadSequence, purchaseSequence) > MifareSlot.last.sequence) {
    return yield* Effect.fail<CardProblem.CardProblem>({ _tag: "NoRoomOnCard", file: "purse", problem: "its numbers" })
  }
  const keys = yield* options.keys.of(card.uid)
  const body = yield* Effect.fromResult(
    MifareBody.encode({ ...chip, counted: purchaseSequence }, windows, MifareLayout.roomOf(layout))
  )
  const image = MifareSlot.encode({ uid: card.uid, key: keys.seal }, { generation: 1, purse: chip.purse, body })
  const trailer = Bytes.join(
    Redacted.value(keys.A),
    AccessBits.encode(AccessBits.campus),
    general,
    Redacted.value(keys.B)
  )
  yield* card.loadKey("A", transport)
  yield* card.loadKey("B", keys.B)

  const open = (sector: number) =>
    card.authenticate(sector, "A").pipe(
      Effect.as("blank" as const),
      Effect.catchTag("SectorKeyWrong", () => Effect.as(card.authenticate(sector, "B"), "ours" as const))
    )
  const sectors = [...layout.main, ...layout.backup]
  const found: Array<"blank" | "ours"> = []
  for (const sector of sectors) found.push(yield* open(sector))
  if (!found.includes("blank")) return yield* Effect.fail<CardProblem.CardProblem>({ _tag: "CardChanged" })

  for (const name of ["main", "backup"] as const) {
    const blocks = MifareLayout.blocksOf(layout, name)
    for (const sector of layout[name]) {
      yield* open(sector)
      for (const block of MifareMap.dataOf(sector)) {
        const data = image[blocks.indexOf(block)]
        if (data !== undefined) yield* card.update(block, data)
      }
      yield* card.updateTrailer(sector, trailer)
    }
  }
  return chip.card
})
