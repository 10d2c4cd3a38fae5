/** A book is borrowed by card, and the library's system is told in its own language, SIP2 (R17, R18, R64, A23). */
import { Id, Lending, Sip2 } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import type { Stage } from "../Stage.ts"
import { firstCard } from "./1-issue.ts"
import { thirdCard } from "./6-lose.ts"

const caller = Id.CallerId.make("library")
const nothing = Redacted.make("")
const point = Id.PointId.make("library-1")

export const library = (stage: Stage) => {
  /** What the lending desk's terminal sends, and what it is answered. */
  const ask = Effect.fnUntraced(function*(id: string, card: Id.CardId) {
    const request: Sip2.PatronStatusRequest = {
      _tag: "PatronStatusRequest",
      language: "001",
      at: stage.now(),
      institution: "CSMZXY",
      patron: card,
      terminalPassword: nothing,
      patronPassword: nothing
    }
    const reply = yield* Lending.answer(request, {
      caller,
      id: Id.CommandId.make(id),
      point,
      institution: "CSMZXY",
      names: false,
      language: "en",
      characters: "utf8"
    })
    const bytes = Result.getOrThrow(Sip2.format({ message: reply, detection: "off" }))
    yield* stage.aside([
      `SIP2 ${new TextDecoder().decode(bytes).trim()}`,
      card === thirdCard ? "the card in use" : "the card that was replaced"
    ])
  })
  return stage.scene(
    ["图书馆借书", "a book is borrowed"],
    "二、(三) · R17, R18, R64",
    Effect.gen(function*() {
      stage.at("2026-06-13 15:00")
      yield* ask("borrow-1", thirdCard)
      yield* ask("borrow-2", firstCard)
      yield* stage.aside(["还书不用刷卡", "a book is returned without a card"])
    })
  )
}
