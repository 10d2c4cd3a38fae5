/**
 * Who the people are 人员信息: names, numbers and documents, apart from journal and books, so that a person can be erased
 * without touching either (D24).
 */
import { Context, type Effect, type Option } from "effect"
import type { StoreFault } from "../Fault.ts"
import type { PersonId } from "../Id.ts"
import type { HandleTaken } from "../Misuse.ts"
import type { Person } from "../Person.ts"

export class PersonRegister extends Context.Service<PersonRegister, {
  /** Adds a person, or replaces what is known of one. Another person may not have the same number. */
  readonly enrol: (person: Person) => Effect.Effect<void, HandleTaken | StoreFault>
  readonly find: (id: PersonId) => Effect.Effect<Option.Option<Person>, StoreFault>
  readonly findByNumber: (number: string) => Effect.Effect<Option.Option<Person>, StoreFault>
  /** Forgets a person. Journal and books stay as they are, with an opaque id that leads nowhere. */
  readonly erase: (id: PersonId) => Effect.Effect<void, StoreFault>
}>()("@yikatong/core/ports/PersonRegister") {}
