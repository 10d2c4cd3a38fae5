/**
 * Whatever card of the campus lies there 校园卡识别: a CPU card or an M1 card, taken up as the school has set its cards up.
 *
 * Its answer to reset tells which of the two it is. A card that is both, as schools hand them out while they move from
 * the one to the other, is a CPU card for every reader that can speak to one.
 */
import { Effect, Result } from "effect"
import type { CardChannel } from "./CardChannel.ts"
import * as CardKeys from "./CardKeys.ts"
import type { CardProblem } from "./CardProblem.ts"
import * as CardSetup from "./CardSetup.ts"
import * as CpuCard from "./CpuCard.ts"
import * as MifareKeys from "./MifareKeys.ts"
import * as MifareMap from "./MifareMap.ts"
import * as MifarePurse from "./MifarePurse.ts"
import type { PurseCard } from "./PurseCard.ts"
import * as ReaderProfile from "./ReaderProfile.ts"

/** `cpu`: with its files and its log. `m1`: it keeps no log, and nothing of its holder. */
export type CampusCard =
  | { readonly kind: "cpu"; readonly card: CpuCard.CpuCard }
  | { readonly kind: "m1"; readonly card: PurseCard }

/**
 * `keys`: for CPU cards; those for M1 cards stand in the setup. `keep`: see `CpuCard.Options` and
 * `MifarePurse.Options`.
 */
export interface Options extends Pick<CpuCard.Options, "keep"> {
  readonly setup: CardSetup.CardSetup
  readonly keys: CardKeys.Keys
}

/** Which of the two a card is that said this as it woke up; whether it is one of ours is seen when it is opened. */
export const kindOf = ({ atr }: Pick<CardChannel, "atr">): CampusCard["kind"] =>
  Result.isSuccess(MifareMap.sizeOf(atr)) ? "m1" : "cpu"

const { acs, generic, identiv } = ReaderProfile
const readers = { acs, identiv, generic }

/** What a reader of this name wants for M1 cards. */
export const readerOf = ({ m1 }: CardSetup.CardSetup, reader: string): ReaderProfile.ReaderProfile =>
  m1?.reader === undefined ? ReaderProfile.ofName(reader) : readers[m1.reader]

/** Takes up the card that lies there. Other cards are told by what they are, and stay as they are. */
export const open = Effect.fnUntraced(function*(channel: CardChannel, { keep, keys, setup }: Options) {
  const { m1, terminal } = setup
  const known = { terminal, windows: CardSetup.windowsOf(setup), ...(keep === undefined ? {} : { keep }) }
  if (kindOf(channel) === "m1") {
    if (m1 === undefined) return yield* Effect.fail<CardProblem>({ _tag: "KeyMissing", key: "M1" })
    const { layout, masters } = m1
    const profile = readerOf(setup, channel.reader)
    const card = yield* MifarePurse.open(channel, { ...known, profile, layout, keys: MifareKeys.ofMasters(masters) })
    return { kind: "m1", card } satisfies CampusCard
  }
  const pin = CardSetup.pinOf(setup)
  const profile = CardSetup.cpuProfileOf(setup)
  const card = yield* Effect.provideService(
    CpuCard.open(channel, { ...known, profile, ...(pin === undefined ? {} : { pin }) }),
    CardKeys.CardKeys,
    keys
  )
  return { kind: "cpu", card } satisfies CampusCard
})
