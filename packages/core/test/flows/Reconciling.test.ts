import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { BillRow } from "../../src/BillRow.ts"
import { addDays, dayOf, instant, later, minute } from "../../src/CivilTime.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Reconciling from "../../src/flows/Reconciling.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import * as PaymentAttempt from "../../src/PaymentAttempt.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { make, type Mint, type RechargeChannel } from "../../src/ports/RechargeChannel.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import type { Receipt } from "../../src/Receipt.ts"
import type { FundingSource } from "../../src/Recharge.ts"
import type { Carried } from "../../src/Reconciliation.ts"
import { BilledBank } from "./BilledBank.ts"
import { Campus, pockets } from "./campus.ts"

const office = Id.PointId.make("card-centre")
const fifty = Money.amount(5_000)
const nextMorning = instant("2026-03-03 09:00")

const opened = (receipt: NonNullable<Story["receipt"]> = (receipt) => receipt) => {
  const bank: BilledBank = new BilledBank(() => campus.now)
  const { bill = () => Effect.never } = bank.channel
  const channel = make("weChat", (mint) => ({
    ...bank.channel,
    bill: (day) =>
      Effect.map(bill(day), ({ rows }) => ({
        day,
        rows: rows.map((one) => one.receipt === undefined ? one : { ...one, receipt: receipt(one.receipt, mint) })
      }))
  }))
  const campus: Campus = new Campus(channel)
  return { bank, campus, day: dayOf(campus.now) }
}

/** A bank of which two channels have one bill: payments in WeChat, and another way. */
const openedTwice = (merchants: readonly [string | undefined, string | undefined]) => {
  const bank: BilledBank = new BilledBank(() => campus.now)
  const named = (merchant: string | undefined) => merchant === undefined ? {} : { merchant }
  const other: RechargeChannel = {
    ...bank.channel,
    ...named(merchants[1]),
    name: "weChatCode",
    serves: [{ channel: "todayCampus", source: "unionPayCard" }]
  }
  const campus: Campus = new Campus({ ...bank.channel, ...named(merchants[0]) }, other)
  return { bank, campus, day: dayOf(campus.now) }
}

const place = Effect.fnUntraced(function*(campus: Campus, source: FundingSource = "weChat") {
  const placed = yield* Recharging.place(campus.says("today-campus", {
    _tag: "PlaceRecharge",
    channel: "todayCampus",
    source,
    holder: "own",
    amount: fifty
  }))
  if (placed._tag !== "Placed") throw new Error(JSON.stringify(placed))
  return placed
})

const credits = Effect.gen(function*() {
  const entries = yield* Stream.runCollect((yield* AccountStore).journal())
  return entries.flatMap(({ events }) => events).filter(({ _tag }) => _tag === "CreditRecorded").length
})

const states = Effect.gen(function*() {
  const all = yield* Stream.runCollect((yield* SubjectStore).all(PaymentAttempt.decider))
  return all.map(({ state }) => state._tag)
})

interface Story {
  readonly title: string
  /** What happened until the next morning, when the bill comes. */
  readonly lived: (
    bank: BilledBank,
    placed: Effect.Success<ReturnType<typeof place>>,
    campus: Campus
  ) => void
  readonly drives?: boolean
  readonly bill?: (rows: ReadonlyArray<BillRow>) => ReadonlyArray<BillRow>
  /** What comes with a row as its receipt. */
  readonly receipt?: (receipt: Receipt, mint: Mint) => Receipt
  /** How many differences are still there. */
  readonly left?: number
  readonly found: ReadonlyArray<readonly [difference: string, correction: string]>
  readonly became: ReadonlyArray<string>
  readonly state: string
  readonly transit: number
}

const pay: Story["lived"] = (bank, { attempt }) => bank.pay(attempt.number, fifty)
/** A part of a payment that went back. */
const part = (row: BillRow, reference: string): BillRow => ({
  ...row,
  kind: "refund",
  reference,
  refundNumber: `person-${reference}`,
  amount: Money.amount(1_000)
})

const stories: ReadonlyArray<Story> = [
  { title: "D2 all agrees", lived: pay, drives: true, found: [], became: [], state: "Kept", transit: 5_000 },
  {
    title: "D2 I3 长款: its notice was lost, and it is credited late",
    lived: pay,
    found: [["Unrecorded", "Confirm"]],
    became: ["Corrected"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 长款: the channel does not know it when it is asked, and the row of its bill is believed",
    lived: (bank, { attempt }) => {
      bank.pay(attempt.number, fifty)
      bank.blind.add(attempt.number)
    },
    found: [["Unrecorded", "Confirm"]],
    became: ["Corrected"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 I3 given back in the channel's back office, and its notice was lost: credited to nobody",
    lived: (bank, { attempt }) => {
      bank.pay(attempt.number, fifty)
      bank.giveBack(attempt.number)
    },
    found: [["Unrecorded", "AskChannel"], ["RefundUnasked", "AskChannel"]],
    became: ["Corrected", "Corrected"],
    state: "Returned",
    transit: 0
  },
  {
    title: "D2 金额不符: another amount than ordered goes back",
    lived: (bank, { attempt }) => bank.pay(attempt.number, Money.amount(4_000)),
    found: [["AmountDiffers", "Confirm"]],
    became: ["Corrected"],
    state: "Returned",
    transit: 0
  },
  {
    title: "D2 短款: the bill left it out, and the channel still says that it was paid",
    lived: pay,
    drives: true,
    bill: () => [],
    found: [["NotInBill", "AskChannel"]],
    became: ["Suspended"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 I3 重复: one row twice",
    lived: pay,
    drives: true,
    bill: (rows) => [...rows, ...rows],
    found: [["RepeatedRow", "Suspend"]],
    became: ["Suspended"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 金额不符: the bill says less than was credited",
    lived: pay,
    drives: true,
    bill: (rows) => rows.map((row) => ({ ...row, amount: Money.amount(1) })),
    found: [["AmountDiffers", "Suspend"]],
    became: ["Suspended"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 长款: a number that is none of ours",
    lived: pay,
    drives: true,
    bill: (rows) => [...rows, ...rows.map((row) => ({ ...row, number: "somebody-else", reference: "x" }))],
    found: [["UnknownNumber", "Suspend"]],
    became: ["Suspended"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 退款差异: two parts of it were given back in the back office after it was credited, and each is told",
    lived: pay,
    drives: true,
    bill: (rows) => [...rows, ...rows.flatMap((row) => [part(row, "r-1"), part(row, "r-2")])],
    found: [["RefundUnasked", "Suspend"], ["RefundUnasked", "Suspend"]],
    became: ["Suspended", "Suspended"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 I3 退款差异: the channel never said that a refund is done, and its bill is believed",
    lived: (bank, { attempt }) => {
      bank.isSilent = true
      bank.pay(attempt.number, Money.amount(4_000))
    },
    drives: true,
    found: [["RefundDiffers", "ConfirmBack"]],
    became: ["Corrected"],
    state: "Returned",
    transit: 0
  },
  {
    title: "D2 I3 退款差异: its refund is under way as the bill says, and is waited for",
    lived: (bank, { attempt }) => {
      bank.isSilent = true
      bank.pay(attempt.number, Money.amount(4_000))
    },
    drives: true,
    bill: (rows) => rows.map((row) => row.kind === "refund" ? { ...row, isUnderWay: true } : row),
    found: [["RefundDiffers", "AskRefund"]],
    became: ["Waiting"],
    left: 1,
    state: "Returning",
    transit: 0
  },
  {
    title: "D2 金额不符: less went back than the channel said",
    lived: (bank, { attempt }) => bank.pay(attempt.number, Money.amount(4_000)),
    drives: true,
    bill: (rows) => rows.map((row) => row.kind === "refund" ? { ...row, amount: Money.amount(1_000) } : row),
    found: [["RefundDiffers", "Suspend"]],
    became: ["Suspended"],
    state: "Returned",
    transit: 0
  },
  {
    title: "I3 重复: its transaction stands under another number as well, and is credited to nobody",
    lived: pay,
    bill: (rows) => [...rows, ...rows.map((row) => ({ ...row, number: "somebody-else" }))],
    found: [["SharedReference", "Suspend"]],
    became: ["Suspended"],
    state: "Waiting",
    transit: 0
  },
  {
    title: "I3 a receipt of another payment than its row is no evidence: the channel is asked",
    lived: (bank, { attempt }) => {
      bank.pay(attempt.number, fifty)
      bank.blind.add(attempt.number)
    },
    receipt: (receipt, mint) => mint({ ...receipt, amount: Money.amount(1) }),
    found: [["Unrecorded", "AskChannel"]],
    became: ["Suspended"],
    state: "Closed",
    transit: 0
  }
]

describe("a channel is compared and put right, and a second time there is nothing to do (D2, D21, I3)", () => {
  it.each(stories)("$title", async (story) => {
    const { became, bill, drives = false, found, left = 0, lived, receipt, state, transit } = story
    const { bank, campus, day } = opened(receipt)
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const placed = yield* place(campus)
      lived(bank, placed, campus)
      if (drives) yield* Recharging.confirm(placed.order, office)
      if (bill !== undefined) bank.damage = bill
      campus.now = nextMorning
      const compared = yield* Reconciling.compare({ channel: "weChat", day })
      expect(compared.outcome.findings.map(({ correction, difference }) => [difference._tag, correction._tag])).toEqual(
        found
      )
      const { after, corrected } = yield* Reconciling.correct(compared, office)
      expect(corrected.map(({ _tag }) => _tag)).toEqual(became)
      expect(after.outcome.findings.length).toBe(left)
      expect(yield* states).toEqual([state])
      expect(yield* pockets).toMatchObject({ transit })
      if (left === 0 && state !== "Waiting") expect(yield* Recharging.open).toEqual({ attempts: [], orders: [] })
      const again = yield* Reconciling.compare({ channel: "weChat", day })
      expect(again.outcome).toEqual(after.outcome)
      expect((yield* Reconciling.correct(again, office)).corrected.length).toBe(left)
      expect(yield* credits).toBe(transit / 5_000)
    }))
  })

  it("D2 D7 长款 of an account that was closed meanwhile goes back", async () => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* place(campus)
      yield* Submit.submit(campus.says("window-3", { _tag: "CloseAccount" }))
      bank.pay(attempt.number, fifty)
      campus.now = nextMorning
      const { after } = yield* Reconciling.correct(yield* Reconciling.compare({ channel: "weChat", day }), office)
      expect(after.outcome.findings).toEqual([])
      expect(yield* states).toEqual(["Returned"])
      expect(bank.payments.get(attempt.number)?.back).toBeDefined()
    }))
  })

  it("D2 a channel that is down is no reason for a person: the difference is found again", async () => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* place(campus)
      bank.pay(attempt.number, fifty)
      campus.now = nextMorning
      const compared = yield* Reconciling.compare({ channel: "weChat", day })
      bank.isDown = true
      const { after, corrected } = yield* Reconciling.correct(compared, office)
      expect(corrected).toMatchObject([{ _tag: "Failed", reason: "ChannelFailed" }])
      expect(after.outcome.findings).toEqual(compared.outcome.findings)
      bank.isDown = false
      expect((yield* Reconciling.correct(compared, office)).after.outcome.findings).toEqual([])
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
    }))
  })

  it("D2 a point where nothing may be credited is the caller's mistake; nothing is suspended", async () => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      bank.pay((yield* place(campus)).attempt.number, fifty)
      const compared = yield* Reconciling.compare({ channel: "weChat", day })
      const refused = yield* Effect.flip(Reconciling.correct(compared, Id.PointId.make("canteen-1")))
      expect(refused).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "point" }] })
      expect(yield* Stream.runCollect(Reconciling.suspended)).toEqual([])
    }))
  })

  it("D2 跨日: paid close to midnight, in the bill of the next day, and what never comes waits for a person", async () => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      campus.now = instant("2026-03-02 23:45")
      const { attempt, order } = yield* place(campus)
      bank.pay(attempt.number, fifty)
      yield* Recharging.confirm(order, office)
      bank.damage = () => []
      const first = yield* Reconciling.compare({ channel: "weChat", day })
      expect(first.outcome).toMatchObject({ findings: [], carried: [{ _tag: "Awaited", number: attempt.number }] })
      campus.now = instant("2026-03-04 09:00")
      const tomorrow = dayOf(nextMorning)
      const { carried } = first.outcome
      const second = yield* Reconciling.compare({ channel: "weChat", day: tomorrow, carried })
      expect(second.outcome).toMatchObject({ findings: [{ difference: { _tag: "NotInBill" } }], carried: [] })
      yield* Reconciling.correct(second, office)
      const [waiting] = yield* Stream.runCollect(Reconciling.suspended)
      expect(waiting).toMatchObject({ _tag: "Open", channel: "weChat", day: tomorrow, difference: { amount: 5_000 } })
      yield* Reconciling.resolve(waiting?.key ?? "", Id.OperatorId.make("clerk-1"), "渠道补发了账单")
      expect(yield* Stream.runCollect(Reconciling.suspended)).toMatchObject([{ _tag: "Resolved", operator: "clerk-1" }])
      expect((yield* Reconciling.compare({ channel: "weChat", day: tomorrow, carried })).outcome.findings).toEqual([])
    }))
  })

  it.each([
    ["nobody was faster", "账单 2026-03-03 已列出 It is in the bill of 2026-03-03"],
    ["a person was faster", "渠道补发了账单"]
  ])("D21 跨日: what was suspended as 短款 is settled by a later bill, and %s", async (_, note) => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* place(campus)
      bank.pay(attempt.number, fifty)
      yield* Recharging.confirm(order, office)
      campus.now = nextMorning
      let late: ReadonlyArray<BillRow> = []
      bank.damage = (rows) => {
        late = rows
        return []
      }
      const first = yield* Reconciling.correct(yield* Reconciling.compare({ channel: "weChat", day }), office)
      expect(first.corrected).toMatchObject([{ _tag: "Suspended", finding: { difference: { _tag: "NotInBill" } } }])
      const { carried } = first.after.outcome
      const tomorrow = dayOf(nextMorning)
      bank.damage = () => late.map((row) => ({ ...row, day: tomorrow }))
      campus.now = instant("2026-03-04 09:00")
      const request = { channel: "weChat", day: tomorrow, carried }
      const key = first.corrected[0]?.finding.key ?? ""
      const isPerson = note === "渠道补发了账单"
      if (isPerson) yield* Reconciling.resolve(key, Id.OperatorId.make("clerk-1"), note)
      for (let run = 0; run < 2; run++) {
        const { after, corrected } = yield* Reconciling.correct(yield* Reconciling.compare(request), office)
        expect(corrected).toEqual([])
        expect(after.outcome).toMatchObject({ findings: [], matched: 1, settled: [key] })
        const operator = isPerson ? "clerk-1" : "yikatong:reconciling"
        expect(yield* Stream.runCollect(Reconciling.suspended)).toMatchObject([{ _tag: "Resolved", note, operator }])
      }
    }))
  })

  it("D2 跨日: of an earlier day and not waited for, it is told; in a first comparison ever it is not", async () => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* place(campus)
      bank.pay(attempt.number, fifty)
      yield* Recharging.confirm(order, office)
      campus.now = instant("2026-03-04 09:00")
      const genuine = (yield* Reconciling.compare({ channel: "weChat", day })).bill.rows.map(({ row }) => row)
      const tomorrow = dayOf(nextMorning)
      bank.damage = () => genuine
      const found = (carried: ReadonlyArray<Carried> | undefined) =>
        Effect.map(
          Reconciling.compare({ channel: "weChat", day: tomorrow, carried }),
          ({ outcome }) => outcome.findings.map(({ difference }) => difference._tag)
        )
      expect(yield* found([])).toEqual(["OtherDay"])
      expect(yield* found(undefined)).toEqual([])
    }))
  })

  it("I3 重复: a transaction that was credited a week ago, under another order today, is credited to nobody again", async () => {
    const { bank, campus } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const old = yield* place(campus)
      bank.pay(old.attempt.number, fifty)
      yield* Recharging.confirm(old.order, office)
      campus.now = instant("2026-03-10 12:00")
      const { attempt } = yield* place(campus)
      bank.pay(attempt.number, fifty)
      bank.blind.add(attempt.number)
      const reference = bank.payments.get(old.attempt.number)?.reference ?? ""
      bank.damage = (rows) => rows.map((row) => ({ ...row, reference }))
      const day = dayOf(campus.now)
      campus.now = instant("2026-03-11 09:00")
      const compared = yield* Reconciling.compare({ channel: "weChat", day, carried: [] })
      const found = compared.outcome.findings.map(({ correction, difference }) => [difference._tag, correction._tag])
      expect(found).toEqual([["SharedReference", "Suspend"]])
      expect((yield* Reconciling.correct(compared, office)).after.outcome.findings).toEqual([])
      expect(yield* credits).toBe(1)
    }))
  })

  it.each<[string, readonly [string | undefined, string | undefined], string]>([
    ["one merchant", ["wechat:1900000001", "wechat:1900000001"], "agrees"],
    ["two merchants", ["wechat:1900000001", "wechat:1900000002"], "is unknown"],
    ["nobody says which", [undefined, undefined], "is unknown"]
  ])("D2 two channels with one bill, of %s: an order of the other %s %s", async (_, merchants, what) => {
    const { bank, campus, day } = openedTwice(merchants)
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const one = yield* place(campus)
      const other = yield* place(campus, "unionPayCard")
      for (const { attempt } of [one, other]) bank.pay(attempt.number, fifty)
      yield* Recharging.confirm(one.order, office)
      campus.now = nextMorning
      const { outcome } = yield* Reconciling.compare({ channel: "weChat", day })
      const found = outcome.findings.map(({ difference }) => difference._tag)
      // The other was not told of its payment yet.
      expect(found).toEqual(what === "agrees" ? ["Unrecorded"] : ["UnknownNumber"])
      for (const channel of ["weChat", "weChatCode"]) {
        yield* Reconciling.correct(yield* Reconciling.compare({ channel, day }), office)
      }
      expect(yield* states).toEqual(["Kept", "Kept"])
      expect(yield* credits).toBe(2)
      for (const channel of ["weChat", "weChatCode"]) {
        const { outcome } = yield* Reconciling.compare({ channel, day })
        expect(outcome).toMatchObject(
          what === "agrees" ? { findings: [], matched: 2, suspended: 0 } : { findings: [], matched: 1, suspended: 1 }
        )
      }
    }))
  })

  const odd: ReadonlyArray<readonly [string, (row: BillRow) => unknown, string]> = [
    ["without a number", (row) => ({ ...row, number: "" }), "row 2"],
    ["of nothing", (row) => ({ ...row, kind: "refund", amount: 0 }), "row 2"],
    ["of less than nothing", (row) => ({ ...row, kind: "refund", amount: -1 }), "row 2"],
    ["without a reference", (row) => ({ ...row, kind: "refund", reference: undefined }), "row 2"],
    ["with a line break in its number", (row) => ({ ...row, number: "a\nb" }), "row 2"]
  ]
  it.each(odd)("D21 a row %s: the bill is refused, and nothing is done", async (_, change, says) => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      bank.pay((yield* place(campus)).attempt.number, fifty)
      bank.damage = (rows) => [...rows, ...rows.map((row) => change(row) as BillRow)]
      const refused = yield* Effect.flip(Reconciling.compare({ channel: "weChat", day }))
      expect(refused).toMatchObject({ _tag: "ChannelFailed", operation: "bill" })
      expect(String(refused._tag === "ChannelFailed" ? refused.cause : "")).toContain(says)
    }))
  })

  it("D21 a bill of another day is refused", async () => {
    const { bank, day } = opened()
    const campus = new Campus({ ...bank.channel, bill: () => Effect.succeed({ day: addDays(day, 1), rows: [] }) })
    const refused = await campus.run(Effect.flip(Reconciling.compare({ channel: "weChat", day })))
    expect(refused).toMatchObject({ _tag: "ChannelFailed", operation: "bill" })
  })

  it.each([
    ["nobody", "ChannelMissing"],
    ["todayCampus", "ChannelMissing"]
  ])("no channel %s: %s", async (channel, tag) => {
    const { campus, day } = opened()
    expect(await campus.run(Effect.flip(Reconciling.compare({ channel, day })))).toMatchObject({ _tag: tag })
  })

  it("what was never suspended is not resolved", async () => {
    const { campus } = opened()
    const refused = Effect.flip(Reconciling.resolve("no-such-key", Id.OperatorId.make("clerk-1"), "?"))
    expect(await campus.run(refused)).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "key" }] })
  })
})

const life = fc.record({
  paid: fc.constantFrom("no", "right", "other"),
  isBlind: fc.boolean(),
  isHeard: fc.boolean(),
  isGivenBack: fc.boolean(),
  at: fc.integer({ min: 0, max: 11 * 60 + 59 }),
  row: fc.constantFrom("whole", "whole", "gone", "twice", "wrong", "nobody's", "shared", "part", "late")
})

describe("whatever happened, and however the bill is damaged (D2, I3, I13)", () => {
  it("I3 I13 one correction is enough: then nothing differs, and every payment is credited once or goes back", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(life, { maxLength: 6 }), async (lives) => {
        const { bank, campus, day } = opened()
        const start = campus.now
        await campus.run(Effect.gen(function*() {
          yield* campus.furnished
          const rowsOf = new Map<string, string>()
          for (const { at, isBlind, isGivenBack, isHeard, paid, row } of lives) {
            campus.now = later(start, at * minute)
            const { attempt, order } = yield* place(campus)
            rowsOf.set(attempt.number, row)
            if (paid !== "no") bank.pay(attempt.number, paid === "right" ? fifty : Money.amount(4_999))
            if (isHeard) yield* Recharging.confirm(order, office)
            if (isGivenBack && paid !== "no") bank.giveBack(attempt.number)
            if (isBlind) bank.blind.add(attempt.number)
          }
          let late: ReadonlyArray<BillRow> = []
          bank.damage = (rows, at) => {
            if (at === day) late = rows.filter(({ number }) => rowsOf.get(number) === "late")
            const all = at === day + 1 ? [...rows, ...late.map((row) => ({ ...row, day: at }))] : rows
            return all.flatMap((row): ReadonlyArray<BillRow> => {
              switch (rowsOf.get(row.number)) {
                case "gone":
                  return []
                case "twice":
                  return [row, row]
                case "wrong":
                  return [{ ...row, amount: Money.amount(row.amount - 1) }]
                case "shared":
                  return [row, { ...row, number: `x-${row.number}` }]
                case "part":
                  return [row, { ...part(row, `back-${row.reference}`), amount: Money.amount(1) }]
                case "late":
                  return at === day ? [] : [row]
                case "nobody's":
                  return [{ ...row, number: `x-${row.number}` }]
                default:
                  return [row]
              }
            })
          }
          let carried: ReadonlyArray<Carried> = []
          campus.now = nextMorning
          for (let date = 0; date < 3; date++) {
            const request: Reconciling.Request = { channel: "weChat", day: (day + date) as typeof day, carried }
            const { after } = yield* Reconciling.correct(yield* Reconciling.compare(request), office)
            expect(after.outcome.findings).toEqual([])
            const entries = yield* credits
            const again = yield* Reconciling.correct(yield* Reconciling.compare(request), office)
            expect(again.corrected).toEqual([])
            expect(again.after.outcome).toEqual(after.outcome)
            expect(yield* credits).toBe(entries)
            carried = after.outcome.carried
            campus.now = later(campus.now, 24 * 60 * minute)
          }
          const all = yield* Stream.runCollect((yield* SubjectStore).all(PaymentAttempt.decider))
          // What the bank took back after it was credited, the account has until a person has looked.
          const kept = all.filter(({ state }) => state._tag === "Kept" || state._tag === "TakenBack")
          expect(yield* pockets).toMatchObject({ transit: 5_000 * kept.length })
          expect(yield* credits).toBe(kept.length)
          expect(all.filter(({ state }) => state._tag === "Paid" || state._tag === "Returning")).toEqual([])
        }))
      }),
      { numRuns: 60 }
    )
  })
})
