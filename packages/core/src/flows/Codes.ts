/**
 * A code is held to a camera 扫码: to pay 付款码, or to say who somebody is 身份码 (R4, R5, R12, R13, A22).
 *
 * It is told whose code it looks like, judged by the school's keys and the host's clock, and only then does anybody stand
 * behind it: what a code says of itself before is nobody's word, and reaches no account. A good one is burnt by the
 * account together with the answer, also when that is a refusal (D13). One that is no good is refused, and one of another
 * wallet is passed on, and both stand in a journal of their own, see `RefusedScan`.
 *
 * One key has one answer over both journals (I3, D18): what stands in the second counts, and is told, once accounts have
 * retired its key, which they do for no key that they have answered. So a retry gets the first answer whatever its code is
 * worth by now, and anything else under its key is misuse.
 */
import { Effect, Option, Result, Stream } from "effect"
import { type Answer, declined } from "../Answer.ts"
import type { Instant } from "../CivilTime.ts"
import { isSound } from "../CodeKeys.ts"
import * as CodeSignature from "../CodeSignature.ts"
import type * as Command from "../Command.ts"
import type { Decline } from "../Decline.ts"
import type { StoreFault } from "../Fault.ts"
import { canonical } from "../Fingerprint.ts"
import * as ForeignCode from "../ForeignCode.ts"
import type { CallerId, CommandId, PointId } from "../Id.ts"
import { CommandIdReused } from "../Misuse.ts"
import type * as Money from "../Money.ts"
import type { Pin } from "../Pin.ts"
import type { Link } from "../Point.ts"
import { AccountStore, type Key } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as PresentedCode from "../PresentedCode.ts"
import * as RefusedScan from "../RefusedScan.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as VerifiedCode from "../VerifiedCode.ts"
import * as Authorising from "./Authorising.ts"
import * as Doors from "./Doors.ts"
import * as Submit from "./Submit.ts"

/** What a camera saw, and where. `text`: as the scanner gives it. */
export interface Scan {
  readonly caller: CallerId
  readonly id: CommandId
  readonly at: Instant
  readonly point: PointId
  readonly text: string
  /** The payment declined with `PasswordRequired` that this one takes up again, with a new code (D18). */
  readonly retryOf?: CommandId
}

/** It is the code of a payment service, and none of ours: whether it pays, that service says. */
export interface Foreign {
  readonly _tag: "Foreign"
  readonly wallet: Exclude<ForeignCode.ForeignCode, "campus" | "unknown">
}

/** Pays with a code. `pin`: the card password, if it was typed. */
export const pay = Effect.fn("Codes.pay")(function*(
  { amount, link, ...scan }: Scan & { readonly amount: Money.Amount; readonly link: Link },
  { pin }: { readonly pin?: Pin } = {}
) {
  return yield* judge(scan, { purpose: "pay", amount, link }, VerifiedCode.verifyPay, (code) => ({
    _tag: "PayByCode",
    medium: code.medium,
    amount,
    link,
    code: burned(code)
  }), pin)
})

/** Shows a code to a door or a reader. What is told has no money in it (I10). */
export const identify = Effect.fn("Codes.identify")(function*(scan: Scan) {
  const answer = yield* judge(scan, { purpose: "identify" }, verifyAtGate, (code) => ({
    _tag: "Identify",
    medium: code.medium,
    code: burned(code)
  }))
  return answer._tag === "Foreign" ? answer : Doors.verdictOf(answer)
})

/**
 * Who shows a code at a gate. From a pay code everything that could pay is taken off, whichever door it is: which ones
 * take it, `Access` says, so that a refused attempt is written down and burnt like any other (R12, R13, D13).
 */
const verifyAtGate: Verify<VerifiedCode.VerifiedIdentity> = (keys, text, setting) => {
  const verified = VerifiedCode.verifyIdentity(keys, text, setting)
  return Result.isFailure(verified) && verified.failure._tag === "WrongCodeKind"
    ? Result.flatMap(
      VerifiedCode.verifyPay(keys, text, setting),
      (code) => VerifiedCode.downgrade(code, [code.medium])
    )
    : verified
}

type Verify<Code> = (
  keys: SchoolProfile.SchoolProfile["codes"]["issuers"],
  text: string,
  setting: VerifiedCode.Setting
) => Result.Result<Code, Decline>
type Body = Command.Of<"PayByCode" | "Identify">
type Asked = Pick<RefusedScan.Command, "purpose"> & { readonly amount?: number; readonly link?: Link }

const burned = ({ counter, notAfter, pseudonym }: VerifiedCode.VerifiedCode) => ({ counter, notAfter, pseudonym })

/** Judges a code, and lets the account of whoever shows it decide. */
const judge = Effect.fnUntraced(function*<Code extends VerifiedCode.VerifiedCode>(
  seen: Scan,
  asked: Asked,
  verify: Verify<Code>,
  bodyOf: (code: Code) => Body,
  pin?: Pin
) {
  const scan = { ...seen, ...asked, text: withoutLineEnds(seen.text) }
  const looks = ForeignCode.recognise(scan.text)
  if (looks !== "campus" && looks !== "unknown") return yield* stand(scan, { wallet: looks })
  const now = yield* Submit.arrival
  const { clockTolerance, codes } = SchoolProfile.inForce(yield* Profiles, now)
  const revocations = yield* Authorising.revocations
  const setting = { now, clockOffset: 0, tolerance: clockTolerance, point: scan.point, revocations }
  const verified = verify(codes.issuers, scan.text, setting)
  if (Result.isFailure(verified)) return yield* stand(scan, { decline: verified.failure })
  const code = verified.success
  const statement = statementOf(scan, code, bodyOf)
  const password = pin === undefined ? undefined : yield* Submit.prove(statement.subject, pin)
  return yield* Submit.transact(statement, { code, ...(password === undefined ? {} : { password }) }).pipe(
    // Whatever took the key, maybe only since we judged, this scan may be what it was taken with.
    Effect.catchTag("CommandIdReused", () => firstAnswer(scan))
  )
})

/** Scanners append line ends. A pattern would take its time over a text that is full of them. */
const withoutLineEnds = (text: string): string => {
  let end = text.length
  while (text[end - 1] === "\r" || text[end - 1] === "\n") end--
  return text.slice(0, end)
}

const statementOf = <Code extends VerifiedCode.VerifiedCode>(
  { at, caller, id, point, retryOf }: Scan,
  code: Code,
  bodyOf: (code: Code) => Body
) => ({
  caller,
  id,
  at,
  point,
  subject: { _tag: "Handle", handle: { kind: "code", value: code.pseudonym } } as const,
  body: bodyOf(code),
  ...(retryOf === undefined ? {} : { retryOf })
})

type Shown = Scan & Asked
/** What is told before anybody stands behind a code. */
type Said = Pick<RefusedScan.Refused, "decline"> | Pick<RefusedScan.PassedOn, "wallet">

const tell = (said: Said): Answer | Foreign =>
  "decline" in said ? declined(said.decline) : { _tag: "Foreign", wallet: said.wallet }

/** What the account was told to say under this key, if it was this scan; anything else under it is misuse. */
const answered = Effect.fnUntraced(function*(scan: Shown) {
  const line = yield* (yield* AccountStore).answered(scan)
  if (Option.isNone(line)) return Option.none<Answer>()
  return isOf(scan, line.value.command) ? Option.some(line.value.answer) : yield* reused(scan)
})

/** Whether a command came of this scan. Its medium needs no look: it is that of the code. */
const isOf = (
  { amount, link, point, purpose, retryOf, text }: Shown,
  { attendance, body, ...command }: Command.Recorded
): boolean => {
  const code = Result.getSuccess(PresentedCode.parse(text))
  if ((body._tag !== "PayByCode" && body._tag !== "Identify") || Option.isNone(code) || !isIntact(code.value)) {
    return false
  }
  const { medium: _, ...told } = body
  const { claims: { notAfter, pseudonym }, counter } = code.value
  const _tag = purpose === "pay" ? "PayByCode" : "Identify"
  return canonical({ attendance, body: told, point: command.point, retryOf: command.retryOf }) ===
    canonical({ body: { _tag, amount, link, code: { counter, notAfter, pseudonym } }, point, retryOf })
}

/** Whether no character was misread since its phone signed it. It says nothing of whose phone that was. */
const isIntact = ({ claims: { deviceKey }, device }: PresentedCode.PresentedCode): boolean =>
  isSound(deviceKey) && CodeSignature.holds("device", device.signed, device.signature, deviceKey)

/** What stands under this key before any account: it counts only where the accounts have retired the key. */
const standing = Effect.fnUntraced(function*(key: Key) {
  return yield* (yield* SubjectStore).find(RefusedScan.decider, RefusedScan.subjectOf(key))
})

const reused = ({ caller, id }: Key) => new CommandIdReused({ caller, id })
const scannedOf = ({ amount, link, point, purpose, retryOf, text }: Shown): string =>
  RefusedScan.digest({ amount, link, point, purpose, retryOf, text })

/** The answer of a key that is taken, to whoever asks what it was taken with. */
const firstAnswer = Effect.fnUntraced(function*(scan: Shown) {
  const told = yield* answered(scan)
  if (Option.isSome(told)) return told.value
  const known = yield* standing(scan)
  return Option.isSome(known) && known.value.scanned === scannedOf(scan)
    ? tell(known.value)
    : yield* reused(scan)
})

/**
 * Refuses a scan or passes it on, unless its key has its answer. What is said is written before the key is retired, so that
 * a key without an answer has a reason, also where we are cut off between the two. Of two refusals at once the first
 * stands, whose reason may have other numbers; of a refusal and an answer at once the one that has the key. Nobody is
 * told to charge another wallet under a key that could still be paid here.
 */
const stand = Effect.fnUntraced(function*(scan: Shown, said: Said) {
  const told = yield* answered(scan)
  if (Option.isSome(told)) return told.value
  const { caller, id, point, purpose } = scan
  const scanned = scannedOf(scan)
  const asked = { point, purpose, scanned }
  const body: RefusedScan.Command = "decline" in said
    ? { _tag: "Refuse", ...asked, ...said }
    : { _tag: "PassOn", ...asked, ...said }
  const kept = (yield* SubjectStore).transact(RefusedScan.decider, {
    caller,
    id,
    subject: RefusedScan.subjectOf(scan),
    receivedAt: yield* Submit.arrival,
    body
  })
  yield* Effect.catchTag(kept, "CommandIdReused", () => Effect.void)
  const known = yield* standing(scan)
  if (Option.isNone(known) || known.value.scanned !== scanned) return yield* reused(scan)
  return yield* (yield* AccountStore).retire(scan).pipe(
    Effect.as(tell(known.value)),
    Effect.catchTag("CommandIdReused", () => firstAnswer(scan))
  )
})

/**
 * What was refused at any point, or at one, before anybody stood behind it, in the order of the journal. Where the key was
 * answered by an account at the same moment, that is what its caller was told.
 */
export const refused = (
  point?: PointId
): Stream.Stream<RefusedScan.Refused, StoreFault, SubjectStore> =>
  Stream.unwrap(Effect.map(SubjectStore, (store) =>
    store.journal(RefusedScan.decider).pipe(
      Stream.map(({ answer }) => answer._tag === "Approved" ? answer.events : []),
      Stream.flattenIterable,
      Stream.filter((event) => event._tag === "Refused"),
      Stream.filter((scan) => point === undefined || scan.point === point),
      Stream.map(({ _tag, ...scan }) => scan)
    )))
