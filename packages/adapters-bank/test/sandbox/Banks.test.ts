// The sandbox's banks over TCP, end to end: a school that listens for the bank's app, and a terminal that dials the hosts.
import { describe, expect, it } from "@effect/vitest"
import { CivilTime, Csmzxy, HostClock, Id, Money, type RechargeChannel, Reconciling, Submit } from "@yikatong/core"
import { Effect, Layer, Redacted, References, Result } from "effect"
import * as BankClient from "../../src/BankClient.ts"
import * as CcbApp from "../../src/ccb/CcbApp.ts"
import * as DepositFile from "../../src/ccb/DepositFile.ts"
import * as DepositServer from "../../src/ccb/DepositServer.ts"
import * as TransferLink from "../../src/ccb/TransferLink.ts"
import * as Pan from "../../src/Pan.ts"
import * as DepositTerms from "../../src/sandbox/DepositTerms.ts"
import type { BillFlaw, Mischief } from "../../src/sandbox/Mischief.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import * as TransferTerms from "../../src/sandbox/TransferTerms.ts"
import { account, books, Campus, pockets } from "../support/campus.ts"

const now = CivilTime.instant("2026-03-02 12:00")
const bank = Id.CallerId.make("ccb")
const name = Redacted.make("李华")
const idNumber = Redacted.make("43010219990101125X")
const has = 20_000

/** A school whose deposit server the bank's app reaches at a port. */
const school = Effect.gen(function*() {
  const box = yield* Sandbox.start({ now, wires: [], payers: { lihua: has } })
  const { app, terms } = box.banks
  const settings = DepositTerms.settingsOf(terms.ccbApp, {
    bank,
    channel: "ccbApp",
    adapter: "ccbApp",
    source: "ccbCard",
    point: Id.PointId.make("today-campus")
  })
  const channels: Array<RechargeChannel.RechargeChannel> = []
  const campus = new Campus(channels, Csmzxy.csmzxy)
  const services = yield* Layer.build(campus.layer)
  const quietly = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(
      HostClock.provide(() => now),
      Effect.provideContext(services),
      Effect.provideService(References.MinimumLogLevel, "None")
    )
  const serves = [{ channel: "ccbApp", source: "ccbCard" as const }]
  const { key, link } = settings
  const list = { layout: DepositTerms.list, of: (day: CivilTime.Day) => Effect.sync(() => app.list(day)) }
  channels.push(
    yield* quietly(CcbApp.make({ name: "ccbApp", serves, bank, link, list, ...(key === undefined ? {} : { key }) }))
  )
  const { port } = yield* quietly(DepositServer.listen(settings, { host: "127.0.0.1", port: 0 }))
  yield* quietly(campus.furnished)
  yield* app.connect(port)
  return {
    app,
    box,
    campus,
    quietly,
    lookup: app.lookup({ studentNumber: "20260001", name, idNumber }, now),
    deposit: (fen = 5_000) =>
      app.deposit({
        payer: "lihua",
        payerTail: "0003",
        payerName: name,
        studentNumber: "20260001",
        account,
        amount: Money.amount(fen)
      }, now),
    /** The bank's list of a day against orders and books: how many rows agree, and the names of the differences. */
    compared: (day: CivilTime.Day) =>
      Reconciling.compare({ channel: "ccbApp", day, carried: [] }).pipe(
        Effect.match({
          onFailure: (fault) => [fault._tag as string],
          onSuccess: ({ outcome }) => [
            outcome.matched,
            ...outcome.findings.map(({ difference }) => difference._tag)
          ]
        }),
        quietly
      ),
    /** What the payer gave is what was credited, in the bank's ledger and in the school's. */
    whole: Effect.fnUntraced(function*(credited: number) {
      yield* quietly(books)
      const { transit } = yield* quietly(pockets)
      expect([transit, box.house.purses.has("payer:lihua"), box.house.purses.isWhole])
        .toEqual([credited, has - credited, true])
    })
  }
})

describe("the bank's app, over TCP", () => {
  it.live("signs in, looks the holder up, deposits, and lists it", () =>
    Effect.gen(function*() {
      const { app, deposit, lookup, whole } = yield* school
      expect(yield* lookup).toMatchObject({ code: "accepted", shownName: "李*", account })
      const dealing = yield* deposit()
      expect(dealing).toMatchObject({ state: "credited", code: "accepted" })
      const file = Result.getOrThrow(DepositFile.read(DepositTerms.list, app.list(CivilTime.dayOf(now))))
      expect(file.rows).toMatchObject([{ amount: 5_000, state: "credited", bankSerial: dealing?.serial }])
      expect(yield* app.caller.inquire(dealing?.serial ?? "", now)).toMatchObject({ state: "credited", amount: 5_000 })
      yield* whole(5_000)
    }))

  it.live("is refused for a card that is lost, before any money moves", () =>
    Effect.gen(function*() {
      const { campus, lookup, quietly, whole } = yield* school
      yield* quietly(Submit.submit(campus.says("today-campus", { _tag: "ReportLost" } as never)))
      expect(yield* lookup).toMatchObject({ code: "lost" })
      yield* whole(0)
    }))

  const lost: ReadonlyArray<readonly [string, Mischief]> = [
    ["never came to the school: the reversal leaves a tombstone", { _tag: "Drop", after: false }],
    ["bears a MAC of another key", { _tag: "Forge", how: "otherKey" }],
    ["was changed after its MAC was made", { _tag: "Forge", how: "tamper" }],
    ["was cut off", { _tag: "Truncate", bytes: 40 }],
    ["never came, and the message before it once more", { _tag: "Replay" }]
  ]
  it.live.each(lost)("takes a deposit back that %s", ([, does]) =>
    Effect.gen(function*() {
      const { box, deposit, lookup, whole } = yield* school
      yield* lookup
      box.rules.add({ wire: "ccbApp", operation: "Deposit", does })
      expect(yield* deposit()).toMatchObject({ state: "reversed" })
      yield* whole(0)
      expect(yield* deposit(1_000)).toMatchObject({ state: "credited" })
      yield* whole(1_000)
    }))

  const today = CivilTime.dayOf(now)
  const next = CivilTime.addDays(today, 1)
  it.live("lists what stands: it agrees with orders and books, without what was refused or taken back (D2)", () =>
    Effect.gen(function*() {
      const { box, compared, deposit, lookup, whole } = yield* school
      yield* lookup
      yield* deposit()
      box.rules.add({ wire: "ccbApp", operation: "Deposit", does: { _tag: "Drop", after: false } })
      yield* deposit(1_000)
      yield* deposit(2_000)
      expect([yield* compared(today), yield* compared(next)]).toEqual([[2], [0]])
      yield* whole(7_000)
    }))
  it.live.each<[flaw: BillFlaw, today: ReadonlyArray<unknown>, tomorrow: ReadonlyArray<unknown>]>([
    ["omitRow", [1, "NotInBill"], [0]],
    ["extraRow", [2, "UnknownNumber"], [0]],
    ["wrongAmount", [1, "AmountDiffers"], [0]],
    // A list in which a serial number comes twice is believed in nothing.
    ["duplicateRow", ["ChannelFailed"], [0]],
    // The day is half of a deposit's name: under another day it is another deposit.
    ["shiftDay", [1, "NotInBill"], [0, "UnknownNumber"]]
  ])(
    "lists with %s, which is called %s, and the day after %s (D2)",
    ([flaw, differs, later]) =>
      Effect.gen(function*() {
        const { box, compared, deposit, lookup, whole } = yield* school
        yield* lookup
        yield* deposit()
        yield* deposit(2_000)
        box.rules.add({ wire: "ccbApp", operation: "bill", does: { _tag: "Bill", flaw } })
        expect([yield* compared(today), yield* compared(next)]).toEqual([differs, later])
        yield* whole(7_000)
      })
  )

  const harmless: ReadonlyArray<readonly [string, Mischief]> = [
    ["three times", { _tag: "Duplicate", times: 3 }],
    ["late", { _tag: "Delay", milliseconds: 50 }]
  ]
  it.live.each(harmless)("sends a deposit %s: it is credited once", ([, does]) =>
    Effect.gen(function*() {
      const { box, deposit, lookup, whole } = yield* school
      yield* lookup
      box.rules.add({ wire: "ccbApp", operation: "Deposit", does })
      expect(yield* deposit()).toMatchObject({ state: "credited" })
      yield* whole(5_000)
    }))

  it.live("does not hear that a deposit is credited: the school keeps it, and the bank asks", () =>
    Effect.gen(function*() {
      const { app, box, deposit, lookup, whole } = yield* school
      yield* lookup
      box.rules.add({ wire: "ccbApp", operation: "Deposit", does: { _tag: "Drop", after: true } })
      const dealing = yield* deposit()
      expect(dealing).toMatchObject({ state: "disputed" })
      expect(yield* app.caller.inquire(dealing?.serial ?? "", now)).toMatchObject({ state: "credited", amount: 5_000 })
      yield* whole(5_000)
    }))

  it.live("sends an earlier deposit instead of this: the earlier stands once, and this is taken back", () =>
    Effect.gen(function*() {
      const { box, deposit, lookup, whole } = yield* school
      yield* lookup
      expect(yield* deposit(2_000)).toMatchObject({ state: "credited" })
      box.rules.add({ wire: "ccbApp", operation: "Deposit", does: { _tag: "Replay" } })
      expect(yield* deposit()).toMatchObject({ state: "reversed" })
      yield* whole(2_000)
    }))
})

describe("the transfer host, over TCP", () => {
  it.live("makes a contract with whom the bank knows, and with nobody else", () =>
    Effect.gen(function*() {
      const box = yield* Sandbox.start({ now, wires: [], payers: { lihua: has } })
      const bankCard = Result.getOrThrow(Pan.parse("6217000010000000003"))
      const holder = { name, idNumber, bankCard }
      box.banks.issue({ payer: "lihua", number: bankCard, name, idNumber, pin: Redacted.make("123456") })
      const { host = "", port } = box.banks.terms.transferLink
      const line = { ...BankClient.patience, prefix: TransferTerms.link.prefix }
      const { ask } = yield* BankClient.client(BankClient.dial({ host, port: Number(port) }), line)
      const settings = TransferTerms.settingsOf(box.banks.terms.transferLink, {
        ask,
        holderOf: () => Effect.succeed(holder)
      })
      const link = yield* TransferLink.make(settings)
      let count = 0
      const numbering = Effect.sync(() => ({ batch: 1, number: ++count }))
      const other = { ...holder, name: Redacted.make("王芳") }
      const told = [yield* link.contract(account, other, numbering), yield* link.contract(account, holder, numbering)]
      expect(told).toEqual(["nameMismatch", "accepted"])
      // The key of this start bears the sandbox's mark: a link that is not told that it leads to a sandbox refuses it.
      const { isSandbox: _, ...real } = settings
      expect(yield* Effect.flip(TransferLink.make(real))).toMatchObject({ _tag: "SandboxKeys" })
    }))
})
