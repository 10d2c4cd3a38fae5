import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Account from "../src/Account.ts"
import * as AccountEvent from "../src/AccountEvent.ts"
import type { AccountState } from "../src/AccountState.ts"
import * as Answer from "../src/Answer.ts"
import * as Command from "../src/Command.ts"
import { AccountId } from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import type { Entry } from "../src/ports/AccountStore.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import type { SchoolProfile } from "../src/SchoolProfile.ts"
import * as WhatIf from "../src/WhatIf.ts"
import { Life, school } from "./support/Life.ts"
import { lived, wholeStories } from "./support/lives.ts"

/** The journal that a store would have kept of a life. */
const journalOf = (life: Life, profile: SchoolProfile): ReadonlyArray<Entry> => {
  let account: AccountState | undefined
  return life.envelopes.map((envelope, at) => {
    const decision = Account.decide([profile], account, envelope)
    account = decision.account
    return {
      sequence: at + 1,
      ...(account === undefined ? {} : { account: account.id }),
      command: Command.record(envelope, account?.id),
      profile: decision.profile,
      shape: AccountEvent.shape,
      events: decision.events,
      answer: Answer.of(decision)
    }
  })
}

const replayed = (lines: ReadonlyArray<WhatIf.Line>, profile: SchoolProfile) => {
  const replay = WhatIf.begin([profile])
  const changes: Array<WhatIf.Change> = []
  for (const line of lines) {
    const taken = WhatIf.take(replay, line)
    if (taken._tag === "Failure") throw new Error(`${taken.failure._tag} at ${taken.failure.sequence}`)
    if (taken.success !== undefined) changes.push(taken.success)
  }
  return { replay, changes, totals: WhatIf.totals(replay) }
}

const [meal] = csmzxy.limits.filter(({ measure, per }) => per === "meal" && measure === "sum")
if (meal === undefined) throw new Error("the preset has no meal limit")
const mealOf = (password: string | undefined, hard: string | undefined): Partial<SchoolProfile> => ({
  limits: [{
    name: "meal",
    per: "meal",
    measure: "sum",
    scope: {},
    ...(password === undefined ? {} : { password: Money.amount(Money.yuan(password)) }),
    ...(hard === undefined ? {} : { hard: Money.amount(Money.yuan(hard)) })
  }]
})
const open: Partial<SchoolProfile> = { limits: [] }

/** A student with 100.00 on the card and 50.00 in the wallet, at lunch. */
const student = (profile: SchoolProfile) =>
  Life.of(profile, { chip: "100.00" }).withWallet("50.00").at("2025-11-03 12:00")

/** What happened, under which policy, and what would have been under another. */
const table: ReadonlyArray<{
  readonly title: string
  readonly was: Partial<SchoolProfile>
  readonly would: Partial<SchoolProfile>
  readonly life: (life: Life) => unknown
  readonly changes: ReadonlyArray<string>
}> = [
  {
    title: "D22: the same policy answers as it did",
    was: {},
    would: {},
    life: (life) => life.pay("card", "18.00").pay("card", "12.00").pay("card", "0.01"),
    changes: []
  },
  {
    title: "R50: a lower meal limit declines the second dish, directly",
    was: mealOf(undefined, "30.00"),
    would: mealOf(undefined, "20.00"),
    life: (life) => life.pay("card", "18.00").pay("card", "12.00"),
    changes: ["PayByCard 12.00 Approved → MealLimitExceeded direct"]
  },
  {
    title: "R50: a higher one approves what was declined",
    was: mealOf(undefined, "30.00"),
    would: mealOf(undefined, "40.00"),
    life: (life) => life.pay("card", "30.00").pay("card", "10.00"),
    changes: ["PayByCard 10.00 MealLimitExceeded → Approved direct"]
  },
  {
    title: "R50: money that was kept pays later, which is only a knock-on",
    was: open,
    would: mealOf(undefined, "50.00"),
    life: (life) => life.pay("card", "90.00").later(24 * 3_600_000).pay("card", "15.00"),
    changes: [
      "PayByCard 90.00 Approved → MealLimitExceeded direct",
      "PayByCard 15.00 InsufficientChipPurse → Approved knockOn"
    ]
  },
  {
    title: "D15: who is newly asked for the password knows it",
    was: mealOf("30.00", undefined),
    would: mealOf("20.00", undefined),
    life: (life) => life.pay("card", "25.00").pay("card", "5.00"),
    changes: [
      "PayByCard 25.00 Approved → Approved direct, asked",
      "PayByCard 5.00 Approved → Approved direct, asked"
    ]
  },
  {
    title: "A14 D15: wrong claims are tried again part by part, and a stricter wait holds the right one up as well",
    was: {},
    would: { password: { ...csmzxy.password, remote: { ...csmzxy.password.remote, freeTries: 1 } } },
    life: (life) => {
      life.openWallet({ identity: "wrongName" }).expectDeclined("IdentityNotMatched")
      life.place("ccbApp", "ccbCard", "50.00", { identity: "wrongDocument" }).expectDeclined("IdentityNotMatched")
      life.place("ccbApp", "ccbCard", "50.00", { identity: "number" }).expectDeclined("IdentityNotMatched")
      life.place("ccbApp", "ccbCard", "50.00", { identity: "document" }).expectApproved()
      life.later(30_000).openWallet({ identity: "wrongName" }).expectDeclined("IdentityNotMatched")
      life.openWallet({ identity: "wrongName" }).expectDeclined("IdentityNotMatched")
      life.openWallet({ identity: "name" }).expectDeclined("IdentityLocked")
    },
    changes: [
      "PlaceRecharge 50.00 Approved → IdentityLocked direct",
      "OpenWallet  IdentityNotMatched → IdentityLocked direct"
    ]
  },
  {
    title: "D18: nobody is asked any more, so the retry with the password is not sent, and bought is bought once",
    was: mealOf("20.00", undefined),
    would: mealOf("40.00", undefined),
    life: (life) => {
      life.pay("card", "25.00").expectDeclined("PasswordRequired")
      life.pay("card", "25.00", { password: "right", retryOf: life.lastId }).expectApproved()
    },
    changes: [
      "PayByCard 25.00 PasswordRequired → Approved direct",
      "PayByCard 25.00 Approved → NotSent knockOn"
    ]
  },
  {
    title: "D5: and its reversal undoes the one that was sent",
    was: mealOf("20.00", undefined),
    would: mealOf("40.00", undefined),
    life: (life) => {
      life.pay("card", "25.00")
      life.pay("card", "25.00", { password: "right", retryOf: life.lastId })
      life.reverse({ purchase: life.lastPurchase, present: true })
    },
    changes: [
      "PayByCard 25.00 PasswordRequired → Approved direct",
      "PayByCard 25.00 Approved → NotSent knockOn"
    ]
  },
  {
    title: "D5: what was never bought is not reversed",
    was: open,
    would: mealOf(undefined, "20.00"),
    life: (life) => {
      life.pay("card", "25.00")
      life.reverse({ purchase: life.lastPurchase, present: true })
    },
    changes: [
      "PayByCard 25.00 Approved → MealLimitExceeded direct",
      "ReversePurchase 25.00 Approved → NotSent knockOn",
      "SettleLoad  Approved → NotSent knockOn"
    ]
  },
  {
    title: "D5 D8: where the chip would have no room, nothing is written, and nobody tells of it",
    was: open,
    would: { ...open, purseCeiling: Money.amount(Money.yuan("100.00")) },
    life: (life) => {
      const purchase = life.pay("card", "25.00").lastPurchase
      life.recharge("ccbApp", "50.00").load().reverse({ purchase, present: true })
      life.expectPockets({ chip: "150.00", wallet: "50.00" })
    },
    changes: ["SettleLoad  Approved → NotSent knockOn"]
  },
  {
    title: "D5 D8: what is written to the card only now is spent from it",
    was: { ...open, purseCeiling: Money.amount(Money.yuan("100.00")) },
    would: open,
    life: (life) => {
      const purchase = life.pay("card", "25.00").lastPurchase
      life.recharge("ccbApp", "50.00").load().reverse({ purchase, present: true })
      life.expectPockets({ chip: "100.00", transit: "50.00", wallet: "50.00" })
      life.pay("card", "140.00").expectDeclined("InsufficientChipPurse")
    },
    changes: ["PayByCard 140.00 InsufficientChipPurse → Approved knockOn"]
  },
  {
    title: "D5: what its chip never paid is undone on another day there too, though the account knew it no more",
    was: open,
    would: { ...open, purseCeiling: Money.amount(Money.yuan("2000.00")) },
    life: (life) => {
      const before = life.chip()
      const purchase = life.pay("card", "25.00").lastPurchase
      life.chips.set("card-1", before)
      life.at("2025-12-15 12:00").pay("card", "5.00").reverse({ purchase, present: true, unpaid: true })
      life.expectEvents("PurchaseReversed").expectPockets({ chip: "95.00", wallet: "50.00" })
    },
    changes: []
  },
  {
    title: "R76: a refund goes back as it went, in parts and by each way of paying",
    was: open,
    would: { ...open, purseCeiling: Money.amount(Money.yuan("2000.00")) },
    life: (life) => {
      for (const shown of ["card", "ecode"] as const) {
        life.pay(shown, "20.00").expectApproved()
        const purchase = life.lastPurchase
        life.refund(purchase, "5.00").expectApproved()
        life.refund(purchase, "15.00").expectApproved()
        life.refund(purchase, "0.01").expectDeclined("NotRefundable")
      }
    },
    changes: []
  },
  {
    title: "R76: what was never bought is not refunded",
    was: open,
    would: mealOf(undefined, "10.00"),
    life: (life) => {
      life.pay("card", "20.00")
      life.refund(life.lastPurchase, "5.00").expectApproved()
    },
    changes: [
      "PayByCard 20.00 Approved → MealLimitExceeded direct",
      "RefundPurchase 5.00 Approved → NotSent knockOn"
    ]
  },
  {
    title: "R75 D10: what was repaid at a desk that there would not be is still owed",
    was: {},
    would: { desks: ["ccb"] },
    life: (life) => {
      life.inDebt("12.00").repay("5.00").expectApproved()
      life.repay("7.01").expectDeclined("DebtSmaller")
    },
    changes: [
      "RepayDebt 5.00 Approved → DeskUnknown direct",
      "RepayDebt 7.01 DebtSmaller → DeskUnknown direct"
    ]
  },
  {
    title: "R38: a wrong password stays wrong",
    was: mealOf("20.00", undefined),
    would: mealOf("10.00", undefined),
    life: (life) => life.pay("card", "25.00", { password: "wrong" }),
    changes: []
  },
  {
    title: "D11: an offline record posts under any limit",
    was: open,
    would: mealOf(undefined, "1.00"),
    life: (life) => life.cutOff("a", "18.00").arrives("a"),
    changes: []
  },
  {
    title: "A9: a lower ceiling loads less, so that something still waits at the next tap",
    was: {},
    would: { purseCeiling: Money.amount(Money.yuan("120.00")) },
    life: (life) => life.recharge("ccbApp", "100.00").load().load(),
    changes: ["BeginLoad  NothingToLoad → PurseCeiling knockOn"]
  },
  {
    title: "A9: a load that only the higher ceiling lets begin is taken as written, and pays",
    was: { ...open, purseCeiling: Money.amount(Money.yuan("100.00")) },
    would: { ...open, purseCeiling: Money.amount(Money.yuan("300.00")) },
    life: (life) => life.recharge("ccbApp", "100.00").beginLoad().pay("card", "110.00"),
    changes: [
      "BeginLoad 100.00 PurseCeiling → Approved direct",
      "PayByCard 110.00 InsufficientChipPurse → Approved knockOn"
    ]
  },
  {
    title: "D2: an order that could not be placed is never credited",
    was: { places: { ...csmzxy.places, placeRecharge: ["app", "kiosk"] } },
    would: {},
    life: (life) => {
      life.place("ccbApp", "ccbCard", "100.00", { point: "kiosk-1" })
      life.credit("ccbApp", "100.00", { order: life.lastId })
    },
    changes: [
      "PlaceRecharge 100.00 Approved → ChannelNotAllowed direct",
      "CreditRecharge 100.00 Approved → NotSent knockOn"
    ]
  },
  {
    title: "A3: dormancy after two months stops a card that was still good after three",
    was: { dormancy: { months: 3 } },
    would: { dormancy: { months: 2 } },
    life: (life) => life.extend().at("2026-01-20 12:00").pay("card", "5.00"),
    changes: ["PayByCard 5.00 Approved → CardFrozenDormant direct"]
  }
]

const told = ({ after, amount, asked, before, cause, command }: WhatIf.Change): string =>
  `${command} ${amount === undefined ? "" : Money.format(amount)} ${before} → ${after} ${cause}${
    asked ? ", asked" : ""
  }`

describe("WhatIf", () => {
  it.each(table)("$title", ({ changes, life: live, was, would }) => {
    const before = school(was)
    const life = student(before)
    live(life)
    const lines = journalOf(life, before)
    expect(replayed(lines, school(would)).changes.map(told)).toEqual(changes)
    // Under the policy that there was, nothing is otherwise.
    const again = replayed(lines, before)
    expect(again.changes).toEqual([])
    for (const { would } of again.replay.lives.values()) expect(would).toEqual(life.account)
  })

  it("D22: sums say how much money was approved and declined either way", () => {
    const before = school(mealOf(undefined, "30.00"))
    const life = student(before).pay("card", "18.00").pay("card", "12.00").pay("card", "3.00")
    const { totals } = replayed(journalOf(life, before), school(mealOf(undefined, "20.00")))
    const { PayByCard } = totals.kinds
    expect(PayByCard).toEqual({
      before: { approved: { count: 2, fen: 3_000 }, declined: { count: 1, fen: 300 } },
      after: { approved: { count: 1, fen: 1_800 }, declined: { count: 2, fen: 1_500 } }
    })
    expect(totals.declines["MealLimitExceeded"]).toEqual({ before: 1, after: 2 })
    expect(totals).toMatchObject({ accounts: 1, changed: { accounts: 1, direct: 1, knockOn: 0 }, asked: 0, notSent: 0 })
  })

  it("D22: a version is in force from its day on", () => {
    const before = school(open)
    const life = student(before).pay("card", "18.00").at("2025-11-04 12:00").pay("card", "18.00")
    const [first] = replayed(journalOf(life, before), before).replay.profiles
    const from = life.now
    const later = { ...school(mealOf(undefined, "10.00")), version: "later", effectiveFrom: from }
    const replay = WhatIf.begin([first, later])
    const changes = journalOf(life, before).map((line) => WhatIf.take(replay, line))
    expect(changes.map((taken) => taken._tag === "Success" && taken.success?.after).filter(Boolean)).toEqual([
      "MealLimitExceeded"
    ])
  })

  it("D20: a card that was taken is taken, and who was unknown stays unknown", () => {
    const [opened, issued, activated] = Life.of(csmzxy, { chip: "100.00" }).envelopes
    if (opened === undefined || issued === undefined || activated === undefined) throw new Error("a life too short")
    const first = Account.decide([csmzxy], undefined, opened).account
    const line = (account: AccountState | undefined, envelope: Command.Envelope): WhatIf.Line => {
      const decision = Account.decide([csmzxy], account, envelope, AccountId.make("acc-2"))
      return {
        sequence: 1,
        ...(account === undefined ? {} : { account: account.id }),
        command: Command.record(envelope, account?.id),
        events: decision.events,
        answer: Answer.of(decision)
      }
    }
    const lines = [
      line(undefined, { ...activated, subject: { _tag: "Handle", handle: { kind: "number", value: "1" } } })
    ]
    const [born] = journalOf(Life.of(csmzxy), csmzxy)
    if (born === undefined || first === undefined) throw new Error("nobody was born")
    const { changes, totals } = replayed([...lines, born, line(first, issued)], csmzxy)
    expect(changes).toEqual([])
    expect(totals.declines).toEqual({ UnknownHandle: { before: 1, after: 1 }, CardTaken: { before: 1, after: 1 } })
  })

  it("I13: a journal that begins in the midst of a life is refused, and says where", () => {
    const lines = journalOf(student(csmzxy), csmzxy).slice(1)
    const taken = lines.map((line) => WhatIf.take(WhatIf.begin([csmzxy]), line))
    expect(taken.find((one) => one._tag === "Failure")).toMatchObject({
      failure: { _tag: "JournalIncomplete", account: AccountId.make("acc-1") }
    })
  })

  it("I2, I13: a journal that lacks a line is refused where its money is missing", () => {
    const life = student(csmzxy).pay("card", "18.00").expectApproved()
    const lines = journalOf(life, csmzxy).filter(({ command: { body } }) => body._tag !== "BeginLoad")
    const replay = WhatIf.begin([csmzxy])
    const failed = lines.map((line) => WhatIf.take(replay, line)).findIndex((one) => one._tag === "Failure")
    expect(lines[failed]?.command.body._tag).toBe("SettleLoad")
  })

  it("D22, D23, I13: under the same policy every command of every life is answered as it was, and all states are equal", () => {
    fc.assert(
      fc.property(wholeStories(40), (story) => {
        const life = lived(csmzxy, story)
        const { changes, replay } = replayed(journalOf(life, csmzxy), csmzxy)
        expect(changes).toEqual([])
        for (const { was, would } of replay.lives.values()) {
          expect(would).toEqual(was)
          expect(was).toEqual(life.account)
        }
      }),
      { numRuns: 150 }
    )
  })

  it("I2, D13: under any policy no pocket of the other life is below zero, and every change is told once", () => {
    const policies = fc.constantFrom(
      mealOf("5.00", "15.00"),
      open,
      { purseCeiling: Money.amount(Money.yuan("50.00")) },
      { dormancy: { months: 1 } },
      { replacement: { ...csmzxy.replacement, lossFreezes: "account", afterLossBorneBy: "holder" } } as const
    )
    fc.assert(
      fc.property(wholeStories(40), policies, (story, policy) => {
        const life = lived(csmzxy, story)
        const lines = journalOf(life, csmzxy)
        const { changes, replay, totals } = replayed(lines, school(policy))
        for (const { would } of replay.lives.values()) {
          for (const fen of Object.values(would?.pockets ?? {})) expect(fen).toBeGreaterThanOrEqual(0)
        }
        expect(new Set(changes.map(({ sequence }) => sequence)).size).toBe(changes.length)
        expect(totals.changed.direct + totals.changed.knockOn).toBe(changes.length)
        expect(totals.commands).toBe(lines.length)
        for (const { after, asked, before } of changes) expect(after !== before || asked).toBe(true)
      }),
      { numRuns: 150 }
    )
  })
})
