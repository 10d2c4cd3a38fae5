/**
 * Doors, gates and readers 门禁 (R10-R18): who is admitted, which doors the key ring lists, and what was tried. What a door
 * is told has no money in it (I10).
 */
import { Effect, Stream } from "effect"
import * as Codes from "../flows/Codes.ts"
import * as Flow from "../flows/Doors.ts"
import * as Submit from "../flows/Submit.ts"
import type { Medium } from "../Medium.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import * as Payments from "./Payments.ts"
import type * as Told from "./Told.ts"

/** What a door is told. `passback`: admitted against the order of in and out. */
export type Passage =
  | {
    readonly _tag: "Opened"
    readonly account: string
    readonly door: string
    readonly at: number
    readonly passback: boolean
  }
  | { readonly _tag: "Refused"; readonly decline: Told.Decline }

/** A card on the reader of a door, or a code that the host has judged by other means; `point` is the door. */
export type Shown =
  & Input.Stated
  & (
    | { readonly card: string }
    | { readonly medium: Exclude<Medium, "physicalCard" | "keyRing">; readonly subject: Input.Subject }
  )

/**
 * What a reader or lock that was cut off has decided by itself, whether it opened or not; `point` is the door. `at`: when
 * that was, by the server's clock; `sequence`: the number that the reader gave it. `code`: the signed code that it took,
 * which burns it; its pseudonym leads to the account.
 */
export type PassageRecord =
  & Input.Stated
  & { readonly at: number; readonly sequence: number; readonly opened: boolean }
  & (
    | { readonly card: string }
    | {
      readonly medium: Exclude<Medium, "physicalCard" | "keyRing">
      readonly code: { readonly pseudonym: string; readonly counter: number; readonly notAfter: number }
    }
    | {
      readonly medium: Exclude<Medium, "physicalCard" | "keyRing">
      readonly subject: Input.Subject
      readonly code?: never
    }
  )

/** A door that was picked on the key ring; `point` is the app. */
export type DoorPick = Input.Stated & {
  readonly subject: Input.Subject
  readonly door: string
  readonly confirmed: boolean
}

/** One attempt at a door. `account`: none where nobody was found. */
export interface Attempt {
  /** Grows from attempt to attempt, with gaps: by it a reader goes on `after` the last one it has read. */
  readonly sequence: number
  readonly at: number
  readonly door: string
  readonly medium: Medium
  readonly account?: string
  readonly verdict: "opened" | "refused" | Told.Decline["_tag"]
}

/** A code that was refused before anybody stood behind it; it is no attempt of anybody. */
export interface RefusedScan {
  readonly at: number
  readonly point: string
  readonly purpose: "pay" | "identify"
  readonly decline: Told.Decline
}

export interface Doors {
  /** Shows a card or a code to a door or a reader. What a camera saw goes to `identifyByScan`. */
  readonly identify: (shown: Shown) => Promise<Passage>
  /** Shows what a camera saw to a door or a reader. */
  readonly identifyByScan: (scan: Payments.ScanInput) => Promise<Passage | Payments.Foreign>
  /** The doors that the holder's key ring lists now: exactly those that would open (R16, I18). */
  readonly keyRing: (subject: Input.Subject) => Promise<ReadonlyArray<string>>
  /** Opens a door that was picked on the key ring and confirmed (R16). */
  readonly openByKeyRing: (pick: DoorPick) => Promise<Passage>
  /**
   * Tells what a reader did while it was cut off. It happened, so it is declined only where it cannot be true or kept apart:
   * nobody found, no door, dated ahead or more than seven days ago, a copy (D11).
   */
  readonly recordPassage: (record: PassageRecord) => Promise<Told.Answer>
  /**
   * Every attempt at any door, or at one, in the order in which they were told; codes that were no good: `refusedScans`.
   * `which`: those of one account, or those after an attempt that was read before.
   */
  readonly attempts: (door?: string, which?: Input.Which) => Promise<ReadonlyArray<Attempt>>
  /** The codes that were refused at any point, or at one, before anybody stood behind them. */
  readonly refusedScans: (point?: string) => Promise<ReadonlyArray<RefusedScan>>
}

export const doors = (host: Host): Doors => ({
  identify: (shown) =>
    host.run(() => {
      if ("card" in shown) {
        const { card } = shown
        return Flow.identify(
          host.read(shown, { _tag: "Card", card }, { _tag: "Identify", medium: "physicalCard", card })
        )
      }
      const { medium, subject } = shown
      return Flow.identify(host.read(shown, subject, { _tag: "Identify", medium }))
    }),
  identifyByScan: (scan) => host.run(() => Codes.identify(Payments.scan(host, scan))),
  keyRing: (subject) => host.run(() => Flow.keyRing(Input.subject(subject))),
  openByKeyRing: (pick) =>
    host.run(() => {
      const { confirmed, door, subject } = pick
      return Flow.openByKeyRing(host.read(pick, subject, { _tag: "OpenByKeyRing", door, confirmed }))
    }),
  recordPassage: (record) =>
    host.run(() => {
      const { opened, sequence } = record
      const body = { _tag: "RecordPassage", sequence, opened } as const
      if ("card" in record) {
        const { card } = record
        return Submit.submit(host.read(record, { _tag: "Card", card }, { ...body, medium: "physicalCard", card }))
      }
      const { code, medium } = record
      if (code === undefined) return Submit.submit(host.read(record, record.subject, { ...body, medium }))
      const subject = { _tag: "Handle", handle: { kind: "code", value: code.pseudonym } } as const
      return Submit.submit(host.read(record, subject, { ...body, medium, code }))
    }),
  attempts: (door, which) =>
    host.run(() =>
      Effect.map(
        Stream.runCollect(Flow.attempts(Input.pointIfAny(door, "door"), Input.which(which))),
        (attempts) =>
          attempts.map(({ account, ...attempt }) => account === undefined ? attempt : { ...attempt, account })
      )
    ),
  refusedScans: (point) =>
    host.run(() =>
      Effect.map(
        Stream.runCollect(Codes.refused(Input.pointIfAny(point))),
        (scans) => scans.map(({ at, decline, point, purpose }) => ({ at, point, purpose, decline }))
      )
    )
})
