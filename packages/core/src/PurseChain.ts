/**
 * The purchases of one chip as a chain 卡内流水链 (D8, D21): whatever was known of it, online or from a late record.
 *
 * A chip counts its purchases, and each begins with the balance that the one before it left, unless a load came in
 * between: loads have a counter of their own, and a reversal that goes to the chip is a load (D5). So three things come
 * to light that no single record shows: a purchase that nobody has reported yet (a gap), two purchases under one number
 * (a copied chip), and money that appeared or vanished between two taps (a broken chain). Each stays open until it is
 * mended by what arrives, or a person explains it; so does a purchase for which the chain has no place.
 *
 * A subject of its own, named after the card. It moves no money: what was bought is posted by the account all the same
 * (D11). Amounts in fen. What it keeps is bounded: the taps beside gaps, and a window of the newest.
 */
import { Option, Result, Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import type * as Decider from "./Decider.ts"
import type { Decline } from "./Decline.ts"
import { Command, Event } from "./PurseEvent.ts"
import * as PurseLink from "./PurseLink.ts"
import { Break, Credit, Tap } from "./PurseLink.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import * as Sequence from "./Sequence.ts"

export const kind = "purse"

/** How many of the newest taps are kept to compare copies with. */
export const remembered = 32
/** How many gaps, breaks and refused taps may be open, and how many credits wait for their purchases. */
const most = 64

/** A tap for which there was no place, and why. What was bought is posted all the same. */
const Refused = Schema.Struct({ ...Tap.fields, refusal: Sequence.Refusal, since: Instant })

/**
 * One chip. `kept`: the taps that something may still be compared with. `credits`: those whose purchases are not both known.
 * `explained`: how many breaks a person has explained. `refused`: the newest taps for which there was no place;
 * `unlisted`: how many older ones made room for these, as long as any is open.
 */
export const State = Schema.Struct({
  sequence: Sequence.Sequence,
  kept: Schema.Array(Tap),
  credits: Schema.Array(Credit),
  breaks: Schema.Array(Break),
  explained: Schema.Int,
  refused: Schema.Array(Refused),
  unlisted: Schema.Int
})
export interface State extends Schema.Schema.Type<typeof State> {}

const unknown: State = {
  sequence: Sequence.begin(1),
  kept: [],
  credits: [],
  breaks: [],
  explained: 0,
  refused: [],
  unlisted: 0
}

/** What is open in the chain of a chip. */
export interface Open extends Pick<State, "breaks" | "refused" | "unlisted"> {
  readonly gaps: ReadonlyArray<Sequence.Gap>
}

/** What is open: purchases that nobody has reported, where the chain does not hold, and taps that have no place in it. */
export const open = ({ breaks, refused, sequence, unlisted }: State): Open => ({
  gaps: sequence.open,
  breaks,
  refused,
  unlisted
})

const decide: Decider.Decider<State, Command, Event>["decide"] = (before, command, { now: at, profile }) => {
  const state = before ?? unknown
  switch (command._tag) {
    case "Begin": {
      const { balance, sequence } = command
      return before === undefined
        ? Result.succeed([{ _tag: "Begun", at, sequence, balance }])
        : Result.fail({ _tag: "SubjectExists", kind })
    }
    case "Tap": {
      const { _tag, ...tap } = command
      return Result.succeed([judge(profile, state, tap, at)])
    }
    case "Credit": {
      const { _tag, ...credit } = command
      const mended = withCredit(state.breaks, credit).filter(PurseLink.isMended).map(({ sequence }) => sequence)
      return Result.succeed([{ _tag: "CreditKnown", at, credit, mended }])
    }
    case "ExplainGap": {
      const { _tag, ...gap } = command
      return Option.isSome(Sequence.explain(state.sequence, gap))
        ? Result.succeed([{ _tag: "GapExplained", at, ...gap }])
        : notOpen(gap)
    }
    case "ExplainBreak": {
      const { operator, reason, sequence } = command
      return [...state.breaks, ...state.refused].some((one) => one.sequence === sequence)
        ? Result.succeed([{ _tag: "BreakExplained", at, sequence, reason, operator }])
        : notOpen({ from: sequence, to: sequence })
    }
  }
}

const notOpen = ({ from, to }: Sequence.Interval): Result.Result<never, Decline> =>
  Result.fail({ _tag: "GapNotOpen", from, to })

const judge = ({ offline }: SchoolProfile, state: State, tap: Tap, at: Instant): Event => {
  const { after, before, sequence } = tap
  if (Sequence.includes(state.sequence, sequence)) {
    const same = (one: Pick<Tap, "after" | "before">) => one.before === before && one.after === after
    const known = state.kept.find((one) => one.sequence === sequence)
    const copies = state.breaks.filter((one) => one._tag === "Copy").filter((one) => one.sequence === sequence)
    if (known === undefined) return { _tag: "TapRepeated", at, sequence, compared: false }
    if (same(known) || copies.some(same)) return { _tag: "TapRepeated", at, sequence, compared: true }
    return isFull(state)
      ? refused(tap, { _tag: "TooManyGaps", most }, at)
      : { _tag: "CopyFound", at, broken: { _tag: "Copy", sequence, before, after, since: at } }
  }
  const refusal = Sequence.refuse(state.sequence, sequence, { jump: offline.records, gaps: most })
  if (refusal !== undefined) return refused(tap, refusal, at)
  const broken = breaksBeside(state, tap, at)
  if (broken.length > 0 && isFull(state)) return refused(tap, { _tag: "TooManyGaps", most }, at)
  const [, receipt] = Sequence.receive(state.sequence, sequence, at)
  return { _tag: "TapKnown", at, tap, receipt, broken }
}

const isFull = ({ breaks }: State): boolean => breaks.length >= most

const refused = (tap: Tap, refusal: Sequence.Refusal, at: Instant): Event => ({ _tag: "TapRefused", at, tap, refusal })

/** Where a new tap does not fit to the one before it or the one after it, as far as they are known. */
const breaksBeside = (state: State, tap: Tap, since: Instant): ReadonlyArray<Break> => {
  const beside = (sequence: number) => state.kept.find((one) => one.sequence === sequence)
  const before = beside(tap.sequence - 1)
  const after = beside(tap.sequence + 1)
  return [
    ...(before === undefined ? [] : Option.toArray(PurseLink.judge(before, tap, state.credits, since))),
    ...(after === undefined ? [] : Option.toArray(PurseLink.judge(tap, after, state.credits, since)))
  ]
}

const withCredit = (breaks: State["breaks"], credit: Credit): State["breaks"] =>
  breaks.map((one) => PurseLink.withCredit(one, credit))

const evolve = (before: State | undefined, event: Event): State => {
  const state = before ?? unknown
  switch (event._tag) {
    case "Begun": {
      const { at, balance, sequence } = event
      return {
        ...unknown,
        sequence: Sequence.receive(Sequence.begin(sequence), sequence, at)[0],
        kept: [{ sequence, before: balance, after: balance }]
      }
    }
    case "TapKnown":
      return pruned({
        ...placed(state, { from: event.tap.sequence, to: event.tap.sequence }),
        sequence: Sequence.receive(state.sequence, event.tap.sequence, event.at)[0],
        kept: [...state.kept, event.tap],
        breaks: [...state.breaks, ...event.broken]
      })
    case "TapRepeated":
      return state
    case "CopyFound":
      return { ...state, breaks: [...state.breaks, event.broken] }
    case "TapRefused":
      return refuse(state, { ...event.tap, refusal: event.refusal, since: event.at })
    case "CreditKnown": {
      const { credit } = event
      return pruned({
        ...state,
        credits: [...state.credits.filter(({ reference }) => reference !== credit.reference), credit],
        breaks: withCredit(state.breaks, credit).filter((one) => !PurseLink.isMended(one))
      })
    }
    case "GapExplained":
      return {
        ...placed(state, event),
        sequence: Option.getOrElse(Sequence.explain(state.sequence, event), () => state.sequence)
      }
    case "BreakExplained": {
      const breaks = state.breaks.filter(({ sequence }) => sequence !== event.sequence)
      const { sequence } = event
      return {
        ...placed(state, { from: sequence, to: sequence }),
        breaks,
        explained: state.explained + state.breaks.length - breaks.length
      }
    }
  }
}

/** With one more tap for which there is no place, unless it is known; an older one makes room for it. */
const refuse = (state: State, tap: State["refused"][number]): State => {
  const same = ({ after, before, sequence }: Tap) =>
    sequence === tap.sequence && before === tap.before && after === tap.after
  if (state.refused.some(same)) return state
  const all = [...state.refused, tap]
  const refused = all.slice(-most)
  return { ...state, refused, unlisted: state.unlisted + all.length - refused.length }
}

/** Without the refused taps of these numbers: they have their place, or were explained. */
const placed = (state: State, { from, to }: Sequence.Interval): State => {
  const refused = state.refused.filter(({ sequence }) => sequence < from || to < sequence)
  return { ...state, refused, unlisted: refused.length === 0 ? 0 : state.unlisted }
}

/** Keeps what something may still be held against: taps beside a gap and the newest, and credits not yet in their place. */
const pruned = (state: State): State => {
  const { credits, kept, sequence } = state
  const known = (n: number) => n < sequence.first || Sequence.includes(sequence, n)
  return {
    ...state,
    kept: kept.filter(({ sequence: n }) => n > sequence.highest - remembered || !known(n - 1) || !known(n + 1)),
    credits: credits.filter(({ sequence: n }) => !known(n) || !known(n + 1)).slice(-most)
  }
}

/** The decider of purses. It moves no money. */
export const decider: Decider.Decider<State, Command, Event> = {
  kind,
  state: State,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => []
}
