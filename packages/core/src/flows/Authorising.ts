/**
 * A phone is authorised to show codes 手机授权, and that is ended 吊销 when the phone is lost (R4, R5, R12, R13, D20, A22).
 *
 * Each step may be repeated: whoever was cut off asks again. An authorisation that nobody received does no harm, so a
 * phone's request has no id of its own. A pseudonym leads to the account before anything is signed under it. What has
 * ended is given back with the next request. What is revoked stands on the list before its pseudonym leads nowhere.
 */
import { Effect, Option } from "effect"
import * as Account from "../Account.ts"
import { dayOf, type Instant } from "../CivilTime.ts"
import * as Closure from "../Closure.ts"
import type { Authorisation } from "../CodeAuthorisation.ts"
import * as CodeIssuance from "../CodeIssuance.ts"
import { isSound, type Kid, type PublicKey } from "../CodeKeys.ts"
import * as CodeTerms from "../CodeTerms.ts"
import type { Subject } from "../Command.ts"
import type { Decline } from "../Decline.ts"
import { IssuerMissing } from "../Fault.ts"
import { type AccountId, CallerId, CommandId, type Handle } from "../Id.ts"
import { MalformedCommand } from "../Misuse.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { CodeIssuer } from "../ports/CodeIssuer.ts"
import { Profiles } from "../ports/Profiles.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import type { Pseudonym } from "../Pseudonym.ts"
import * as RevocationList from "../RevocationList.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as Standing from "../Standing.ts"
import * as TemporaryCard from "../TemporaryCard.ts"
import * as Submit from "./Submit.ts"

/** Whose steps these are. */
const caller = CallerId.make("yikatong:codes")

/** What a phone asks for. The host knows whose phone it is; its secret key never leaves the phone. */
export interface Request {
  readonly subject: Subject
  readonly medium: CodeTerms.CodeMedium
  readonly deviceKey: PublicKey
}

/** What the phone is given. It renews before `notAfter`; whoever wants to end it later names its pseudonym. */
export type Authorised =
  | {
    readonly _tag: "Authorised"
    readonly authorisation: Authorisation
    readonly account: AccountId
    readonly pseudonym: Pseudonym
    readonly notBefore: Instant
    readonly notAfter: Instant
  }
  | { readonly _tag: "Declined"; readonly decline: Decline }

const declined = (decline: Decline): Authorised => ({ _tag: "Declined", decline })
const handleOf = (pseudonym: Pseudonym): Handle => ({ kind: "code", value: pseudonym })

/**
 * Authorises a phone, if the account is in order, or renews what it has: under the same pseudonym until the day is over. A
 * school that issues no codes of this medium is `IssuerMissing`, which is nothing that the holder could do better.
 */
export const authorise = Effect.fn("Authorising.authorise")(function*({ deviceKey, medium, subject }: Request) {
  if (!isSound(deviceKey)) {
    return yield* new MalformedCommand({ flaws: [{ path: "deviceKey", problem: "Expected a point of prime order" }] })
  }
  const store = yield* AccountStore
  const issuer = yield* CodeIssuer
  const now = yield* Submit.arrival
  const profile = SchoolProfile.inForce(yield* Profiles, now)
  const found = yield* store.find(subject)
  if (Option.isNone(found)) return declined(Account.unknown(subject))
  const account = found.value
  const refused = TemporaryCard.refuseMedium(profile.temporary, account, medium) ??
    Standing.refuse(Standing.ofCode(profile, account, medium, dayOf(now)))
  if (refused !== undefined) return declined(refused)
  const kids = yield* issuer.kids
  const lacks = missing(profile, medium, kids)
  if (lacks !== undefined) return yield* new IssuerMissing({ medium, lacks })
  const terms = CodeTerms.of(profile, account, medium, kids, now)
  // There is a key, and it is not yet or no longer in force.
  if (terms === undefined) return declined({ _tag: "CodeIssuerUnknown" })

  const fresh = yield* unused
  const answer = yield* (yield* SubjectStore).transact(CodeIssuance.decider, {
    caller,
    id: CommandId.make(`authorise:${fresh}`),
    subject: account.id,
    receivedAt: now,
    body: { _tag: "Authorise", medium, deviceKey, pseudonym: fresh, until: terms.notAfter }
  })
  if (answer._tag === "Declined") return answer
  const authorised = answer.events.find((event) => event._tag === "Authorised")
  if (authorised === undefined) throw new Error("What is approved is authorised")
  const { pseudonym, version } = authorised
  yield* store.bind(handleOf(pseudonym), account.id)
  // Whoever closed it in between may have had its phones swept before this one was there.
  const after = yield* store.find({ _tag: "Account", account: account.id })
  const closed = Option.isSome(after) ? Closure.refuse(after.value) : undefined
  if (closed !== undefined) {
    yield* revoke({ account: account.id, pseudonym, caller, id: CommandId.make(`close:${pseudonym}`) })
    yield* store.unbind(handleOf(pseudonym))
    return declined(closed)
  }
  // Whoever revoked in between has settled it already, so that nobody would unbind it any more.
  if (!(yield* isIssued(account.id, pseudonym))) {
    yield* store.unbind(handleOf(pseudonym))
    return declined({ _tag: "CodeRevoked" })
  }
  const authorisation = yield* Effect.catchTag(
    issuer.sign({ ...terms, pseudonym, deviceKey, version }),
    "DeviceKeyUnsound",
    Effect.die
  )
  yield* settle(account.id)
  const { notAfter, notBefore } = terms
  return {
    _tag: "Authorised",
    authorisation,
    account: account.id,
    pseudonym,
    notBefore,
    notAfter
  } satisfies Authorised
})

/** What is not there at all, so that no phone could ever be authorised for this medium. */
const missing = ({ codes }: SchoolProfile.SchoolProfile, medium: CodeTerms.CodeMedium, kids: ReadonlyArray<Kid>) => {
  const keys = codes.issuers.filter(({ identity, pay }) => pay === medium || identity === medium)
  if (keys.length === 0) return "profile"
  return keys.some(({ kid }) => kids.includes(kid)) ? undefined : "keys"
}

const isIssued = Effect.fnUntraced(function*(account: AccountId, pseudonym: Pseudonym) {
  const issuance = yield* (yield* SubjectStore).find(CodeIssuance.decider, account)
  return Option.isSome(issuance) && issuance.value.issued.some((one) => one.pseudonym === pseudonym)
})

/** A pseudonym that nobody has. In eight random bytes none comes twice; should one, it must not lead to a stranger. */
const unused = Effect.gen(function*() {
  const store = yield* AccountStore
  const issuer = yield* CodeIssuer
  return yield* Effect.repeat(issuer.pseudonym, {
    until: (drawn) => Effect.map(store.find({ _tag: "Handle", handle: handleOf(drawn) }), Option.isNone)
  })
})

/** Ends the phone that has this pseudonym, or all phones of the account: a lost phone, or a stolen session. */
export const revoke = Effect.fn("Authorising.revoke")(function*({ account, pseudonym, ...named }: {
  readonly account: AccountId
  readonly pseudonym?: Pseudonym
  readonly caller: CallerId
  readonly id: CommandId
}) {
  const answer = yield* (yield* SubjectStore).transact(CodeIssuance.decider, {
    ...named,
    subject: account,
    receivedAt: yield* Submit.arrival,
    body: { _tag: "Revoke", ...(pseudonym === undefined ? {} : { pseudonym }) }
  })
  yield* settle(account)
  return answer
})

/** Settles what has ended: revoked where it ended before its time, and unbound. Each step is named after its pseudonym. */
const settle = Effect.fnUntraced(function*(account: AccountId) {
  const store = yield* AccountStore
  const subjects = yield* SubjectStore
  const receivedAt = yield* Submit.arrival
  const issuance = yield* subjects.find(CodeIssuance.decider, account)
  if (Option.isNone(issuance)) return
  for (const { pseudonym, revoked, until, version } of CodeIssuance.due(issuance.value, receivedAt)) {
    if (revoked) {
      yield* subjects.transact(RevocationList.decider, {
        caller,
        id: CommandId.make(`revoke:${pseudonym}`),
        subject: RevocationList.subject,
        receivedAt,
        body: { _tag: "Revoke", revoked: [{ pseudonym, version, until }] }
      })
    }
    yield* store.unbind(handleOf(pseudonym))
    yield* subjects.transact(CodeIssuance.decider, {
      caller,
      id: CommandId.make(`settle:${pseudonym}`),
      subject: account,
      receivedAt,
      body: { _tag: "Settle", pseudonym }
    })
  }
})

/** The list of ended authorisations as it is now. */
export const revocations = Effect.gen(function*() {
  const known = yield* (yield* SubjectStore).find(RevocationList.decider, RevocationList.subject)
  return RevocationList.list(known, yield* Submit.arrival)
})

/** What a terminal that has this version of the list is told. */
export const revocationsSince = Effect.fn("Authorising.revocationsSince")(function*(version: number) {
  const known = yield* (yield* SubjectStore).find(RevocationList.decider, RevocationList.subject)
  return RevocationList.update(known, version, yield* Submit.arrival)
})
