/**
 * A scan that was answered before anybody stood behind it 拒扫记录 (D18, D21, D23): the code was none of ours, was forged, or
 * too old, and was refused; or it was that of another wallet, and was passed on.
 *
 * What an unproven code says of itself may not touch an account: it could fill a stranger's journal. So the refusal stands
 * here, with the point at which it happened, and the same command gets it again. A code of another wallet stands here with
 * the name of that wallet: whoever passed it on may have charged it, and must not be paid by us under the same id. What
 * stands here counts once the accounts have retired its key, so that no key has two answers (I3), see
 * `AccountStore.retire`.
 *
 * Of what was scanned only a digest is kept, and nothing at all of what does not even look like a code of ours, since that
 * may be anything that a person carries. So all codes of one wallet are the same under one id. The subject is the command:
 * caller and id.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import { Result, Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import type * as Decider from "./Decider.ts"
import { Decline } from "./Decline.ts"
import { canonical } from "./Fingerprint.ts"
import * as ForeignCode from "./ForeignCode.ts"
import { type CallerId, type CommandId, PointId } from "./Id.ts"

export const kind = "refusedScan"

/** The subject under which the scan of this command is kept. */
export const subjectOf = ({ caller, id }: { readonly caller: CallerId; readonly id: CommandId }): string =>
  `${caller}:${id}`

const scan = {
  point: PointId,
  purpose: Schema.Literals(["pay", "identify"]),
  scanned: Schema.String.check(Schema.isPattern(/^[0-9a-f]{32}$/))
}
const refused = { ...scan, decline: Decline }
const passedOn = { ...scan, wallet: ForeignCode.ForeignCode.pick(["weChat", "longPay", "unionPay", "alipay"]) }

/** `purpose`: what it was shown for. `scanned`: a digest of what was asked with which code, see {@link digest}. */
export const Refused = Schema.Struct({ at: Instant, ...refused })
export interface Refused extends Schema.Schema.Type<typeof Refused> {}
/** `wallet`: whose code it looked like. */
export const PassedOn = Schema.Struct({ at: Instant, ...passedOn })
export interface PassedOn extends Schema.Schema.Type<typeof PassedOn> {}

export const Command = Schema.TaggedUnion({ Refuse: refused, PassOn: passedOn })
export type Command = typeof Command.Type

export const Event = Schema.TaggedUnion({ Refused: Refused.fields, PassedOn: PassedOn.fields })
export type Event = typeof Event.Type

export const State = Schema.Union([Refused, PassedOn])
export type State = typeof State.Type

/** By what a retry is known: the text, or whose code it looks like where it is none of ours, and what was asked with it. */
export const digest = (asked: { readonly text: string } & Readonly<Record<string, unknown>>): string => {
  const looks = ForeignCode.recognise(asked.text)
  const text = looks === "campus" ? asked.text : looks === "unknown" ? "" : looks
  return bytesToHex(sha256(utf8ToBytes(canonical({ ...asked, text })))).slice(0, 32)
}

/** The decider of refused scans. One is refused, or passed on, once. */
export const decider: Decider.Decider<State, Command, Event> = {
  kind,
  state: State,
  command: Command,
  event: Event,
  decide: (before, command, { now }) => {
    if (before !== undefined) return Result.fail({ _tag: "SubjectExists", kind })
    return Result.succeed([
      command._tag === "Refuse"
        ? { ...command, _tag: "Refused", at: now }
        : { ...command, _tag: "PassedOn", at: now }
    ])
  },
  evolve: (_, { _tag, ...state }) => state,
  postings: () => []
}
