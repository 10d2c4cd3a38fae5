// What a webhook says and to whom: addresses, signatures, pauses, and what leaves the house.
import { type AccountEvent, AccountEvent as Events, CivilTime, Id, Money } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import * as fc from "fast-check"
import { randomBytes } from "node:crypto"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { describe, expect, it } from "vitest"
import { Notice, Webhook } from "../src/index.ts"
import * as WebhookAddress from "../src/WebhookAddress.ts"
import * as WebhookBody from "../src/WebhookBody.ts"
import * as WebhookEndpoint from "../src/WebhookEndpoint.ts"
import * as WebhookRequest from "../src/WebhookRequest.ts"
import { certificate } from "./certificate.ts"

describe("addresses", () => {
  const refused: ReadonlyArray<readonly [what: string, addresses: ReadonlyArray<string>]> = [
    ["this network", ["0.0.0.0", "0.1.2.3"]],
    ["private", ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"]],
    ["carrier-grade NAT", ["100.64.0.1", "100.127.255.255"]],
    ["loopback", ["127.0.0.1", "127.255.255.255", "::1"]],
    ["link-local and the metadata of clouds", ["169.254.0.1", "169.254.169.254", "fe80::1", "febf::1", "fe80::1%eth0"]],
    ["protocols, documentation, benchmarks, 6to4", [
      "192.0.0.1",
      "192.0.2.1",
      "192.88.99.1",
      "198.18.0.1",
      "198.19.255.255",
      "198.51.100.1",
      "203.0.113.1"
    ]],
    ["multicast, reserved, broadcast", ["224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "ff02::1"]],
    ["unspecified, unique-local, site-local", ["::", "fc00::1", "fdff::1", "fec0::1"]],
    ["IPv4 in the clothes of IPv6", [
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
      "::ffff:8.8.8.8",
      "0:0:0:0:0:ffff:a00:1",
      "::127.0.0.1",
      "64:ff9b::7f00:1",
      "64:ff9b:1::1",
      "2002:7f00:1::1",
      "2001:0:1::1"
    ]],
    ["documentation, discard, segment routing", ["2001:db8::1", "3fff::1", "100::1", "5f00::1"]],
    ["what is no address", ["", "localhost", "1.2.3", "8.8.8.8 ", "8.8.8.8:80", "[::1]", "0x7f.0.0.1", "2130706433"]]
  ]
  for (const [what, addresses] of refused) {
    it(`refused: ${what}`, () => {
      expect(addresses.filter(WebhookAddress.isPublic)).toEqual([])
    })
  }
  it("allowed: the public Internet, and the neighbours of what is refused", () => {
    const addresses = ["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.0.1"]
    const others = ["172.32.0.1", "169.253.1.1", "192.167.1.1", "223.255.255.255", "2400:3200::1", "2606:4700::1111"]
    expect([...addresses, ...others].filter((address) => !WebhookAddress.isPublic(address))).toEqual([])
  })
  it("loopback is this machine and nothing else, and never public", () => {
    expect(["127.0.0.1", "127.1.2.3", "::1"].every(WebhookAddress.isLoopback)).toBe(true)
    const others = ["128.0.0.1", "10.0.0.1", "::2", "::ffff:127.0.0.1", "0.0.0.0", "localhost", "8.8.8.8"]
    expect(others.filter(WebhookAddress.isLoopback)).toEqual([])
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6()),
        (address) => !(WebhookAddress.isLoopback(address) && WebhookAddress.isPublic(address))
      )
    )
  })
  it("one refused address among good ones refuses the name, whichever way Node asks", async () => {
    const rule = (...addresses: ReadonlyArray<string>): WebhookAddress.Rule => ({
      allows: WebhookAddress.isPublic,
      resolve: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))
    })
    const ask = (rule: WebhookAddress.Rule, all: boolean) =>
      new Promise((done) =>
        WebhookAddress.guarded(rule)(
          "a.example",
          { all },
          (error, address) => done(error === null ? address : error.code)
        )
      )
    for (const all of [true, false]) {
      expect(await ask(rule("8.8.8.8", "10.0.0.1"), all)).toBe("AddressRefused")
      expect(await ask(rule("::1"), all)).toBe("AddressRefused")
      expect(await ask(rule(), all)).toBe("AddressRefused")
    }
    expect(await ask(rule("8.8.8.8"), false)).toBe("8.8.8.8")
    expect(await ask(rule("8.8.8.8", "1.1.1.1"), true)).toHaveLength(2)
  })
  it("an address in the URL, however it is written, is looked at as well", () => {
    const hosts = [
      "127.1",
      "0x7f000001",
      "2130706433",
      "017700000001",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "10.0.0.1",
      "[fd00::1]"
    ]
    for (const host of hosts) {
      expect(WebhookAddress.isRefusedLiteral(WebhookAddress.onlyPublic, new URL(`https://${host}/`).hostname)).toBe(
        true
      )
    }
    expect(WebhookAddress.isRefusedLiteral(WebhookAddress.onlyPublic, "8.8.8.8")).toBe(false)
    expect(WebhookAddress.isRefusedLiteral(WebhookAddress.onlyPublic, "library.example")).toBe(false)
  })
})

const secretOf = (bytes: Uint8Array) => Redacted.make(`whsec_${Buffer.from(bytes).toString("base64")}`)
const keysOf = (secrets: ReadonlyArray<Webhook.Secret>) => secrets.flatMap((secret) => Webhook.keyOf(secret) ?? [])

describe("signatures", () => {
  const secret = Redacted.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
  const known = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: `{"test": 2432232314}` }
  const headers = Webhook.sign(known, keysOf([secret]))
  const received = { headers, body: known.body, secrets: [secret], now: 1_614_265_330_000 }

  it("the known answer of Standard Webhooks, with the prefix of the secret and without", () => {
    expect(headers).toEqual({
      "webhook-id": known.id,
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    })
    expect(Webhook.sign(known, keysOf([Redacted.make("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]))).toEqual(headers)
    expect(Webhook.verify(received)).toEqual(Result.succeed({ id: known.id, timestamp: known.timestamp }))
  })

  const other = secretOf(randomBytes(32))
  const refusals: ReadonlyArray<readonly [what: string, change: Partial<Webhook.Received>, refusal: Webhook.Refusal]> =
    [
      ["another body", { body: `{"test": 2432232315}` }, "SignatureWrong"],
      ["another id", { headers: { ...headers, "webhook-id": "msg_2" } }, "SignatureWrong"],
      ["another time", { headers: { ...headers, "webhook-timestamp": "1614265331" } }, "SignatureWrong"],
      [
        "the same time in other digits",
        { headers: { ...headers, "webhook-timestamp": "01614265330" } },
        "SignatureWrong"
      ],
      ["another secret", { secrets: [other] }, "SignatureWrong"],
      ["no signature of version 1", {
        headers: { ...headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v2,") }
      }, "SignatureWrong"],
      ["half a signature", { headers: { ...headers, "webhook-signature": "v1,g0hM9SsE+OTPJTGt" } }, "SignatureWrong"],
      ["a replay after five minutes", { now: received.now + 301_000 }, "TooOld"],
      ["one from the future", { now: received.now - 301_000 }, "FromTheFuture"],
      ["a clock that is none", { now: Number.NaN }, "TooOld"],
      ["no headers", { headers: {} }, "HeaderMissing"],
      ["a header twice", { headers: { ...headers, "webhook-id": [known.id, "x"] } }, "HeaderMissing"],
      ["a time that is none", { headers: { ...headers, "webhook-timestamp": "now" } }, "HeaderMissing"],
      ["no secret", { secrets: [] }, "SecretRefused"],
      [
        "a secret in plain text",
        { secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" as unknown as Webhook.Secret] },
        "SecretRefused"
      ],
      ["a secret that is too short", { secrets: [secretOf(randomBytes(23))] }, "SecretRefused"],
      [
        "a secret that is no base64",
        { secrets: [Redacted.make("whsec_*************************************")] },
        "SecretRefused"
      ]
    ]
  for (const [what, change, refusal] of refusals) {
    it(`refused: ${what}`, () => expect(Webhook.verify({ ...received, ...change })).toEqual(Result.fail(refusal)))
  }
  it("within five minutes of both clocks it is good", () => {
    for (const off of [-300_000, 300_000]) {
      expect(Result.isSuccess(Webhook.verify({ ...received, now: received.now + off }))).toBe(true)
    }
  })
  it("while secrets change, either side may have the new one first", () => {
    const both = Webhook.sign(known, keysOf([other, secret]))
    expect(both["webhook-signature"].split(" ")).toHaveLength(2)
    for (const secrets of [[secret], [other], [secretOf(randomBytes(24)), other]]) {
      expect(Result.isSuccess(Webhook.verify({ ...received, headers: both, secrets }))).toBe(true)
    }
  })
  it("what was signed is verified, and any one character changed is not", () => {
    fc.assert(fc.property(
      fc.string({ minLength: 1, unit: "binary" }),
      fc.uint8Array({ minLength: 24, maxLength: 64 }),
      fc.nat(),
      (body, bytes, at) => {
        const secrets = [secretOf(bytes)]
        const headers = Webhook.sign({ ...known, body }, keysOf(secrets))
        const changed = body.slice(0, at % body.length) + (body[at % body.length] === "x" ? "y" : "x") +
          body.slice(at % body.length + 1)
        expect(Result.isSuccess(Webhook.verify({ ...received, headers, body, secrets }))).toBe(true)
        expect(Webhook.verify({ ...received, headers, body: changed, secrets })).toEqual(Result.fail("SignatureWrong"))
      }
    ))
  })
})

describe("endpoints", () => {
  const good: Webhook.Endpoint = {
    name: "library",
    url: "https://library.example/hook?key=keep-me-secret",
    secrets: [secretOf(randomBytes(32))],
    events: ["CardIssued"]
  }
  const bad: ReadonlyArray<readonly [what: string, change: object]> = [
    ["http", { url: "http://library.example/" }],
    ["http to this machine", { url: "http://127.0.0.1/" }],
    ["another scheme", { url: "file:///etc/passwd" }],
    ["no URL", { url: "library" }],
    ["a password in the URL", { url: "https://me:keep-me-secret@library.example/" }],
    ["no secret", { secrets: [] }],
    ["a short secret", { secrets: [secretOf(Buffer.from("keep-me-secret"))] }],
    ["no events", { events: [] }],
    ["an event that is none", { events: ["CardPrinted"] }],
    ["an event by the name of a method", { events: ["toString"] }],
    ["an event that is no text", { events: [5] }],
    ["an event that quotes something", { events: ["https://me:keep-me-secret@library.example/"] }],
    ["no list of events", { events: undefined }],
    ["one event and no list", { events: "CardIssued" }],
    ["a secret in plain text", { secrets: ["whsec_keep-me-secret-keep-me-secret"] }],
    ["no list of secrets", { secrets: undefined }],
    ["one secret and no list", { secrets: "keep-me-secret" }],
    ["one redacted secret and no list", { secrets: Redacted.make("keep-me-secret") }],
    ["a secret from a variable that is not set", { secrets: [undefined] }],
    ["a secret that is no text", { secrets: [Redacted.make(5)] }],
    ["no URL at all", { url: undefined }],
    ["an authority that is no PEM", { ca: "not a pem" }],
    ["an authority that is no certificate", {
      ca: "-----BEGIN CERTIFICATE-----\nkeep/me/secret\n-----END CERTIFICATE-----\n"
    }],
    ["an authority that is no text", { ca: 5 }],
    ["an authority that is null", { ca: null }],
    ["a beginning that is none", { from: "start" }],
    ["a number to begin with", { from: 0 }],
    ["null to begin with", { from: null }],
    ["a loopback that is a text", { loopback: "false" }],
    ["null as a time", { timeout: null }],
    ["null as a pause", { pause: null }],
    ...[
      "https://127.0.0.1/hook",
      "https://10.0.0.1/hook",
      "https://[::1]/",
      "https://0x7f.1/",
      "https://169.254.169.254/"
    ].map((url) => [`an address where no webhook goes: ${url}`, { url }] as const),
    ["no attempt", { attempts: 0 }],
    ["half a connection", { concurrency: 0.5 }],
    ["no time", { timeout: 0 }],
    ["a pause of a week", { pause: "7 days" }],
    ...["soon", -1, 0, Number.NaN, Infinity, "25 days", {}].flatMap((time) => [
      [`a time that is none: ${time}`, { timeout: time }] as const,
      [`a pause that is none: ${time}`, { pause: time }] as const
    ])
  ]
  for (const [what, change] of bad) {
    it(`refused, without repeating what it holds: ${what}`, () => {
      const refusal = Effect.runSync(Effect.flip(WebhookEndpoint.check({ ...good, ...change })))
      expect(refusal._tag).toBe("EndpointRefused")
      expect(`${refusal.message} ${JSON.stringify(refusal)}`).not.toContain("keep-me-secret")
      // It names what is wrong, which is what was changed.
      expect(refusal.problem).toContain(`\`${Object.keys(change)[0]}\``)
    })
  }
  it("what is no endpoint at all is refused", () => {
    for (const none of [null, undefined, 5, "library"]) {
      const refusal = Effect.runSync(Effect.flip(WebhookEndpoint.check(none as never)))
      expect(refusal).toMatchObject({ _tag: "EndpointRefused", problem: expect.stringContaining("`url`, `secrets`") })
    }
    for (const name of [undefined, null, 5]) {
      expect(Effect.runSync(Effect.flip(WebhookEndpoint.check({ ...good, name, url: "x" } as never)))._tag).toBe(
        "EndpointRefused"
      )
    }
  })
  it("a kind of event that is none is named, with where the kinds are; a variable that is not set is thought of", () => {
    const problem = (change: object) =>
      Effect.runSync(Effect.flip(WebhookEndpoint.check({ ...good, ...change }))).problem
    expect(problem({ events: ["CardIssued", "PurchaseMade"] })).toBe(
      "`events` has at place 2 no kind of event (PurchaseMade); its kinds are the keys of Webhook.fields, such as " +
        "Purchased and CardIssued"
    )
    expect(problem({ secrets: [undefined] })).toContain("is the variable set?")
    expect(problem({ secrets: ["plain"] })).toContain("Redacted.make(text), or Config.Redacted(name)")
  })
  it("a public address, a certificate and either beginning are good", () => {
    const ca = certificate("library.example").cert
    const address = Effect.runSync(WebhookEndpoint.check({ ...good, url: "https://8.8.8.8/", ca: `${ca}\n${ca}` }))
    expect(address).toMatchObject({ from: "first", ca: `${ca}\n${ca}` })
    expect(Effect.runSync(WebhookEndpoint.check({ ...good, from: "now" })).from).toBe("now")
  })
  it("with `loopback` an address of another machine is refused", () => {
    const other = { ...good, url: "http://8.8.8.8/", loopback: true }
    expect(Effect.runSync(Effect.flip(WebhookEndpoint.check(other))).problem).toContain("another machine")
  })
  it("http is allowed only together with `loopback`", () => {
    const local = { ...good, url: "http://127.0.0.1:8080/", loopback: true }
    expect(Effect.runSync(WebhookEndpoint.check(local)).loopback).toBe(true)
    expect(Effect.runSync(WebhookEndpoint.check(good)).loopback).toBe(false)
  })
  it("pauses double from five seconds to six hours, and end after sixteen attempts", () => {
    const rule = { attempts: 16, pause: 5_000 }
    const pauses = Array.from({ length: 16 }, (_, at) => WebhookEndpoint.pauseAfter(rule, at + 1, undefined, 0.5))
    expect(pauses.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000])
    expect(pauses.slice(13)).toEqual([6 * 3_600_000, 6 * 3_600_000, undefined])
    expect(WebhookEndpoint.pauseAfter(rule, 1, 60_000, 0.5)).toBe(60_000)
    expect(WebhookEndpoint.pauseAfter(rule, 1, 1e15, 0.5)).toBe(24 * 3_600_000)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), fc.double({ min: 0, max: 1, noNaN: true }), (tried, chance) => {
        const pause = WebhookEndpoint.pauseAfter(rule, tried, undefined, chance) ?? 0
        const middle = WebhookEndpoint.pauseAfter(rule, tried, undefined, 0.5) ?? 0
        expect(Math.abs(pause - middle)).toBeLessThanOrEqual(middle * 0.2 + 1)
      })
    )
  })
  it("`Retry-After` is seconds or a date; what is neither is nothing", () => {
    const now = Date.parse("2026-03-02T10:00:00Z")
    expect(WebhookRequest.durationOf("120", now)).toBe(120_000)
    expect(WebhookRequest.durationOf("Mon, 02 Mar 2026 10:01:00 GMT", now)).toBe(60_000)
    expect(WebhookRequest.durationOf("Mon, 02 Mar 2026 09:00:00 GMT", now)).toBe(0)
    for (const none of [undefined, "", "soon", "-1x"]) expect(WebhookRequest.durationOf(none, now)).toBeUndefined()
  })
})

describe("whatever an endpoint does with its connection, an attempt ends in time", () => {
  const upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
  /** What is written every 20 milliseconds, for as long as the connection lives. */
  const drip = (socket: Socket, text: string) => {
    const timer = setInterval(() => socket.write(text), 20)
    socket.on("close", () => clearInterval(timer))
  }
  type Outcome = WebhookRequest.Failure | "taken"
  const late = { reason: "TimedOut" } as const
  const cases: ReadonlyArray<readonly [what: string, say: (socket: Socket) => void, outcome: Outcome]> = [
    ["it takes it", (socket) => socket.end("HTTP/1.1 204 No Content\r\n\r\n"), "taken"],
    ["it takes it and says more and more", (socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n")
      drip(socket, "x".repeat(65_536))
    }, "taken"],
    ["it would speak another protocol", (socket) => socket.write(upgrade), { reason: "StatusRefused", status: 101 }],
    ["it says 101 and no protocol", (socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"), {
      reason: "StatusRefused",
      status: 101
    }],
    ["it says nothing", () => {}, late],
    ["it says early hints for ever", (socket) => drip(socket, "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"), late],
    ["its headers never end", (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n")
      drip(socket, "x: y\r\n")
    }, late],
    ["it closes without a word", (socket) => socket.end(), { reason: "Unreachable", code: "ECONNRESET" }],
    ["it breaks off", (socket) => socket.resetAndDestroy(), { reason: "Unreachable", code: "ECONNRESET" }],
    ["it speaks no HTTP", (socket) => socket.end("hello\r\n\r\n"), {
      reason: "Unreachable",
      code: "HPE_INVALID_CONSTANT"
    }],
    ["its headers are too long", (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${"a".repeat(100_000)}`), {
      reason: "Unreachable",
      code: "HPE_HEADER_OVERFLOW"
    }]
  ]
  for (const [what, say, outcome] of cases) {
    it(`${what}: ${outcome === "taken" ? outcome : outcome.reason}, and the next one too`, async () => {
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        sockets.add(socket)
        socket.on("error", () => {}).on("data", () => say(socket))
      })
      await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done))
      const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      // Short only where it has to pass: whoever does answer may do so on a busy machine.
      const timeout = outcome === late ? 300 : 10_000
      const began = performance.now()
      const twice = Effect.gen(function*() {
        const post = yield* WebhookRequest.make({ url, rule: WebhookAddress.onlyLoopback, timeout, connections: 1 })
        const attempt = Effect.match(post({}, "{}"), { onFailure: (failure) => failure, onSuccess: () => "taken" })
        return [yield* attempt, yield* attempt]
      })
      expect(await Effect.runPromise(Effect.scoped(Effect.timeout(twice, "30 seconds")))).toEqual([outcome, outcome])
      expect(performance.now() - began).toBeLessThan(3 * Math.max(timeout, 2_000))
      for (const socket of sockets) socket.destroy()
      server.close()
    })
  }
})

describe("what leaves the house (D24)", () => {
  const at = CivilTime.instant("2026-03-02 12:05")
  const head = { id: "0", sequence: 7, account: Id.AccountId.make("a-1"), at, point: Id.PointId.make("canteen-1") }
  const opened: AccountEvent.Of<"AccountOpened"> = {
    _tag: "AccountOpened",
    at,
    transfers: [],
    account: head.account,
    person: Id.PersonId.make("keep-person"),
    kind: "student",
    class: "regular",
    application: { applicant: "unit", unit: "keep-unit" },
    credential: Id.CredentialId.make("keep/credential"),
    mustChange: true
  }
  const written: AccountEvent.Of<"DebtWrittenOff"> = {
    _tag: "DebtWrittenOff",
    at,
    transfers: [],
    amount: Money.amount(100),
    reason: "keep: a name and what befell him"
  }
  const all = new Set(Object.keys(WebhookBody.fields).filter(WebhookBody.isEventName))

  it("every field of every event is decided, as the core has them now", () => {
    for (const [tag, struct] of Object.entries(Events.AccountEvent.cases)) {
      const decided = Object.keys(WebhookBody.fields[tag as WebhookBody.EventName])
      expect(decided.toSorted()).toEqual(Object.keys(struct.fields).filter((field) => field !== "_tag").toSorted())
    }
    expect(all.size).toBe(Object.keys(Events.AccountEvent.cases).length)
  })
  it("no person, no password's name, no free text, no proof, no reference", () => {
    const kept = ["person", "credential", "application", "reference", "tac", "code", "chip", "undebited", "record"]
    const told = Object.values(WebhookBody.fields).flatMap((plan) =>
      Object.entries(plan).filter(([, isTold]) => isTold).map(([field]) => field)
    )
    expect(told.filter((field) => kept.includes(field))).toEqual([])
    const body = WebhookBody.of({ ...head, events: [opened, written] }, all) ?? ""
    expect(body).not.toContain("keep")
    expect(JSON.parse(body)).toEqual({
      type: "account.events",
      id: "0",
      timestamp: "2026-03-02T04:05:00.000Z",
      data: {
        account: "a-1",
        sequence: 7,
        point: "canteen-1",
        events: [
          { _tag: "AccountOpened", at, transfers: [], kind: "student", class: "regular" },
          { _tag: "DebtWrittenOff", at, transfers: [], amount: 100 }
        ]
      }
    })
  })
  it("events that the endpoint is not named for stay here, and with none of its own nothing is sent", () => {
    expect(
      JSON.parse(WebhookBody.of({ ...head, events: [opened, written] }, new Set(["DebtWrittenOff"])) ?? "").data.events
    )
      .toHaveLength(1)
    expect(WebhookBody.of({ ...head, events: [opened] }, new Set(["CardIssued"]))).toBeUndefined()
  })
})

describe("ids", () => {
  const line = fc.record({
    campus: fc.constantFrom("campus", "campus2"),
    at: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    sequence: fc.maxSafeNat()
  })
  it("are UUIDs of version 7 that say the time, and the same for the same line", () => {
    fc.assert(fc.property(line, (one) => {
      const id = Notice.idOf(one)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(one.at)
      expect(Notice.idOf({ ...one })).toBe(id)
    }))
  })
  it("differ where line or campus differ, and sort by time, then by number", () => {
    fc.assert(fc.property(line, line, (one, other) => {
      const [a, b] = [Notice.idOf(one), Notice.idOf(other)]
      const isSame = one.campus === other.campus && one.at === other.at && one.sequence === other.sequence
      expect(a === b).toBe(isSame)
      const later = Notice.idOf({ ...one, sequence: Math.floor(one.sequence / 2) })
      if (one.sequence > 0) expect(later < a).toBe(true)
    }))
  })
})
