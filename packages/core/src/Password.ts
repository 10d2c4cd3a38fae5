/**
 * The card password 卡密码 as a decision sees it: which secret is in force, who may try, and how often (R35-R38, A12, A14,
 * D15).
 *
 * The PIN and its hash never come here. A flow verifies outside and brings a {@link Proof}; the state names the hash by
 * an opaque {@link CredentialId}, which stands in a vault of its own. Wrong tries are counted per channel: at a till or
 * a kiosk the card must be at hand, so a few wrong tries lock that channel until the counter resets the password; from
 * afar each further try only waits longer, so that nobody can lock another's card. Wrong claims of who somebody is are
 * counted beside them: the last six of an identity number are the first password (R35), so whoever may guess the one
 * without end has guessed the other.
 */
import { Schema } from "effect"
import { dayLength, Instant, later } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import { CredentialId } from "./Id.ts"
import { assertMinted, type MintKey } from "./internal/mint.ts"
import type * as Pin from "./Pin.ts"
import type { Category } from "./Point.ts"

/** Where a password is tried. */
export const Channel = Schema.Literals(["till", "kiosk", "counter", "remote"])
export type Channel = typeof Channel.Type

/**
 * What of a claim is tried (R22, R24): each part for itself, so that a right name does not forget wrong documents, and
 * apart from the password, so that neither locks the other. All wait as from afar.
 */
export const ClaimChannel = Schema.Literals(["claimedName", "claimedDocument"])
export type ClaimChannel = typeof ClaimChannel.Type

/** All for which wrong tries are counted. */
export const Tried = Schema.Literals([...Channel.literals, ...ClaimChannel.literals])
export type Tried = typeof Tried.Type

const Tries = Schema.Struct({ wrong: Schema.Int, last: Instant })

/**
 * `version` counts the passwords of the account; a proof of another version is stale. `tries`: wrong tries in a row, by
 * channel.
 */
export const State = Schema.Struct({
  credential: CredentialId,
  version: Schema.Int,
  mustChange: Schema.Boolean,
  tries: Schema.Struct({
    till: Schema.optionalKey(Tries),
    kiosk: Schema.optionalKey(Tries),
    counter: Schema.optionalKey(Tries),
    remote: Schema.optionalKey(Tries),
    claimedName: Schema.optionalKey(Tries),
    claimedDocument: Schema.optionalKey(Tries)
  })
})
export interface State extends Schema.Schema.Type<typeof State> {}

const Positive = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
/** At most a year, so that no wait leads out of civil time. */
const Wait = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 365 * dayLength }))

/**
 * `tries`: wrong ones in a row that lock a local channel. Remote: `freeTries` without a wait, then `firstWait` ms,
 * doubled each time up to `longestWait` ms.
 */
export const Policy = Schema.Struct({
  local: Schema.Struct({ tries: Positive }),
  remote: Schema.Struct({ freeTries: Positive, firstWait: Wait, longestWait: Wait })
})
export interface Policy extends Schema.Schema.Type<typeof Policy> {}

/**
 * That a PIN was held against the hash of password number `version`, and whether it fitted. Made only by the flow that
 * did so (D15).
 */
export class Proof {
  static {
    // Nobody redefines what counts as minted.
    Object.freeze(this)
  }
  readonly #minted = true
  readonly version: number
  readonly ok: boolean
  constructor(key: MintKey, version: number, ok: boolean) {
    assertMinted(key, "Password.Proof")
    this.version = version
    this.ok = ok
    Object.freeze(this)
  }
  static is(value: unknown): value is Proof {
    return typeof value === "object" && value !== null && #minted in value
  }
}

/**
 * That a new password was hashed and kept under `credential`, and what its PIN is too simple for. Made only by the flow
 * that did so.
 */
export class Fresh {
  static {
    // Nobody redefines what counts as minted.
    Object.freeze(this)
  }
  readonly #minted = true
  readonly credential: CredentialId
  readonly weakness: Pin.Weakness | undefined
  /** Issued by an operator for one use (A13): its holder has to change it. */
  readonly oneTime: boolean
  constructor(key: MintKey, credential: CredentialId, weakness: Pin.Weakness | undefined, oneTime: boolean) {
    assertMinted(key, "Password.Fresh")
    this.credential = credential
    this.weakness = weakness
    this.oneTime = oneTime
    Object.freeze(this)
  }
  static is(value: unknown): value is Fresh {
    return typeof value === "object" && value !== null && #minted in value
  }
}

/** The first password of an account, or the one after a reset or a change. Tries start anew. */
export const set = (
  before: State | undefined,
  next: { readonly credential: CredentialId; readonly mustChange: boolean }
): State => ({
  credential: next.credential,
  version: (before?.version ?? 0) + 1,
  mustChange: next.mustChange,
  tries: {}
})

/** The channel on which a password is typed at a point of this kind. */
export const channelAt = (category: Category): Channel => {
  switch (category) {
    case "canteen":
    case "shop":
    // A gate has no pad to type on; were one typed there, it would count as at a till.
    case "access":
      return "till"
    case "kiosk":
      return "kiosk"
    case "counter":
    case "bankWindow":
    case "office":
      return "counter"
    case "app":
      return "remote"
  }
}

/** From when on the next try from afar is taken, after these: nothing when at once. */
const waitsUntil = ({ remote }: Policy, tries: typeof Tries.Type | undefined): Instant | undefined => {
  const { firstWait, freeTries, longestWait } = remote
  if (tries === undefined || tries.wrong < freeTries) return undefined
  return later(tries.last, Math.min(longestWait, firstWait * 2 ** Math.min(40, tries.wrong - freeTries)))
}

/**
 * From when on the next try is taken on this channel: an instant, `"reset"` when only a reset helps, nothing when at
 * once.
 */
const opensAt = (policy: Policy, state: State, channel: Channel): Instant | "reset" | undefined => {
  const tries = state.tries[channel]
  if (channel === "remote") return waitsUntil(policy, tries)
  return tries !== undefined && tries.wrong >= policy.local.tries ? "reset" : undefined
}

/** Until when a claim of these parts is not looked at: the latest of their instants, nothing when it is looked at now. */
export const claimLockedUntil = (
  policy: Policy,
  { tries }: State,
  parts: ReadonlyArray<ClaimChannel>,
  now: Instant
): Instant | undefined => {
  let until: Instant | undefined
  for (const part of parts) {
    const opens = waitsUntil(policy, tries[part])
    if (opens !== undefined && now < opens && (until === undefined || opens > until)) until = opens
  }
  return until
}

/**
 * What a proof is worth on this channel now. Nothing when it is right; a lock is looked at before the proof, so that
 * guessing on goes nowhere. Only `PasswordWrong` counts as a try.
 */
export const judge = (
  policy: Policy,
  state: State,
  proof: Proof,
  channel: Channel,
  now: Instant
): Decline.Of<"PasswordLocked" | "PasswordStale" | "PasswordWrong" | "PasswordMustChange"> | undefined => {
  const opens = opensAt(policy, state, channel)
  if (opens === "reset") return { _tag: "PasswordLocked" }
  if (opens !== undefined && now < opens) return { _tag: "PasswordLocked", until: opens }
  if (proof.version !== state.version) return { _tag: "PasswordStale" }
  if (!proof.ok) {
    const after = opensAt(policy, tried(state, channel, now, false), channel)
    if (after === "reset") return { _tag: "PasswordWrong", left: 0 }
    if (after !== undefined) return { _tag: "PasswordWrong", waitUntil: after }
    const allowed = channel === "remote" ? policy.remote.freeTries : policy.local.tries
    return { _tag: "PasswordWrong", left: allowed - (state.tries[channel]?.wrong ?? 0) - 1 }
  }
  return state.mustChange ? { _tag: "PasswordMustChange" } : undefined
}

/** The state after a try: a right one forgets the wrong ones of its channel. */
export const tried = (state: State, channel: Tried, at: Instant, right: boolean): State => {
  const { [channel]: before, ...others } = state.tries
  if (right) return { ...state, tries: others }
  return { ...state, tries: { ...others, [channel]: { wrong: (before?.wrong ?? 0) + 1, last: at } } }
}
