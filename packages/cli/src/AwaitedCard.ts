/**
 * Waiting for a card 等卡: on the reader that was told, or on the only one that has one. Where several have, which of them is
 * meant is asked, and never guessed: it may be paid with.
 */
import { PcscReader, ReaderEvent } from "@yikatong/adapters-pcsc"
import { Effect, Fiber, Option, Stream } from "effect"
import type { CardFlags } from "./CardFlags.ts"
import { both, Unknown, WrongUse } from "./Failure.ts"
import * as Output from "./Output.ts"

/**
 * Readers tell of themselves and their cards one after the other: so long is waited for the one that was told, and then
 * for others that may be meant as well.
 */
const naming = { times: 20, pause: 50, others: 200 }
/** So long is the service given to answer at all, in seconds. */
const service = 10
/** After so long a person is told what is waited for, in milliseconds. */
const silence = 700

const helps = "`yikatong reader doctor` "
const list = (names: ReadonlyArray<string>): string => names.length === 0 ? "-" : names.join(", ")

/** Whoever has no service has no reader, however long it waits. */
const down = ({ fault }: ReaderEvent.Of<"ServiceDown">): Unknown => new Unknown({ message: fault.message })

/** Sees that the service answers. */
const begun = Effect.gen(function*() {
  const { events } = yield* PcscReader.PcscReader
  const first = yield* Stream.runHead(
    Stream.filter(events, ({ _tag }) => _tag === "ServiceUp" || _tag === "ServiceDown")
  )
  if (Option.isSome(first) && first.value._tag === "ServiceDown") return yield* down(first.value)
})

/** The one reader that is called so, or has this in its name, in capitals or not. */
const named = Effect.fnUntraced(function*(part: string) {
  const { readers } = yield* PcscReader.PcscReader
  const names = Effect.map(readers, (all) => all.map(({ reader }) => reader))
  const isMeant = (name: string) => name.toLowerCase().includes(part.toLowerCase())
  for (let times = 0; times < naming.times && !(yield* names).some(isMeant); times++) yield* Effect.sleep(naming.pause)
  const there = yield* names
  if (there.includes(part)) return part
  if (there.some(isMeant)) yield* Effect.sleep(naming.others)
  const all = yield* names
  const [one, ...others] = all.filter(isMeant)
  if (one === undefined) {
    return yield* new Unknown({
      message: both(
        `没有名为 ${part} 的读卡器，现有：${list(all)}`,
        `no reader is called ${part}; there are: ${list(all)}; ${helps}tells more`
      )
    })
  }
  if (others.length > 0) {
    return yield* new WrongUse({
      message: both(
        `--reader：${part} 符合多个读卡器：${list([one, ...others])}`,
        `--reader: ${part} is a part of several names: ${list([one, ...others])}`
      )
    })
  }
  return one
})

/** Where none was told, and a card has come: sees that no other reader has one. A card that is dumb or held may be meant, too. */
const only = Effect.gen(function*() {
  const { readers } = yield* PcscReader.PcscReader
  if ((yield* readers).length > 1) yield* Effect.sleep(naming.others)
  const laden = (yield* readers).filter(({ card }) => card._tag !== "None").map(({ reader }) => reader)
  if (laden.length < 2) return
  return yield* new WrongUse({
    message: both(
      `多个读卡器上有卡，请用 --reader 指定：${list(laden)}`,
      `several readers have a card: say which by --reader: ${list(laden)}`
    )
  })
})

/** What stands in the way of a card that lies there, and is told as it comes. */
const told: ReadonlySet<ReaderEvent.ReaderEvent["_tag"]> = new Set([
  "CardUnreadable",
  "CardHeld",
  "ReaderSetAside"
])

const nobody = (wait: number) =>
  Effect.gen(function*() {
    const { readers } = yield* PcscReader.PcscReader
    const there = (yield* readers).map(({ reader }) => reader)
    return yield* new Unknown({
      message: there.length === 0
        ? both("没有读卡器", `no reader is there; ${helps}tells why`)
        : both(
          `${wait} 秒内没有可读的卡，读卡器：${list(there)}`,
          `no card that can be read came within ${wait} s; readers: ${list(there)}; ${helps}tells more`
        )
    })
  })

const asked = (reader: string | undefined) =>
  Effect.andThen(
    Effect.sleep(silence),
    Output.errors(both("请放卡", `put a card on the reader`) + (reader === undefined ? "" : `: ${reader}`))
  )

/** The card that lies there now, or comes within so many seconds. */
export const awaited = Effect.fnUntraced(function*(
  { reader: part, wait }: Pick<CardFlags, "reader" | "wait">
): Effect.fn.Return<PcscReader.Insertion, Unknown | WrongUse, PcscReader.PcscReader> {
  const { events } = yield* PcscReader.PcscReader
  // Which readers there are takes a moment, which is none of the time that the card has.
  const answers = yield* Effect.timeoutOption(begun, Math.max(wait, service) * 1_000)
  if (Option.isNone(answers)) return yield* nobody(wait)
  const reader = Option.isNone(part) ? undefined : yield* named(part.value)
  const isMeant = (event: ReaderEvent.ReaderEvent) =>
    reader === undefined || !("reader" in event) || event.reader === reader
  // Of no interest to whoever finds its card.
  let hidden: ReaderEvent.ReaderEvent | undefined
  const asking = yield* Effect.forkChild(asked(reader))
  const search = events.pipe(
    Stream.filter(isMeant),
    Stream.tap((event) => {
      if (event._tag === "ReadersHidden") hidden = event
      return told.has(event._tag) ? Output.errors(ReaderEvent.inWords(event)) : Effect.void
    }),
    Stream.mapEffect((event) => event._tag === "ServiceDown" ? Effect.fail(down(event)) : Effect.succeed(event)),
    Stream.filter((event) => event._tag === "CardInserted"),
    Stream.runHead,
    Effect.timeoutOption(wait * 1_000),
    Effect.ensuring(Fiber.interrupt(asking))
  )
  const found = Option.flatten(yield* search)
  if (Option.isSome(found)) {
    if (reader === undefined) yield* only
    return found.value
  }
  if (hidden !== undefined) yield* Output.errors(ReaderEvent.inWords(hidden))
  return yield* nobody(wait)
})
