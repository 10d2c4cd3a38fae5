/**
 * The sandbox without a server: wires behind an HttpClient in one process, and what they tell the merchant handed
 * to the channel through core. Mischief is done here as the server and its courier do it.
 *
 * Time is Effect's Clock: run it under TestClock, with {@link patiently} around whatever sleeps.
 */
import { type Callback, type CivilTime, type Id, Recharging, type SubjectStore } from "@yikatong/core"
import { Clock, Effect, Fiber, Layer, type Result } from "effect"
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { type Happening, House } from "../../src/sandbox/House.ts"
import { type Mischief, Rules } from "../../src/sandbox/Mischief.ts"
import type { Answer, Here, Notice, Wire } from "../../src/sandbox/Wire.ts"

/** A request as a wire saw it. */
export interface Seen {
  readonly wire: string
  readonly operation: string
  readonly raw: Callback.Raw
}

/** What became of a notice. `isTaken`: by the wire's own rule; one that is not comes again at the next round. */
export interface Delivered {
  readonly notice: Notice
  readonly isTaken: boolean
  readonly reply: Callback.Reply
  readonly outcome: Result.Result<unknown, unknown>
}

/** The same, as it happens. `copy`: from 0, of a notice that comes more than once at a time. */
export interface Heard extends Delivered {
  readonly happening: Happening
  readonly mischief: Mischief | undefined
  readonly copy: number
  readonly isFirstTaken: boolean
}

/** One notice, and how often it was tried. */
interface Pending {
  readonly wire: Wire
  readonly happening: Happening
}

/** How many were given: wires that several of these share meet no name twice. */
let names = 0

export class InProcess {
  readonly origin = "https://sandbox.test"
  readonly house: House
  readonly rules = new Rules()
  readonly wires: ReadonlyArray<Wire>
  /** Every request that a wire knew, the first first. */
  readonly seen: Array<Seen> = []
  /** Origins that do not answer at all. */
  readonly down = new Set<string>()
  #pending: ReadonlyArray<Pending> = []
  /** What is sent again in the place of another: the first genuine notice of each wire. */
  readonly #genuine = new Map<string, Notice>()
  /** Looks on as each notice is answered. */
  witness: ((heard: Heard) => Effect.Effect<void, never, SubjectStore.SubjectStore>) | undefined

  constructor(...wires: ReadonlyArray<Wire>) {
    this.wires = wires
    this.house = new House(this.name)
    this.house.listen((happening) => {
      const wire = wires.find(({ name }) => name === happening.trade.wire)
      if (wire !== undefined) this.#pending = [...this.#pending, { wire, happening }]
    })
  }

  readonly name = (prefix: string): string => `${prefix}${String(++names).padStart(10, "0")}`

  here(now: CivilTime.Instant, does?: Mischief): Here {
    return {
      house: this.house,
      now,
      origin: this.origin,
      name: this.name,
      forgery: does?._tag === "Forge" ? does.how : undefined,
      flaw: does?._tag === "Bill" ? does.flaw : undefined
    }
  }

  /** What happened and was not told, or not taken. */
  get pending(): ReadonlyArray<Happening> {
    return this.#pending.map(({ happening }) => happening)
  }

  /** Every origin is answered by the wires; what none of them knows is 404. */
  get client(): HttpClient.HttpClient {
    return HttpClient.make((request, url) =>
      Effect.gen({ self: this }, function*() {
        const lost = new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({ request, description: "the connection ended" })
        })
        if (this.down.has(url.origin)) return yield* lost
        const raw: Callback.Raw = {
          method: request.method,
          url: url.pathname + url.search,
          headers: { host: url.host, ...request.headers },
          body: bytesOf(request)
        }
        for (const wire of this.wires) {
          const routed = wire.route(raw)
          if (routed === undefined) continue
          this.seen.push({ wire: wire.name, operation: routed.operation, raw })
          const does = this.rules.take(wire.name, routed.operation)
          const run = Effect.map(now, (at) => routed.run(this.here(at, does)))
          return asResponse(request, yield* misbehave(does, run, lost))
        }
        return asResponse(request, { status: 404, headers: {}, body: new Uint8Array() })
      })
    )
  }

  get layer(): Layer.Layer<HttpClient.HttpClient> {
    return Layer.succeed(HttpClient.HttpClient, this.client)
  }

  /**
   * One round of the courier: every notice that is pending is signed now and handed to the channel. `channel`:
   * what the channel of a wire is called in core, which got it under this path; as the wire, where nothing else is said. Rules: operation "notice".
   */
  readonly deliver = Effect.fnUntraced(
    function*(this: InProcess, point: Id.PointId, channel: (wire: string, path: string) => string = (wire) => wire) {
      const delivered: Array<Delivered> = []
      let round = this.#pending
      this.#pending = []
      for (let late = false; round.length > 0; late = false) {
        const [first, ...others] = round as readonly [Pending, ...ReadonlyArray<Pending>]
        const does = this.rules.take(first.wire.name, "notice")
        late = does?._tag === "Reorder" && others.length > 0
        round = late ? [others[0] as Pending, first, ...others.slice(1)] : others
        if (late) continue
        if (does?._tag === "Delay") yield* Effect.sleep(does.milliseconds)
        const made = first.wire.notice(first.happening, this.here(yield* now, does))
        // This wire tells nothing of it.
        if (made === undefined) continue
        const notice = does?._tag === "Replay" ? this.#genuine.get(first.wire.name) ?? made : made
        // As the courier has it: an error after it was taken is an answer that does not come.
        const isLost = does?._tag === "Limit" || ((does?._tag === "Drop" || does?._tag === "Error") && !does.after)
        const isCut = does?._tag === "Truncate"
        const copies = does?._tag === "Duplicate" ? does.times : isLost ? 0 : 1
        let isTaken = false
        let isFirstTaken = false
        for (let copy = 0; copy < copies; copy++) {
          const { pathname, search } = new URL(notice.to)
          const raw: Callback.Raw = {
            method: notice.method,
            url: pathname + search,
            headers: notice.headers,
            body: isCut ? notice.body.slice(0, does.bytes) : notice.body
          }
          const { outcome, reply } = yield* Recharging.hear(channel(first.wire.name, pathname), raw, point)
          isTaken = first.wire.isTaken({ status: reply.status, body: new TextEncoder().encode(reply.body) })
          if (copy === 0) isFirstTaken = isTaken
          const one = { notice, isTaken, reply, outcome }
          delivered.push(one)
          if (this.witness !== undefined) {
            yield* this.witness({ ...one, happening: first.happening, mischief: does, copy, isFirstTaken })
          }
        }
        if (does === undefined && !this.#genuine.has(first.wire.name)) this.#genuine.set(first.wire.name, notice)
        // Its answer was lost, or it was another's: it comes again.
        const isUnheard = does?._tag === "Drop" || does?._tag === "Error" || does?._tag === "Replay"
        if (!isTaken || isUnheard) this.#pending = [...this.#pending, first]
      }
      return delivered
    }
  )
}

const now = Effect.map(Clock.currentTimeMillis, (at) => at as CivilTime.Instant)

/** What the server does wrong with a request; what a wire does wrong stands in its answer. */
const misbehave = Effect.fnUntraced(function*<E>(does: Mischief | undefined, run: Effect.Effect<Answer>, lost: E) {
  switch (does?._tag) {
    case "Drop":
      if (does.after) yield* run
      return yield* Effect.fail(lost)
    case "Error":
      if (does.after) yield* run
      return { status: 500, headers: {}, body: new Uint8Array() }
    case "Limit":
      return { status: 429, headers: { "retry-after": "1" }, body: new Uint8Array() }
    case "Delay":
      // Done at once, told late: whoever waits no longer has been charged all the same.
      return yield* Effect.tap(run, Effect.sleep(does.milliseconds))
    case "Truncate":
      return yield* Effect.map(run, (answer) => ({ ...answer, body: answer.body.slice(0, does.bytes) }))
    default:
      return yield* run
  }
})

const bytesOf = ({ body }: HttpClientRequest.HttpClientRequest): Uint8Array => {
  if (body._tag === "Empty") return new Uint8Array()
  if (body._tag === "Uint8Array") return body.body
  throw new RangeError(`A channel sends bytes, not ${body._tag}`)
}

const asResponse = (request: HttpClientRequest.HttpClientRequest, { body, headers, status }: Answer) =>
  HttpClientResponse.fromWeb(
    request,
    new Response(status === 204 || status === 304 ? null : new Uint8Array(body), { status, headers: { ...headers } })
  )

/** Under TestClock: lets time pass in steps, in milliseconds, until an effect that sleeps is over. */
export const patiently = <A, E, R>(effect: Effect.Effect<A, E, R>, step = 250): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust(step)
    return yield* Fiber.join(fiber)
  })
