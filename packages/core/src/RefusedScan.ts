/**
 * A scan that was refused before anybody stood behind it 拒扫记录 (D18, D21, D23): the code was none of ours, was forged, or
 * too old.
 *
 * What an unproven code says of itself may not touch an account: it could fill a stranger's journal. So the refusal stands
 * here, with the point at which it happened, and the same command gets it again. It counts once the accounts have retired
 * its key, so that no key has two answers (I3), see `AccountStore.retire`. Of what was scanned only a digest is kept, and
 * nothing at all of what does not even look like a code of ours, since that may be anything that a person carries. The
 * subject is the command: caller and id.
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

const what = {
  point: PointId,
  purpose: Schema.Literals(["pay", "identify"]),
  scanned: Schema.String.check(Schema.isPattern(/^[0-9a-f]{32}$/)),
  decline: Decline
}

/** `purpose`: what it was shown for. `scanned`: a digest of what was asked with which code, see {@link digest}. */
export const Refused = Schema.Struct(what)
export interface Refused extends Schema.Schema.Type<typeof Refused> {}

export const Command = Schema.TaggedUnion({ Refuse: what })
export type Command = typeof Command.Type

export const Event = Schema.TaggedUnion({ Refused: { at: Instant, ...what } })
export type Event = typeof Event.Type

export const State = Schema.Struct({ at: Instant, ...what })
export interface State extends Schema.Schema.Type<typeof State> {}

/** By what a retry is known: the text, and what was asked with it. */
export const digest = (asked: { readonly text: string } & Readonly<Record<string, unknown>>): string => {
  const text = ForeignCode.recognise(asked.text) === "campus" ? asked.text : ""
  return bytesToHex(sha256(utf8ToBytes(canonical({ ...asked, text })))).slice(0, 32)
}

/** The decider of refused scans. One is refused once. */
export const decider: Decider.Decider<State, Command, Event> = {
  kind,
  state: State,
  command: Command,
  event: Event,
  decide: (before, { _tag, ...refused }, { now }) =>
    before === undefined
      ? Result.succeed([{ _tag: "Refused", at: now, ...refused }])
      : Result.fail({ _tag: "SubjectExists", kind }),
  evolve: (_, { _tag, ...state }) => state,
  postings: () => []
}
