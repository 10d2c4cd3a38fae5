import { AccountStoreLaws, MemoryAccountStore } from "@yikatong/core/testing"
import { Effect } from "effect"
import { describe, it } from "vitest"

describe("AccountStoreLaws on memory", () => {
  const store = MemoryAccountStore.make(AccountStoreLaws.profiles)

  it.each(AccountStoreLaws.laws.map((law) => [law.title, law] as const))(
    "%s",
    (_, law) => Effect.runPromise(law.check({ one: store, other: store, token: "memory" }))
  )
})
