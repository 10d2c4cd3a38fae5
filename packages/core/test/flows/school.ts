/** A school in memory whose accounts have lived what a test tells, and whose clock the test moves. */
import { Effect } from "effect"
import { type Instant, instant } from "../../src/CivilTime.ts"
import { AccountId, CallerId } from "../../src/Id.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import * as HostClock from "../../src/ports/HostClock.ts"
import { Profiles } from "../../src/ports/Profiles.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import type { SchoolProfile } from "../../src/SchoolProfile.ts"
import * as MemoryAccountStore from "../../src/testing/MemoryAccountStore.ts"
import * as MemorySubjectStore from "../../src/testing/MemorySubjectStore.ts"
import type { Life } from "../support/Life.ts"

export class School {
  now: Instant = instant("2025-11-10 00:30")
  readonly profile: SchoolProfile
  readonly accounts: AccountStore["Service"]
  subjects: SubjectStore["Service"]

  constructor(profile: SchoolProfile) {
    this.profile = profile
    this.accounts = MemoryAccountStore.make([profile])
    this.subjects = MemorySubjectStore.make([profile])
  }

  /** An account of this name lives through these commands. Cards are told apart by no name: one life has them. */
  async lives({ envelopes }: Pick<Life, "envelopes">, name = "account-1"): Promise<this> {
    const subject = { _tag: "Account", account: AccountId.make(name) } as const
    const caller = CallerId.make(name)
    for (const envelope of envelopes) {
      await Effect.runPromise(this.accounts.transact({ ...envelope, caller, subject }))
    }
    return this
  }

  run<A, E>(effect: Effect.Effect<A, E, AccountStore | Profiles | SubjectStore>): Promise<A> {
    return effect.pipe(
      Effect.provideService(AccountStore, this.accounts),
      Effect.provideService(SubjectStore, this.subjects),
      Effect.provideService(Profiles, [this.profile]),
      HostClock.provide(() => this.now),
      Effect.runPromise
    )
  }

  /** What all books hold, of accounts and of other subjects. */
  async books(): Promise<Map<string, number>> {
    const books = new Map<string, number>()
    for (const store of [this.accounts, this.subjects]) {
      for (const [book, held] of await Effect.runPromise(store.balances)) {
        books.set(book, (books.get(book) ?? 0) + held)
      }
    }
    return books
  }
}
