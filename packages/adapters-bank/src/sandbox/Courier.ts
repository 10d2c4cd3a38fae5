/**
 * Tells the merchants what happened 通知投递: signs a notice anew each time, sends it until it is taken or the wire's patience
 * is over, and does wrong on the way what the rules for the operation "notice" say.
 *
 * It sends to addresses of this machine alone: whoever asks for a notice names the address, and a sandbox is no way into
 * somebody else's network.
 */
import type { CivilTime } from "@yikatong/core"
import { Effect } from "effect"
import type { Happening } from "./House.ts"
import type { Mischief } from "./Mischief.ts"
import type { Notice, Wire } from "./Wire.ts"
import { here, type Premises } from "./WireDesk.ts"

/** One try to tell. `mischief`: what was done wrong on purpose. `status` or `problem`: what came of it. */
export interface Sent {
  readonly at: CivilTime.Instant
  readonly wire: string
  readonly what: Happening["what"]
  readonly number: string
  /** From 1. */
  readonly attempt: number
  readonly mischief: Mischief["_tag"] | undefined
  readonly notice: Notice
  readonly status: number | undefined
  readonly problem: string | undefined
  readonly isTaken: boolean
}

/** What is to be told, and how often that was tried. */
interface Errand {
  readonly wire: Wire
  readonly happening: Happening
  readonly attempt: number
  /** It waited for another already, or was late: not again in this try. */
  readonly waited?: boolean
}

/** How long a merchant has for an answer, in milliseconds of the real clock. */
const patience = 5_000

/** The most of an answer that is read, in bytes. */
const largest = 65_536

/** How many tries are remembered. */
const remembered = 10_000

export class Courier {
  readonly #premises: Premises
  #sent: Array<Sent> = []
  readonly #genuine = new Map<string, Notice>()
  /** Those that wait for the one after them. */
  #late: Array<Errand> = []

  constructor(premises: Premises) {
    this.#premises = premises
    premises.house.listen((happening) => {
      const wire = premises.wires.find(({ name }) => name === happening.trade.wire)
      if (wire !== undefined) this.#plan(0, { wire, happening, attempt: 1 })
    })
  }

  /** Every try, the first first. */
  get sent(): ReadonlyArray<Sent> {
    return this.#sent
  }

  #plan(after: number, errand: Errand): void {
    this.#premises.clock.plan(after, Effect.suspend(() => this.#run(errand)))
  }

  #run(errand: Errand): Effect.Effect<void> {
    const { wire } = errand
    const does = errand.waited ? undefined : this.#premises.rules.take(wire.name, "notice", fits)
    switch (does?._tag) {
      case "Delay":
        return Effect.sync(() => this.#plan(does.milliseconds, { ...errand, waited: true }))
      case "Reorder":
        // If none comes after it, it goes when it would have been sent again.
        return Effect.sync(() => {
          const late = { ...errand, waited: true }
          this.#late.push(late)
          this.#premises.clock.plan(wire.resends[0] ?? 0, Effect.suspend(() => this.#release(late)))
        })
      default:
        return Effect.andThen(this.#send(errand, does), Effect.suspend(() => this.#release(...this.#late)))
    }
  }

  #release(...late: ReadonlyArray<Errand>): Effect.Effect<void> {
    const waiting = late.filter((errand) => this.#late.includes(errand))
    this.#late = this.#late.filter((errand) => !waiting.includes(errand))
    return Effect.forEach(waiting, (errand) => this.#send(errand, undefined), { discard: true })
  }

  #send(errand: Errand, does: Mischief | undefined): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      const { attempt, happening, wire } = errand
      const signed = wire.notice(happening, here(this.#premises, does))
      // This wire tells nothing of it.
      if (signed === undefined) return
      const replayed = does?._tag === "Replay" ? this.#genuine.get(wire.name) ?? signed : signed
      const notice = does?._tag === "Truncate" ? { ...replayed, body: replayed.body.slice(0, does.bytes) } : replayed
      const at = this.#premises.clock.now()
      const isLost = does?._tag === "Limit" || ((does?._tag === "Drop" || does?._tag === "Error") && !does.after)
      const times = does?._tag === "Duplicate" ? does.times : 1
      const once = isLost ? Effect.succeed({ problem: "it was lost on the way, on purpose" }) : deliver(notice)
      // Copies race each other, as they do between data centres.
      const answers = yield* Effect.all(Array.from({ length: times }, () => once), { concurrency: "unbounded" })
      let isDone = false
      for (const answer of answers) {
        const isTaken = "status" in answer && wire.isTaken(answer)
        // The answer to something else tells nothing of this one, and one that was lost was not heard.
        isDone ||= isTaken && does?._tag !== "Replay" && does?._tag !== "Drop" && does?._tag !== "Error"
        this.#remember({
          at,
          wire: wire.name,
          what: happening.what,
          number: happening.trade.number,
          attempt,
          mischief: does?._tag,
          notice,
          status: "status" in answer ? answer.status : undefined,
          problem: "problem" in answer ? answer.problem : undefined,
          isTaken
        })
      }
      // What is kept to be replayed is what was genuine, and the oldest of it.
      if (does === undefined && !this.#genuine.has(wire.name)) this.#genuine.set(wire.name, notice)
      const next = wire.resends[attempt - 1]
      if (!isDone && next !== undefined) this.#plan(next, { wire, happening, attempt: attempt + 1 })
    })
  }

  #remember(sent: Sent): void {
    this.#sent.push(sent)
    if (this.#sent.length > remembered) this.#sent.shift()
  }
}

const fits = ({ does }: { readonly does: Mischief }): boolean => does._tag !== "Bill"

type Answered = { readonly status: number; readonly body: Uint8Array } | { readonly problem: string }

/** Whether an address is of this machine, by what stands in it: no name is looked up but this one. */
export const isLoopback = (address: string): boolean => {
  const url = URL.parse(address)
  return url !== null && url.protocol === "http:" && url.username === "" && url.password === "" &&
    /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost)$/.test(url.hostname)
}

/** Sends it once. Whatever does not come to an answer is a problem in words. */
const deliver = ({ body, headers, method, to }: Notice): Effect.Effect<Answered> =>
  isLoopback(to)
    ? Effect.tryPromise(async (signal): Promise<Answered> => {
      const sent = method === "GET" ? {} : { body: new Uint8Array(body) }
      const response = await fetch(to, { method, headers: { ...headers }, ...sent, redirect: "manual", signal })
      return { status: response.status, body: await beginning(response) }
    }).pipe(
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () => Effect.succeed({ problem: "there was no answer in time" })
      }),
      Effect.orElseSucceed(() => ({ problem: "nobody answers there" }))
    )
    : Effect.succeed({ problem: "not an http address of this machine" })

/** As much of the body as is read; more is no answer to a notice. */
const beginning = async (response: Response): Promise<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  let size = 0
  for await (const piece of response.body ?? []) {
    pieces.push(piece)
    size += piece.length
    if (size > largest) break
  }
  return new Uint8Array(Buffer.concat(pieces).subarray(0, largest))
}
