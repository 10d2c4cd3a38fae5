import { MemorySubjectStore, SubjectStoreLaws } from "@yikatong/core/testing"
import { Effect } from "effect"
import { describe, it } from "vitest"

describe("SubjectStoreLaws on memory", () => {
  const store = MemorySubjectStore.make(SubjectStoreLaws.profiles)

  it.each(SubjectStoreLaws.laws.map((law) => [law.title, law] as const))(
    "%s",
    (_, law) => Effect.runPromise(law.check({ one: store, other: store, token: "memory" }))
  )
})
