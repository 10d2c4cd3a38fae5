/**
 * Which numbers of a counter have been received 流水序号: the highest, and what is missing below it.
 *
 * A terminal counts its records and a chip its purchases, each up by one and never back. So every number up to the
 * highest was received, or is missing in a gap (I15). A gap stays open until its numbers arrive or a person explains
 * it; what was explained is remembered, and a number that arrives all the same is told as late.
 *
 * It is small whatever has been counted: intervals, both ends included, and no list of numbers. What would make it
 * large is refused: a jump so far ahead that the number must be corrupt, and more gaps than somebody could look at.
 */
import { Option, Schema } from "effect"
import { Instant } from "./CivilTime.ts"

/** A number that a counter gives to a record. */
export const Ordinal = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4_294_967_295 }))

/** The same, or 0 where a record bears none that could be one. */
export const OrdinalOrNone = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4_294_967_295 }))

/** Numbers from one to another, both included. */
export const Interval = Schema.Struct({ from: Schema.Int, to: Schema.Int })
export interface Interval extends Schema.Schema.Type<typeof Interval> {}

/** Missing numbers that nobody has explained yet. `since`: when a later number arrived before them. */
export const Gap = Schema.Struct({ ...Interval.fields, since: Instant })
export interface Gap extends Schema.Schema.Type<typeof Gap> {}

/**
 * `first`: the number that is the first to be expected. `highest`: the highest received, `first - 1` while there is none.
 * `open` and `explained` are in order and do not meet. `late`: how many numbers arrived after they had been explained.
 */
export const Sequence = Schema.Struct({
  first: Schema.Int,
  highest: Schema.Int,
  open: Schema.Array(Gap),
  explained: Schema.Array(Interval),
  late: Schema.Int
})
export interface Sequence extends Schema.Schema.Type<typeof Sequence> {}

/** What a number is to a counter. */
export const Receipt = Schema.TaggedUnion({
  /** The one after the highest. */
  Next: {},
  /** Beyond the next: the numbers in between are missing from now on. */
  Opened: Interval.fields,
  /** Was missing since then. `closed`: nothing of its gap is left. */
  Filled: { since: Instant, closed: Schema.Boolean },
  /** Was missing, and somebody had explained that it would not come. */
  Late: {},
  /** Received before, or from before the first. */
  Duplicate: {}
})
export type Receipt = typeof Receipt.Type

/** Why a number cannot be received as it stands. */
export const Refusal = Schema.TaggedUnion({
  /** From before the first that is expected. */
  BeforeFirst: { first: Schema.Int },
  /** It would open a gap of so many numbers: most likely it is corrupt. */
  JumpTooLarge: { missing: Schema.Int, most: Schema.Int },
  /** It would open one more gap than this. Older numbers close gaps at their edges, and can always come. */
  TooManyGaps: { most: Schema.Int },
  /** So many records have come already of which nobody knows yet what becomes of them. */
  TooManyOpen: { most: Schema.Int },
  /** It bears no number that a counter could have given. */
  Unnumbered: {}
})
export type Refusal = typeof Refusal.Type

/** How far a number may lie ahead of the highest, in missing numbers, and how many gaps may be open. */
export interface Bounds {
  readonly jump: number
  readonly gaps: number
}

/** Nothing received yet. */
export const begin = (first: number): Sequence => ({ first, highest: first - 1, open: [], explained: [], late: 0 })

const within = (n: number, { from, to }: Interval): boolean => n >= from && n <= to

/** What is left of an interval without a part of it: nothing, one piece or two. */
const without = <A extends Interval>(whole: A, { from, to }: Interval): ReadonlyArray<A> => [
  ...(whole.from < from ? [{ ...whole, to: from - 1 }] : []),
  ...(to < whole.to ? [{ ...whole, from: to + 1 }] : [])
]

/** Why this number may not be received, or nothing. */
export const refuse = ({ first, highest, open }: Sequence, n: number, bounds: Bounds): Refusal | undefined => {
  if (n < first) return { _tag: "BeforeFirst", first }
  const missing = n - highest - 1
  if (missing > bounds.jump) return { _tag: "JumpTooLarge", missing, most: bounds.jump }
  const splits = open.some(({ from, to }) => from < n && n < to)
  return (missing > 0 || splits) && open.length >= bounds.gaps
    ? { _tag: "TooManyGaps", most: bounds.gaps }
    : undefined
}

/**
 * Receives a number at an instant. It refuses nothing, so that a replay needs no policy: ask {@link refuse} first.
 *
 * @example
 * ```ts
 * import { CivilTime, Sequence } from "@yikatong/core"
 *
 * const noon = CivilTime.instant("2025-11-03 12:00")
 * const [one] = Sequence.receive(Sequence.begin(1), 1, noon)
 * const [four, receipt] = Sequence.receive(one, 4, noon)
 * receipt // => { _tag: "Opened", from: 2, to: 3 }
 * Sequence.receive(four, 2, noon)[1] // => { _tag: "Filled", since: noon, closed: false }
 * Sequence.receive(four, 1, noon)[1] // => { _tag: "Duplicate" }
 * ```
 */
export const receive = (sequence: Sequence, n: number, at: Instant): readonly [Sequence, Receipt] => {
  const { explained, highest, late, open } = sequence
  if (n > highest) {
    if (n === highest + 1) return [{ ...sequence, highest: n }, { _tag: "Next" }]
    const gap = { from: highest + 1, to: n - 1 }
    return [{ ...sequence, highest: n, open: [...open, { ...gap, since: at }] }, { _tag: "Opened", ...gap }]
  }
  const itself = { from: n, to: n }
  const gap = open.find((gap) => within(n, gap))
  if (gap !== undefined) {
    const left = open.flatMap((one) => one === gap ? without(one, itself) : [one])
    return [{ ...sequence, open: left }, { _tag: "Filled", since: gap.since, closed: gap.from === gap.to }]
  }
  if (explained.some((one) => within(n, one))) {
    const left = explained.flatMap((one) => within(n, one) ? without(one, itself) : [one])
    return [{ ...sequence, explained: left, late: late + 1 }, { _tag: "Late" }]
  }
  return [sequence, { _tag: "Duplicate" }]
}

/**
 * Closes a gap, or a part of it, as explained; nothing where not all of these numbers lie in one open gap. What follows
 * right after the highest may be explained ahead: so a counter goes on that was refused as a jump too large. Whoever does
 * that answers for its length, since no loss among those numbers comes to light any more.
 */
export const explain = (sequence: Sequence, part: Interval): Option.Option<Sequence> => {
  const { from, to } = part
  if (from > to) return Option.none()
  const explained = joined([...sequence.explained, { from, to }])
  if (from === sequence.highest + 1) return Option.some({ ...sequence, highest: to, explained })
  const gap = sequence.open.find((gap) => within(from, gap) && within(to, gap))
  return gap === undefined ? Option.none() : Option.some({
    ...sequence,
    open: sequence.open.flatMap((one) => one === gap ? without(one, part) : [one]),
    explained
  })
}

/** Intervals in order, neighbours as one. */
const joined = (intervals: ReadonlyArray<Interval>): ReadonlyArray<Interval> => {
  const all: Array<Interval> = []
  for (const next of [...intervals].sort((one, other) => one.from - other.from)) {
    const before = all.at(-1)
    if (before === undefined || before.to + 1 < next.from) all.push(next)
    else all[all.length - 1] = { from: before.from, to: next.to }
  }
  return all
}

/** Whether this number has been received. */
export const includes = ({ explained, first, highest, open }: Sequence, n: number): boolean =>
  n >= first && n <= highest && !open.some((gap) => within(n, gap)) && !explained.some((gap) => within(n, gap))

/** The last number up to which nothing is open: whoever sends again begins after it. */
export const settled = ({ highest, open: [gap] }: Sequence): number => gap === undefined ? highest : gap.from - 1

/** How many numbers lie in these intervals. */
export const size = (intervals: ReadonlyArray<Interval>): number =>
  intervals.reduce((sum, { from, to }) => sum + to - from + 1, 0)
