/**
 * A code is held to a camera 扫码: to pay 付款码, or to say who somebody is 身份码 (R4, R5, R12, R13, A22).
 *
 * It is told whose code it looks like, judged by the school's keys and the host's clock, and only then does anybody stand
 * behind it: what a code says of itself before is nobody's word, and reaches no account. A good one is burnt by the
 * account together with the answer, also when that is a refusal (D13). One that is no good is refused, and the refusal
 * stands in a journal of its own, see `RefusedScan`.
 *
 * A retry gets the first answer, also when its code has become too old since (D18): that answer is looked up in the
 * journal of the account, back to the time at which the code was made. It is found as long as the pseudonym leads there,
 * until a day after the authorisation has ended.
 */
import { Effect, Option, Result, Stream } from "effect"
import { type Answer, declined } from "../Answer.ts"
import { dayLength, Instant } from "../CivilTime.ts"
import * as Command from "../Command.ts"
import type { Decline } from "../Decline.ts"
import type { StoreFault } from "../Fault.ts"
import * as ForeignCode from "../ForeignCode.ts"
import type { CallerId, CommandId, PointId } from "../Id.ts"
import { CommandIdReused } from "../Misuse.ts"
import type * as Money from "../Money.ts"
import type { Pin } from "../Pin.ts"
import type { Link } from "../Point.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as PresentedCode from "../PresentedCode.ts"
import * as RefusedScan from "../RefusedScan.ts"
import * as Revocations from "../Revocations.ts"
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
  { text: seen, ...scan }: Scan,
  asked: Asked,
  verify: Verify<Code>,
  bodyOf: (code: Code) => Body,
  pin?: Pin
) {
  const text = withoutLineEnds(seen)
  const looks = ForeignCode.recognise(text)
  if (looks !== "campus" && looks !== "unknown") return { _tag: "Foreign", wallet: looks } satisfies Foreign
  const { point } = scan
  const scanned = RefusedScan.digest({ ...asked, point, retryOf: scan.retryOf, text })
  const refused = yield* refusal(scan, scanned)
  if (Option.isSome(refused)) return declined(refused.value)

  const now = yield* Submit.arrival
  const { clockTolerance, codes } = SchoolProfile.inForce(yield* Profiles, now)
  const setting = { now, clockOffset: 0, tolerance: clockTolerance, point, revocations: yield* Authorising.revocations }
  const verified = verify(codes.issuers, text, setting)
  if (Result.isSuccess(verified)) {
    const code = verified.success
    const statement = statementOf(scan, code, bodyOf)
    const password = pin === undefined ? undefined : yield* Submit.prove(statement.subject, pin)
    return yield* Submit.transact(statement, { code, ...(password === undefined ? {} : { password }) })
  }
  const why = verified.failure
  const made = madeAt(text)
  if (hasAged.has(why._tag) && Option.isSome(made)) {
    const young = { ...setting, now: made.value, revocations: Revocations.none(made.value) }
    const once = verify(codes.issuers, text, young)
    const first = Result.isSuccess(once) && now - once.success.notAfter <= dayLength
      ? yield* answered(statementOf(scan, once.success, bodyOf), made.value)
      : Option.none<Answer>()
    if (Option.isSome(first)) return first.value
  }
  return yield* refuse(scan, { purpose: asked.purpose, point, scanned, decline: why })
})

/** Scanners append line ends. A pattern would take its time over a text that is full of them. */
const withoutLineEnds = (text: string): string => {
  let end = text.length
  while (text[end - 1] === "\r" || text[end - 1] === "\n") end--
  return text.slice(0, end)
}

const statementOf = <Code extends VerifiedCode.VerifiedCode>(
  { at, caller, id, point, retryOf }: Omit<Scan, "text">,
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

/** What may have become of a code that was good. */
const hasAged: ReadonlySet<Decline["_tag"]> = new Set(["CodeExpired", "CodeAuthorisationExpired", "CodeRevoked"])

/** When a code says that it was made: not proven before it was judged as of then. */
const madeAt = (text: string): Option.Option<Instant> =>
  Option.flatMap(
    Result.getSuccess(PresentedCode.parse(text)),
    ({ slot }) => Instant.makeOption(slot * PresentedCode.slotLength)
  )

/**
 * The answer that this command was given while its code was good, if it had come by then. No code is good before the slot
 * ahead of its own, so nothing older needs to be read.
 */
const answered = Effect.fnUntraced(function*(statement: ReturnType<typeof statementOf>, made: Instant) {
  const store = yield* AccountStore
  const { caller, id, subject } = statement
  const account = yield* store.find(subject)
  if (Option.isNone(account)) return Option.none<Answer>()
  const limit = 100
  let before: number | undefined
  for (;;) {
    const page = yield* store.history(account.value.id, { limit, ...(before === undefined ? {} : { before }) })
    for (const { answer, command } of page) {
      if (command.receivedAt < made - PresentedCode.slotLength) return Option.none<Answer>()
      if (command.caller !== caller || command.id !== id) continue
      const { body } = command
      const isSame = (body._tag === "PayByCode" || body._tag === "Identify") &&
        Command.fingerprint({ ...command, body, subject }) === Command.fingerprint({ ...statement, receivedAt: made })
      return isSame ? Option.some(answer) : yield* new CommandIdReused({ caller, id })
    }
    before = page.at(-1)?.sequence
    if (before === undefined || page.length < limit) return Option.none<Answer>()
  }
})

/** Why this command was refused before, if it was. The same id with another code or another sum is misuse. */
const refusal = Effect.fnUntraced(function*({ caller, id }: Omit<Scan, "text">, scanned: string) {
  const known = yield* (yield* SubjectStore).find(RefusedScan.decider, RefusedScan.subjectOf({ caller, id }))
  if (Option.isNone(known)) return Option.none<Decline>()
  return known.value.scanned === scanned
    ? Option.some(known.value.decline)
    : yield* new CommandIdReused({ caller, id })
})

/** What was refused at any point, or at one, before anybody stood behind it, in the order of the journal. */
export const refused = (
  point?: PointId
): Stream.Stream<RefusedScan.State, StoreFault, SubjectStore> =>
  Stream.unwrap(Effect.map(SubjectStore, (store) =>
    store.journal(RefusedScan.decider).pipe(
      Stream.map(({ answer }) => answer._tag === "Approved" ? answer.events : []),
      Stream.flattenIterable,
      Stream.filter((scan) => point === undefined || scan.point === point),
      Stream.map(({ _tag, ...scan }) => scan)
    )))

/** Keeps a refusal. Of two at once the first stands, whose reason may have other numbers. */
const refuse = Effect.fnUntraced(function*(scan: Omit<Scan, "text">, refused: RefusedScan.Refused) {
  const { caller, id } = scan
  const body: RefusedScan.Command = { _tag: "Refuse", ...refused }
  const kept = (yield* SubjectStore).transact(RefusedScan.decider, {
    caller,
    id,
    subject: RefusedScan.subjectOf(scan),
    receivedAt: yield* Submit.arrival,
    body
  })
  yield* Effect.catchTag(kept, "CommandIdReused", () => Effect.void)
  return declined(Option.getOrElse(yield* refusal(scan, refused.scanned), () => refused.decline))
})
