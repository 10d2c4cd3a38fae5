/**
 * Promises that the compiler keeps about the promise door: no Effect type stands in a signature of a campus or of one of
 * its parts, neither in what comes in nor in what is told. Nothing here runs; `tsc -b` is the test.
 */
import type { Brand, Effect, HashMap, Option, Redacted, Result, Stream } from "effect"
import type * as Core from "../src/index.ts"
import type {
  Backend,
  Campus,
  Channel,
  dayOf,
  Fault,
  instant,
  LibraryLine,
  Line,
  Misuse,
  Options,
  Over,
  Passage
} from "../src/promise/index.ts"

/** What a team without Effect would not know what to do with. */
type Unknown =
  | Brand.Brand<string>
  | Effect.Effect<unknown, unknown, unknown>
  | HashMap.HashMap<unknown, unknown>
  | Option.Option<unknown>
  | Redacted.Redacted<unknown>
  | Result.Result<unknown, unknown>
  | Stream.Stream<unknown, unknown, unknown>

/** Everything that stands in a value of this type, or in what its functions take and give, however deep. */
type Within<Value> = Value extends Unknown | Backend | Channel | ReadonlyMap<string, number> | Uint8Array ? Value
  : Value extends (...given: infer Given) => infer Told ? Within<Given> | Within<Awaited<Told>>
  : Value extends ReadonlyArray<infer Item> ? Value | Within<Item>
  : Value extends object ? Value | { [Key in keyof Value]: Within<Exclude<Value[Key], undefined>> }[keyof Value]
  : Value
/** Whether any part of it is such a type. */
type IsForeign<Value> = true extends (Within<Value> extends infer Part ? Part extends Unknown ? true : false : never) ?
  true
  : false

// The question can be answered with yes, so that no means something.
export const optionIsForeign: IsForeign<{ readonly one: ReadonlyArray<Option.Option<number>> }> = true
export const brandIsForeign: IsForeign<(one: { readonly id: string & Brand.Brand<"Id"> }) => Promise<void>> = true
export const effectIsForeign: IsForeign<{ readonly ask: () => Effect.Effect<number> }> = true
export const redactedIsForeign: IsForeign<() => Promise<{ readonly pin: Redacted.Redacted<string> }>> = true
// @ts-expect-error and only with yes
export const optionIsPlain: IsForeign<Option.Option<number>> = false

export const doors: IsForeign<Campus["doors"]> = false
export const holder: IsForeign<Campus["holder"]> = false
export const office: IsForeign<Campus["office"]> = false
export const subsidies: IsForeign<Campus["subsidies"]> = false
export const terminals: IsForeign<Campus["terminals"]> = false
export const library: IsForeign<Campus["library"]> = false
export const line: IsForeign<LibraryLine> = false
export const campus: IsForeign<Campus> = false
export const opening: IsForeign<Options> = false
export const times: IsForeign<typeof instant | typeof dayOf> = false

// Whatever a promise is rejected with can be told by its tag, and its own fields are plain.
export const thrown: IsForeign<Fault | Misuse> = false
export const rejected = (why: Core.Fault.Fault | Core.Misuse.Misuse): Fault | Misuse => why
export const reason = (why: Fault | Misuse): string => {
  switch (why._tag) {
    case "CommandIdReused":
      return `${why.caller} ${why.id}`
    case "MalformedCommand":
      return why.flaws.map(({ path, problem }) => `${path}: ${problem}`).join()
    case "ChannelMissing":
      return `${why.channel} ${why.lacks}`
    default:
      return why.message
  }
}

// What is told is a value that a newcomer may write down by hand.
export const written: Line = {
  sequence: 1,
  kind: "purchase",
  at: 0,
  place: { point: "canteen-1" },
  amount: 1_800,
  direction: "out",
  status: "done",
  words: {
    what: { zh: "消费", en: "purchase" },
    place: { zh: "第一食堂 1 号机", en: "Canteen 1, terminal 1" },
    status: { zh: "成功", en: "done" },
    at: "2025-11-03 12:05",
    amount: "-18.00"
  }
}
export const due: Over = { _tag: "PayOutDue", account: "account-1", amount: 100, availableAt: 0 }
export const opened: Passage = { _tag: "Opened", account: "account-1", door: "dorm-1", at: 0, passback: false }
// A decline that stands in an answer is one that can be explained.
declare const here: Campus
declare const over: Extract<Over, { readonly _tag: "AccountNotClosed" }>
export const words: string = here.explain(over.decline).what.zh
