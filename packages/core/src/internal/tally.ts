/**
 * What a comparison has found so far: differences under their keys, what goes over into the next day, and what of ours the
 * bill has.
 */
import type { Day } from "../CivilTime.ts"
import { type Correction, type Discrepancy, keyOf } from "../Discrepancy.ts"
import type { Carried, Finding, Sides } from "../Reconciliation.ts"

export type Kind = Carried["kind"]
const nameOf = (kind: Kind, number: string): string => `${kind} ${number}`

export const suspend: Correction = { _tag: "Suspend" }

export class Tally {
  readonly #account: string
  readonly #day: Day
  readonly #known: ReadonlySet<string>
  readonly #before: ReadonlyMap<string, Carried>
  readonly #seen = new Set<string>()
  readonly #suspended = new Set<string>()
  readonly findings = new Map<string, Finding>()
  readonly carried: Array<Carried> = []
  readonly settled = new Set<string>()
  /** Whether there was a comparison before this one. */
  readonly isFollowing: boolean
  matched = 0

  constructor({ carried, channel, day, merchant, suspended }: Sides) {
    this.#day = day
    this.#account = merchant ?? channel
    this.#known = suspended
    this.isFollowing = carried !== undefined
    this.#before = new Map((carried ?? []).map((one) => [nameOf(one.kind, one.number), one]))
  }

  /** A difference, unless a person has it. */
  find(difference: Discrepancy, correction: Correction): void {
    const key = keyOf(this.#account, difference)
    if (this.#known.has(key)) this.#suspended.add(key)
    else this.findings.set(key, { key, difference, correction })
  }

  /** Whether a person has this difference; what was missing then is here now, and settles it. */
  settles(difference: Discrepancy): boolean {
    if (this.#known.size === 0) return false
    const key = keyOf(this.#account, difference)
    const isKnown = this.#known.has(key)
    if (isKnown) this.settled.add(key)
    return isKnown
  }

  /** What the comparison before carried of it. */
  before(kind: Kind, number: string): Carried | undefined {
    return this.#before.get(nameOf(kind, number))
  }

  see(kind: Kind, number: string): void {
    this.#seen.add(nameOf(kind, number))
  }

  /** Whether it should stand in this bill, and does not. `own`: its day; none where it is expected nowhere. */
  isMissing(kind: Kind, number: string, own: Day | undefined): boolean {
    const known = this.before(kind, number)
    const isExpected = known === undefined ? own === this.#day : known._tag === "Awaited" && own !== undefined
    return isExpected && !this.#seen.has(nameOf(kind, number))
  }
  /** Since which day it is waited for. */
  since(kind: Kind, number: string): Day {
    const known = this.before(kind, number)
    return known?._tag === "Awaited" ? known.day : this.#day
  }

  get suspended(): number {
    return this.#suspended.size
  }
}
