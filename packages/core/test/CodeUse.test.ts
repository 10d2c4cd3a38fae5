import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { later } from "../src/CivilTime.ts"
import type * as Command from "../src/Command.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import * as VerifiedCode from "../src/VerifiedCode.ts"
import { identityClaims, judge, keys, now, payClaims, show } from "./support/codes.ts"
import { csmzxy, Life, school } from "./support/Life.ts"

const signed = school({ codes: { issuers: keys, signed: ["ecodePayCode", "ecodeIdentityCode"] } })

/** A student with 50 yuan, at the time of the vectors. */
const student = (profile = signed) => Life.of(profile).atInstant(now).grantSubsidy("50.00").expectApproved()

const verified = (as: "pay" | "identity", counter = 1) => {
  const code = judge(as, show(as === "pay" ? payClaims : identityClaims, { counter }))
  if (!("pseudonym" in code)) throw new Error(code._tag)
  return code
}
const downgraded = (counter = 1) => {
  const code = verified("pay", counter)
  if (!VerifiedCode.VerifiedPay.is(code)) throw new Error("A pay code")
  return Result.getOrThrow(VerifiedCode.downgrade(code, ["ecodePayCode"]))
}
const named = ({ counter, notAfter, pseudonym }: VerifiedCode.VerifiedCode) => ({ counter, notAfter, pseudonym })

let count = 0
const envelope = (
  point: string,
  body: Command.Of<"PayByCode" | "Identify">,
  code?: VerifiedCode.VerifiedCode
): Command.Envelope => ({
  caller: Id.CallerId.make("host"),
  id: Id.CommandId.make(`code-${++count}`),
  at: now,
  receivedAt: now,
  point: Id.PointId.make(point),
  subject: { _tag: "Account", account: Id.AccountId.make("acc-1") },
  body,
  ...(code === undefined ? {} : { proofs: { code } })
})
const payment = (code?: VerifiedCode.VerifiedCode, medium: Command.Of<"PayByCode">["medium"] = "ecodePayCode") =>
  ({
    _tag: "PayByCode",
    medium,
    amount: Money.amount(100),
    link: "up",
    ...(code === undefined ? {} : { code: named(code) })
  }) as const
const entry = (code?: VerifiedCode.VerifiedCode, medium: Command.Of<"Identify">["medium"] = "ecodeIdentityCode") =>
  ({ _tag: "Identify", medium, ...(code === undefined ? {} : { code: named(code) }) }) as const

const word = (life: Life) => life.decision._tag === "Approved" ? "Approved" : life.decision.decline._tag
const burnt = (life: Life) => life.decision.events.filter(({ _tag }) => _tag === "CodeBurned").length

describe("a command with a signed code (A22, R4, R5)", () => {
  const pay = verified("pay")
  const identity = verified("identity")

  it.each<[string, Command.Envelope, string, number]>([
    // what comes, the answer, codes burnt
    ["a good pay code", envelope("canteen-1", payment(pay), pay), "Approved", 1],
    ["a medium that has to be signed, without a code", envelope("canteen-1", payment()), "CodeRequired", 0],
    [
      "a medium that others judge, without a code",
      envelope("canteen-1", payment(undefined, "todayCampusCode")),
      "Approved",
      0
    ],
    ["a code that nobody judged", envelope("canteen-1", payment(pay)), "CodeRequired", 0],
    [
      "a code that only looks judged",
      envelope("canteen-1", payment(pay), { ...pay } as unknown as VerifiedCode.VerifiedPay),
      "CodeRequired",
      0
    ],
    ["another code than was judged", envelope("canteen-1", payment(verified("pay", 2)), pay), "CodeRequired", 0],
    [
      "one that is said to be good for longer",
      envelope("canteen-1", { ...payment(pay), code: { ...named(pay), notAfter: later(pay.notAfter, 1) } }, pay),
      "CodeRequired",
      0
    ],
    [
      "of another medium than was judged",
      envelope("canteen-1", payment(pay, "todayCampusCode"), pay),
      "CodeRequired",
      0
    ],
    [
      "an identity code, to pay with",
      envelope("canteen-1", payment(identity, "ecodeIdentityCode"), identity),
      "CodeRequired",
      0
    ],
    ["what is left of a pay code, to pay with", envelope("canteen-1", payment(pay), downgraded()), "CodeRequired", 0],
    ["an identity code at the gate", envelope("dorm-1", entry(identity), identity), "Approved", 1],
    ["a pay code at the gate, as it pays", envelope("dorm-1", entry(pay, "ecodePayCode"), pay), "CodeRequired", 0],
    [
      "what is left of it at the gate",
      envelope("dorm-1", entry(downgraded(), "ecodePayCode"), downgraded()),
      "WrongCodeKind",
      1
    ]
  ])("A22 %s", (_, sent, told, codes) => {
    const life = student().send(sent)
    expect(word(life)).toBe(told)
    expect(burnt(life)).toBe(codes)
  })

  it.each<[string, number, number, string]>([
    ["the same code", 5, 5, "CodeAlreadyUsed"],
    ["one that was made before it", 5, 4, "CodeAlreadyUsed"],
    ["the next one", 5, 6, "Approved"]
  ])("A22 after a code was shown: %s", (_, first, next, told) => {
    const life = student()
    for (const counter of [first, next]) {
      const code = verified("pay", counter)
      life.send(envelope("canteen-1", payment(code), code))
    }
    expect(word(life)).toBe(told)
    expect(burnt(life)).toBe(told === "Approved" ? 1 : 0)
  })

  it("A22 D13 a refusal burns it too, and moves nothing", () => {
    const code = verified("pay")
    const dear = { ...payment(code), amount: Money.amount(3_001) }
    const life = student().send(envelope("canteen-1", dear, code)).expectDeclined("MealLimitExceeded")
    life.expectEvents("CodeBurned").expectPockets({ subsidy: "50.00" })
    life.send(envelope("canteen-1", payment(code), code)).expectDeclined("CodeAlreadyUsed").expectEvents()
    expect(life.state.codes).toEqual([named(code)])
  })

  it("A22 a code that a gate has seen cannot pay, and one that paid opens nothing", () => {
    const code = verified("pay")
    const gate = envelope("dorm-1", entry(downgraded(), "ecodePayCode"), downgraded())
    const till = envelope("canteen-1", payment(code), code)
    student().send(gate).send(till).expectDeclined("CodeAlreadyUsed")
    student().send(till).expectApproved().send(gate).expectDeclined("CodeAlreadyUsed")
  })

  it("R4 where the host judges all codes, a code that comes is still burnt, and one that is not judged still refused", () => {
    const code = verified("pay")
    const life = student(csmzxy).send(envelope("canteen-1", payment(code), code)).expectApproved()
    life.expectEvents("CodeBurned", "Purchased")
    life.send(envelope("canteen-1", payment(verified("pay", 2)))).expectDeclined("CodeRequired")
    life.send(envelope("canteen-1", payment())).expectApproved().expectEvents("Purchased")
  })

  it("A22 an account does not exist: nobody's code is burnt", () => {
    const code = verified("pay")
    const life = Life.unborn(signed).atInstant(now).send(envelope("canteen-1", payment(code), code))
    life.expectDeclined("UnknownAccount").expectEvents()
  })
})
