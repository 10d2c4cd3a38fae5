/**
 * An account is opened for a person 开户: enrolled in the register, given the first password, and found by the number
 * from then on (R35, D20).
 */
import { Effect, Option } from "effect"
import type { Of } from "../Command.ts"
import { HandleTaken } from "../Misuse.ts"
import type { Person } from "../Person.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { PersonRegister } from "../ports/PersonRegister.ts"
import * as Passwords from "./Passwords.ts"
import type * as Submit from "./Submit.ts"

/**
 * Each step may be repeated: the person is enrolled, the command decides, and the number leads to the account. The
 * number of a person leads to the regular account; a temporary one beside it is found by its id and its cards (R74).
 */
export const open = Effect.fn("Opening.open")(function*(
  statement: Submit.Statement<Of<"OpenAccount">>,
  person: Person
) {
  const store = yield* AccountStore
  const register = yield* PersonRegister
  const { body: { class: accountClass }, subject } = statement
  const handle = { kind: "number", value: person.number } as const
  const holder = yield* store.find({ _tag: "Handle", handle })
  const isOther = Option.isSome(holder) && (subject._tag !== "Account" || holder.value.id !== subject.account)
  if (accountClass === "regular" && isOther) return yield* new HandleTaken({ kind: handle.kind })
  yield* register.enrol(person)
  const issued = yield* Passwords.issue(statement, Option.some(person))
  const { answer } = issued
  if (answer._tag === "Approved" && accountClass === "regular") yield* store.bind(handle, answer.account)
  return issued
})
