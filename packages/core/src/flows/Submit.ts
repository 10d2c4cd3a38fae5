/**
 * A command comes in 受理指令: what is secret or slow is checked first and enters as a proof (D15), the host's clock is
 * written on it (D16), and the store decides and keeps it.
 */
import { Clock, Effect, Option } from "effect"
import type { Answer } from "../Answer.ts"
import type { Instant } from "../CivilTime.ts"
import type { Command, Envelope, Of, Proofs, Stated } from "../Command.ts"
import type { StoreFault, VaultFailed } from "../Fault.ts"
import { mintKey } from "../internal/mint.ts"
import type { CommandIdReused } from "../Misuse.ts"
import * as Password from "../Password.ts"
import * as Person from "../Person.ts"
import type { Pin } from "../Pin.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { PasswordHasher } from "../ports/PasswordHasher.ts"
import { PasswordVault } from "../ports/PasswordVault.ts"
import { PersonRegister } from "../ports/PersonRegister.ts"
import * as Originals from "./Originals.ts"

/** A command as its caller states it; the host adds the time of its arrival. Credits come from `Recharging` only. */
export type Statement<Body extends Command = Exclude<Command, Of<"CreditRecharge">>> =
  & Omit<Stated, "body">
  & { readonly body: Body }

/** Secrets and claims that came with a command: they are checked, and go no further. */
export interface Secrets {
  /** The card password, as typed. */
  readonly pin?: Pin
  /** Who the caller says the holder is (R22, R24). */
  readonly claim?: Person.Claim
}

/** What a flow may fail with: the caller contradicts itself, or something is broken. Never a decline. */
export type Failure = CommandIdReused | StoreFault | VaultFailed

/** The host's clock. */
export const arrival: Effect.Effect<Instant> = Effect.map(Clock.currentTimeMillis, (now) => now as Instant)

/** Checks what came with a command and lets the store decide it. */
export const submit = Effect.fn("Submit.submit")(function*(statement: Statement, secrets: Secrets = {}) {
  const password = secrets.pin === undefined ? undefined : yield* prove(statement.subject, secrets.pin)
  const identity = secrets.claim === undefined ? undefined : yield* identify(statement.subject, secrets.claim)
  const { body, subject } = statement
  const original = Originals.isGiving(body) ? yield* Originals.behind(subject, body) : undefined
  return yield* transact(statement, {
    ...(password === undefined ? {} : { password }),
    ...(identity === undefined ? {} : { identity }),
    ...(original === undefined ? {} : { original })
  })
})

/** Lets the store decide a command with these proofs. */
export const transact = Effect.fnUntraced(function*(
  statement: Statement,
  proofs: Proofs
): Effect.fn.Return<Answer, CommandIdReused | StoreFault, AccountStore> {
  const store = yield* AccountStore
  const receivedAt = yield* arrival
  const envelope: Envelope = { ...statement, receivedAt, proofs }
  return yield* store.transact(envelope)
})

/** Holds a PIN against the hash in force; nothing where there is no such account, which the decision then says. */
export const prove = Effect.fnUntraced(function*(subject: Statement["subject"], pin: Pin) {
  const store = yield* AccountStore
  const vault = yield* PasswordVault
  const hasher = yield* PasswordHasher
  const account = yield* store.find(subject)
  if (Option.isNone(account)) return undefined
  const { credential, version } = account.value.password
  const hash = yield* vault.find(credential)
  const ok = Option.isSome(hash) && (yield* hasher.verify(pin, hash.value))
  return new Password.Proof(mintKey, version, ok)
})

/** Holds a claim against what the register knows of the holder. */
const identify = Effect.fnUntraced(function*(subject: Statement["subject"], claim: Person.Claim) {
  const store = yield* AccountStore
  const register = yield* PersonRegister
  const account = yield* store.find(subject)
  if (Option.isNone(account)) return undefined
  const person = yield* register.find(account.value.person)
  return new Person.Match(
    mintKey,
    Option.isSome(person) ? Person.compare(person.value, claim) : Person.notCompared
  )
})
