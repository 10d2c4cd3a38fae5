/**
 * An account is opened for a person 开户: given the first password, enrolled in the register, and found by the number
 * from then on (R35, D20).
 */
import { Effect, Option } from "effect"
import type { Of } from "../Command.ts"
import { HandleTaken, PersonDiffers } from "../Misuse.ts"
import * as Person from "../Person.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { PersonRegister } from "../ports/PersonRegister.ts"
import * as Passwords from "./Passwords.ts"
import type * as Submit from "./Submit.ts"

/**
 * What is stated is held against the register and the number, the command decides, and only what it approves is
 * enrolled and bound (D13). Each step may be repeated: who was cut off sends the same command again, gets its first
 * answer, and the rest is done. A person who is known stays as known; who has changed is enrolled anew first.
 *
 * The number of a person leads to the regular account, of which there is one; a temporary one beside it is found by its
 * id and its cards (R74). Trainees and visitors have but the temporary one, which their number leads to: by it they enrol
 * in e码通 (R8, R22). Once an account is closed, its number leads to the next one that is opened for the same person.
 */
export const open = Effect.fn("Opening.open")(function*(
  statement: Submit.Statement<Of<"OpenAccount">>,
  person: Person.Person
) {
  const store = yield* AccountStore
  const register = yield* PersonRegister
  const { body, subject } = statement
  // Whoever may hold no regular account is found by the number of the temporary one.
  const isFoundByNumber = body.class === "regular" || !Person.mayHold(person.kind).includes("regular")
  const handle = { kind: "number", value: person.number } as const
  const known = yield* register.find(person.id)
  const differs = new Set([
    ...(body.person === person.id ? [] : ["id" as const]),
    ...(body.kind === person.kind ? [] : ["kind" as const]),
    ...(Option.isSome(known) ? Person.differences(known.value, person) : [])
  ])
  if (differs.size > 0) return yield* new PersonDiffers({ person: body.person, differs: [...differs] })
  const namesake = yield* register.findByNumber(person.number)
  const holder = yield* store.find({ _tag: "Handle", handle })
  const isOther = Option.isSome(holder) && (subject._tag !== "Account" || holder.value.id !== subject.account)
  // A visitor comes again, a graduate returns: the number of a closed account is free for the next one.
  const isFormer = isOther && holder.value.closing !== undefined
  if ((isFoundByNumber && isOther && !isFormer) || (Option.isSome(namesake) && namesake.value.id !== person.id)) {
    return yield* new HandleTaken({ kind: handle.kind })
  }
  const issued = yield* Passwords.issue(statement, Option.some(person))
  const { answer } = issued
  if (answer._tag === "Declined") return issued
  if (Option.isNone(known)) yield* register.enrol(person)
  if (isFoundByNumber) {
    if (isFormer) yield* store.unbind(handle)
    yield* store.bind(handle, answer.account)
  }
  return issued
})
