/**
 * Passwords are set 设置密码: the PIN becomes a hash in the vault, and the decision sees only the hash's opaque name
 * (R35-R37, D15).
 */
import { Effect, Option } from "effect"
import type { Answer } from "../Answer.ts"
import type { Of } from "../Command.ts"
import { CredentialId } from "../Id.ts"
import { mintKey } from "../internal/mint.ts"
import * as Password from "../Password.ts"
import type { Person } from "../Person.ts"
import * as Pin from "../Pin.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { PasswordHasher } from "../ports/PasswordHasher.ts"
import { PasswordVault } from "../ports/PasswordVault.ts"
import { PersonRegister } from "../ports/PersonRegister.ts"
import * as Submit from "./Submit.ts"

/**
 * What an operator is told after a password was set for somebody. `oneTime`: a PIN to hand over, known to nobody else
 * (A13).
 */
export interface Issued {
  readonly answer: Answer
  readonly oneTime: Option.Option<Pin.Pin>
}

/** Changes the password to a PIN that its holder chose; at a kiosk with the old one beside it (R37). */
export const change = Effect.fn("Passwords.change")(function*(
  statement: Submit.Statement<Of<"ChangePassword">>,
  next: Pin.Pin,
  old?: Pin.Pin
) {
  const document = Option.map(yield* holder(statement.subject), (person) => person.document)
  const weakness = Option.getOrUndefined(Pin.weakness(next, document))
  const credential = credentialOf(statement)
  // A weak PIN is refused by the decision: its hash need not be kept.
  if (weakness === undefined) yield* keep(credential, next)
  const password = old === undefined ? undefined : yield* Submit.prove(statement.subject, old)
  return yield* Submit.transact(statement, {
    fresh: new Password.Fresh(mintKey, credential, weakness, false),
    ...(password === undefined ? {} : { password })
  })
})

/**
 * Resets the password to the holder's initial one, or to a one-time PIN where there is none; it must be changed (R36,
 * A12).
 */
export const reset = Effect.fn("Passwords.reset")(function*(statement: Submit.Statement<Of<"ResetPassword">>) {
  return yield* issue(statement, yield* holder(statement.subject))
})

/** Lets the store decide a command that sets the initial password of this person. */
export const issue = Effect.fnUntraced(function*(
  statement: Submit.Statement<Of<"ResetPassword" | "OpenAccount">>,
  person: Option.Option<Person>
) {
  const hasher = yield* PasswordHasher
  const credential = credentialOf(statement)
  const initial = Option.map(person, ({ document }) => Pin.initial(document))
  const known = Option.isSome(initial) && initial.value._tag === "FromDocument"
  const pin = known ? initial.value.pin : yield* hasher.oneTime
  const kept = yield* keep(credential, pin)
  const answer = yield* Submit.transact(statement, {
    fresh: new Password.Fresh(mintKey, credential, undefined, !known)
  })
  // A repeated command kept its PIN the first time: the one made now opens nothing and is not told.
  const told = !known && kept && answer._tag === "Approved"
  return { answer, oneTime: told ? Option.some(pin) : Option.none() } satisfies Issued
})

const keep = Effect.fnUntraced(function*(credential: CredentialId, pin: Pin.Pin) {
  const hasher = yield* PasswordHasher
  const vault = yield* PasswordVault
  return yield* vault.keep(credential, yield* hasher.hash(pin))
})

/** Made of the command's key, so that a repeated command meets the hash that it kept the first time. */
const credentialOf = ({ caller, id }: Submit.Statement): CredentialId => CredentialId.make(`${caller}/${id}`)

const holder = Effect.fnUntraced(function*(subject: Submit.Statement["subject"]) {
  const store = yield* AccountStore
  const register = yield* PersonRegister
  const account = yield* store.find(subject)
  return Option.isNone(account) ? Option.none() : yield* register.find(account.value.person)
})
