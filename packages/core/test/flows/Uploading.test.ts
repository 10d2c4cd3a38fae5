import { Effect, Layer, Option, Result, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as BlockedCards from "../../src/BlockedCards.ts"
import { dayLength, later, minute } from "../../src/CivilTime.ts"
import * as Command from "../../src/Command.ts"
import * as Reversing from "../../src/flows/Reversing.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Uploading from "../../src/flows/Uploading.ts"
import * as Id from "../../src/Id.ts"
import * as LiabilityWindow from "../../src/LiabilityWindow.ts"
import * as Money from "../../src/Money.ts"
import * as OfflineTerminal from "../../src/OfflineTerminal.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { Profiles } from "../../src/ports/Profiles.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import * as PurseChain from "../../src/PurseChain.ts"
import { TerminalId } from "../../src/TerminalEvent.ts"
import { digest, type TerminalRecord } from "../../src/TerminalRecord.ts"
import * as MemoryAccountStore from "../../src/testing/MemoryAccountStore.ts"
import { card, holder, pockets } from "./campus.ts"
import { asked, breaking, Canteen, explain, host, safe, station, terminal, told, waiting } from "./canteen.ts"

const good = "RecordAccepted TapKnown Approved"
const copy = "RecordDuplicated TapKnown Approved"
const purses = Effect.flatMap(SubjectStore, (store) => store.find(PurseChain.decider, card))

describe("D11 D21 what was eaten while the terminal was cut off", () => {
  it("D11 R3 three meals go up, and the books say what the chip says", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meals = [canteen.eats("12.00"), canteen.eats("8.00"), canteen.eats("0.50")]
      expect((yield* pockets).chip).toBe(10_000)
      expect(told(yield* canteen.uploads(meals))).toEqual([good, good, good])
      expect((yield* pockets).chip).toBe(7_950)
      expect(canteen.chip.purse.balance).toBe(7_950)
      expect(yield* Stream.runCollect(Uploading.openTerminals)).toEqual([])
      expect(yield* Stream.runCollect(Uploading.openPurses)).toEqual([])
    }))
  })

  it("I3 D21 the same batch again, and the same records in another one: told again, posted once", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meals = [canteen.eats("12.00"), canteen.eats("8.00")]
      const first = yield* canteen.uploads(meals, "batch")
      canteen.campus.now = later(canteen.campus.now, minute)
      expect(yield* canteen.uploads(meals, "batch")).toEqual(first)
      expect(told(yield* canteen.uploads(meals))).toEqual([copy, copy])
      expect((yield* pockets).chip).toBe(8_000)
    }))
  })

  it("D11 a decline of the account stops no other record, is told, and stays in the journal", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const old = canteen.eats("12.00")
      canteen.campus.now = later(canteen.campus.now, 7 * dayLength)
      yield* canteen.signedIn
      const fresh = canteen.eats("8.00")
      expect(told(yield* canteen.uploads([old, fresh]))).toEqual(["RecordAccepted TapKnown RecordTooOld", good])
      expect((yield* pockets).chip).toBe(9_200)
      const lines = yield* Stream.runCollect((yield* AccountStore).journal())
      expect(lines.filter(({ answer }) => answer._tag === "Declined").map(({ command }) => command.id)).toEqual([
        expect.stringMatching(/^record:device-1:1:[0-9a-f]{32}$/)
      ])
    }))
  })

  it("I15 a record that never came: open at the terminal and in the chain of the card, until somebody explains it", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meals = [canteen.eats("12.00"), canteen.eats("8.00"), canteen.eats("0.50")]
      const since = canteen.campus.now
      yield* canteen.uploads(meals.filter((_, at) => at !== 1))
      const gap = { from: 2, to: 2, since }
      expect(yield* Stream.runCollect(Uploading.openTerminals)).toEqual([
        {
          terminal,
          gaps: [gap, { ...gap, station }],
          taken: [],
          suspended: [],
          refused: [],
          conflicts: [],
          unlisted: 0
        }
      ])
      expect(yield* Stream.runCollect(Uploading.openPurses)).toEqual([
        { card, gaps: [gap], breaks: [], refused: [], unlisted: 0 }
      ])
      yield* canteen.uploads(meals)
      expect(yield* Stream.runCollect(Uploading.openTerminals)).toEqual([])
      expect(yield* Stream.runCollect(Uploading.openPurses)).toEqual([])
      expect((yield* pockets).chip).toBe(7_950)
    }))
  })

  it("D11 another record under a number that is taken is a fact too: it posts, and both are told", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const first = canteen.eats("12.00")
      const second = { ...canteen.eats("8.00"), device: first.device, terminal: first.terminal }
      expect(told(yield* canteen.uploads([first, second]))).toEqual([good, "RecordConflicting TapKnown Approved"])
      expect((yield* pockets).chip).toBe(8_000)
      const { at, device } = second
      expect(yield* Stream.runCollect(Uploading.openTerminals)).toMatchObject([
        { taken: [], suspended: [], conflicts: [{ device, digest: digest(second), since: at }] }
      ])
    }))
  })

  it("D11 a damaged copy posts nothing twice: the account knows the purchase by its card and number", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meal = canteen.eats("12.00")
      if (meal.fact._tag !== "CardPurchase") throw new Error("a card was tapped")
      const { fact } = meal
      const damaged: TerminalRecord = {
        ...meal,
        fact: { ...fact, purchase: { ...fact.purchase, amount: Money.amount(1_300), chipAfter: Money.of(8_700) } }
      }
      expect(told(yield* canteen.uploads([meal, damaged]))).toEqual([
        good,
        "RecordConflicting CopyFound RecordAlreadyPosted"
      ])
      expect((yield* pockets).chip).toBe(8_800)
      expect(yield* Stream.runCollect(Uploading.openPurses)).toMatchObject([{
        breaks: [{ _tag: "Copy", sequence: 1 }]
      }])
    }))
  })

  it("D16 a record that is dated a moment ahead waits at the terminal, and is not declined for ever", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meal = canteen.eats("12.00")
      canteen.campus.now = later(canteen.campus.now, -5_000)
      const early = yield* canteen.uploads([meal])
      expect(told(early)).toEqual(["Early"])
      expect(early._tag === "Uploaded" && early.outcomes.map(Uploading.isSafe)).toEqual([false])
      canteen.campus.now = later(canteen.campus.now, 5_000)
      expect(told(yield* canteen.uploads([meal]))).toEqual([copy])
      const wrong = { ...canteen.eats("8.00"), at: later(canteen.campus.now, csmzxy.clockTolerance + 1) }
      expect(told(yield* canteen.uploads([wrong]))).toEqual(["Waiting RecordDatedInFuture"])
    }))
  })

  it("I15 a corrupt number is kept by the terminal; what is no purchase is noted", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meal = canteen.eats("12.00")
      const corrupt = { ...meal, device: 900_000_001 }
      const torn: TerminalRecord = { ...meal, device: 2, terminal: 2, fact: { _tag: "Other", kind: "tornCard" } }
      const uploaded = yield* canteen.uploads([meal, corrupt, torn])
      expect(told(uploaded)).toEqual([good, "JumpTooLarge", "RecordAccepted Noted"])
      expect(uploaded._tag === "Uploaded" && uploaded.outcomes.map(Uploading.isSafe)).toEqual([true, false, true])
      expect((yield* pockets).chip).toBe(8_800)
    }))
  })

  it("D3 a lunch paid by Alipay has no chain", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const payer: Id.Handle = { kind: "alipay", value: "someone" }
      yield* (yield* AccountStore).bind(payer, Id.AccountId.make("account-1"))
      const purchase = { _tag: "RecordAlipayPurchase", reference: "2026030222001", amount: Money.amount(900) } as const
      const record: TerminalRecord = {
        device: 1,
        station,
        terminal: 1,
        at: canteen.campus.now,
        fact: { _tag: "AlipayPurchase", purchase, payer }
      }
      expect(told(yield* canteen.uploads([record]))).toEqual(["RecordAccepted - Approved"])
    }))
  })

  it("D21 whoever has not signed in uploads nothing; a batch has 200 records at most", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meal = canteen.eats("12.00")
      const stranger = {
        caller: host,
        id: Id.CommandId.make("x"),
        terminal: TerminalId.make("device-2"),
        records: [meal]
      } as const
      expect(told(yield* Uploading.upload(stranger))).toEqual(["TerminalNotSignedIn"])
      const error = yield* Effect.flip(canteen.uploads(Array.from({ length: 201 }, () => meal)))
      expect(error._tag).toBe("MalformedCommand")
      expect((yield* pockets).chip).toBe(10_000)
    }))
  })

  it("D8 D21 a load between two meals is known by the counter that the terminal read", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const before = canteen.eats("12.00")
      const { purse } = canteen.chip
      canteen.chip = { ...canteen.chip, purse: { ...purse, balance: Money.of(13_800), loadSequence: 2 } }
      yield* canteen.uploads([before, canteen.eats("8.00")])
      expect(yield* Stream.runCollect(Uploading.openPurses)).toEqual([])
    }))
  })

  it("D21 an online tap fills the chain of its card, told from the journal, as often as one likes", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const { campus } = canteen
      const pay = { _tag: "PayByCard", card, amount: Money.amount(500), link: "up", chip: canteen.chip.purse } as const
      yield* Submit.submit(campus.says("canteen-1", pay, { _tag: "Card", card }))
      yield* Submit.submit(campus.says("canteen-1", { ...pay, amount: Money.amount(9_000) }, { _tag: "Card", card }))
      canteen.chip = {
        ...canteen.chip,
        purse: { ...canteen.chip.purse, balance: Money.of(9_500), purchaseSequence: 1 }
      }
      yield* canteen.uploads([canteen.eats("12.00")])
      expect(yield* Stream.runCollect(Uploading.openPurses)).toMatchObject([{ gaps: [{ from: 1, to: 1 }] }])
      const journal = (yield* AccountStore).journal()
      yield* Stream.runForEach(journal, Uploading.observe)
      yield* Stream.runForEach(journal, Uploading.observe)
      expect(yield* Stream.runCollect(Uploading.openPurses)).toEqual([])
      expect(Option.getOrThrow(yield* purses).sequence.highest).toBe(2)
    }))
  })
})

describe("D11 what the account declines has happened all the same: it waits until it is posted or explained", () => {
  it("D11 a canteen that the profile does not list yet: listed with the reason, posted once it does", async () => {
    const canteen = new Canteen()
    const { "canteen-1": _, ...points } = csmzxy.points
    const listed: [typeof csmzxy] = [csmzxy]
    const profiles = Profiles.layer(listed)
    await canteen.run(
      Effect.gen(function*() {
        yield* canteen.opened
        const meal = canteen.eats("12.00")
        listed[0] = { ...csmzxy, version: "without", points }
        const first = yield* canteen.uploads([meal], "batch")
        expect(told(first)).toEqual(["RecordAccepted TapKnown UnknownPoint"])
        expect(safe(first)).toEqual([false])
        expect(yield* waiting).toEqual([["UnknownPoint", 1]])
        // At once again, nobody is asked anew.
        expect(told(yield* canteen.uploads([meal], "batch"))).toEqual(["Waiting UnknownPoint"])
        expect(yield* asked).toBe(1)
        listed[0] = csmzxy
        const second = yield* canteen.uploads([meal])
        expect(told(second)).toEqual([copy])
        expect(safe(second)).toEqual([true])
        expect(yield* waiting).toEqual([])
        expect((yield* pockets).chip).toBe(8_800)
        // A copy whose terminal was not told is not taken for new.
        expect(told(yield* canteen.uploads([meal]))).toEqual([copy])
        expect(yield* asked).toBe(2)
        expect(yield* waiting).toEqual([])
      }).pipe(Effect.provide(Layer.fresh(MemoryAccountStore.layer).pipe(Layer.provideMerge(profiles))))
    )
  })

  it("D11 D16 far ahead of our clock: the account is not asked before that time, and posts it then", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meal = canteen.eats("12.00")
      canteen.campus.now = later(canteen.campus.now, -csmzxy.clockTolerance - 1)
      const since = canteen.campus.now
      for (const _ of [1, 2]) expect(told(yield* canteen.uploads([meal]))).toEqual(["Waiting RecordDatedInFuture"])
      expect(yield* Stream.runCollect(Uploading.openTerminals)).toMatchObject([
        { suspended: [{ device: meal.device, station, happenedAt: meal.at, since, attempts: 0 }] }
      ])
      expect(yield* asked).toBe(0)
      canteen.campus.now = meal.at
      expect(told(yield* canteen.uploads([meal]))).toEqual([copy])
      expect(yield* waiting).toEqual([])
      expect((yield* pockets).chip).toBe(8_800)
    }))
  })

  it("D11 R7 somebody whom nobody knows yet pays by Alipay: asked again after a pause, by another name", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const payer: Id.Handle = { kind: "alipay", value: "someone" }
      const purchase = { _tag: "RecordAlipayPurchase", reference: "2026030222001", amount: Money.amount(900) } as const
      const { now } = canteen.campus
      const fact = { _tag: "AlipayPurchase", purchase, payer } as const
      const record: TerminalRecord = { device: 1, station, terminal: 1, at: now, fact }
      const lines: Array<ReadonlyArray<string>> = []
      for (const wait of [0, Uploading.pause - 1, 1]) {
        canteen.campus.now = later(canteen.campus.now, wait)
        lines.push(told(yield* canteen.uploads([record])))
      }
      expect(lines).toEqual([
        ["RecordAccepted - UnknownHandle"],
        ["Waiting UnknownHandle"],
        ["RecordDuplicated - UnknownHandle"]
      ])
      expect(yield* waiting).toEqual([["UnknownHandle", 2]])
      yield* (yield* AccountStore).bind(payer, Id.AccountId.make("account-1"))
      canteen.campus.now = later(canteen.campus.now, Uploading.pause)
      expect(told(yield* canteen.uploads([record]))).toEqual(["RecordDuplicated - Approved"])
      expect(yield* waiting).toEqual([])
      expect(yield* asked).toBe(3)
    }))
  })

  it("D11 what can never post stays open for ever, until a person explains it; then the terminal may forget it", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meal = canteen.eats("12.00")
      canteen.campus.now = later(canteen.campus.now, 7 * dayLength + 1)
      for (const attempts of [1, 2, 3]) {
        expect(safe(yield* canteen.uploads([meal]))).toEqual([false])
        expect(yield* waiting).toEqual([["RecordTooOld", attempts]])
        canteen.campus.now = later(canteen.campus.now, dayLength)
      }
      const [open] = yield* Stream.runCollect(Uploading.openTerminals)
      const one = open?.suspended[0]
      if (one === undefined) throw new Error("nothing waits")
      expect(yield* explain(one)).toMatchObject({ _tag: "Approved" })
      expect(yield* waiting).toEqual([])
      const uploaded = yield* canteen.uploads([meal])
      expect([told(uploaded), safe(uploaded)]).toEqual([["Explained"], [true]])
      expect(yield* asked).toBe(3)
      canteen.campus.now = later(canteen.campus.now, 1)
      expect(yield* explain(one)).toEqual({ _tag: "Declined", decline: { _tag: "RecordNotSuspended" } })
    }))
  })
})

describe("D5 D21 a reversal while the card is there", () => {
  it("D5 D8 D21 it is a load, which the chip has counted: nothing in its chain is open", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const { campus } = canteen
      for (const purchaseSequence of [1, 2]) {
        const { purse } = canteen.chip
        const pay = { _tag: "PayByCard", card, amount: Money.amount(500), link: "up", chip: purse } as const
        const wrong = campus.says("canteen-1", pay, { _tag: "Card", card })
        yield* Submit.submit(wrong)
        const paid = { ...purse, balance: Money.of(9_500), purchaseSequence }
        const undo = { _tag: "ReversePurchase", purchase: Command.purchaseOf(wrong), chip: paid } as const
        const given = { ...paid, balance: Money.of(10_000), loadSequence: purse.loadSequence + 1 }
        const write = () => Effect.succeedSome(given)
        const { settled } = yield* Reversing.reverse(campus.says("canteen-1", undo, { _tag: "Card", card }), write)
        expect(Option.getOrThrow(settled)).toMatchObject({ _tag: "Approved", pockets: { chip: 10_000, held: 0 } })
        canteen.chip = { ...canteen.chip, purse: given }
      }
      yield* canteen.uploads([canteen.eats("12.00")])
      yield* Stream.runForEach((yield* AccountStore).journal(), Uploading.observe)
      const chain = Option.getOrThrow(yield* purses)
      expect(chain.sequence.highest).toBe(3)
      expect(chain.credits).toEqual([])
      expect(yield* Stream.runCollect(Uploading.openPurses)).toEqual([])
    }))
  })
})

describe("I9 D11 a lost card at terminals that are cut off", () => {
  it("I9 one that has the list refuses it; what another took before it had the list is posted and reported", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const { campus } = canteen
      const fold = Stream.runFold((yield* AccountStore).journal(), () => BlockedCards.none, BlockedCards.take)
      const before = yield* fold
      canteen.memory = { ...canteen.memory, list: BlockedCards.full(before, campus.now) }
      campus.now = later(campus.now, minute)
      yield* Submit.submit(campus.says("today-campus", { _tag: "ReportLost", reason: "lost" }))
      const reportedAt = campus.now
      const meal = canteen.eats("12.00")
      expect(told(yield* canteen.uploads([meal]))).toEqual([good])
      const account = Option.getOrThrow(yield* (yield* AccountStore).find(holder))
      expect(account.cards).toMatchObject([{ _tag: "Lost", borne: 1_200 }])

      const now = yield* fold
      const { version } = canteen.memory.list
      const delta = Option.getOrThrow(BlockedCards.since(now, version, campus.now))
      const list = Result.getOrThrow(BlockedCards.apply(canteen.memory.list, delta))
      const tap = { clock: campus.now, chip: canteen.chip, amount: Money.amount(100) }
      expect(OfflineTerminal.take(csmzxy, tap, { ...canteen.memory, list })).toEqual(
        Result.fail({ _tag: "CardLost", reportedAt })
      )
      const report = { version: Option.getOrThrow(BlockedCards.changedAt(now, card)), reportedAt }
      const seen = [{ terminal, at: campus.now, list: list.version }]
      expect(LiabilityWindow.of(report, [terminal], [])).toEqual({ from: reportedAt, waiting: [terminal] })
      expect(LiabilityWindow.of(report, [terminal], seen)).toEqual({ from: reportedAt, until: campus.now, waiting: [] })
    }))
  })
})

describe("I3 D21 cut off between any two steps", () => {
  it("I3 a fault ends the batch with what is done, and says so", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meals = [canteen.eats("12.00"), canteen.eats("8.00")]
      // Steps: the terminal, then purse and account of each record.
      const uploaded = yield* breaking(new Set([3]), false)(canteen.uploads(meals, "batch"))
      expect(told(uploaded)).toEqual([good])
      expect(uploaded._tag === "Uploaded" && Option.getOrThrow(uploaded.fault)._tag).toBe("StoreUnavailable")
      expect((yield* pockets).chip).toBe(8_800)
      const again = yield* canteen.uploads(meals, "batch")
      expect(told(again)).toEqual([good, good])
      expect(again._tag === "Uploaded" && again.fault).toEqual(Option.none())
      expect((yield* pockets).chip).toBe(8_000)
    }))
  })

  it("I3 D11 declined at first and cut off at any step: sent until it is safe, each meal is posted once and none is lost", async () => {
    const { "canteen-1": _, ...points } = csmzxy.points
    const without = { ...csmzxy, version: "without", points }
    const story = fc.record({
      faults: fc.uniqueArray(fc.nat({ max: 25 }), { maxLength: 6 }),
      after: fc.boolean(),
      listed: fc.array(fc.record({ is: fc.boolean(), minutes: fc.nat({ max: 15 }) }), { maxLength: 6 })
    })
    await fc.assert(
      fc.asyncProperty(story, async ({ after, faults, listed }) => {
        const canteen = new Canteen()
        const versions: [typeof csmzxy] = [csmzxy]
        await canteen.run(
          Effect.gen(function*() {
            yield* canteen.opened
            const meals = [canteen.eats("12.00"), canteen.eats("8.00")]
            const unsafe = new Set(meals.map(({ device }) => device))
            const send = Effect.gen(function*() {
              const rest = meals.filter(({ device }) => unsafe.has(device))
              if (rest.length === 0) return
              const uploaded = yield* canteen.uploads(rest)
              if (uploaded._tag === "Declined") throw new Error(uploaded.decline._tag)
              for (const one of uploaded.outcomes) if (Uploading.isSafe(one)) unsafe.delete(one.device)
            })
            yield* breaking(new Set(faults), after)(Effect.gen(function*() {
              for (const { is, minutes } of listed) {
                versions[0] = is ? csmzxy : without
                canteen.campus.now = later(canteen.campus.now, minutes * minute)
                yield* send
              }
              // The list is right at last, and the terminal goes on as long as it has something.
              versions[0] = csmzxy
              for (let n = 0; n < 10; n++) {
                canteen.campus.now = later(canteen.campus.now, Uploading.pause)
                yield* send
              }
            }))
            expect([...unsafe]).toEqual([])
            expect(yield* waiting).toEqual([])
            expect((yield* pockets).chip).toBe(canteen.chip.purse.balance)
          }).pipe(
            Effect.provide(Layer.fresh(MemoryAccountStore.layer).pipe(Layer.provideMerge(Profiles.layer(versions))))
          )
        )
      }),
      { numRuns: 60 }
    )
  })

  it("I3 I15 D11 whatever is lost, repeated, reordered or cut off: sent until it is told, each meal is posted once", async () => {
    const story = fc.record({
      meals: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 }),
      faults: fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 8 }),
      after: fc.boolean(),
      batches: fc.array(fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 }), { maxLength: 4 })
    })
    await fc.assert(
      fc.asyncProperty(story, async ({ after, batches, faults, meals }) => {
        const canteen = new Canteen()
        await canteen.run(Effect.gen(function*() {
          yield* canteen.opened
          const records = meals.map((fen) => canteen.eats(Money.format(Money.of(fen))))
          const order = [...batches, [0, 1, 2, 3, 4, 5]].map((batch) => batch.flatMap((at) => records[at] ?? []))
            .filter((batch) => batch.length > 0)
          const unsettled = new Set(records.map(({ device }) => device))
          const cut = breaking(new Set(faults), after)
          yield* cut(Effect.gen(function*() {
            for (const [at, batch] of order.entries()) {
              // A terminal that got no answer sends the same batch again.
              for (let again = true; again;) {
                const uploaded = yield* canteen.uploads(batch, `story-${at}`)
                if (uploaded._tag === "Declined") throw new Error(uploaded.decline._tag)
                for (const one of uploaded.outcomes) if (Uploading.isSafe(one)) unsettled.delete(one.device)
                again = Option.isSome(uploaded.fault)
              }
            }
          }))
          expect([...unsettled]).toEqual([])
          expect((yield* pockets).chip).toBe(canteen.chip.purse.balance)
          expect(yield* Stream.runCollect(Uploading.openTerminals)).toEqual([])
          expect(yield* Stream.runCollect(Uploading.openPurses)).toEqual([])
          const account = Option.getOrThrow(yield* (yield* AccountStore).find(holder))
          expect(account.posted.filter(({ record }) => record.startsWith("card:")).length).toBe(meals.length)
        }))
      }),
      { numRuns: 60 }
    )
  })
})
