import {
  AccountStore,
  CivilTime,
  type Command,
  Csmzxy,
  HostClock,
  Id,
  IdentityDocument,
  Money,
  Opening,
  type Person,
  Profiles,
  RechargeChannel,
  Recharging,
  SubjectStore,
  Submit
} from "@yikatong/core"
import { Clerk, MemoryAccountStore, MemoryPorts } from "@yikatong/core/testing"
import { Effect, Layer, Option, Redacted, Result, Stream } from "effect"
import { createHash } from "node:crypto"
import * as Net from "node:net"
import { describe, expect, it } from "vitest"
import * as BankClient from "../../src/BankClient.ts"
import * as BlockCipher from "../../src/BlockCipher.ts"
import type * as BankDeposit from "../../src/ccb/BankDeposit.ts"
import * as CcbApp from "../../src/ccb/CcbApp.ts"
import * as DepositFile from "../../src/ccb/DepositFile.ts"
import * as DepositLayout from "../../src/ccb/DepositLayout.ts"
import * as DepositMessages from "../../src/ccb/DepositMessages.ts"
import * as DepositRecord from "../../src/ccb/DepositRecord.ts"
import * as DepositServer from "../../src/ccb/DepositServer.ts"
import type * as DepositSettings from "../../src/ccb/DepositSettings.ts"
import * as LinkDialogue from "../../src/ccb/LinkDialogue.ts"
import * as LengthPrefix from "../../src/LengthPrefix.ts"
import { DepositCaller } from "../../src/sandbox/DepositCaller.ts"
import { Purses } from "../../src/sandbox/Purses.ts"
import { catching } from "../support/caught.ts"

const key = BlockCipher.key("des", Buffer.from("0123456789ABCDEFFEDCBA9876543210", "hex"))
const otherKey = BlockCipher.key("des", Buffer.from("FEDCBA98765432100123456789ABCDEF", "hex"))
const bank = Id.CallerId.make("ccb")
const account = Id.AccountId.make("account-1")
const holder: Command.Subject = { _tag: "Account", account }
const student: Person.Person = {
  id: Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李小华"),
  document: Result.getOrThrow(IdentityDocument.parse("residentId", "43010219990101125X"))
}
const settings: DepositSettings.Settings = {
  bank,
  school: "S01",
  channel: "ccbApp",
  adapter: "ccbApp",
  source: "ccbCard",
  point: Id.PointId.make("today-campus"),
  link: DepositLayout.proposal,
  key,
  lookupLife: 3_600_000,
  payerName: "utf-8",
  signIn: "optional"
}
const day = CivilTime.day("2026-03-02")
type Message<Tag> = Extract<DepositMessages.DepositMessage, { readonly _tag: Tag }>

/** A bank that sends, and a school that answers, over one session and no line. */
class Link {
  now = CivilTime.instant("2026-03-02 12:00")
  #serial = 0
  session = DepositServer.session(settings)
  readonly #channel = CcbApp.make({ name: "ccbApp", bank, link: settings.link, key })
  readonly #layer = Layer.effect(
    RechargeChannel.RechargeChannels,
    Effect.map(this.#channel, (channel) => [channel])
  ).pipe(
    Layer.provideMerge(Layer.merge(MemoryAccountStore.layer, MemoryPorts.layer)),
    Layer.provideMerge(Profiles.Profiles.layer([Csmzxy.csmzxy]))
  )

  run<A, E>(test: Effect.Effect<A, E, Layer.Success<typeof this.layer>>): Promise<A> {
    return Effect.gen({ self: this }, function*() {
      const open = { _tag: "OpenAccount", person: student.id, kind: "student", class: "regular" } as const
      yield* Opening.open(this.says("card-centre", open), student)
      yield* Submit.submit(this.says("window-ccb", { _tag: "IssueCard", card: Id.CardId.make("card-1") }))
      yield* Submit.submit(this.says("window-3", { _tag: "ActivateCard", card: Id.CardId.make("card-1") }))
      return yield* test
    }).pipe(HostClock.provide(() => this.now), Effect.provide(this.#layer), Effect.runPromise)
  }
  get layer() {
    return this.#layer
  }
  says<Body extends Command.Command>(point: string, body: Body): Submit.Statement<Body> {
    return {
      caller: Id.CallerId.make("test"),
      id: Id.CommandId.make(`test-${++this.#serial}`),
      at: this.now,
      point: Id.PointId.make(point),
      subject: holder,
      body,
      ...Clerk.at(Csmzxy.csmzxy, point, body)
    }
  }
  head(bankSerial = `B${++this.#serial}`) {
    return { bankSerial, bankDate: day, bankTime: "115900", school: "S01" }
  }
  /** Sends a message and reads the answer, as a bank does. */
  ask<Tag extends DepositMessages.DepositRequest["_tag"]>(asked: Message<Tag>, with_ = key) {
    return Effect.map(
      this.session.answer(
        Result.getOrThrow(LinkDialogue.write(DepositMessages.DepositMessage, settings.link, asked, with_))
      ),
      (bytes): Message<`${Tag}Answer`> | undefined =>
        bytes === undefined
          ? undefined
          : Result.getOrThrow(LinkDialogue.readAnswer<DepositMessages.DepositMessage, Tag>(
            DepositMessages.DepositMessage,
            settings.link,
            asked,
            DepositMessages.same,
            bytes,
            key
          )) as Message<`${Tag}Answer`>
    )
  }
  lookup(change: Partial<Message<"Lookup">> = {}) {
    const claim = {
      studentNumber: "20260001",
      name: Redacted.make("李小华"),
      idNumber: Redacted.make("43010219990101125X")
    }
    return this.ask<"Lookup">({ _tag: "Lookup", ...this.head(), ...claim, ...change })
  }
  deposit(bankSerial: string, change: Partial<Message<"Deposit">> = {}) {
    return this.ask<"Deposit">({
      _tag: "Deposit",
      ...this.head(bankSerial),
      studentNumber: "20260001",
      account,
      amount: Money.amount(5_000),
      payerTail: "0003",
      payerNameHash: createHash("sha256").update("李小华").digest("hex"),
      ownCard: true,
      ...change
    })
  }
  reverse(originalSerial: string, amount = 5_000) {
    const original = { originalSerial, originalDate: day, amount: Money.amount(amount) }
    return this.ask<"Reverse">({ _tag: "Reverse", ...this.head(), ...original })
  }
  inquire(originalSerial: string) {
    return this.ask<"Inquiry">({ _tag: "Inquiry", ...this.head(), originalSerial, originalDate: day })
  }
}

const transit = Effect.gen(function*() {
  const found = yield* (yield* AccountStore.AccountStore).find(holder)
  return Option.getOrThrow(found).pockets.transit
})
const keyOf = (serial: string): BankDeposit.Key => ({ bank, date: day, serial })
const stateOf = (serial: string) => Effect.map(DepositRecord.find(keyOf(serial)), (deposit) => deposit?._tag)

/** With stores that let others come between any two steps. */
const slowly = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const store = yield* SubjectStore.SubjectStore
    const accounts = yield* AccountStore.AccountStore
    const slow = <A, E, R>(step: Effect.Effect<A, E, R>) => Effect.andThen(Effect.yieldNow, step)
    const transact: typeof store.transact = (decider, submitted) => slow(store.transact(decider, submitted))
    const find: typeof store.find = (decider, subject) => slow(store.find(decider, subject))
    return yield* effect.pipe(
      Effect.provideService(SubjectStore.SubjectStore, { ...store, transact, find }),
      Effect.provideService(AccountStore.AccountStore, {
        ...accounts,
        transact: (one) => slow(accounts.transact(one)),
        retire: (key) => slow(accounts.retire(key))
      })
    )
  })

/** Stores of which the one dies at this write, and all after it. */
const dying = <A, E, R>(dies: number, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const store = yield* SubjectStore.SubjectStore
    const accounts = yield* AccountStore.AccountStore
    let writes = 0
    const mortal = <A, E, R>(write: Effect.Effect<A, E, R>) =>
      Effect.suspend(() => ++writes >= dies ? Effect.die("cut off") : write)
    const transact: typeof store.transact = (decider, submitted) => mortal(store.transact(decider, submitted))
    return yield* effect.pipe(
      Effect.provideService(SubjectStore.SubjectStore, { ...store, transact }),
      Effect.provideService(AccountStore.AccountStore, {
        ...accounts,
        transact: (one) => mortal(accounts.transact(one)),
        retire: (key) => mortal(accounts.retire(key))
      })
    )
  })

describe("a lookup", () => {
  const lookups: ReadonlyArray<readonly [string, Partial<Message<"Lookup">>, DepositMessages.DepositCode]> = [
    ["the holder", {}, "accepted"],
    ["nobody's number", { studentNumber: "20269999" }, "notFound"],
    ["another name", { name: Redacted.make("王五") }, "nameMismatch"],
    ["another document", { idNumber: Redacted.make("11010119900307793X") }, "nameMismatch"],
    ["a document that can not be", { idNumber: Redacted.make("430102199901011259") }, "nameMismatch"],
    ["another school", { school: "S02" }, "malformed"],
    ["a serial number that no book can hold", { bankSerial: "B 1" }, "malformed"]
  ]
  it.each(lookups)("of %s", async (_, change, code) => {
    const link = new Link()
    const answer = await link.run(link.lookup(change))
    expect(answer?.code).toBe(code)
    expect(answer?.account).toBe(code === "accepted" ? account : undefined)
    expect(answer?.shownName).toBe(code === "accepted" ? "李**" : undefined)
  })
  it("needs the document, where the school checks it", async () => {
    const link = new Link()
    const name = { studentNumber: "20260001", name: Redacted.make("李小华") }
    expect((await link.run(link.ask<"Lookup">({ _tag: "Lookup", ...link.head(), ...name })))?.code).toBe("nameMismatch")
  })
  it.each(
    [
      ["lost", { _tag: "ReportLost" }, "lost", "today-campus"],
      ["closed", { _tag: "CloseAccount" }, "closed", "window-3"]
    ] as const
  )("of a card that is %s, before any money moves", async (_, body, code, point) => {
    const link = new Link()
    await link.run(Effect.gen(function*() {
      yield* Submit.submit(link.says(point, body as Command.Of<"CloseAccount">))
      expect((yield* link.lookup())?.code).toBe(code)
    }))
  })
})

describe("a deposit", () => {
  it("is credited once, and the same again gets the first answer", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      const first = yield* link.deposit("D1")
      expect(first).toMatchObject({ code: "accepted", campusSerial: "20260302.D1", balance: 5_000 })
      link.now = CivilTime.later(link.now, 30_000)
      yield* link.lookup()
      yield* link.deposit("D2", { amount: Money.amount(100) })
      expect(yield* link.deposit("D1")).toEqual(first)
      expect(yield* transit).toBe(5_100)
      expect(yield* link.inquire("D1")).toMatchObject({ code: "accepted", state: "credited", amount: 5_000 })
    }))
  })
  const refused: ReadonlyArray<readonly [string, Partial<Message<"Deposit">>, DepositMessages.DepositCode]> = [
    ["another's card", { ownCard: false }, "notOwnCard"],
    ["another payer", { payerNameHash: "ab".repeat(32) }, "notOwnCard"],
    ["another account than the number's", { account: "account-2" }, "notFound"],
    ["more than the limit", { amount: Money.amount(100_001) }, "overLimit"]
  ]
  it.each(refused)("is refused: %s", async (_, change, code) => {
    const link = new Link()
    await link.run(Effect.gen(function*() {
      yield* link.lookup()
      expect((yield* link.deposit("D1", change))?.code).toBe(code)
      expect((yield* link.deposit("D1", change))?.code).toBe(code)
      expect(yield* transit).toBe(0)
    }))
  })
  it("with another amount under the same number is refused", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      yield* link.deposit("D1")
      expect((yield* link.deposit("D1", { amount: Money.amount(4_999) }))?.code).toBe("duplicateMismatch")
      expect(yield* transit).toBe(5_000)
    }))
  })
  it("needs a lookup that fitted, and lately", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup({ name: Redacted.make("王五") })
      expect((yield* link.deposit("D1"))?.code).toBe("nameMismatch")
      yield* link.lookup()
      link.now = CivilTime.later(link.now, settings.lookupLife + 1)
      expect((yield* link.deposit("D2"))?.code).toBe("nameMismatch")
      expect(yield* transit).toBe(0)
    }))
  })
  it("for a card that was lost since the lookup is refused for ever, although the card is found", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      yield* Submit.submit(link.says("today-campus", { _tag: "ReportLost" } as Command.Of<"ReportLost">))
      expect((yield* link.deposit("D1"))?.code).toBe("lost")
      expect(yield* link.inquire("D1")).toMatchObject({ state: "refused", amount: 5_000 })
      expect((yield* link.reverse("D1"))?.code).toBe("accepted")
    }))
  })
  it("sent by many at once is credited once", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      const answers = yield* Effect.forEach([1, 2, 3, 4, 5], () => link.deposit("D1"), { concurrency: "unbounded" })
      expect(new Set(answers.map((answer) => answer?.code))).toEqual(new Set(["accepted"]))
      expect(yield* transit).toBe(5_000)
    }))
  })
})

describe("a deposit that was turned away stays so: the bank has given the money back", () => {
  const turnedAway: ReadonlyArray<
    readonly [string, Partial<Message<"Deposit">>, DepositMessages.DepositCode, mended: Partial<Message<"Deposit">>]
  > = [
    ["from another's card, which is the own one later", { ownCard: false }, "notOwnCard", {}],
    ["to another account, which is the right one later", { account: "account-2" }, "notFound", {}],
    ["of nobody, who is somebody later", { studentNumber: "20269999" }, "notFound", {}],
    ["by another payer, who is the holder later", { payerNameHash: "ab".repeat(32) }, "notOwnCard", {}]
  ]
  it.each(turnedAway)("%s", async (_, change, code, mended) => {
    const link = new Link()
    await link.run(Effect.gen(function*() {
      yield* link.lookup()
      expect((yield* link.deposit("D1", change))?.code).toBe(code)
      expect(yield* stateOf("D1")).toBe("TurnedAway")
      expect((yield* link.deposit("D1", mended))?.code).toBe(code)
      expect((yield* link.deposit("D1", { amount: Money.amount(1) }))?.code).toBe("duplicateMismatch")
      expect(yield* link.inquire("D1")).toMatchObject({ code: "accepted", state: "refused", amount: 5_000 })
      expect((yield* link.reverse("D1"))?.code).toBe("accepted")
      expect((yield* link.deposit("D1", mended))?.code).toBe(code)
      yield* Stream.runDrain(Recharging.drive(settings.point))
      expect(yield* transit).toBe(0)
      expect((yield* link.deposit("D2", mended))?.code).toBe("accepted")
    }))
  })
  it("before its holder was looked up, and who is looked up later", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      expect((yield* link.deposit("D1"))?.code).toBe("nameMismatch")
      yield* link.lookup()
      expect((yield* link.deposit("D1"))?.code).toBe("nameMismatch")
      expect(yield* transit).toBe(0)
    }))
  })
  it("sent by many at once, of which some could be taken: nobody hears no to what is credited, or yes to what is not", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      const ways = [{}, { ownCard: false }, {}, { ownCard: false }, {}]
      const answers = yield* slowly(
        Effect.forEach(ways, (change) => link.deposit("D1", change), { concurrency: "unbounded" })
      )
      // Who comes between is told to ask again.
      const codes = new Set(answers.map((answer) => answer?.code).filter((code) => code !== "outOfOrder"))
      expect([[...codes], yield* transit]).toEqual(codes.has("accepted") ? [["accepted"], 5_000] : [["notOwnCard"], 0])
      const again = yield* Effect.forEach(ways, (change) => link.deposit("D1", change))
      expect(new Set(again.map((answer) => answer?.code))).toEqual(codes)
    }))
  })
})

describe("a reversal", () => {
  it("of what never came is accepted, and its deposit refused when it comes late", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      expect((yield* link.reverse("D1"))?.code).toBe("accepted")
      expect((yield* link.deposit("D1"))?.code).toBe("reversedBefore")
      expect((yield* link.reverse("D1"))?.code).toBe("accepted")
      expect(yield* link.inquire("D1")).toMatchObject({ code: "accepted", state: "reversed" })
      expect(yield* link.inquire("D9")).toMatchObject({ code: "accepted", state: "none" })
      expect(yield* transit).toBe(0)
    }))
  })
  it("of what is credited is refused, for the books to settle", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      yield* link.deposit("D1")
      expect((yield* link.reverse("D1"))?.code).toBe("spent")
      expect((yield* link.reverse("D1"))?.code).toBe("spent")
      expect((yield* link.deposit("D1"))?.code).toBe("accepted")
      expect(yield* transit).toBe(5_000)
      expect(yield* DepositRecord.find(keyOf("D1"))).toMatchObject({ _tag: "Credited", disputed: link.now })
    }))
  })
  it("of another amount is refused", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      yield* link.deposit("D1")
      expect((yield* link.reverse("D1", 4_000))?.code).toBe("duplicateMismatch")
    }))
  })
  it("of a deposit that was received and not credited takes it back: nobody is credited any more", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      // Cut off after the deposit was written down, and its order placed.
      const at = CivilTime.instant("2026-03-02 11:59")
      const received = { _tag: "Receive", account, amount: Money.amount(5_000), paidAt: at, payerTail: "0003" } as const
      yield* DepositRecord.tell(keyOf("D1"), received)
      const body = {
        _tag: "PlaceRecharge",
        channel: "ccbApp",
        source: "ccbCard",
        holder: "own",
        amount: 5_000 as Money.Money
      } as const
      const claim = { number: "20260001", name: student.name, document: student.document }
      yield* Recharging.place({
        ...link.says("today-campus", body),
        caller: bank,
        id: Id.CommandId.make("20260302.D1")
      }, { claim })
      expect((yield* link.reverse("D1"))?.code).toBe("accepted")
      expect(yield* stateOf("D1")).toBe("Reversed")
      yield* Stream.runDrain(Recharging.drive(settings.point))
      expect((yield* link.deposit("D1"))?.code).toBe("reversedBefore")
      expect(yield* transit).toBe(0)
    }))
  })
  it("and its deposit at once: one of them wins, and the money agrees with the answer", async () => {
    const ends = new Set<number>()
    for (let round = 0; round < 24; round++) {
      const link = new Link()
      await link.run(Effect.gen(function*() {
        yield* link.lookup()
        const late = Effect.repeat(Effect.yieldNow, { times: round })
        const both = [link.deposit("D1"), Effect.andThen(late, link.reverse("D1"))]
        const [deposit, reverse] = yield* slowly(Effect.all(both, { concurrency: "unbounded" }))
        const held = yield* transit
        ends.add(held)
        expect([deposit?.code, reverse?.code, held]).toEqual(
          held === 0 ? ["reversedBefore", "accepted", 0] : ["accepted", "spent", 5_000]
        )
      }))
    }
    expect(ends).toEqual(new Set([0, 5_000]))
  })
})

describe("cut off in the middle", () => {
  const steps = ["nothing", "received"] as const
  it.each(steps)("after %s, the same message again ends it", async (cut) => {
    const link = new Link()
    await link.run(Effect.gen(function*() {
      yield* link.lookup()
      const at = CivilTime.instant("2026-03-02 11:59")
      const received = { _tag: "Receive", account, amount: Money.amount(5_000), paidAt: at, payerTail: "0003" } as const
      if (cut === "received") yield* DepositRecord.tell(keyOf("D1"), received)
      expect((yield* link.deposit("D1"))?.code).toBe("accepted")
      expect(yield* transit).toBe(5_000)
    }))
  })
  const deaths = Array.from({ length: 16 }, (_, at) => at + 1)
  it.each(deaths)("the store dies at write %i of the deposit: once credited in the end", async (dies) => {
    const link = new Link()
    await link.run(Effect.gen(function*() {
      yield* link.lookup()
      const first = yield* dying(dies, link.deposit("D1"))
      expect(["accepted", "outOfOrder"]).toContain(first?.code)
      expect(yield* link.inquire("D1")).toMatchObject({ code: "accepted", state: dies === 1 ? "none" : "credited" })
      expect((yield* link.deposit("D1"))?.code).toBe("accepted")
      expect(yield* transit).toBe(5_000)
    }))
  })
  it.each(deaths)(
    "the store dies at write %i of the deposit, and the bank reverses: no answer without its money",
    async (dies) => {
      const link = new Link()
      await link.run(Effect.gen(function*() {
        yield* link.lookup()
        yield* dying(dies, link.deposit("D1"))
        const reversed = yield* link.reverse("D1")
        const held = yield* transit
        expect([reversed?.code, held]).toEqual(held === 0 ? ["accepted", 0] : ["spent", 5_000])
        // The drivers of all recharges come by, and the bank asks once more.
        yield* Stream.runDrain(Recharging.drive(settings.point))
        expect((yield* link.reverse("D1"))?.code).toBe(reversed?.code)
        expect(yield* transit).toBe(held)
      }))
    }
  )
  it.each(deaths)("the store dies at write %i of the reversal", async (dies) => {
    const link = new Link()
    await link.run(Effect.gen(function*() {
      yield* link.lookup()
      // Ordered, and not credited.
      yield* dying(6, link.deposit("D1"))
      expect(yield* transit).toBe(0)
      yield* dying(dies, link.reverse("D1"))
      expect((yield* link.reverse("D1"))?.code).toBe("accepted")
      yield* Stream.runDrain(Recharging.drive(settings.point))
      expect((yield* link.deposit("D1"))?.code).toBe("reversedBefore")
      expect(yield* transit).toBe(0)
    }))
  })
})

describe("a deposit as the channel reads it", () => {
  const told = (serial: string, amount = 5_000) =>
    ({
      _tag: "Deposit",
      ...new Link().head(serial),
      studentNumber: "20260001",
      account,
      amount: Money.amount(amount),
      payerTail: "0003",
      payerNameHash: createHash("sha256").update("李小华").digest("hex"),
      ownCard: true
    }) as const
  const heard = (asked: DepositMessages.DepositRequest, with_ = key) =>
    Effect.gen(function*() {
      const channel = yield* CcbApp.make({ name: "ccbApp", bank, link: settings.link, key })
      const body = Result.getOrThrow(
        LinkDialogue.write(DepositMessages.DepositMessage, settings.link, asked, with_)
      )
      const notice = yield* Effect.result(channel.callback!({ method: "", url: "", headers: {}, body }))
      return Result.isSuccess(notice) ? notice.success._tag : notice.failure._tag
    })

  it.each<[string, DepositMessages.DepositRequest, BlockCipher.Key, string]>([
    ["that was taken is paid", told("D1"), key, "Paid"],
    ["of a fen more than was taken is nothing", told("D1", 5_001), key, "Other"],
    ["of a fen less than was taken is nothing", told("D1", 4_999), key, "Other"],
    ["that never came to the server is nothing", told("D2"), key, "Other"],
    ["with the MAC of another key is refused", told("D1"), otherKey, "CallbackRefused"]
  ])("D2 one %s", (_, asked, with_, expected) => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      expect((yield* link.deposit("D1"))?.code).toBe("accepted")
      expect(yield* heard(asked, with_)).toBe(expected)
      expect(yield* transit).toBe(5_000)
    }))
  })
})

describe("the bill", () => {
  const row = { bankDate: day, bankTime: "115900", studentNumber: "20260001", amount: Money.amount(5_000) }
  const rows: ReadonlyArray<DepositFile.DepositRow> = [
    { ...row, bankSerial: "D1", state: "credited" },
    { ...row, bankSerial: "D2", state: "reversed" },
    { ...row, bankSerial: "D3", state: "credited" }
  ]
  const file = Result.getOrThrow(DepositFile.write(DepositFile.proposal, { day, rows }))
  const listed = (bytes: Uint8Array | undefined) => ({ layout: DepositFile.proposal, of: () => Effect.succeed(bytes) })
  const billOf = (bytes: Uint8Array | undefined, wanted = day) =>
    Effect.gen(function*() {
      const channel = yield* CcbApp.make({ name: "ccbApp", bank, link: settings.link, key, list: listed(bytes) })
      return yield* Effect.result(channel.bill!(wanted))
    })
  it("is the bank's list: what stands there, with a receipt where the order is ours", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      yield* link.deposit("D1")
      const bill = Result.getOrThrow(yield* billOf(file))
      expect(bill.rows.map(({ row }) => row.reference)).toEqual(["20260302.D1", "20260302.D3"])
      expect(bill.rows.map(({ receipt }) => receipt?.reference)).toEqual(["20260302.D1", undefined])
      expect(bill.rows[0]?.row.number).toBe(bill.rows[0]?.receipt?.number)
    }))
  })
  it.each(
    [
      ["is not there", undefined, day, "BillNotReady"],
      ["is of another day", file, CivilTime.addDays(day, 1), "BillNotReady"],
      ["contradicts itself", file.subarray(0, -1), day, "ChannelFailed"]
    ] as const
  )("that %s is none", async (_, bytes, wanted, fault) => {
    const link = new Link()
    const got = await link.run(billOf(bytes, wanted))
    expect(Result.getOrThrow(Result.flip(got))._tag).toBe(fault)
  })
})

describe("the dialogue", () => {
  it("without the bank's MAC has no answer and changes nothing", () => {
    const link = new Link()
    return link.run(Effect.gen(function*() {
      yield* link.lookup()
      const forged = { ...link.head("D1"), studentNumber: "20260001", account, amount: Money.amount(5_000) }
      const rest = { payerTail: "0003", payerNameHash: "ab".repeat(32), ownCard: true }
      expect(yield* link.ask<"Deposit">({ _tag: "Deposit", ...forged, ...rest }, otherKey)).toBeUndefined()
      expect(yield* stateOf("D1")).toBeUndefined()
    }))
  })
  it("begins with a sign-in where that is wanted", () => {
    const link = new Link()
    link.session = DepositServer.session({ ...settings, signIn: "wanted" })
    return link.run(Effect.gen(function*() {
      expect((yield* link.lookup())?.code).toBe("outOfOrder")
      expect((yield* link.ask<"Heartbeat">({ _tag: "Heartbeat", ...link.head() }))?.code).toBe("accepted")
      expect((yield* link.ask<"SignIn">({ _tag: "SignIn", ...link.head() }))?.code).toBe("accepted")
      expect((yield* link.lookup())?.code).toBe("accepted")
      expect((yield* link.ask<"SignOut">({ _tag: "SignOut", ...link.head() }))?.code).toBe("accepted")
      expect((yield* link.lookup())?.code).toBe("outOfOrder")
    }))
  })
})

describe("over loopback, with the bank of the sandbox", () => {
  const paying = {
    payer: "lihua",
    payerTail: "0003",
    payerName: Redacted.make("李小华"),
    studentNumber: "20260001",
    account,
    amount: Money.amount(5_000)
  }
  const claim = {
    studentNumber: "20260001",
    name: Redacted.make("李小华"),
    idNumber: Redacted.make("43010219990101125X")
  }
  it("money goes from the payer to the account, and what is refused stays with the payer", () => {
    const link = new Link()
    const purses = new Purses()
    purses.put("lihua", Money.of(20_000))
    return link.run(Effect.scoped(Effect.gen(function*() {
      const { prefix } = settings.link
      const { port } = yield* DepositServer.listen(settings, { host: "127.0.0.1", port: 0 })
      const dial = BankClient.dial({ host: "127.0.0.1", port })
      const { ask } = yield* BankClient.client(dial, { ...BankClient.patience, prefix, answer: 500 })
      // The answer to the third message is lost.
      let asks = 0
      const lossy: typeof ask = (message) =>
        ++asks % 4 === 3
          ? Effect.andThen(ask(message), new BankClient.LineLost({ why: "timeout", isSent: true }))
          : ask(message)
      const caller = new DepositCaller({ link: settings.link, key, school: "S01", ask: lossy }, purses)
      expect((yield* caller.lookup(claim, link.now))?.code).toBe("accepted")
      expect((yield* caller.deposit(paying, link.now))?.state).toBe("credited")
      expect((yield* caller.deposit({ ...paying, amount: Money.amount(200) }, link.now))?.state).toBe("disputed")
      expect((yield* caller.deposit({ ...paying, payerName: Redacted.make("王五") }, link.now))?.state).toBe("refused")
      expect(yield* transit).toBe(5_200)
      expect([purses.has("payer:lihua"), purses.isWhole]).toEqual([14_800, true])
    })))
  })
  /** What became of bytes at the server, and the lines that it said. */
  const knock = (messages: ReadonlyArray<Uint8Array>, own: Partial<DepositSettings.Settings> = {}) => {
    const link = new Link()
    const lines: Array<string> = []
    return catching(lines)(Effect.promise(() =>
      link.run(Effect.scoped(
        catching(lines)(Effect.gen(function*() {
          const { connected, port } = yield* DepositServer.listen({ ...settings, ...own }, {
            host: "127.0.0.1",
            port: 0
          })
          const socket = Net.connect(port, "127.0.0.1").on("error", () => {}).resume()
          for (const message of messages) socket.write(LengthPrefix.write(settings.link.prefix, message))
          yield* Effect.sleep(150)
          const isOver = (yield* connected) === 0
          socket.destroy()
          return { isOver, held: yield* transit, lines }
        }))
      ))
    )).pipe(Effect.runPromise)
  }
  const written = (message: DepositMessages.DepositRequest, with_ = key) =>
    Result.getOrThrow(LinkDialogue.write(DepositMessages.DepositMessage, settings.link, message, with_))
  const head = new Link().head("D1")
  const lookup = { _tag: "Lookup", ...head, ...claim } as const
  const deposit = {
    _tag: "Deposit",
    ...new Link().head("D2"),
    studentNumber: "20260001",
    account,
    amount: Money.amount(5_000),
    payerTail: "0003",
    payerNameHash: "ab".repeat(32),
    ownCard: true
  } as const
  const forged = written(lookup, otherKey)
  const cases: ReadonlyArray<
    readonly [string, ReadonlyArray<Uint8Array>, isOver: boolean, told: ReadonlyArray<string>]
  > = [
    ["a wrong MAC", [forged], false, ["forged: the MAC"]],
    ["five wrong MACs", Array(5).fill(forged), true, [
      "forged: the MAC",
      "disbelieved: too many messages without an answer",
      "forged: the MAC; 4 times since the last line about it"
    ]],
    ["an empty message", [new Uint8Array()], true, ["malformed: an empty message"]],
    ["a message that is cut off", [forged.subarray(0, 40)], false, ["forged: the MAC"]],
    [
      "an answer that nobody asked for",
      [
        Result.getOrThrow(LinkDialogue.write(DepositMessages.DepositMessage, settings.link, {
          _tag: "HeartbeatAnswer",
          ...head,
          code: "accepted"
        }, key))
      ],
      false,
      ["unsupported: an answer, where nothing was asked"]
    ],
    ["another's name", [written({ ...lookup, name: Redacted.make("王五") })], false, [
      "declined: Lookup, nameMismatch"
    ]],
    ["another's card", [written(lookup), written(deposit)], false, ["declined: Deposit, notOwnCard"]]
  ]
  it.each(cases)("%s is refused with one line that holds nothing of the message", async (_, messages, isOver, told) => {
    const got = await knock(messages)
    expect([got.isOver, got.held]).toEqual([isOver, 0])
    const warned = got.lines.filter((line) => line.startsWith("Warn"))
    expect(warned.map((line) => /127\.0\.0\.1: (.*?) *\{/.exec(line)?.[1])).toEqual(told)
    const secrets = ["李", "王五", "20260001", "43010219990101125X", "0123456789ABCDEF", account]
    for (const secret of secrets) expect(got.lines.join("\n")).not.toContain(secret)
  })
})
