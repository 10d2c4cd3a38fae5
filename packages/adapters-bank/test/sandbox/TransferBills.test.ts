// The morning after a day of debited cards, over real sockets: the bank's list against orders and books (D2, I3).
import { describe, expect, it } from "@effect/vitest"
import { CivilTime, HostClock, Id, type RechargeChannel, Recharging, Reconciling } from "@yikatong/core"
import { Effect, Layer, Redacted, References, Result } from "effect"
import * as BankClient from "../../src/BankClient.ts"
import * as TransferLink from "../../src/ccb/TransferLink.ts"
import * as Pan from "../../src/Pan.ts"
import type { BillFlaw, Mischief } from "../../src/sandbox/Mischief.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import * as Terms from "../../src/sandbox/Terms.ts"
import * as TransferTerms from "../../src/sandbox/TransferTerms.ts"
import * as TransferChannel from "../../src/TransferChannel.ts"
import { account, books, Campus, drive, office, pockets, serves } from "../support/campus.ts"

const noon = CivilTime.instant("2026-03-02 12:00")
const day = CivilTime.dayOf(noon)
const next = CivilTime.addDays(day, 1)
const holder = {
  name: Redacted.make("李华"),
  idNumber: Redacted.make("43010219990101125X"),
  bankCard: Result.getOrThrow(Pan.parse("6217000010000000003"))
}

type File = (bytes: Uint8Array) => Uint8Array | undefined

/** A school with a terminal at the described link. `fetched`: what becomes of a file on its way. */
const school = Effect.fnUntraced(function*(fetched: File = (bytes) => bytes) {
  const box = yield* Sandbox.start({ now: noon, wires: [], payers: { lihua: 20_000 } })
  box.banks.issue({ payer: "lihua", number: holder.bankCard, ...holder, pin: Redacted.make("123456") })
  const channels: Array<RechargeChannel.RechargeChannel> = []
  const campus = new Campus(channels)
  const services = yield* Layer.build(campus.layer)
  const quietly = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(
      HostClock.provide(() => campus.now),
      Effect.provideContext(services),
      Effect.provideService(References.MinimumLogLevel, "None")
    )
  const terms = box.banks.terms.transferLink
  const { prefix } = TransferTerms.link
  const { ask } = yield* BankClient.client(
    BankClient.dial(Terms.placeIn(terms)),
    { ...BankClient.patience, prefix, answer: 300, firstWait: 1, longestWait: 1 }
  )
  const of = (file: string) =>
    Effect.sync(() => {
      const bytes = box.banks.transfer.lists.file(file)
      return bytes === undefined ? undefined : fetched(bytes)
    })
  const own = { ask, holderOf: () => Effect.succeed(holder), list: { layout: TransferTerms.list, of } }
  const link = yield* TransferLink.make(TransferTerms.settingsOf(terms, own))
  expect(yield* link.contract(account, holder, Effect.succeed({ batch: 900_000, number: 1 }))).toBe("accepted")
  const settings = {
    name: "transfer",
    serves: serves("ccbCard"),
    caller: Id.CallerId.make("kiosk"),
    terminal: "00000001",
    contractOf: Effect.succeed
  }
  const channel = yield* quietly(TransferChannel.make(settings, link))
  channels.push(channel)
  yield* quietly(campus.furnished)
  const recharge = (fen: number, does?: Mischief) =>
    Effect.suspend(() => {
      if (does !== undefined) box.rules.add({ wire: "transferLink", operation: "Transfer", does })
      return campus.place("ccbCard", fen).pipe(
        Effect.flatMap(({ order }) => Recharging.confirm(order, office)),
        Effect.match({
          onFailure: (fault) => "code" in fault ? `${fault._tag} ${fault.code}` : fault._tag,
          onSuccess: ({ order }) => order._tag
        }),
        quietly
      )
    })
  const morning = (days = 1) =>
    Effect.andThen(
      box.clock.advance(days * CivilTime.dayLength),
      Effect.sync(() => campus.wait(days * CivilTime.dayLength))
    )
  return {
    box,
    channel,
    quietly,
    recharge,
    morning,
    /** The differences of a day, by their names; a fault by its own. */
    compared: (of = day) =>
      Reconciling.compare({ channel: "transfer", day: of, carried: [] }).pipe(
        Effect.match({
          onFailure: (fault) => [fault._tag as string],
          onSuccess: ({ outcome }) => outcome.findings.map(({ difference }) => difference._tag as string)
        }),
        quietly
      ),
    /** What is done about those of the day. */
    corrected: Reconciling.compare({ channel: "transfer", day }).pipe(
      Effect.flatMap((compared) => Reconciling.correct(compared, office)),
      Effect.map(({ corrected }) => corrected.map(({ _tag, finding }) => [finding.difference._tag, _tag])),
      quietly
    )
  }
})

/** Two that are credited, and two that are taken back: of one the debit is lost, of the other its answer. */
const aDay = Effect.fnUntraced(
  function*({ recharge }: { readonly recharge: (fen: number, does?: Mischief) => Effect.Effect<string> }) {
    expect([
      yield* recharge(5_000),
      yield* recharge(1_000, { _tag: "Drop", after: false }),
      yield* recharge(3_000, { _tag: "Drop", after: true }),
      yield* recharge(2_000)
    ]).toEqual(["Credited", "ChannelRefused reversed", "ChannelRefused reversed", "Credited"])
  }
)

describe("the bill of debited cards", () => {
  it.live("is not there before its day is over, and then agrees with orders and books", () =>
    Effect.gen(function*() {
      const one = yield* school()
      const { box, channel, compared, morning, quietly } = one
      yield* aDay(one)
      expect(yield* compared()).toEqual(["BillNotReady"])
      yield* morning()
      expect(yield* compared()).toEqual([])
      const bill = yield* quietly(channel.bill?.(day) ?? Effect.die("no bill"))
      // What was reversed is no payment; each row names the attempt, and is evidence of it.
      expect(bill.rows.map(({ row: { amount, kind } }) => [kind, amount])).toEqual([["payment", 5_000], [
        "payment",
        2_000
      ]])
      for (const { receipt, row } of bill.rows) {
        expect(receipt).toMatchObject({
          number: row.number,
          reference: row.reference,
          amount: row.amount,
          witness: "statement"
        })
      }
      yield* quietly(books)
      expect([(yield* quietly(pockets)).transit, box.house.purses.has("payer:lihua")]).toEqual([7_000, 13_000])
    }))

  it.live.each<[flaw: BillFlaw, today: ReadonlyArray<string>, tomorrow: ReadonlyArray<string>]>([
    ["omitRow", ["NotInBill"], []],
    ["extraRow", ["UnknownNumber"], []],
    ["wrongAmount", ["AmountDiffers"], []],
    // A list in which a serial number comes twice is believed in nothing.
    ["duplicateRow", ["ChannelFailed"], []],
    ["shiftDay", ["NotInBill"], ["OtherDay"]]
  ])("with %s is called %s, and the day after %s", ([flaw, today, tomorrow]) =>
    Effect.gen(function*() {
      const one = yield* school()
      yield* aDay(one)
      yield* one.morning(2)
      one.box.rules.add({ wire: "transferLink", operation: "bill", does: { _tag: "Bill", flaw } })
      expect(yield* one.compared()).toEqual(today)
      expect(yield* one.compared(next)).toEqual(tomorrow)
    }))

  it.live("of a debit whose reversal came too late waits for a person, and is credited once that has said so", () =>
    Effect.gen(function*() {
      const { box, channel, corrected, morning, quietly, recharge } = yield* school()
      box.rules.add({ wire: "transferLink", operation: "Reversal", does: { _tag: "Drop", after: false }, times: 9 })
      expect(yield* recharge(5_000, { _tag: "Drop", after: true })).toBe("Unknown")
      yield* morning()
      box.rules.clear()
      const bill = quietly(Effect.suspend(() => channel.bill?.(day) ?? Effect.die("no bill")))
      const [{ receipt, row } = expect.fail("no row")] = (yield* bill).rows
      // The reversal is under way: were it accepted after all, a credit by this row would be money twice.
      expect([row.amount, receipt]).toEqual([5_000, undefined])
      expect(yield* corrected).toEqual([["Unrecorded", "Suspended"]])
      expect((yield* quietly(pockets)).transit).toBe(0)
      const paid = { reference: row.reference, paidAt: noon }
      const number = Id.OrderNumber.make(row.number)
      expect(yield* quietly(TransferChannel.settle(Id.CallerId.make("office"), number, paid))).toBe(true)
      expect((yield* bill).rows).toMatchObject([{ receipt: { number, reference: row.reference } }])
      yield* quietly(drive())
      expect(yield* corrected).toEqual([])
      yield* quietly(books)
      expect([(yield* quietly(pockets)).transit, box.house.purses.has("payer:lihua")]).toEqual([5_000, 15_000])
    }))

  const text = (change: (text: string) => string): File => (bytes) =>
    Buffer.from(change(Buffer.from(bytes).toString("latin1")), "latin1")
  it.live.each<[title: string, fetched: File, expected: string]>([
    ["is not there yet", () => undefined, "BillNotReady"],
    ["is cut off", (bytes) => bytes.subarray(0, -4), "ChannelFailed"],
    ["lacks a line", text((all) => all.replace(/\n[^\n]*\n$/, "\n")), "ChannelFailed"],
    [
      "agrees with itself, and has another count than the bank said",
      text((all) => `20260302|1|7000\n${all.split("\n")[1]?.replace("|5000|", "|7000|")}\n`),
      "ChannelFailed"
    ],
    [
      "agrees with itself, and has another sum than the bank said",
      text((all) => all.replace("|7000\n", "|7001\n").replace("|5000|", "|5001|")),
      "ChannelFailed"
    ],
    ["is of another day", text((all) => all.replaceAll("20260302", "20260301")), "ChannelFailed"]
  ])("whose file %s gives no rows", ([, fetched, expected]) =>
    Effect.gen(function*() {
      const one = yield* school(fetched)
      yield* aDay(one)
      yield* one.morning()
      expect(yield* one.compared()).toEqual([expected])
    }))

  it.live.each<[title: string, does: Mischief]>([
    ["is lost", { _tag: "Drop", after: true }],
    ["bears the MAC of another key", { _tag: "Forge", how: "otherKey" }]
  ])("whose answer %s is asked for again", ([, does]) =>
    Effect.gen(function*() {
      const one = yield* school()
      yield* aDay(one)
      yield* one.morning()
      one.box.rules.add({ wire: "transferLink", operation: "Download", does })
      expect([yield* one.compared(), yield* one.compared()]).toEqual([["ChannelFailed"], []])
    }))
})
