// The laws of both stores on PostgreSQL in this process: one database, and so one client twice.
import { AccountStore, SubjectStore } from "@yikatong/core"
import { AccountStoreLaws, SubjectStoreLaws } from "@yikatong/core/testing"
import { Effect, ManagedRuntime } from "effect"
import { afterAll, describe, it } from "vitest"
import * as Embedded from "../src/embedded.ts"

const runtime = ManagedRuntime.make(Embedded.layer({ profiles: AccountStoreLaws.profiles }))
afterAll(() => runtime.dispose())

describe("the laws of account stores, embedded", () => {
  for (const law of AccountStoreLaws.laws) {
    it(
      law.title,
      () =>
        runtime.runPromise(
          Effect.flatMap(AccountStore.AccountStore, (store) => law.check({ one: store, other: store, token: "laws" }))
        )
    )
  }
})

describe("the laws of subject stores, embedded", () => {
  for (const law of SubjectStoreLaws.laws) {
    it(
      law.title,
      () =>
        runtime.runPromise(
          Effect.flatMap(SubjectStore.SubjectStore, (store) => law.check({ one: store, other: store, token: "laws" }))
        )
    )
  }
})
