// The lists that the bank writes of a day's deposits, right and wrong: what the school reads of each.
import { describe, expect, it } from "@effect/vitest"
import { CivilTime, Money } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import * as BankClient from "../../src/BankClient.ts"
import * as DepositFile from "../../src/ccb/DepositFile.ts"
import { DepositCaller } from "../../src/sandbox/DepositCaller.ts"
import { DepositLists } from "../../src/sandbox/DepositLists.ts"
import * as DepositTerms from "../../src/sandbox/DepositTerms.ts"
import { type BillFlaw, Rules } from "../../src/sandbox/Mischief.ts"
import { Purses } from "../../src/sandbox/Purses.ts"
import * as SandboxMark from "../../src/SandboxMark.ts"

const day = CivilTime.day("2026-03-02")
const noon = CivilTime.instant("2026-03-02 12:00")

/** Two deposits that the school has, as far as the bank knows. */
const bank = Effect.gen(function*() {
  const purses = new Purses()
  purses.put("lihua", Money.of(20_000))
  const rules = new Rules()
  const lost = new BankClient.LineLost({ why: "timeout", isSent: true })
  const { link } = DepositTerms
  const key = SandboxMark.blockKey("des", 16)
  const caller = new DepositCaller({ link, key, school: "S01", ask: () => Effect.fail(lost) }, purses)
  const paying = { payer: "lihua", payerTail: "0003", payerName: Redacted.make("李华"), studentNumber: "20260001" }
  for (const fen of [1_000, 2_000]) {
    const dealing = yield* caller.deposit({ ...paying, account: "account-1", amount: Money.amount(fen) }, noon)
    if (dealing !== undefined) caller.dealings.set(dealing.serial, { ...dealing, state: "credited" })
  }
  return { rules, lists: new DepositLists(caller, rules) }
})

const read = (bytes: Uint8Array) =>
  Result.match(DepositFile.read(DepositTerms.list, bytes), {
    onFailure: ({ reason, what }) => `${reason}: ${what}`,
    onSuccess: ({ rows }) => rows.map(({ amount }) => amount)
  })

describe("the bank's list of a day", () => {
  it.effect.each<[flaw: BillFlaw, first: unknown]>([
    ["omitRow", [1_000]],
    ["extraRow", [1_000, 2_000, 2_000]],
    ["wrongAmount", [1_000, 2_001]],
    // A serial number that comes twice is believed of no list.
    ["duplicateRow", "duplicateKey: a serial number"],
    ["shiftDay", [1_000]]
  ])("with %s, and right after that", ([flaw, first]) =>
    Effect.gen(function*() {
      const { lists, rules } = yield* bank
      rules.add({ wire: "ccbApp", operation: "bill", does: { _tag: "Bill", flaw } })
      expect(read(lists.write(day))).toEqual(first)
      const isLate = flaw === "shiftDay"
      expect(read(lists.write(day))).toEqual(isLate ? [1_000] : [1_000, 2_000])
      expect(read(lists.write(CivilTime.addDays(day, 1)))).toEqual(isLate ? [2_000] : [])
    }))
})
