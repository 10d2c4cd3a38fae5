import { CivilTime, HostClock, Id, Money, PaymentAttempt, Profiles, RechargeOrder, SubjectStore } from "@yikatong/core"
import { MemoryPorts } from "@yikatong/core/testing"
import { Effect, Layer, Option, Redacted, Result } from "effect"
import { describe, expect, it } from "vitest"
import * as BankClient from "../../src/BankClient.ts"
import * as BlockCipher from "../../src/BlockCipher.ts"
import * as LinkDialogue from "../../src/ccb/LinkDialogue.ts"
import * as TransferLayout from "../../src/ccb/TransferLayout.ts"
import * as TransferLink from "../../src/ccb/TransferLink.ts"
import * as TransferMessages from "../../src/ccb/TransferMessages.ts"
import * as Pan from "../../src/Pan.ts"
import { type Mischief, Rules } from "../../src/sandbox/Mischief.ts"
import { Purses } from "../../src/sandbox/Purses.ts"
import { TransferHost } from "../../src/sandbox/TransferHost.ts"
import * as TransferChannel from "../../src/TransferChannel.ts"
import { account, profile, rechargedBy } from "../support/campus.ts"
import { catching } from "../support/caught.ts"

const key = BlockCipher.key("des", Buffer.from("0123456789ABCDEFFEDCBA9876543210", "hex"))
const bankCard = Result.getOrThrow(Pan.parse("6217000010000000003"))
const holder = { name: Redacted.make("李华"), idNumber: Redacted.make("43010219990101125X"), bankCard }
const order = Id.OrderId.make("test:order-1")
const link = TransferLayout.proposal

class Bench {
  now = CivilTime.instant("2026-03-02 12:00")
  readonly purses = new Purses()
  readonly rules = new Rules()
  readonly host = new TransferHost(link, key, this.purses, this.rules)
  sent: Array<string> = []
  /** The bank has forgotten who is signed in, and says so until it is told again. */
  hasForgotten = false
  readonly wire = Effect.runSync(TransferLink.make({
    link,
    key,
    channel: "01",
    organisation: "S01",
    holderOf: () => Effect.succeed(holder),
    ask: (message) =>
      Effect.suspend(() => {
        this.sent.push(Buffer.from(message.subarray(0, 6)).toString("ascii"))
        const said = this.forgetful(message) ?? this.host.answer(message, this.now).message
        return said === undefined ? new BankClient.LineLost({ why: "timeout", isSent: true }) : Effect.succeed(said)
      })
  }))

  constructor() {
    this.purses.put("lihua", Money.of(20_000))
    const { idNumber, name } = holder
    this.host.cards.set(Pan.digits(bankCard), { payer: "lihua", name, idNumber })
  }
  forgetful(message: Uint8Array): Uint8Array | undefined {
    const asked = Result.getOrThrow(LinkDialogue.read(TransferMessages.TransferMessage, link, message, key))
    if (asked._tag === "SignIn") this.hasForgotten = false
    if (!this.hasForgotten) return undefined
    const answer = { ...asked, _tag: `${asked._tag}Answer`, code: "outOfOrder" } as TransferMessages.TransferAnswer
    return Result.getOrThrow(LinkDialogue.write(TransferMessages.TransferMessage, link, answer, key))
  }
  /** One attempt of an order that is on record, at a channel with nothing in memory. */
  run<A, E>(
    test: (at: {
      readonly create: Effect.Effect<string>
      readonly query: Effect.Effect<string>
      readonly contract: Effect.Effect<string | undefined>
      readonly number: Id.OrderNumber
      readonly store: SubjectStore.SubjectStore["Service"]
    }) => Effect.Effect<A, E>
  ): Promise<A> {
    return Effect.gen({ self: this }, function*() {
      const store = yield* SubjectStore.SubjectStore
      const amount = Money.amount(5_000)
      const body = { _tag: "Place", account, channel: rechargedBy, source: "ccbCard", amount } as const
      const caller = Id.CallerId.make("test")
      const placing = { caller, id: Id.CommandId.make("order-1"), subject: order, receivedAt: this.now, body }
      yield* store.transact(RechargeOrder.decider, placing)
      const placed = Option.getOrThrow(yield* store.find(RechargeOrder.decider, order))
      const attempt: PaymentAttempt.Attempt = {
        _tag: "Opened",
        number: PaymentAttempt.numberOf(placed, 1),
        order,
        index: 1,
        channel: rechargedBy,
        source: "ccbCard",
        amount,
        openedAt: this.now,
        expiresAt: placed.expiresAt
      }
      const channel = yield* TransferChannel.make(
        {
          name: "transfer",
          caller: Id.CallerId.make("transfer"),
          terminal: "S01",
          contractOf: () => Effect.succeed("contract-1")
        },
        this.wire
      )
      let count = 900_000
      const numbering = Effect.sync(() => ({ batch: 1, number: ++count }))
      const told = Effect.match({
        onFailure: (fault: { readonly _tag: string; readonly code?: string }) =>
          `${fault._tag} ${fault.code ?? ""}`.trim(),
        onSuccess: ({ _tag }: { readonly _tag: string }) => _tag
      })
      const result = yield* test({
        number: attempt.number,
        store,
        create: told(channel.create(attempt, { _tag: "Scan" })),
        query: told(channel.query(attempt)),
        contract: Effect.orDie(this.wire.contract(account, holder, numbering))
      })
      expect(this.purses.isWhole).toBe(true)
      return result
    }).pipe(
      HostClock.provide(() => this.now),
      Effect.provide(Layer.provideMerge(MemoryPorts.layer, Profiles.Profiles.layer([profile()]))),
      Effect.runPromise
    )
  }
  get bank() {
    return this.purses.has("payer:lihua")
  }
}

describe("a transfer over a described link", () => {
  it("needs a contract, and is then debited once, however often it is asked for", () => {
    const bench = new Bench()
    return bench.run(({ contract, create, query }) =>
      Effect.gen(function*() {
        expect(yield* contract).toBe("accepted")
        expect(yield* contract).toBe("contractExists")
        expect([yield* create, yield* create, yield* query]).toEqual(["Nothing", "Nothing", "Paid"])
        expect([bench.bank, bench.host.standing]).toEqual([15_000, 1])
      })
    )
  })
  it("is contracted for by who is signed in, again where the bank has forgotten it", () => {
    const bench = new Bench()
    return bench.run(({ contract }) =>
      Effect.gen(function*() {
        expect(yield* contract).toBe("accepted")
        bench.hasForgotten = true
        expect([yield* contract, yield* contract]).toEqual(["outOfOrder", "contractExists"])
        expect(bench.sent).toEqual(["100001", "100003", "100003", "100001", "100003"])
      })
    )
  })
  it("without a contract is refused", () => {
    const bench = new Bench()
    return bench.run(({ create, query }) =>
      Effect.gen(function*() {
        expect([yield* create, yield* query, bench.bank]).toEqual(["ChannelRefused noContract", "Closed", 20_000])
      })
    )
  })
  const mischiefs: ReadonlyArray<readonly [string, Mischief]> = [
    ["never comes", { _tag: "Drop", after: false }],
    ["is done, and its answer lost", { _tag: "Drop", after: true }],
    ["is done, and its answer cut off", { _tag: "Truncate", bytes: 30 }],
    ["is done, and its answer's MAC is wrong", { _tag: "Forge", how: "otherKey" }]
  ]
  it.each(mischiefs)("that %s is taken back, under another kind of message", async (_, does) => {
    const bench = new Bench()
    await bench.run(({ contract, create, query }) =>
      Effect.gen(function*() {
        yield* contract
        bench.rules.add({ wire: "transferLink", operation: "Transfer", does })
        expect([yield* create, yield* query]).toEqual(["ChannelRefused reversed", "Closed"])
        expect([bench.bank, bench.host.standing]).toEqual([20_000, 0])
        expect(bench.sent.filter((kind) => kind === "100005")).toHaveLength(1)
        expect(bench.sent.filter((kind) => kind === "100006")).toHaveLength(1)
      })
    )
  })
  it.each([false, true])(
    "whose reversal is lost too (done: %s) is taken back until that is answered",
    async (after) => {
      const bench = new Bench()
      await bench.run(({ contract, create, query }) =>
        Effect.gen(function*() {
          yield* contract
          bench.rules.add({ wire: "transferLink", operation: "Transfer", does: { _tag: "Drop", after: true } })
          bench.rules.add({ wire: "transferLink", operation: "Reversal", does: { _tag: "Drop", after }, times: 2 })
          expect([yield* create, yield* query, yield* query]).toEqual(["ChannelFailed", "Unclear", "Closed"])
          expect([bench.bank, bench.host.standing]).toEqual([20_000, 0])
        })
      )
    }
  )
  it("that the bank refuses for want of a sign-in is taken back after one, on the same connection", () => {
    const bench = new Bench()
    return bench.run(({ contract, create, query }) =>
      Effect.gen(function*() {
        yield* contract
        yield* bench.wire.ready(Effect.succeed({ batch: 1, number: 800_000 }))
        bench.hasForgotten = true
        bench.sent = []
        expect([yield* create, yield* query]).toEqual(["ChannelRefused reversed", "Closed"])
        expect(bench.sent).toEqual(["100005", "100001", "100006"])
        expect([bench.bank, bench.host.standing]).toEqual([20_000, 0])
      })
    )
  })
  it.each(
    [
      ["paid", { reference: "B000000000099", paidAt: CivilTime.instant("2026-03-02 12:00") }, "Paid"],
      ["taken back", undefined, "Closed"]
    ] as const
  )("of another day is not called reversed until a person says that it was %s", async (_, paid, end) => {
    const bench = new Bench()
    await bench.run(({ contract, create, number, query, store }) =>
      Effect.gen(function*() {
        yield* contract
        bench.rules.add({ wire: "transferLink", operation: "Transfer", does: { _tag: "Drop", after: true } })
        bench.rules.add({ wire: "transferLink", operation: "Reversal", does: { _tag: "Drop", after: false } })
        expect(yield* create).toBe("ChannelFailed")
        bench.now = CivilTime.later(bench.now, 24 * CivilTime.hour)
        const lines: Array<string> = []
        expect([yield* catching(lines)(query), bench.host.standing]).toEqual(["Unclear", 1])
        // What the person needs to find it in the bank's books, and what to do then.
        expect(lines.join()).toMatch(/^Error .*须人工处理.*terminal S01, batch 1, number 1.*TransferChannel\.settle/)
        expect(lines.join()).not.toContain(Pan.digits(bankCard))
        const settle = TransferChannel.settle(Id.CallerId.make("office"), number, paid)
        const settled = Effect.provideService(settle, SubjectStore.SubjectStore, store)
        expect([yield* settled, yield* query, yield* settled]).toEqual([true, end, false])
      })
    )
  })
})
