// Recharges from the order to the bill, over real sockets: a school with its callback server, and every channel's other
// side.
import { describe, expect, it } from "@effect/vitest"
import { CivilTime, Driving, Recharging, Reconciling } from "@yikatong/core"
import { Clock, Effect, Fiber } from "effect"
import { connect } from "node:net"
import type { Forgery, Mischief } from "../src/sandbox/Mischief.ts"
import { attemptOf, office, orderOf, pockets } from "./support/campus.ts"
import {
  fetched,
  type Name,
  names,
  type Options,
  type Services,
  sourceOf,
  type Town,
  town
} from "./support/loopback.ts"

/** A town with a student, and a test in it. */
const inTown = <A, E>(
  test: (
    there: Town
  ) => Effect.Effect<A, E, Services>,
  options: Options = {}
) =>
  Effect.gen(function*() {
    const there = yield* town(options)
    return yield* there.run(Effect.andThen(there.campus.furnished, Effect.suspend(() => test(there))))
  })

/** Those that send money back when they are told to. */
const returning = names.filter((name) => name !== "ccb")

/** A notice as the wire would write it now, posted to the school. */
const tell = Effect.fnUntraced(function*({ box }: Town, name: Name, forgery?: Forgery) {
  const wire = box.wires.find((one) => one.name === name) ?? expect.fail(name)
  const trade = box.house.all.find((one) => one.wire === name && one.state === "paid") ?? expect.fail("nothing is paid")
  const { house, origin } = box
  const here = { house, origin, now: box.clock.now(), name: (prefix: string) => `${prefix}1`, flaw: undefined }
  const notice = wire.notice({ what: "paid", trade }, { ...here, forgery }) ?? expect.fail("nobody is told")
  const { body, headers, method, to } = notice
  return yield* fetched(to, { method, headers: { ...headers }, body: new Uint8Array(body) })
})

describe("a recharge that is paid once is credited once", () => {
  it.live.each(names)("through %s, told by a callback", (name) =>
    inTown(Effect.fnUntraced(function*(there) {
      const { attempt, order } = yield* there.place(name)
      yield* there.pay(attempt)
      yield* there.wait()
      expect(there.taken(name)).toEqual([true])
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Credited" })
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Kept", witness: "callback" })
      yield* there.drive()
      yield* there.whole(5_000)
    })))

  it.live.each(names)(
    "through %s, told three times at once, and five times more",
    (name) =>
      inTown(Effect.fnUntraced(function*(there) {
        yield* there.spoil(name, "notice", { _tag: "Duplicate", times: 3 })
        const { attempt } = yield* there.place(name)
        yield* there.pay(attempt)
        yield* there.wait()
        expect(there.taken(name)).toEqual([true, true, true])
        const more = yield* Effect.all(Array.from({ length: 5 }, () => tell(there, name)), { concurrency: 5 })
        expect(more.map(({ status }) => Math.floor(status / 100))).toEqual([2, 2, 2, 2, 2])
        yield* there.drive()
        yield* there.whole(5_000)
      }))
  )

  it.live.each(returning)(
    "through %s, its notices lost: the driver asks by itself",
    (name) =>
      inTown(Effect.fnUntraced(function*(there) {
        yield* there.spoil(name, "notice", { _tag: "Drop", after: false }, 100)
        const driver = yield* Effect.forkChild(
          Effect.provideService(Driving.run(office), Clock.Clock, there.box.clock.asClock)
        )
        const { attempt, order } = yield* there.place(name)
        yield* there.pay(attempt)
        for (let steps = 0; (yield* orderOf(order.id))._tag !== "Credited"; steps++) {
          expect(steps).toBeLessThan(500)
          yield* there.wait(1_000)
          yield* Effect.sleep(20)
        }
        yield* Fiber.interrupt(driver)
        expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Kept", witness: "query" })
        yield* there.whole(5_000)
      }))
  )

  it.live("through all channels at once, with one driver", () =>
    inTown(Effect.fnUntraced(function*(there) {
      const placed = yield* Effect.forEach(names, (name) => there.place(name, 1_000))
      yield* Effect.forEach(placed, ({ attempt }) => there.pay(attempt), { concurrency: 4 })
      yield* there.wait()
      yield* there.drive(2)
      yield* there.whole(4_000)
    })))
})

describe("money that the school may not keep goes back to the payer", () => {
  it.live.each(returning)(
    "through %s: the account was closed before it was paid",
    (name) =>
      inTown(Effect.fnUntraced(function*(there) {
        const { attempt, order } = yield* there.place(name)
        yield* there.campus.closeAccount
        yield* there.pay(attempt)
        yield* there.wait()
        yield* there.wait(2 * CivilTime.minute)
        yield* there.drive()
        expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned", reason: "accountClosed" })
        expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Refunded" })
        yield* there.whole(0)
        // However often it is driven and told of again, it goes back once.
        yield* tell(there, name)
        yield* there.wait(CivilTime.hour)
        yield* there.drive(2)
        const [trade] = yield* there.trades(name)
        expect(trade?.refunds.map(({ amount, number }) => ({ amount, number })))
          .toEqual([{ amount: 5_000, number: expect.stringContaining(attempt.number.slice(-8)) }])
        yield* there.whole(0)
      }))
  )

  it.live.each([["wechat", "unionpay"], ["unionpay", "alipay"], ["alipay", "wechat"]] as const)(
    "paid through %s and through %s as well: one is kept, the other goes back",
    ([one, other]) =>
      inTown(Effect.fnUntraced(function*(there) {
        // As if the first page were left open in a phone that is offline: nobody could close it.
        // UnionPay's order can not be closed at all.
        if (one !== "unionpay") yield* there.spoil(one, "close", { _tag: "Drop", after: false }, 10)
        const first = yield* there.place(one)
        const second = yield* there.campus.turn(first.order, sourceOf[other])
        yield* there.pay(first.attempt)
        yield* there.pay(second.attempt)
        yield* there.wait()
        yield* there.wait(2 * CivilTime.minute)
        yield* there.drive()
        const ends = [yield* attemptOf(first.attempt.number), yield* attemptOf(second.attempt.number)]
        expect(ends.map(({ _tag }) => _tag).sort()).toEqual(["Kept", "Returned"])
        yield* there.whole(5_000)
      }))
  )

  it.live("through ccb, paid an hour after its end: due until the bank has sent it back by hand", () =>
    inTown(
      Effect.fnUntraced(function*(there) {
        there.campus.now = there.box.clock.now()
        const browser = { _tag: "Browser", returnTo: "https://school.test" } as const
        const { attempt, order } = yield* there.campus.place("ccbCard", 5_000, browser)
        yield* there.wait(order.expiresAt - there.box.clock.now() + CivilTime.minute)
        yield* there.pay(attempt)
        yield* there.wait()
        expect(yield* orderOf(order.id)).toMatchObject({ _tag: "RefundDue", reason: "late" })
        yield* there.drive(2)
        const [trade] = yield* there.trades("ccb")
        const { amount } = trade ?? expect.fail("no trade")
        there.box.house.refund(trade ?? expect.fail("no trade"), { number: "hand1", amount }, there.box.clock.now())
        yield* Recharging.tell(order, "RefundSent")
        expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Refunded" })
        yield* there.whole(0)
      }),
      { latePayment: "refund" }
    ))
})

describe("a notice that is not genuine", () => {
  const forgeries: ReadonlyArray<Forgery> = ["otherKey", "tamper", "otherMerchant"]
  const alsoBy: Partial<Record<(typeof names)[number], ReadonlyArray<Forgery>>> = {
    wechat: ["unknownKey", "skewPast", "skewFuture"],
    unionpay: ["unknownKey", "ownCertificate"]
  }
  const cases = names.flatMap((name) => [...forgeries, ...alsoBy[name] ?? []].map((how) => [name, how] as const))

  it.live.each(cases)(
    "through %s, forged by %s, is refused and credits nothing; the true one does",
    ([name, how]) =>
      inTown(Effect.fnUntraced(function*(there) {
        yield* there.spoil(name, "notice", { _tag: "Forge", how })
        const { attempt, order } = yield* there.place(name)
        yield* there.pay(attempt)
        yield* there.wait()
        const [refused] = there.answered(name)
        expect(refused).toBeGreaterThanOrEqual(400)
        expect(refused).toBeLessThan(500)
        expect((yield* orderOf(order.id))._tag).toBe("Paying")
        expect(yield* pockets).toMatchObject({ transit: 0 })
        // This bank tells once and never again.
        if (name === "ccb") expect((yield* tell(there, name)).status).toBe(200)
        else yield* there.wait(5 * CivilTime.minute)
        expect((yield* orderOf(order.id))._tag).toBe("Credited")
        yield* there.whole(5_000)
      }))
  )

  it.live.each(returning)(
    "through %s, an old one instead of the new one, credits nothing twice",
    (name) =>
      inTown(Effect.fnUntraced(function*(there) {
        const first = yield* there.place(name, 1_000)
        yield* there.pay(first.attempt)
        yield* there.wait()
        yield* there.spoil(name, "notice", { _tag: "Replay" })
        const second = yield* there.place(name, 2_000)
        yield* there.pay(second.attempt)
        yield* there.wait()
        expect((yield* orderOf(second.order.id))._tag).toBe("Paying")
        expect(yield* pockets).toMatchObject({ transit: 1_000 })
        yield* there.wait(5 * CivilTime.minute)
        expect((yield* orderOf(second.order.id))._tag).toBe("Credited")
        yield* there.whole(3_000)
      }))
  )

  it.live.each(returning)(
    "through %s, for an order that another school placed, is nobody's",
    (name) =>
      Effect.gen(function*() {
        const there = yield* town()
        const other = yield* town()
        yield* there.run(Effect.gen(function*() {
          yield* there.campus.furnished
          const { attempt } = yield* there.place(name)
          yield* there.pay(attempt)
          yield* there.wait()
        }))
        const [sent] = there.box.sent()
        const { body, headers, method } = (sent ?? expect.fail("nothing was sent")).notice
        const { status } = yield* fetched(other.toldAt(name), { method, headers, body: new Uint8Array(body) })
        expect(status).toBeGreaterThanOrEqual(400)
        yield* there.run(there.whole(5_000))
      })
  )
})

describe("an answer that is lost", () => {
  const drops: ReadonlyArray<readonly [string, Mischief]> = [
    ["before", { _tag: "Drop", after: false }],
    ["after", { _tag: "Drop", after: true }]
  ]
  const cases = returning.flatMap((name) => drops.map(([when, does]) => [name, when, does] as const))
  // More often than a call is repeated.
  const often = 4

  it.live.each(cases)(
    "%s: %s an order was taken: it is credited if it is paid, and over if it is not",
    ([name, , does]) =>
      inTown(Effect.fnUntraced(function*(there) {
        yield* there.spoil(name, "create", does, often)
        const { attempt, order } = yield* there.place(name)
        expect(attempt._tag).toBe("Unknown")
        const trades = yield* there.trades(name)
        expect(trades).toHaveLength(does._tag === "Drop" && does.after ? 1 : 0)
        for (const { token } of trades) yield* there.payToken(token)
        yield* there.wait()
        yield* there.wait(3 * CivilTime.hour)
        yield* there.drive(2)
        expect((yield* orderOf(order.id))._tag).toBe(trades.length === 1 ? "Credited" : "Expired")
        yield* there.whole(trades.length * 5_000)
      }))
  )

  it.live.each(cases)(
    "%s: %s a question was answered: nothing is guessed, and it is asked again",
    ([name, , does]) =>
      inTown(Effect.fnUntraced(function*(there) {
        yield* there.spoil(name, "notice", { _tag: "Drop", after: false }, 100)
        const { attempt, order } = yield* there.place(name)
        yield* there.pay(attempt)
        yield* there.spoil(name, "query", does, 2)
        yield* there.drive()
        expect((yield* orderOf(order.id))._tag).toBe("Paying")
        yield* there.drive()
        expect((yield* orderOf(order.id))._tag).toBe("Credited")
        yield* there.whole(5_000)
      }))
  )

  it.live.each(cases)(
    "%s: %s a refund was taken: it goes back once",
    ([name, , does]) =>
      inTown(Effect.fnUntraced(function*(there) {
        yield* there.spoil(name, "refund", does, 2)
        const { attempt } = yield* there.place(name)
        yield* there.campus.closeAccount
        yield* there.pay(attempt)
        yield* there.wait()
        for (let round = 0; round < 4; round++) {
          yield* there.wait(CivilTime.hour)
          yield* there.drive()
        }
        expect((yield* attemptOf(attempt.number))._tag).toBe("Returned")
        expect((yield* there.trades(name))[0]?.refunds).toHaveLength(1)
        yield* there.whole(0)
      }))
  )
})

describe("certificates that change while money is under way", () => {
  it.live.each(["wechat", "unionpay"] as const)(
    "at %s: before, at once, and when the old ones are over",
    (name) =>
      inTown(
        Effect.fnUntraced(function*(there) {
          const rounds = [0, 1, 2, 3]
          for (const round of rounds) {
            // Two of them, since old and new ones sign in turn.
            for (let each = 0; each < 2; each++) {
              const { attempt, order } = yield* there.place(name, 1_000)
              yield* there.pay(attempt)
              yield* there.wait()
              yield* there.drive()
              expect((yield* orderOf(order.id))._tag).toBe("Credited")
            }
            if (round === 0 || round === 2) expect((yield* there.control(`wires/${name}/rotate`, {})).status).toBe(200)
            if (round === 1) yield* there.wait(25 * CivilTime.hour)
          }
          expect(there.taken(name)).toEqual(Array.from({ length: 8 }, () => true))
          yield* there.whole(8_000)
        }),
        { isAlone: true, trust: "certificates" }
      )
  )
})

describe("the bill of a day", () => {
  it.live.each(returning)(
    "of %s, fetched the next morning, agrees with orders and books",
    (name) =>
      inTown(Effect.fnUntraced(function*(there) {
        const day = CivilTime.dayOf(there.box.clock.now())
        for (const fen of [1_000, 2_345]) {
          const { attempt } = yield* there.place(name, fen)
          yield* there.pay(attempt)
        }
        yield* there.wait()
        yield* there.wait(23 * CivilTime.hour)
        const compared = yield* Reconciling.compare({ channel: name, day })
        expect(compared.outcome).toMatchObject({ matched: 2, findings: [], carried: [] })
        yield* there.whole(3_345)
      }))
  )
})

describe("the callback server", () => {
  /** Writes to it, one piece each 50 ms, and reads all that comes until it is closed. */
  const raw = (origin: string, ...pieces: ReadonlyArray<string>) =>
    Effect.callback<string>((resume) => {
      const { host, port } = new URL(origin)
      const socket = connect(Number(port), "127.0.0.1")
      const rest = pieces.map((piece) => piece.replaceAll("HOST", host))
      let text = ""
      const timer = setInterval(() => {
        const piece = rest.shift()
        if (piece !== undefined && !socket.destroyed) socket.write(piece)
      }, 50)
      socket.on("data", (bytes: Buffer) => text += bytes.toString("latin1"))
      socket.on("error", () => {})
      socket.on("close", () => {
        clearInterval(timer)
        resume(Effect.succeed(text))
      })
    })
  const letters = Array.from({ length: 200 }, () => "x")
  const post = (place: string, head: string, body = "") =>
    `POST ${place} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n${head}\r\n\r\n${body}`
  const chunk = (size: number) => `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`

  /** A payment is still taken. */
  const goesOn = Effect.fnUntraced(function*(there: Town) {
    const { attempt } = yield* there.place("wechat")
    yield* there.pay(attempt)
    yield* there.wait()
    expect(there.taken("wechat")).toEqual([true])
    yield* there.whole(5_000)
  })

  it.live.each<readonly [string, ReadonlyArray<string>, RegExp]>([
    ["of an unknown channel", [post("/recharge/nobody", "Content-Length: 2", "{}")], / 404 /],
    ["of no channel", [post("/recharge/", "Content-Length: 2", "{}")], / 404 /],
    ["at another place", [post("/admin", "Content-Length: 2", "{}")], / 404 /],
    ["too large, as it says", [post("/recharge/wechat", "Content-Length: 70000", "x".repeat(70_000))], / 413 /],
    ["too large, as it turns out", [
      post("/recharge/wechat", "Transfer-Encoding: chunked", ""),
      chunk(40_000),
      chunk(40_000)
    ], / 413 /],
    ["with too many headers", [post("/recharge/wechat", `X: ${"y".repeat(20_000)}`)], / 431 /],
    ["that is no HTTP", ["garbage\r\n\r\n"], / 400 /],
    ["whose headers never end", ["POST /recharge/wechat HTTP/1.1\r\nHost: HOST\r\nX: ", ...letters], / 408 /],
    ["whose body never ends", [post("/recharge/wechat", "Content-Length: 300"), ...letters], /^(HTTP\/1\.1 408 [^]*)?$/]
  ])("refuses what is %s, and goes on", ([, pieces, told]) =>
    inTown(
      Effect.fnUntraced(function*(there) {
        const began = performance.now()
        expect(yield* raw(there.server.origin, ...pieces)).toMatch(told)
        // Whoever is slow is not waited for.
        expect(performance.now() - began).toBeLessThan(5_000)
        yield* goesOn(there)
      }),
      { patience: 500 }
    ))

  const rubbish: ReadonlyArray<readonly [string, string | Uint8Array]> = [
    ["nothing", ""],
    ["JSON", "{\"id\":1}"],
    ["deep JSON", `${"[".repeat(5_000)}${"]".repeat(5_000)}`],
    ["a form", "a=1&b=2&signature=x&sign=y&SIGN=00"],
    ["a form with a name twice", "a=1&a=2"],
    ["bytes", new Uint8Array(1_000).map((_, at) => (at * 197) & 255)]
  ]
  it.live.each(names)(
    "answers rubbish for %s as the channel has it refused, and goes on",
    (name) =>
      inTown(Effect.fnUntraced(function*(there) {
        const refused = there.channel(name).acknowledge?.("refused") ?? expect.fail(name)
        for (const [, body] of rubbish) {
          const told = yield* fetched(there.toldAt(name), { method: "POST", body: body as string })
          expect(told).toMatchObject({ status: refused.status, text: refused.body })
        }
        expect((yield* fetched(there.toldAt(name))).status).toBe(refused.status)
        yield* goesOn(there)
      }))
  )
})
