/** A school's deposit server that says what a test wants: its answers are signed as the sandbox's terms have it. */
import { Effect, Redacted, Result } from "effect"
import * as BankLine from "../../../src/BankLine.ts"
import { type DepositAnswer, DepositMessage, type DepositRequest } from "../../../src/ccb/DepositMessages.ts"
import * as LinkDialogue from "../../../src/ccb/LinkDialogue.ts"
import * as DepositTerms from "../../../src/sandbox/DepositTerms.ts"
import type * as Sandbox from "../../../src/sandbox/Sandbox.ts"
import * as Terms from "../../../src/sandbox/Terms.ts"

/** What is answered, beside what every answer bears; no answer at all where that is undefined. */
export type Says = (asked: DepositRequest) => Readonly<Record<string, unknown>> | undefined

/** Knows one holder, and takes every deposit. */
export const kind: Says = (asked) => {
  switch (asked._tag) {
    case "Lookup":
      return Redacted.value(asked.name) === "李小明"
        ? { code: "accepted", shownName: "李**", account: "account-1", balance: 12_300, least: 100, most: 50_000 }
        : { code: "nameMismatch" }
    case "Inquiry":
      return { code: "accepted", state: "credited", campusSerial: "C1", amount: 5_000 }
    default:
      return { code: "accepted" }
  }
}

/** Listens as long as the scope. `heard`: the messages, the first first. */
export const open = Effect.fnUntraced(function*(box: Sandbox.Sandbox, says: Says = kind) {
  const { link } = DepositTerms
  const key = Terms.keyIn(box.banks.terms.ccbApp, "key")
  const heard: Array<DepositRequest> = []
  const answer = (bytes: Uint8Array) =>
    Effect.sync(() => {
      const asked = Result.getOrThrow(LinkDialogue.read(DepositMessage, link, bytes, key)) as DepositRequest
      heard.push(asked)
      const { bankDate, bankSerial, bankTime, school } = asked
      const said = says(asked)
      const reply = { _tag: `${asked._tag}Answer`, bankSerial, bankDate, bankTime, school, ...said } as DepositAnswer
      return said && Result.getOrThrow(LinkDialogue.write(DepositMessage, link, reply, key))
    })
  const manners = { ...BankLine.manners, prefix: link.prefix }
  const { port } = yield* BankLine.serve({ host: "127.0.0.1", port: 0 }, manners, () => answer)
  return { port, heard }
})
