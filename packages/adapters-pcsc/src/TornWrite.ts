/**
 * After a lost answer 断电保护 (R28, D8): CREDIT and DEBIT are never sent a second time. The card is woken up anew, and
 * asked what it has done.
 *
 * The same questions serve a later tap (`look`), and the same judgement (`Settling`).
 */
import type { Chip } from "@yikatong/core"
import { Effect, Result } from "effect"
import * as Bytes from "./Bytes.ts"
import * as CampusApplication from "./CampusApplication.ts"
import type { CardFault } from "./CardFault.ts"
import type { Verdict } from "./CardKeys.ts"
import type { CardProblem } from "./CardProblem.ts"
import * as CpuSession from "./CpuSession.ts"
import * as EPurse from "./EPurse.ts"
import type { Failure } from "./Exchange.ts"
import type { Outcome } from "./Outcome.ts"
import * as PendingWrite from "./PendingWrite.ts"
import * as Settling from "./Settling.ts"

/** What a terminal that still has its session can check besides the TAC: MAC2 of a debit. */
export type Confirm = (mac2: Bytes.Bytes) => Effect.Effect<Verdict, Failure>

/** Keys that fail to answer know nothing; what became of the money must be told all the same. */
const orUnknown = (verdict: Effect.Effect<Verdict, Failure>): Effect.Effect<Verdict> =>
  Effect.orElseSucceed(verdict, (): Verdict => "unknown")

/** What the keys say of the signatures of a write. `confirm`: left out at a later tap, and for loads. */
export const judgeSignatures = Effect.fnUntraced(function*(
  { application: { serial }, keys }: CpuSession.CpuSession,
  write: PendingWrite.PendingWrite,
  { mac, tac }: EPurse.Signatures,
  confirm?: Confirm
) {
  const signed = PendingWrite.signed(write, serial)
  const byTac = signed === undefined ? "unknown" : yield* orUnknown(keys.judgeTac(signed, tac))
  const byMac = confirm === undefined ? "unknown" : yield* orUnknown(confirm(mac))
  return [byTac, byMac] as const
})

/** Asks the card that lies there what became of a write. It changes nothing. */
export const look = Effect.fnUntraced(function*(
  session: CpuSession.CpuSession,
  write: PendingWrite.PendingWrite,
  confirm?: Confirm
) {
  const { channel, settings: { profile } } = session
  // Before anything else begins: a new transaction may take the old one's place.
  const proof = yield* prove(session, write, confirm)
  const after = yield* CpuSession.read(session)
  const findings: Settling.Findings = { after, proof }
  if (!Settling.needsLog(write, findings)) return findings
  const lines = yield* Effect.result(
    CampusApplication.readLog(channel, profile, (lines) => Settling.isLogOpen(write, lines, profile))
  )
  // A log that can not be read says nothing; a card that is gone does not either, and is told.
  if (Result.isFailure(lines)) return "message" in lines.failure ? yield* lines.failure : findings
  const line = Settling.lineOf(write, lines.success, profile)
  return line === undefined ? findings : { ...findings, line }
})

const prove = Effect.fnUntraced(function*(
  session: CpuSession.CpuSession,
  write: PendingWrite.PendingWrite,
  confirm?: Confirm
) {
  const counter = PendingWrite.counter(write, write.before)
  const answer = yield* Effect.result(EPurse.prove(session.channel, PendingWrite.type(write), counter))
  if (Result.isFailure(answer)) {
    const failure = answer.failure
    const isUnknown = failure._tag === "CardRefused" &&
      (failure.status._tag === "UnknownInstruction" || failure.status._tag === "UnknownClass")
    return isUnknown ? { _tag: "NotAsked" } as const : yield* Effect.fail(failure)
  }
  const signatures = answer.success
  if (signatures === undefined) return { _tag: "None" } as const
  const verdicts = yield* judgeSignatures(session, write, signatures, confirm)
  // One right signature is enough: no other card and no other transaction can make it.
  const verdict: Verdict = verdicts.find((one) => one === "right") ?? verdicts.find((one) => one === "wrong") ??
    "unknown"
  return { _tag: "Signed", tac: Bytes.hex(signatures.tac), verdict } as const
})

/** So often is a card asked again whose answers get lost while it lies there: these questions change nothing. */
const times = 2

/**
 * What became of a write whose answer was lost, malformed or wrong (`cause`). It never fails: at the worst nobody knows
 * yet.
 */
export const inquire = (
  session: CpuSession.CpuSession,
  write: PendingWrite.PendingWrite,
  cause: CardFault | CardProblem,
  confirm?: Confirm
): Effect.Effect<Outcome> =>
  CpuSession.resume(session).pipe(
    Effect.andThen(look(session, write, confirm)),
    Effect.retry({ times, while: (failure) => failure._tag === "AnswerLost" }),
    Effect.match({
      onFailure: (failure): Outcome => ({
        _tag: "Unknown",
        evidence: { before: write.before, proof: "notAsked", cause: failure }
      }),
      onSuccess: (findings) => Settling.judge(write, findings, cause)
    })
  )

/** Where a write is kept before it is sent; if that fails, it is not sent. */
export type Keep = (write: PendingWrite.PendingWrite) => Effect.Effect<void, Failure>

/**
 * Sends what writes money, once, and tells what became of it: from its answer if the signatures in it are right, else
 * from the card itself. Nobody may interrupt it in between.
 */
export const commit = (
  session: CpuSession.CpuSession,
  { keep }: { readonly keep?: Keep },
  write: PendingWrite.PendingWrite,
  send: Effect.Effect<EPurse.Signatures, Failure>,
  confirm?: Confirm
): Effect.Effect<Outcome, Failure> =>
  Effect.uninterruptible(Effect.gen(function*() {
    if (keep !== undefined) yield* keep(write)
    session.known.reading = undefined
    const answer = yield* Effect.result(send)
    if (Result.isFailure(answer)) return yield* inquire(session, write, answer.failure, confirm)
    const verdicts = yield* judgeSignatures(session, write, answer.success, confirm)
    const expected = PendingWrite.done(write)
    // A wrong one beside a right one has come wrong: the card is asked for it again, since it is evidence.
    const isDone = !verdicts.includes("wrong") && (verdicts.includes("right") || (yield* readsAs(session, expected)))
    if (!isDone) {
      const wrong = { _tag: "MacWrong", step: write.kind === "load" ? "credit" : "debit" } as const
      return yield* inquire(session, write, wrong, confirm)
    }
    session.known.reading = expected
    return { _tag: "Done", reading: expected, tac: Bytes.hex(answer.success.tac) }
  }))

/** Whether the card says of itself that it reads so. */
const readsAs = (session: CpuSession.CpuSession, expected: Chip.Reading): Effect.Effect<boolean> =>
  Effect.match(CpuSession.read(session), {
    onFailure: () => false,
    onSuccess: (now) => PendingWrite.isSame(now, expected)
  })
