/**
 * Accounts are opened and their passwords set 开户与密码 (R9, R35-R37, R51-R54).
 */
import { Effect, Option, Redacted } from "effect"
import * as Opening from "../flows/Opening.ts"
import * as Passwords from "../flows/Passwords.ts"
import * as Id from "../Id.ts"
import * as Person from "../Person.ts"
import type { Application } from "../TemporaryCard.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import type { Answer } from "./Told.ts"

export interface PersonInput {
  readonly id: string
  readonly kind: Person.Kind
  readonly number: string
  readonly name: string
  readonly document: Input.DocumentInput
}

/** The form on which a temporary account is opened: its fee in fen, its last day as a day. */
export type ApplicationInput = typeof Application.Encoded

/** An account that is wanted. `application`: for a temporary one. */
export type OpeningInput = Input.Stated & {
  readonly account: string
  readonly class?: "regular" | "temporary"
  readonly person: PersonInput
  readonly application?: ApplicationInput
}

/** What is said after a password was issued. `oneTimePin`: told once, to be handed over (A13). */
export interface Issued {
  readonly answer: Answer
  readonly oneTimePin?: string
}

/** A new password, and the old one where nobody attends. */
export type PasswordInput = Input.Stated & Input.Presented & { readonly newPin: string; readonly oldPin?: string }

/** Opens an account for a person. */
export const open = (host: Host, request: OpeningInput): Promise<Issued> =>
  host.run(() => {
    const { account, application, class: accountClass = "regular" } = request
    const person = personOf(request.person)
    const statement = host.read(request, { _tag: "Account", account }, {
      _tag: "OpenAccount",
      person: person.id,
      kind: person.kind,
      class: accountClass,
      ...(application === undefined ? {} : { application })
    })
    return Effect.map(Opening.open(statement, person), told)
  })

/** Changes a password to one that its holder chose. */
export const changePassword = (host: Host, request: PasswordInput): Promise<Answer> =>
  host.run(() => {
    const { shown, subject } = Input.presented(request)
    return Passwords.change(
      host.read(request, subject, { _tag: "ChangePassword", ...shown }),
      Input.pin(request.newPin, "newPin"),
      request.oldPin === undefined ? undefined : Input.pin(request.oldPin, "oldPin")
    )
  })

/** Resets a password to the initial one. */
export const resetPassword = (host: Host, request: Input.Stated & Input.Presented): Promise<Issued> =>
  host.run(() => {
    const { shown, subject } = Input.presented(request)
    return Effect.map(Passwords.reset(host.read(request, subject, { _tag: "ResetPassword", ...shown })), told)
  })

const told = ({ answer, oneTime }: Passwords.Issued): Issued => ({
  answer,
  ...(Option.isSome(oneTime) ? { oneTimePin: Redacted.value(oneTime.value) } : {})
})

const personOf = ({ document, id, kind, name, number }: PersonInput): Person.Person => ({
  id: Input.decode(Id.PersonId, id, "person.id"),
  kind: Input.decode(Person.Kind, kind, "person.kind"),
  number: Input.decode(Id.Words, number, "person.number"),
  name: Redacted.make(Input.decode(Id.Words, name, "person.name").trim()),
  document: Input.document(document)
})
