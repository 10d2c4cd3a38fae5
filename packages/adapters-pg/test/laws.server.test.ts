// The laws of account stores on a real server, with two clients that share nothing but the database.
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, it } from "vitest"
import { freshSchema, store } from "./clients.ts"

const scope = Scope.makeUnsafe()
let stores: AccountStoreLaws.Stores

beforeAll(async () => {
  const schema = freshSchema()
  const [one, other] = await Effect.runPromise(
    Scope.provide(Effect.all([store({ schema }), store({ schema })], { concurrency: 2 }), scope)
  )
  stores = { one, other, token: schema.replace("_", "") }
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

describe("the laws of account stores, on a server", () => {
  for (const law of AccountStoreLaws.laws) it(law.title, () => Effect.runPromise(law.check(stores)))
})
