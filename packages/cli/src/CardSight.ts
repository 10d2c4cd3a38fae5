/**
 * What lies on a reader 读卡: as much of it as can be read, and what is wrong with the rest. Nothing is written.
 */
import {
  type ApplicationFile,
  CampusCard,
  type CardChannel,
  CardSetup,
  EPurse,
  type HolderFile,
  type LogRecord,
  MifareClassic,
  MifarePurse,
  PcscReader,
  type PurseCard
} from "@yikatong/adapters-pcsc"
import type { Chip, Id, Money } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import * as AwaitedCard from "./AwaitedCard.ts"
import * as CardFailure from "./CardFailure.ts"
import type { CardFlags } from "./CardFlags.ts"
import type { Known } from "./CardPlace.ts"
import * as DealtCard from "./DealtCard.ts"
import { Flawed } from "./Failure.ts"
import * as Output from "./Output.ts"
import * as SightTold from "./SightTold.ts"

/** Which part of the card could not be read, and why. */
export interface Trouble {
  readonly part: "card" | "holder" | "purse" | "counters" | "log"
  readonly failure: PurseCard.Failure
}

/**
 * What was read. `balance`: of a purse whose counters can not be read. The name and number of the holder are left where
 * they are.
 */
export interface CardSight {
  readonly reader: string
  readonly atr: CardChannel.CardChannel["atr"]
  readonly kind: CampusCard.CampusCard["kind"] | "unknown"
  readonly card?: Id.CardId
  readonly application?: Pick<ApplicationFile.ApplicationFile, "starts" | "expires">
  readonly holder?: Pick<HolderFile.HolderFile, "kind" | "staff">
  readonly reading?: Chip.Reading
  readonly balance?: Money.Money
  readonly chip?: Chip.Chip
  readonly log?: ReadonlyArray<LogRecord.LogRecord>
  readonly troubles: ReadonlyArray<Trouble>
}

/** A part of a card: read, or a trouble; the whole ends where the reader is at fault. */
const part = <A>(
  name: Trouble["part"],
  troubles: Array<Trouble>,
  read: Effect.Effect<A, PurseCard.Failure>
): Effect.Effect<A | undefined, PurseCard.Failure> =>
  Effect.catch(read, (failure) => {
    if (CardFailure.isFault(failure)) return Effect.fail(failure)
    troubles.push({ part: name, failure })
    return Effect.undefined
  })

/** A file that is not there is none that is damaged. */
const orNone = <A>(read: Effect.Effect<A, PurseCard.Failure>): Effect.Effect<A | undefined, PurseCard.Failure> =>
  Effect.catchIf(
    read,
    (failure) => failure._tag === "CardRefused" && failure.status._tag === "FileNotFound",
    () => Effect.undefined
  )

/** A card that was made out to nobody says nothing of its holder. */
const isMadeOut = ({ name, number }: HolderFile.HolderFile): boolean =>
  Redacted.value(name) !== "" || Redacted.value(number) !== ""

const there = <Name extends string, A>(name: Name, value: A | undefined): { readonly [_ in Name]?: A } =>
  value === undefined ? {} : { [name]: value } as { readonly [_ in Name]: A }

/** Looks at the card on a channel. Fails only where reader or service is at fault. */
const look = Effect.fnUntraced(function*(
  channel: CardChannel.CardChannel,
  known: Known
): Effect.fn.Return<CardSight, PurseCard.Failure> {
  const { atr, reader } = channel
  const troubles: Array<Trouble> = []
  const kind = CampusCard.kindOf(channel)
  // Everybody may ask an M1 card who it is.
  const m1 = kind === "cpu"
    ? undefined
    : yield* part("card", troubles, MifareClassic.open(channel, CampusCard.readerOf(known.setup, reader)))
  if (kind === "m1" && m1 === undefined) return { reader, atr, kind, troubles }
  const named = m1 === undefined ? {} : { card: MifarePurse.cardOf(m1.uid) }
  const opened = yield* part("card", troubles, CampusCard.open(channel, known))
  if (opened === undefined) {
    const isUnknown = troubles.some(({ failure }) => failure._tag === "UnknownCardType")
    return { reader, atr, kind: isUnknown ? "unknown" : kind, ...named, troubles }
  }
  const { card } = opened
  // Some cards show their log after it alone; whoever has it in the file wants to see that.
  if (card.showPin !== undefined && CardSetup.pinOf(known.setup) !== undefined) {
    yield* part("log", troubles, card.showPin())
  }
  const reading = yield* part("purse", troubles, card.reading)
  const chip = reading === undefined ? undefined : yield* part("counters", troubles, card.chip)
  const seen = { reader, atr, kind, card: card.card, ...there("reading", reading), ...there("chip", chip) }
  if (opened.kind === "m1") return { ...seen, troubles }
  const { application, holder, log } = opened.card
  // A purse that does not begin transactions may still say what is in it.
  const balance = reading === undefined ? yield* Effect.result(EPurse.balance(channel)) : undefined
  const held = yield* part("holder", troubles, orNone(holder))
  return {
    ...seen,
    application,
    ...there("balance", balance === undefined || Result.isFailure(balance) ? undefined : balance.success),
    ...there("holder", held !== undefined && isMadeOut(held) ? held : undefined),
    ...there("log", yield* part("log", troubles, orNone(log))),
    troubles
  }
})

type Asked = Pick<CardFlags, "json" | "reader" | "wait">

/** `yikatong reader read`. */
export const read = Effect.fnUntraced(function*(known: Known, asked: Asked) {
  const { json } = asked
  const laid = yield* AwaitedCard.awaited(asked)
  const { use } = yield* PcscReader.PcscReader
  const seen = yield* Effect.result(use(laid.reader, (channel) => look(channel, known)))
  if (Result.isFailure(seen)) return yield* CardFailure.told(laid.reader, seen.failure, json)
  yield* SightTold.tell(seen.success, json)
  if (seen.success.troubles.length > 0) return yield* new Flawed()
})

/** `yikatong reader balance`. */
export const balance = Effect.fnUntraced(function*(known: Known, asked: Asked) {
  const { json } = asked
  const laid = yield* AwaitedCard.awaited(asked)
  const { use } = yield* PcscReader.PcscReader
  const seen = yield* Effect.result(use(laid.reader, (channel) =>
    Effect.gen(function*() {
      const { card, kind } = yield* CampusCard.open(channel, known)
      return { kind, card: card.card, ...yield* card.reading }
    })))
  if (Result.isFailure(seen)) return yield* CardFailure.told(laid.reader, seen.failure, json)
  const { card, ...rest } = seen.success
  yield* json ? Output.json({ ok: true, card, ...rest }) : Output.lines(`${DealtCard.purse(rest)}，卡 card: ${card}`)
})
