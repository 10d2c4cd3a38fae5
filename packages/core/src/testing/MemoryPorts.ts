/**
 * The other ports in memory, for tests and examples: vault, register, the store of other subjects, and a hasher that
 * is quick and protects nothing.
 */
import { Effect, Layer, Option, Redacted } from "effect"
import type { CredentialId, PersonId } from "../Id.ts"
import { HandleTaken } from "../Misuse.ts"
import type { Person } from "../Person.ts"
import { PasswordHasher } from "../ports/PasswordHasher.ts"
import { PasswordVault } from "../ports/PasswordVault.ts"
import { PersonRegister } from "../ports/PersonRegister.ts"
import type { Profiles } from "../ports/Profiles.ts"
import type { SubjectStore } from "../ports/SubjectStore.ts"
import * as MemorySubjectStore from "./MemorySubjectStore.ts"

/** A vault that forgets when its scope ends. */
export const layerVault: Layer.Layer<PasswordVault> = Layer.sync(PasswordVault, () => {
  const hashes = new Map<CredentialId, string>()
  return {
    keep: (credential, hash) =>
      Effect.sync(() => {
        if (hashes.has(credential)) return false
        hashes.set(credential, hash)
        return true
      }),
    find: (credential) => Effect.sync(() => Option.fromUndefinedOr(hashes.get(credential)))
  }
})

/** A register that forgets when its scope ends. */
export const layerRegister: Layer.Layer<PersonRegister> = Layer.sync(PersonRegister, () => {
  const people = new Map<PersonId, Person>()
  const byNumber = (number: string) => [...people.values()].find((person) => person.number === number)
  return {
    enrol: (person) =>
      Effect.suspend(() => {
        const holder = byNumber(person.number)
        if (holder !== undefined && holder.id !== person.id) return Effect.fail(new HandleTaken({ kind: "number" }))
        people.set(person.id, person)
        return Effect.void
      }),
    find: (id) => Effect.sync(() => Option.fromUndefinedOr(people.get(id))),
    findByNumber: (number) => Effect.sync(() => Option.fromUndefinedOr(byNumber(number))),
    erase: (id) => Effect.sync(() => void people.delete(id))
  }
})

/**
 * A hasher for tests only: it is quick, has neither salt nor pepper, and whoever sees a hash can find its PIN. Its
 * one-time PINs are 200000, 200001 and so on.
 */
export const layerInsecureHasher: Layer.Layer<PasswordHasher> = Layer.sync(PasswordHasher, () => {
  let next = 200_000
  const hash = (pin: Redacted.Redacted<string>): string => {
    let mixed = 2_166_136_261
    for (const digit of Redacted.value(pin)) mixed = Math.imul(mixed ^ digit.charCodeAt(0), 16_777_619) >>> 0
    return `insecure:${mixed.toString(16)}`
  }
  return {
    hash: (pin) => Effect.sync(() => hash(pin)),
    verify: (pin, other) => Effect.sync(() => hash(pin) === other),
    oneTime: Effect.sync(() => Redacted.make(String(next++)))
  }
})

/** All four; with an account store they are a backend. */
export const layer: Layer.Layer<PasswordVault | PersonRegister | PasswordHasher | SubjectStore, never, Profiles> = Layer
  .mergeAll(layerVault, layerRegister, layerInsecureHasher, MemorySubjectStore.layer)
