// Webhooks against an https server on this machine. Its name is led here by a resolver of the test, which only the inner sender takes: the layer
// that a school uses knows no such thing.
import { Id } from "@yikatong/core"
import { Context, Duration, Effect, Exit, Fiber, Layer, Metric, Redacted, References, Result, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { randomBytes } from "node:crypto"
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { createServer as createHttp } from "node:http"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as HeldBack from "../src/HeldBack.ts"
import { PgOutbox, Webhook } from "../src/index.ts"
import * as WebhookAddress from "../src/WebhookAddress.ts"
import * as WebhookEndpoint from "../src/WebhookEndpoint.ts"
import * as WebhookRequest from "../src/WebhookRequest.ts"
import * as WebhookSender from "../src/WebhookSender.ts"
import { certificate } from "./certificate.ts"
import { client, freshSchema, store } from "./clients.ts"
import { account } from "./commands.ts"

const scope = Scope.makeUnsafe()
let clients: Context.Context<SqlClient.SqlClient>
let sql: SqlClient.SqlClient

beforeAll(() =>
  Effect.runPromise(Scope.provide(
    Effect.gen(function*() {
      clients = yield* Layer.build(client())
      sql = Context.get(clients, SqlClient.SqlClient)
    }),
    scope
  ))
)
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

/** Quietly: failures are what these tests are made of. */
const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) =>
  Effect.runPromise(Effect.scoped(Effect.provideService(effect, References.MinimumLogLevel, "None")))
const name = "library.example"
const tls = certificate(name)
const secret = Redacted.make(`whsec_${randomBytes(32).toString("base64")}`)

/** What came, and was taken. */
interface Message {
  readonly id: string
  readonly account: string
  readonly sequence: number
  readonly tags: ReadonlyArray<string>
}

/** What the endpoint says to a message. It takes it unless told otherwise. */
type Say = (message: Message, response: ServerResponse) => boolean

/** An endpoint that verifies each message as a receiver should. */
const endpoint = (say: Say = () => true) =>
  Effect.gen(function*() {
    const taken: Array<Message> = []
    const tried: Array<Message> = []
    const refusals: Array<string> = []
    const listener: RequestListener = (request: IncomingMessage, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString()
        const verified = Webhook.verify({ headers: request.headers, body, secrets: [secret], now: Date.now() })
        if (Result.isFailure(verified)) {
          refusals.push(verified.failure)
          response.writeHead(401).end()
          return
        }
        const { data, id } = JSON.parse(body)
        if (id !== verified.success.id) refusals.push("another id")
        const tags = data.events.map(({ _tag }: { readonly _tag: string }) => _tag)
        const message = { id, account: data.account, sequence: data.sequence, tags }
        tried.push(message)
        if (!say(message, response)) return
        taken.push(message)
        response.writeHead(204).end()
      })
    }
    const server = createServer({ key: tls.key, cert: tls.cert }, listener)
    yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
    yield* Effect.addFinalizer(() =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
    )
    const { port } = server.address() as AddressInfo
    return { taken, tried, refusals, port, url: `https://${name}:${port}/hook` }
  })

/** Leads every name to this machine. */
const here: WebhookAddress.Rule = {
  allows: (address) => address === "127.0.0.1",
  resolve: async () => [{ address: "127.0.0.1", family: 4 }]
}
const events = ["AccountOpened", "CardIssued", "CardActivated", "CreditRecorded", "Purchased"] as const
const send = (schema: string, change: Partial<Webhook.Endpoint> & { readonly url: string }, rule = here) =>
  Effect.gen(function*() {
    const checked = yield* WebhookEndpoint.check({
      name: "library",
      secrets: [secret],
      events,
      ca: tls.cert,
      pause: "20 millis",
      ...change
    })
    const options = { schema, lease: Duration.seconds(2), waking: "poll" as const, rule }
    return yield* Effect.forkScoped(Effect.provideContext(WebhookSender.run(options, checked), clients))
  })
const until = (what: string, isSo: () => boolean) =>
  Effect.gen(function*() {
    while (!isSo()) yield* Effect.sleep("5 millis")
  }).pipe(Effect.timeoutOrElse({ duration: "20 seconds", orElse: () => Effect.die(new Error(`never: ${what}`)) }))
const webhook = (schema: string) => Effect.provideContext(Webhook.make({ schema }), clients)
/** The lines of the accounts, as the journal has them. */
const linesOf = (schema: string, id: string) =>
  Effect.map(
    sql<{ readonly sequence: bigint }>`SELECT sequence FROM ${sql(`${schema}.journal`)}
      WHERE account = (SELECT number FROM ${sql(`${schema}.account`)} WHERE id = ${id}) ORDER BY sequence`,
    (rows) => rows.map(({ sequence }) => Number(sequence))
  )
const sequencesOf = (messages: ReadonlyArray<Message>, id: string) => [
  ...new Set(messages.filter(({ account }) => account === id).map(({ sequence }) => sequence))
]

describe("delivering", () => {
  it("each message arrives signed, over TLS, in order, and only with the events that were named", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const { funded, id, pay } = account("delivered")
      yield* Effect.forEach([...funded(500), pay(100), pay(100)], till.transact)
      const { refusals, taken, url } = yield* endpoint()
      yield* send(schema, { url, events: ["Purchased", "CardActivated"] })
      yield* until("three messages", () => taken.length >= 3)
      expect(taken.map(({ tags }) => tags)).toEqual([["CardActivated"], ["Purchased"], ["Purchased"]])
      expect(taken.map(({ sequence }) => sequence)).toEqual(
        (yield* linesOf(schema, id)).filter((_, at) => at !== 0 && at !== 1 && at !== 3)
      )
      expect(refusals).toEqual([])
    })))

  it("one that fails is tried again under the same id; those behind it wait, the other accounts do not", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const [stuck, free] = [account("stuck"), account("free")]
      yield* Effect.forEach([...stuck.funded(500), ...free.funded(500)], till.transact)
      let away = true
      const { taken, tried, url } = yield* endpoint(({ account }, response) => {
        if (account !== stuck.id || !away) return true
        response.writeHead(503).end()
        return false
      })
      yield* send(schema, { url })
      yield* until("the free account", () => taken.length >= 4)
      yield* Effect.forEach([stuck.pay(1), free.pay(1), stuck.pay(2), free.pay(2)], till.transact)
      yield* until("what came later for the free account", () => taken.length >= 6)
      expect(sequencesOf(tried, stuck.id)).toHaveLength(1)
      const { letters } = yield* webhook(schema)
      expect(yield* letters("library")).toMatchObject([{ account: stuck.id, reason: "StatusRefused", status: 503 }])
      away = false
      yield* until("the stuck account", () => taken.length >= 12)
      expect(sequencesOf(taken, stuck.id)).toEqual(yield* linesOf(schema, stuck.id))
      expect(new Set(tried.filter(({ sequence }) => sequence === tried[0]?.sequence).map(({ id }) => id)).size).toBe(1)
      yield* Effect.sleep("100 millis")
      expect(yield* letters("library")).toEqual([])
    })))

  it("after its last attempt it is a dead letter that says why; its account waits until it is retried or dropped", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const { funded, id, pay } = account("dead")
      yield* Effect.forEach([...funded(500), pay(1), pay(2)], till.transact)
      let bad: ReadonlyArray<string> = ["CardIssued", "CreditRecorded"]
      const { taken, tried, url } = yield* endpoint(({ tags }, response) => {
        if (!tags.some((tag) => bad.includes(tag))) return true
        response.writeHead(422).end("what the endpoint says is kept by nobody")
        return false
      })
      const { drop, letters, retry } = yield* webhook(schema)
      const died = Effect.gen(function*() {
        for (;;) {
          const [letter] = yield* letters("library")
          if (letter !== undefined && letter.due === undefined) return letter
          yield* Effect.sleep("5 millis")
        }
      }).pipe(Effect.timeout("20 seconds"))
      yield* send(schema, { url, attempts: 3 })
      const first = yield* died
      expect(first).toMatchObject({ account: id, attempts: 3, reason: "StatusRefused", status: 422 })
      const alarms = yield* Metric.value(
        Metric.withAttributes(WebhookSender.dead, { schema, subscriber: "library" })
      )
      expect(alarms.count).toBe(1)
      expect(tried).toHaveLength(4)
      yield* till.transact(pay(3))
      yield* Effect.sleep("400 millis")
      // Nothing overtakes it.
      expect(taken.map(({ tags }) => tags[0])).toEqual(["AccountOpened"])
      bad = ["CreditRecorded"]
      expect(yield* retry("library", account("other").id)).toBe(0)
      expect(yield* retry("library")).toBe(1)
      yield* until("what stood behind it", () => taken.length >= 3)
      const second = yield* died
      expect(second.sequence).toBeGreaterThan(first.sequence)
      expect(yield* drop("library", first)).toBe(false)
      expect(yield* drop("library", second)).toBe(true)
      yield* until("all but the dropped one", () => taken.length >= 6)
      expect(taken.map(({ tags }) => tags[0])).toEqual([
        "AccountOpened",
        "CardIssued",
        "CardActivated",
        "Purchased",
        "Purchased",
        "Purchased"
      ])
      yield* Effect.sleep("100 millis")
      expect(yield* letters("library")).toEqual([])
    })))

  it("an endpoint that would speak another protocol (101) is tried again, and its webhook goes on", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const [odd, free] = [account("odd"), account("even")]
      yield* Effect.forEach([...odd.funded(500), ...free.funded(500)], till.transact)
      let refused = 0
      const { taken, url } = yield* endpoint(({ account }, response) => {
        if (account !== odd.id || refused >= 2) return true
        refused++
        response.socket?.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
        return false
      })
      yield* send(schema, { url })
      yield* until("everything", () => taken.length >= 8)
      for (const { id } of [odd, free]) expect(sequencesOf(taken, id)).toEqual(yield* linesOf(schema, id))
      expect(refused).toBe(2)
    })))

  it("`Retry-After` is kept to", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      yield* till.transact(account("later").open)
      const at: Array<number> = []
      const { taken, url } = yield* endpoint((_, response) => {
        at.push(performance.now())
        if (at.length > 1) return true
        response.writeHead(429, { "retry-after": "1" }).end()
        return false
      })
      yield* send(schema, { url })
      yield* until("the second attempt", () => taken.length === 1)
      expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(990)
    })))

  it("a restart goes on, with what was held back; an endpoint that is away altogether stops the reading", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const people = Array.from({ length: 6 }, (_, at) => account(`away-${at}`))
      yield* Effect.forEach(people, ({ open }) => till.transact(open))
      let away = true
      const { taken, tried, url } = yield* endpoint((_, response) => {
        if (away) response.destroy()
        return !away
      })
      const { letters } = yield* webhook(schema)
      yield* Effect.scoped(Effect.gen(function*() {
        yield* send(schema, { url, holds: 3, concurrency: 1 })
        yield* until("six attempts", () => new Set(tried.map(({ id }) => id)).size === 6)
      }))
      yield* Effect.forEach(people, ({ issue }) => till.transact(issue()))
      const before = tried.length
      yield* Effect.scoped(Effect.gen(function*() {
        yield* send(schema, { url, holds: 3 })
        yield* until("more attempts", () => tried.length > before + 6)
        // Nothing new is begun while so many wait.
        expect(new Set(tried.map(({ tags }) => tags[0]))).toEqual(new Set(["AccountOpened"]))
      }))
      expect((yield* letters("library")).every(({ reason }) => reason === "Unreachable")).toBe(true)
      away = false
      yield* send(schema, { url, holds: 3 })
      yield* until("everything", () => new Set(taken.map(({ id }) => id)).size === 12)
      for (const { id } of people) expect(sequencesOf(taken, id)).toEqual(yield* linesOf(schema, id))
    })))

  it("two writers, twenty accounts, a third of all attempts failing, readers that are stopped: in order, none missing", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const [one, other] = [yield* store({ schema, batch: 5 }), yield* store({ schema, batch: 7 })]
      const people = Array.from({ length: 20 }, (_, at) => account(`storm-${at}`))
      let many = 0
      const { refusals, taken, url } = yield* endpoint((_, response) => {
        many++
        if (many % 3 !== 0) return true
        if (many % 2 === 0) response.destroy()
        else response.writeHead(500).end()
        return false
      })
      const paying = yield* Effect.forkScoped(Effect.forEach(
        people,
        ({ funded, pay }) =>
          Effect.andThen(
            Effect.forEach(funded(2_000), one.transact),
            Effect.forEach(
              Array.from({ length: 8 }, (_, n) => pay(n + 1)),
              (command, n) => (n % 2 === 0 ? one : other).transact(command),
              { concurrency: 3 }
            )
          ),
        { concurrency: "unbounded", discard: true }
      ))
      for (let restart = 0; restart < 4; restart++) {
        yield* Effect.scoped(Effect.andThen(send(schema, { url }), Effect.sleep("150 millis")))
      }
      yield* send(schema, { url })
      yield* until("everything is paid", () => paying.pollUnsafe() !== undefined)
      yield* until("everything is told", () => new Set(taken.map(({ id }) => id)).size === 20 * 12)
      for (const { id } of people) expect(sequencesOf(taken, id)).toEqual(yield* linesOf(schema, id))
      expect(refusals).toEqual([])
    })))
})

describe("how often a failure is counted", () => {
  const failure = { reason: "StatusRefused", status: 503, delay: 60_000 }
  const cases: ReadonlyArray<readonly [what: string, noted: ReadonlyArray<number>, attempts: number]> = [
    ["two failures are two", [2, 3], 3],
    ["one that is noted again, since the answer of the database was lost, is one", [2, 2], 2],
    ["and the next one is counted on from there", [2, 2, 3, 3], 3],
    ["one that comes late, from a reader that has lost its lease, changes nothing", [2, 3, 2], 3]
  ]
  for (const [what, noted, attempts] of cases) {
    it(what, () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        yield* store({ schema })
        yield* sql`INSERT INTO ${sql(`${schema}.subscriber`)} (name, position) VALUES ('library', 0)`
        const held = HeldBack.make(sql.withoutTransforms(), schema, "library")
        const letter = { account: Id.AccountId.make("counted"), sequence: 7n, ...failure }
        yield* held.hold({ ...letter, attempts: 1 }, 7n)
        yield* Effect.forEach(noted, (attempts) => held.failed({ ...letter, attempts }))
        expect(yield* held.letters).toMatchObject([{ account: "counted", sequence: 7, attempts }])
      })))
  }

  it("a dead letter that a person retries is not counted dead again by the attempt before", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* store({ schema })
      yield* sql`INSERT INTO ${sql(`${schema}.subscriber`)} (name, position) VALUES ('library', 0)`
      const held = HeldBack.make(sql.withoutTransforms(), schema, "library")
      const letter = { account: Id.AccountId.make("dead"), sequence: 7n, ...failure }
      const last = { ...letter, attempts: 2, delay: undefined }
      yield* held.hold({ ...letter, attempts: 1 }, 7n)
      yield* held.failed(last)
      expect(yield* held.letters).toMatchObject([{ attempts: 2, due: undefined }])
      expect(yield* held.retry()).toBe(1)
      yield* held.failed(last)
      expect(yield* held.letters).toMatchObject([{ attempts: 0, due: expect.any(Number) }])
    })))
})

describe("an endpoint whose name is forgotten", () => {
  it("is delivered nothing more, with what was held back for it, and does not begin anew", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const { funded, pay } = account("forgotten-endpoint")
      yield* Effect.forEach(funded(500), till.transact)
      const { tried, url } = yield* endpoint((_, response) => {
        response.writeHead(503).end()
        return false
      })
      const delivering = yield* send(schema, { url })
      const { letters } = yield* webhook(schema)
      yield* until("two attempts", () => tried.length >= 2)
      yield* Effect.provideContext(
        Effect.flatMap(PgOutbox.make({ schema }), ({ forget }) => forget("library")),
        clients
      )
      const ended = yield* Effect.timeout(Effect.flip(Fiber.join(delivering)), "5 seconds")
      expect(ended).toMatchObject({ _tag: "SubscriberForgotten", name: "library" })
      const before = tried.length
      yield* till.transact(pay(1))
      yield* Effect.sleep("300 millis")
      expect(tried).toHaveLength(before)
      expect(yield* letters("library")).toEqual([])
      expect(yield* sql`SELECT name FROM ${sql(`${schema}.subscriber`)}`).toEqual([])
    })))
})

describe("what an attempt does not do", () => {
  const post = (url: string, change: Partial<WebhookRequest.Options> = {}) =>
    Effect.gen(function*() {
      const send = yield* WebhookRequest.make({
        url: new URL(url),
        rule: here,
        timeout: 300,
        connections: 1,
        ca: tls.cert,
        ...change
      })
      return yield* Effect.result(send(Webhook.sign({ id: "1", timestamp: 1, body: "{}" }, []), "{}"))
    })
  /** An https server that does as it likes. */
  const wild = (listener: RequestListener) =>
    Effect.gen(function*() {
      let met = 0
      const server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
        met++
        listener(request, response)
      })
      server.on("tlsClientError", () => {})
      yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          server.close()
          server.closeAllConnections()
        })
      )
      const { port } = server.address() as AddressInfo
      return { url: `https://${name}:${port}/`, port, met: () => met }
    })

  it("it follows no redirect", () =>
    run(Effect.gen(function*() {
      const target = yield* wild((_, response) => response.writeHead(204).end())
      const { met, url } = yield* wild((_, response) => response.writeHead(307, { location: target.url }).end())
      expect(yield* post(url)).toMatchObject({ failure: { reason: "StatusRefused", status: 307 } })
      expect([met(), target.met()]).toEqual([1, 0])
    })))
  it("it connects to no refused address, not even to see who is there", () =>
    run(Effect.gen(function*() {
      const { met, port, url } = yield* wild((_, response) => response.writeHead(204).end())
      const rebinding = { ...WebhookAddress.onlyPublic, resolve: here.resolve }
      for (
        const where of [url, `https://127.0.0.1:${port}/`, `https://[::1]:${port}/`, `https://2130706433:${port}/`]
      ) {
        expect(yield* post(where, { rule: rebinding })).toMatchObject({ failure: { reason: "AddressRefused" } })
      }
      expect(met()).toBe(0)
    })))
  it("a name that leads elsewhere a moment later is looked at again for each connection", () =>
    run(Effect.gen(function*() {
      const { met, url } = yield* wild((_, response) => response.writeHead(204, { connection: "close" }).end())
      let looks = 0
      const rule = {
        allows: (address: string) => address === "127.0.0.1",
        resolve: async () => [{ address: ++looks === 1 ? "127.0.0.1" : "127.0.0.2", family: 4 }]
      }
      const send = yield* WebhookRequest.make({ url: new URL(url), rule, timeout: 300, connections: 1, ca: tls.cert })
      yield* send({}, "{}")
      expect(yield* Effect.flip(send({}, "{}"))).toMatchObject({ reason: "AddressRefused" })
      expect(met()).toBe(1)
    })))
  it("the layer of a school does not reach this machine over https either", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      yield* till.transact(account("guarded").open)
      const { met, port } = yield* wild((_, response) => response.writeHead(204).end())
      const { deliver, letters } = yield* webhook(schema)
      yield* Effect.forkScoped(deliver({
        name: "library",
        url: `https://localhost:${port}/`,
        secrets: [secret],
        events,
        ca: tls.cert
      }))
      yield* Effect.gen(function*() {
        while ((yield* letters("library")).length === 0) yield* Effect.sleep("5 millis")
      }).pipe(Effect.timeout("10 seconds"))
      expect(yield* letters("library")).toMatchObject([{ reason: "AddressRefused", status: undefined }])
      expect(met()).toBe(0)
      expect(yield* Effect.flip(deliver({ name: "No", url: "https://a.example", secrets: [secret], events })))
        .toMatchObject({
          _tag: "StoreBroken"
        })
      for (
        const endpoint of [null, { name: "library", url: `https://127.0.0.1:${port}/`, secrets: [secret], events }]
      ) {
        expect(yield* Effect.flip(deliver(endpoint as unknown as Webhook.Endpoint))).toMatchObject({
          _tag: "EndpointRefused"
        })
      }
    })))
  it("`loopback` reaches a plain server on this machine, and nothing public", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      yield* till.transact(account("local").open)
      const bodies: Array<string> = []
      const server = createHttp((request, response) => {
        request.on("data", (chunk: Buffer) => bodies.push(chunk.toString()))
        request.on("end", () => response.writeHead(200).end("thank you"))
      })
      yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
      yield* Effect.addFinalizer(() => Effect.sync(() => void server.close()))
      const { deliver } = yield* webhook(schema)
      const { port } = server.address() as AddressInfo
      yield* Effect.forkScoped(
        deliver({ name: "local", url: `http://127.0.0.1:${port}/`, secrets: [secret], events, loopback: true })
      )
      yield* until("one message", () => bodies.length === 1)
      expect(JSON.parse(bodies[0] ?? "")).toMatchObject({ type: "account.events" })
      expect(WebhookAddress.isRefusedLiteral(WebhookAddress.onlyLoopback, "8.8.8.8")).toBe(true)
    })))
  it("it waits no longer than it was told, reads no endless answer, and believes no stranger's certificate", () =>
    run(Effect.gen(function*() {
      const silent = yield* wild(() => {})
      expect(yield* post(silent.url)).toMatchObject({ failure: { reason: "TimedOut" } })
      let written = 0
      const endless = yield* wild((_, response) => {
        response.writeHead(200)
        const chunk = Buffer.alloc(64 * 1024)
        const more = () => {
          if (response.destroyed) return
          written += chunk.length
          response.write(chunk, () => setImmediate(more))
        }
        more()
      })
      expect(Result.isSuccess(yield* post(endless.url))).toBe(true)
      yield* Effect.sleep("200 millis")
      const after = written
      yield* Effect.sleep("200 millis")
      expect(written).toBe(after)
      const stranger = yield* wild((_, response) => response.writeHead(204).end())
      expect(yield* post(stranger.url, { ca: certificate(name).cert })).toMatchObject({
        failure: { reason: "TlsRefused", code: "DEPTH_ZERO_SELF_SIGNED_CERT" }
      })
      const wrongName = stranger.url.replace(name, "other.example")
      expect(yield* post(wrongName)).toMatchObject({
        failure: { reason: "TlsRefused", code: "ERR_TLS_CERT_ALTNAME_INVALID" }
      })
      expect(stranger.met()).toBe(0)
      const gone = yield* post("https://nobody.example:1/", {
        rule: { ...here, resolve: () => Promise.reject(Object.assign(new Error("none"), { code: "ENOTFOUND" })) }
      })
      expect(gone).toMatchObject({ failure: { reason: "NameUnknown", code: "ENOTFOUND" } })
    })))
})
