// Debits of a contracted card over real sockets, by either wire: what the payer gave is what the account was credited with.
import { describe, expect, it } from "@effect/vitest"
import { CivilTime, HostClock, Id, type RechargeChannel, Recharging } from "@yikatong/core"
import { Effect, Layer, Redacted, References, Result } from "effect"
import * as Net from "node:net"
import * as BankClient from "../../src/BankClient.ts"
import * as TransferLink from "../../src/ccb/TransferLink.ts"
import * as IsoLink from "../../src/iso8583/IsoLink.ts"
import * as Pan from "../../src/Pan.ts"
import * as IsoTerms from "../../src/sandbox/IsoTerms.ts"
import type { Mischief } from "../../src/sandbox/Mischief.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import * as Terms from "../../src/sandbox/Terms.ts"
import * as TransferTerms from "../../src/sandbox/TransferTerms.ts"
import * as TransferChannel from "../../src/TransferChannel.ts"
import { account, books, Campus, office, pockets, serves } from "../support/campus.ts"

const now = CivilTime.instant("2026-03-02 12:00")
const bankCard = Result.getOrThrow(Pan.parse("6217000010000000003"))
const name = Redacted.make("李华")
const idNumber = Redacted.make("43010219990101125X")
const has = 20_000

type Name = "iso8583" | "transferLink"
const debit = { iso8583: "debit", transferLink: "Transfer" } as const

const isDebit = {
  iso8583: (message: Buffer) => message.toString("hex", 5, 7) === "0200",
  transferLink: (message: Buffer) => message.toString("latin1", 0, 6) === TransferTerms.link.messages["Transfer"]?.code
}

/** `sent`: is given each message as it is sent. */
const wireOf = Effect.fnUntraced(function*(box: Sandbox.Sandbox, wire: Name, sent: Array<Uint8Array>) {
  const terms = box.banks.terms[wire]
  const prefix = wire === "iso8583" ? IsoTerms.prefix : TransferTerms.link.prefix
  const patience = { ...BankClient.patience, prefix, answer: 300, firstWait: 1, longestWait: 1 }
  const client = yield* BankClient.client(BankClient.dial(Terms.placeIn(terms)), patience)
  const ask: typeof client.ask = (message) => {
    sent.push(message)
    return client.ask(message)
  }
  if (wire === "iso8583") {
    return yield* IsoLink.make(IsoTerms.settingsOf(terms, { ask, cardOf: () => Effect.succeed(bankCard) }))
  }
  const holder = { name, idNumber, bankCard }
  const link = yield* TransferLink.make(
    TransferTerms.settingsOf(terms, { ask, holderOf: () => Effect.succeed(holder) })
  )
  expect(yield* link.contract(account, holder, Effect.succeed({ batch: 900_000, number: 1 }))).toBe("accepted")
  return link
})

/** A school with a terminal at this wire, and a student who has a card of the bank. */
const school = Effect.fnUntraced(function*(wire: Name) {
  const box = yield* Sandbox.start({ now, wires: [], payers: { lihua: has } })
  box.banks.issue({ payer: "lihua", number: bankCard, name, idNumber, pin: Redacted.make("123456") })
  const channels: Array<RechargeChannel.RechargeChannel> = []
  const campus = new Campus(channels)
  const services = yield* Layer.build(campus.layer)
  const quietly = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(
      HostClock.provide(() => now),
      Effect.provideContext(services),
      Effect.provideService(References.MinimumLogLevel, "None")
    )
  const settings = {
    name: "transfer",
    serves: serves("ccbCard"),
    caller: Id.CallerId.make("kiosk"),
    terminal: "00000001",
    contractOf: Effect.succeed
  }
  const sent: Array<Uint8Array> = []
  const made = Effect.flatMap(wireOf(box, wire, sent), (link) => TransferChannel.make(settings, link))
  channels.push(yield* quietly(made))
  yield* quietly(campus.furnished)
  return {
    box,
    sent,
    /** What became of a recharge of so many fen. */
    recharge: (fen: number) =>
      campus.place("ccbCard", fen).pipe(
        Effect.flatMap(({ order }) => Recharging.confirm(order, office)),
        Effect.match({
          onFailure: (fault) => "code" in fault ? `${fault._tag} ${fault.code}` : fault._tag,
          onSuccess: ({ order }) => order._tag
        }),
        quietly
      ),
    whole: Effect.fnUntraced(function*(credited: number) {
      yield* quietly(books)
      const { transit } = yield* quietly(pockets)
      expect([transit, box.house.purses.has("payer:lihua"), box.house.purses.isWhole])
        .toEqual([credited, has - credited, true])
    })
  }
})

describe.each<[wire: Name]>([["transferLink"], ["iso8583"]])("a debit over %s", (wire) => {
  it.live("is credited, once for each", () =>
    Effect.gen(function*() {
      const { recharge, whole } = yield* school(wire)
      expect([yield* recharge(5_000), yield* recharge(2_000)]).toEqual(["Credited", "Credited"])
      yield* whole(7_000)
    }))

  it.live("of more than is there is declined, and another goes on", () =>
    Effect.gen(function*() {
      const { recharge, whole } = yield* school(wire)
      expect(yield* recharge(50_000)).toMatch(/^ChannelRefused /)
      yield* whole(0)
      expect(yield* recharge(1_000)).toBe("Credited")
      yield* whole(1_000)
    }))

  const spoiled: ReadonlyArray<readonly [string, Mischief]> = [
    ["that never reached the bank", { _tag: "Drop", after: false }],
    ["whose answer was lost", { _tag: "Drop", after: true }],
    ["whose answer was cut off", { _tag: "Truncate", bytes: 20 }],
    ["whose answer bears the MAC of another key", { _tag: "Forge", how: "otherKey" }],
    ["whose answer was changed after its MAC was made", { _tag: "Forge", how: "tamper" }],
    ["whose answer is one that was sent before", { _tag: "Replay" }],
    ["whose answer comes when nobody waits any more", { _tag: "Delay", milliseconds: 600 }]
  ]
  it.live.each(spoiled)("%s is taken back, and another goes on", ([, does]) =>
    Effect.gen(function*() {
      const { box, recharge, whole } = yield* school(wire)
      box.rules.add({ wire, operation: debit[wire], does })
      expect(yield* recharge(5_000)).toBe("ChannelRefused reversed")
      yield* whole(0)
      expect(yield* recharge(1_000)).toBe("Credited")
      yield* whole(1_000)
    }))

  it.live("that comes after it was taken back finds the tombstone, and is not done", () =>
    Effect.gen(function*() {
      const { box, recharge, sent, whole } = yield* school(wire)
      box.rules.add({ wire, operation: debit[wire], does: { _tag: "Drop", after: false } })
      expect(yield* recharge(5_000)).toBe("ChannelRefused reversed")
      // On its way somebody held the debit up.
      const late = sent.find((message) => isDebit[wire](Buffer.from(message))) ?? expect.fail("no debit was sent")
      const host = box.banks[wire === "iso8583" ? "iso" : "transfer"]
      expect(host.answer(late, now)).toBeDefined()
      yield* whole(0)
    }))

  it.live("goes on among rubbish and silent strangers at the bank's port", () =>
    Effect.gen(function*() {
      const { box, recharge, whole } = yield* school(wire)
      const { host, port } = Terms.placeIn(box.banks.terms[wire])
      const strangers = Array.from({ length: 20 }, (_, at) => {
        const socket = Net.connect({ host, port })
        socket.on("error", () => {})
        if (at % 2 === 0) socket.write(Buffer.alloc(300, 0xff))
        return socket
      })
      expect(yield* recharge(1_000)).toBe("Credited")
      for (const socket of strangers) socket.destroy()
      yield* whole(1_000)
    }))
})

describe("the keys of ISO 8583", () => {
  it.live("change in the midst of a day: the terminal signs in again, and nothing is lost", () =>
    Effect.gen(function*() {
      const { box, recharge, whole } = yield* school("iso8583")
      expect(yield* recharge(1_000)).toBe("Credited")
      box.banks.iso.rotate()
      const told = [yield* recharge(2_000), yield* recharge(2_000)]
      const done = told.filter((one) => one === "Credited").length
      expect(done).toBeGreaterThan(0)
      yield* whole(1_000 + done * 2_000)
    }))
})
