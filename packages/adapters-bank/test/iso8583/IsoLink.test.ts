import {
  AccountStore,
  CivilTime,
  type Command,
  HostClock,
  Id,
  IdentityDocument,
  Money,
  Opening,
  type Person,
  Profiles,
  RechargeChannel,
  Recharging,
  Reconciling,
  SubjectStore,
  Submit
} from "@yikatong/core"
import { Clerk, MemoryAccountStore, MemoryPorts } from "@yikatong/core/testing"
import { Effect, Layer, Option, Redacted, Result, type Scope, Stream } from "effect"
import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import * as BankClient from "../../src/BankClient.ts"
import * as BankLine from "../../src/BankLine.ts"
import * as BlockCipher from "../../src/BlockCipher.ts"
import * as IsoFrame from "../../src/iso8583/IsoFrame.ts"
import * as IsoLink from "../../src/iso8583/IsoLink.ts"
import * as IsoMac from "../../src/iso8583/IsoMac.ts"
import * as IsoMessage from "../../src/iso8583/IsoMessage.ts"
import * as IsoProfile from "../../src/iso8583/IsoProfile.ts"
import * as IsoTransfer from "../../src/iso8583/IsoTransfer.ts"
import * as PinBlock from "../../src/iso8583/PinBlock.ts"
import * as WorkingKeys from "../../src/iso8583/WorkingKeys.ts"
import * as Pan from "../../src/Pan.ts"
import { IsoHost } from "../../src/sandbox/IsoHost.ts"
import { type Mischief, Rules } from "../../src/sandbox/Mischief.ts"
import { Purses } from "../../src/sandbox/Purses.ts"
import type * as TransferBill from "../../src/TransferBill.ts"
import * as TransferChannel from "../../src/TransferChannel.ts"
import * as TransferRecord from "../../src/TransferRecord.ts"
import { account, drive, holder, office, profile, rechargedBy, serves } from "../support/campus.ts"

const pan = Result.getOrThrow(Pan.parse("6217000010000000003"))
const master = BlockCipher.key("des", Buffer.from("0123456789ABCDEFFEDCBA9876543210", "hex"))
const student: Person.Person = {
  id: Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: Result.getOrThrow(IdentityDocument.parse("residentId", "43010219990101125X"))
}
const wire = {
  profile: IsoProfile.unionPayPos,
  framing: IsoFrame.unionPayPos,
  master,
  keys: WorkingKeys.doubleLength,
  mac: "ecb"
} as const
const merchant = "898430153110001"

/** A school with one terminal, and a bank at the other end of whatever `ask` is. */
class Bench {
  now = CivilTime.instant("2026-03-02 12:00")
  readonly purses = new Purses()
  readonly rules = new Rules()
  #random = 0
  #commands = 0
  readonly host = new IsoHost(
    { ...wire, random: (size) => createHash("sha256").update(`${++this.#random}`).digest().subarray(0, size) },
    this.purses,
    this.rules
  )
  sent: Array<string> = []
  /** The branch's file of a day; nothing where it is not there. */
  listed: ReadonlyArray<TransferBill.Listed> | undefined
  ask: (frame: Uint8Array) => Effect.Effect<Uint8Array, BankClient.LineLost> = (frame) =>
    Effect.suspend(() => {
      this.sent.push(Buffer.from(frame.subarray(5, 7)).toString("hex"))
      const { frame: said } = this.host.answer(frame, this.now)
      return said === undefined ? new BankClient.LineLost({ why: "timeout", isSent: true }) : Effect.succeed(said)
    })
  readonly #layer

  constructor() {
    this.purses.put("lihua", Money.of(20_000))
    this.host.cards.set(Pan.digits(pan), { payer: "lihua", pin: Redacted.make("123456") })
    this.#layer = Layer.effect(RechargeChannel.RechargeChannels, Effect.map(this.channel, (channel) => [channel])).pipe(
      Layer.provideMerge(Layer.merge(MemoryAccountStore.layer, MemoryPorts.layer)),
      Layer.provideMerge(Profiles.Profiles.layer([profile()]))
    )
  }
  /** A channel with nothing in memory, as after a start. */
  get channel() {
    const terminal = "00000001"
    const link = IsoLink.make({
      ...wire,
      terminal,
      merchant,
      operator: "01",
      keysWanted: "003",
      ask: (frame) => this.ask(frame),
      cardOf: () => Effect.succeed(pan)
    })
    const caller = Id.CallerId.make("transfer")
    const contractOf = () => Effect.succeed("contract-1")
    const list = () => Effect.sync(() => this.listed)
    const own = { name: "transfer", serves: serves("ccbCard"), caller, terminal, contractOf, list }
    return Effect.flatMap(Effect.orDie(link), (wire) => TransferChannel.make(own, wire))
  }
  get layer() {
    return this.#layer
  }
  run<A, E>(test: Effect.Effect<A, E, Layer.Success<typeof this.layer> | Scope.Scope>): Promise<A> {
    return Effect.gen({ self: this }, function*() {
      const open = { _tag: "OpenAccount", person: student.id, kind: "student", class: "regular" } as const
      yield* Opening.open(this.says("card-centre", open), student)
      yield* Submit.submit(this.says("window-ccb", { _tag: "IssueCard", card: Id.CardId.make("card-1") }))
      yield* Submit.submit(this.says("window-3", { _tag: "ActivateCard", card: Id.CardId.make("card-1") }))
      const result = yield* test
      expect(this.purses.isWhole).toBe(true)
      return result
    }).pipe(Effect.scoped, HostClock.provide(() => this.now), Effect.provide(this.#layer), Effect.runPromise)
  }
  says<Body extends Command.Command>(point: string, body: Body): Submit.Statement<Body> {
    return {
      caller: Id.CallerId.make("test"),
      id: Id.CommandId.make(`test-${++this.#commands}`),
      at: this.now,
      point: Id.PointId.make(point),
      subject: holder,
      body,
      ...Clerk.at(profile(), point, body)
    }
  }
  place(fen = 5_000) {
    const amount = Money.amount(fen)
    const body = { _tag: "PlaceRecharge", channel: rechargedBy, source: "ccbCard", holder: "own", amount } as const
    return Effect.result(Recharging.place(this.says("today-campus", body)))
  }
  get bank() {
    return this.purses.has("payer:lihua")
  }
}

const transit = Effect.gen(function*() {
  return Option.getOrThrow(yield* (yield* AccountStore.AccountStore).find(holder)).pockets.transit
})
const records = Effect.gen(function*() {
  const store = yield* SubjectStore.SubjectStore
  return (yield* Stream.runCollect(store.all(TransferRecord.decider))).map(({ state }) => state)
})
const codeOf = (placed: Result.Result<unknown, { readonly _tag: string; readonly code?: string }>) =>
  Result.isSuccess(placed) ? "placed" : `${placed.failure._tag} ${placed.failure.code ?? ""}`.trim()

describe("a debit", () => {
  it("signs in, debits, and the driver credits it", () => {
    const bench = new Bench()
    return bench.run(Effect.gen(function*() {
      expect(codeOf(yield* bench.place())).toBe("placed")
      yield* drive(office)
      expect([yield* transit, bench.bank, bench.sent]).toEqual([5_000, 15_000, ["0800", "0200"]])
      expect(codeOf(yield* bench.place(1_000))).toBe("placed")
      yield* drive(office)
      expect([yield* transit, bench.bank, bench.sent]).toEqual([6_000, 14_000, ["0800", "0200", "0200"]])
    }))
  })
  it("that the bank declines closes the attempt, and the terminal is free", () => {
    const bench = new Bench()
    return bench.run(Effect.gen(function*() {
      expect(codeOf(yield* bench.place(30_000))).toBe("ChannelRefused 51")
      expect(codeOf(yield* bench.place())).toBe("placed")
      yield* drive(office)
      expect([yield* transit, bench.bank]).toEqual([5_000, 15_000])
    }))
  })
  it("keeps the card number out of every store", () => {
    const bench = new Bench()
    return bench.run(Effect.gen(function*() {
      yield* bench.place()
      expect(JSON.stringify(yield* records)).not.toContain(Pan.digits(pan).slice(6, -4))
      expect(yield* records).toMatchObject([{ _tag: "Paid", account, contract: "contract-1" }])
    }))
  })
})

describe("what goes wrong on the way to the bank and back", () => {
  const rule = (operation: string, does: Mischief, times = 1) => ({ wire: "iso8583", operation, does, times })
  const drop = (after: boolean): Mischief => ({ _tag: "Drop", after })
  const forged: Mischief = { _tag: "Forge", how: "otherKey" }
  const reversed = "ChannelRefused reversed"
  it.each(
    [
      ["the debit is lost", [rule("debit", drop(false))], reversed, ["0800", "0200", "0400"]],
      ["the debit's answer is lost", [rule("debit", drop(true))], reversed, ["0800", "0200", "0400"]],
      ["the answer is cut off", [rule("debit", { _tag: "Truncate", bytes: 40 })], reversed, [
        "0800",
        "0200",
        "0800",
        "0400"
      ]],
      ["the answer's MAC is wrong", [rule("debit", forged)], reversed, ["0800", "0200", "0800", "0400"]],
      ["the sign-in is lost", [rule("signIn", drop(false))], "ChannelRefused notReady", ["0800"]]
    ] as const
  )("%s: nothing is debited in the end", async (_, rules, code, sent) => {
    const bench = new Bench()
    await bench.run(Effect.gen(function*() {
      for (const one of rules) bench.rules.add(one)
      expect(codeOf(yield* bench.place())).toBe(code)
      expect(bench.sent).toEqual(sent)
      yield* drive(office)
      expect([yield* transit, bench.bank, bench.host.standing(pan)]).toEqual([0, 20_000, 0])
      expect(codeOf(yield* bench.place())).toBe("placed")
    }))
  })
  it.each([false, true])(
    "the reversal is lost too (done: %s): it is repeated, and no other debit begins",
    async (after) => {
      const bench = new Bench()
      await bench.run(Effect.gen(function*() {
        bench.rules.add(rule("debit", drop(true)))
        bench.rules.add(rule("reverse", drop(after), 3))
        expect(codeOf(yield* bench.place())).toBe("placed")
        expect(bench.host.standing(pan)).toBe(after ? 0 : 1)
        expect(codeOf(yield* bench.place())).toBe("ChannelRefused open")
        expect(bench.sent.filter((type) => type === "0200")).toHaveLength(1)
        yield* drive(office)
        yield* drive(office)
        expect([yield* transit, bench.bank, bench.host.standing(pan)]).toEqual([0, 20_000, 0])
        expect((yield* records).map(({ _tag }) => _tag)).toEqual(["Reversed"])
        expect(codeOf(yield* bench.place())).toBe("placed")
      }))
    }
  )
  it("the host's keys change: the debit is told so, and the next one signs in", () => {
    const bench = new Bench()
    return bench.run(Effect.gen(function*() {
      yield* bench.place(1_000)
      bench.host.rotate()
      expect(codeOf(yield* bench.place())).toBe(reversed)
      expect(codeOf(yield* bench.place())).toBe("placed")
      yield* drive(office)
      expect([yield* transit, bench.bank]).toEqual([6_000, 14_000])
    }))
  })
  it("nothing can be sent at all: refused, and never reversed", () => {
    const bench = new Bench()
    return bench.run(Effect.gen(function*() {
      yield* bench.place(1_000)
      const there = bench.ask
      bench.ask = () => Effect.fail(new BankClient.LineLost({ why: "notConnected", isSent: false }))
      expect(codeOf(yield* bench.place())).toBe("ChannelRefused notSent")
      bench.ask = there
      expect(codeOf(yield* bench.place())).toBe("placed")
      expect(bench.sent).not.toContain("0400")
    }))
  })
})

describe("the school dies between two steps", () => {
  const deaths = Array.from({ length: 12 }, (_, at) => at + 1)
  /** Every write from this one on fails; the line is as it was. */
  const dying = <A, E, R>(bench: Bench, dies: number, effect: Effect.Effect<A, E, R>) =>
    Effect.gen(function*() {
      const store = yield* SubjectStore.SubjectStore
      let writes = 0
      const transact: typeof store.transact = (decider, submitted) =>
        Effect.suspend(() => ++writes >= dies ? Effect.die("cut off") : store.transact(decider, submitted))
      const mortal = { ...store, transact }
      const channel = yield* Effect.provideService(bench.channel, SubjectStore.SubjectStore, mortal)
      yield* effect.pipe(
        Effect.provideService(SubjectStore.SubjectStore, mortal),
        Effect.provideService(RechargeChannel.RechargeChannels, [channel]),
        Effect.exit
      )
    })
  const ends = new Set<number>()
  it.each(deaths)("at write %i: debited once and credited, or not debited", async (dies) => {
    const bench = new Bench()
    await bench.run(Effect.gen(function*() {
      yield* dying(bench, dies, Effect.andThen(bench.place(), drive(office)))
      // Started again, with nothing in memory.
      const channel = yield* bench.channel
      const again = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
        Effect.provideService(effect, RechargeChannel.RechargeChannels, [channel])
      for (let round = 0; round < 3; round++) yield* again(drive(office))
      bench.now = CivilTime.later(bench.now, 3 * 3_600_000)
      for (let round = 0; round < 3; round++) yield* again(drive(office))
      const held = yield* transit
      ends.add(held)
      expect([held, bench.bank, bench.host.standing(pan)]).toEqual(
        held === 0 ? [0, 20_000, 0] : [5_000, 15_000, 1]
      )
      // The terminal is free again.
      expect(codeOf(yield* again(bench.place(1_000)))).toBe("placed")
      for (const { _tag } of yield* records) expect(["Paid", "Declined", "Reversed"]).toContain(_tag)
    }))
  })
  it("and both happened above", () => {
    expect(ends).toEqual(new Set([0, 5_000]))
  })
})

describe("the host of the sandbox", () => {
  const terminal = "00000001"
  const transfer = {
    _tag: "Transfer",
    terminal,
    merchant,
    batch: 1,
    number: 7,
    pan,
    amount: Money.amount(5_000),
    account,
    entry: "021"
  } as const
  /** What it says to a request under the keys of a sign-in. */
  const said = (
    bench: Bench,
    request: (keys: WorkingKeys.WorkingKeys) => IsoTransfer.Request,
    forged = false
  ): string | undefined => {
    const signIn = { _tag: "SignIn", terminal, merchant, batch: 1, number: 1, operator: "01", keys: "003" } as const
    const asked = IsoTransfer.write(signIn)
    const open = (frame: Uint8Array | undefined) =>
      Result.getOrThrow(IsoMessage.unpack(Result.getOrThrow(IsoFrame.read(wire.framing, frame!)).message, wire.profile))
    const send = (message: Uint8Array) =>
      bench.host.answer(IsoFrame.write(wire.framing, message).subarray(2), bench.now)
    const welcome = open(send(Result.getOrThrow(IsoMessage.pack(asked, wire.profile))).frame)
    const keys = Result.getOrThrow(WorkingKeys.open(IsoMessage.get(welcome, 62) ?? "", master, wire.keys))
    const mak = forged ? BlockCipher.key("des", Buffer.from("0011223344556677", "hex")) : keys.mak
    const sealed = IsoMac.seal(IsoTransfer.write(request(keys)), wire.profile, { method: wire.mac, key: mak })
    return IsoMessage.get(open(send(Result.getOrThrow(sealed)).frame), 39)
  }
  const withPin = (typed: string) => ({ pik }: WorkingKeys.WorkingKeys): IsoTransfer.Transfer => {
    const block = Redacted.make(Result.getOrThrow(PinBlock.make(Redacted.make(typed), pan, pik)))
    return { ...transfer, pin: { block, security: IsoTransfer.security.double } }
  }
  const reversal = IsoTransfer.reversal(transfer, "98", CivilTime.instant("2026-03-02 12:00"))
  it.each(
    [
      ["the right PIN", withPin("123456"), "00"],
      ["another PIN", withPin("654321"), "55"],
      ["no PIN, for a contracted card", () => transfer, "00"],
      ["more than there is", () => ({ ...transfer, amount: Money.amount(30_000) }), "51"],
      ["the reversal of what never came", () => reversal, "25"]
    ] as const
  )("with %s", (_, request, code) => {
    expect(said(new Bench(), request)).toBe(code)
  })
  it("a MAC that is not the terminal's moves nothing", () => {
    const bench = new Bench()
    expect([said(bench, () => transfer, true), bench.bank]).toEqual(["A0", 20_000])
  })
  it("a number that comes twice is debited once, and what was reversed before is not debited", () => {
    const bench = new Bench()
    expect([said(bench, () => transfer), said(bench, () => transfer), bench.bank]).toEqual(["00", "94", 15_000])
    expect([said(bench, () => reversal), said(bench, () => reversal), bench.bank]).toEqual(["00", "00", 20_000])
    const other = { ...reversal, number: 8 }
    expect([said(bench, () => other), said(bench, () => ({ ...transfer, number: 8 }))]).toEqual(["25", "94"])
    expect([bench.bank, bench.purses.isWhole]).toEqual([20_000, true])
  })
  it.each([0, 1, 5, 6, 20, 60])("garbage of %i bytes has no answer", (size) => {
    const bench = new Bench()
    expect(bench.host.answer(new Uint8Array(size).fill(0x60), bench.now).frame).toBeUndefined()
  })
})

describe("the branch's file of a day, which ISO 8583 has no message for (D2)", () => {
  type Row = TransferBill.Listed
  const fen = Money.amount
  /** What is changed in a right file of two debits. */
  const cases: ReadonlyArray<[string, (rows: ReadonlyArray<Row>) => ReadonlyArray<Row> | undefined, unknown]> = [
    ["as it is agrees with orders and books", (rows) => rows, { matched: 2, differences: [] }],
    ["that is not there yet is asked for again", () => undefined, "BillNotReady"],
    ["without a row", (rows) => rows.slice(1), { matched: 1, differences: ["NotInBill"] }],
    [
      "with a number that no terminal of ours gave",
      (
        rows
      ) => [
        ...rows,
        ...rows.slice(0, 1).map((row) => ({ ...row, sent: { batch: 9, number: 9 }, serial: "9", reference: "9" }))
      ],
      { matched: 2, differences: ["UnknownNumber"] }
    ],
    [
      "with a number that is none, under the reference of a debit of ours",
      ([{ sent: _, ...row } = expect.fail("no row"), ...rest]) => [{ ...row, serial: "?" }, ...rest],
      { matched: 1, differences: ["SharedReference"] }
    ],
    [
      "with another amount",
      ([row = expect.fail("no row"), ...rest]) => [{ ...row, amount: fen(5_001) }, ...rest],
      { matched: 1, differences: ["AmountDiffers"] }
    ]
  ]
  it.each(cases)("%s", async (_, change, expected) => {
    const bench = new Bench()
    const { now } = bench
    await bench.run(Effect.gen(function*() {
      yield* bench.place()
      // Taken back, so it stands in no file.
      bench.rules.add({ wire: "iso8583", operation: "debit", does: { _tag: "Drop", after: true } })
      yield* bench.place(3_000)
      yield* bench.place(1_000)
      yield* drive(office)
      bench.listed = change((yield* records).flatMap((record): ReadonlyArray<Row> => {
        if (record._tag !== "Paid") return []
        const { amount, batch, number, paidAt: at, reference } = record
        return [{ sent: { batch, number }, serial: String(number).padStart(6, "0"), reference, amount, at }]
      }))
      bench.now = CivilTime.later(now, CivilTime.dayLength)
      const compare = Reconciling.compare({ channel: "transfer", day: CivilTime.dayOf(now), carried: [] })
      const compared = yield* Effect.result(compare)
      expect(
        Result.match(compared, {
          onFailure: ({ _tag }): unknown => _tag,
          onSuccess: ({ outcome: { findings, matched } }) => ({
            matched,
            differences: findings.map(({ difference }) => difference._tag)
          })
        })
      ).toEqual(expected)
      expect([yield* transit, bench.bank]).toEqual([6_000, 14_000])
    }))
  })
})

describe("over loopback", () => {
  it("debits, with the host behind a socket", () => {
    const bench = new Bench()
    const prefix = { form: "binary", size: 2, countsItself: false, largest: wire.framing.largest } as const
    return bench.run(Effect.gen(function*() {
      const manners = { ...BankLine.manners, prefix }
      const { port } = yield* BankLine.serve(
        { host: "127.0.0.1", port: 0 },
        manners,
        () => (frame) => Effect.sync(() => bench.host.answer(frame, bench.now).frame)
      )
      const dial = BankClient.dial({ host: "127.0.0.1", port })
      const client = yield* BankClient.client(dial, { ...BankClient.patience, prefix, answer: 200 })
      bench.ask = client.ask
      expect(codeOf(yield* bench.place())).toBe("placed")
      bench.rules.add({ wire: "iso8583", operation: "debit", does: { _tag: "Drop", after: true } })
      expect(codeOf(yield* bench.place())).toBe("ChannelRefused reversed")
      yield* drive(office)
      expect([yield* transit, bench.bank]).toEqual([5_000, 15_000])
    }))
  })
})
