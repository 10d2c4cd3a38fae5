// The laws of both stores on a real server, with two clients that share nothing but the database.
import { AccountStoreLaws, SubjectStoreLaws } from "@yikatong/core/testing"
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, it } from "vitest"
import { freshSchema, store, subjects } from "./clients.ts"

const scope = Scope.makeUnsafe()
let stores: AccountStoreLaws.Stores
let subjectStores: SubjectStoreLaws.Stores

beforeAll(async () => {
  const schema = freshSchema()
  const clients = [store({ schema }), store({ schema }), subjects({ schema }), subjects({ schema })] as const
  const [one, other, third, fourth] = await Effect.runPromise(
    Scope.provide(Effect.all(clients, { concurrency: 4 }), scope)
  )
  const token = schema.replace("_", "")
  stores = { one, other, token }
  subjectStores = { one: third, other: fourth, token }
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

describe("the laws of account stores, on a server", () => {
  for (const law of AccountStoreLaws.laws) it(law.title, () => Effect.runPromise(law.check(stores)))
})

describe("the laws of subject stores, on a server", () => {
  for (const law of SubjectStoreLaws.laws) it(law.title, () => Effect.runPromise(law.check(subjectStores)))
})
