/**
 * How patient the terminal is with readers 读卡器参数. Times in milliseconds.
 */
import { Effect, Schema } from "effect"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const defaulted = (value: number, minimum: number, maximum: number) =>
  between(minimum, maximum).pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

export const ReaderOptions = Schema.Struct({
  /** So long may a call to a reader take; then the reader is set aside. A command that writes takes 10 to 300. */
  commandTime: defaulted(5000, 50, 600_000),
  /** So long is a card asked for that another program holds. */
  patience: defaulted(2000, 0, 600_000),
  /** After so long a dead service is tried again; each time twice as long, up to `longestRetry`. */
  firstRetry: defaulted(500, 10, 600_000),
  longestRetry: defaulted(2000, 10, 600_000),
  /** A client that leaks its handles is renewed once nobody who holds a card has spoken to it for so long. */
  idleTime: defaulted(3000, 100, 600_000),
  /** So often it is counted whether there are more readers than can be seen. */
  censusEvery: defaulted(10_000, 100, 86_400_000),
  /** So many events are kept for a subscriber that is slow; then it loses the oldest. */
  backlog: defaulted(4096, 16, 1_000_000)
})
/** All of them; what is left out is as above. */
export type ReaderOptions = typeof ReaderOptions.Type
export type Given = typeof ReaderOptions.Encoded

export const decode = Schema.decodeUnknownEffect(ReaderOptions, { errors: "all", onExcessProperty: "error" })
