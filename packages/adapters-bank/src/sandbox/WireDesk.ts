/**
 * The wires' counter 沙箱柜台: finds the wire that knows a request, lets it answer, and does wrong what the rules say: the
 * answer is lost, late, cut off or another, and the request was done or was not.
 */
import type { Callback } from "@yikatong/core"
import { Effect } from "effect"
import type { House } from "./House.ts"
import type { Mischief, Rule, Rules } from "./Mischief.ts"
import type { SandboxClock } from "./SandboxClock.ts"
import type { Answer, Here, Routed, Wire } from "./Wire.ts"

/** What goes back over a socket. `Cut`: so many bytes of an answer that said it was longer. */
export type Outcome =
  | { readonly _tag: "Answer"; readonly answer: Answer }
  | { readonly _tag: "Cut"; readonly answer: Answer; readonly bytes: number }
  | { readonly _tag: "Nothing" }

/** What all parts of a sandbox stand on. */
export interface Premises {
  readonly house: House
  readonly rules: Rules
  readonly clock: SandboxClock
  readonly wires: ReadonlyArray<Wire>
  readonly name: (prefix: string) => string
  /** Known once it listens. */
  readonly origin: () => string
}

/** What a wire is given for one request or notice. */
export const here = ({ clock, house, name, origin }: Premises, does?: Mischief): Here => ({
  house,
  now: clock.now(),
  origin: origin(),
  name,
  forgery: does?._tag === "Forge" ? does.how : undefined,
  flaw: does?._tag === "Bill" ? does.flaw : undefined
})

export const answered = (answer: Answer): Outcome => ({ _tag: "Answer", answer })

const plain = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Outcome =>
  answered({
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
    body: new TextEncoder().encode(text)
  })

/** Answers a request that a wire knows. A wire that fails is a sandbox that is broken: 500, and its words to the log. */
export const answer = (premises: Premises, request: Callback.Raw): Effect.Effect<Outcome> => {
  for (const wire of premises.wires) {
    const routed = wire.route(request)
    if (routed !== undefined) return Effect.suspend(() => serve(premises, wire, routed))
  }
  return Effect.succeed(plain(404, "Not Found"))
}

const serve = (premises: Premises, wire: Wire, { operation, run }: Routed): Effect.Effect<Outcome> => {
  const does = premises.rules.take(wire.name, operation, fits(operation))
  const done = Effect.tap(
    Effect.sync(() => run(here(premises, does))),
    ({ note }) => note === undefined ? Effect.void : Effect.logWarning(note)
  )
  switch (does?._tag) {
    case "Drop":
      return Effect.as(does.after ? done : Effect.void, { _tag: "Nothing" })
    case "Error":
      return Effect.as(does.after ? done : Effect.void, plain(500, "Internal Server Error"))
    case "Limit":
      return Effect.succeed(plain(429, "Too Many Requests", { "retry-after": "1" }))
    case "Delay":
      // Done at once, told late: whoever waits no longer has been charged all the same.
      return Effect.map(Effect.tap(done, premises.clock.sleep(does.milliseconds)), answered)
    case "Truncate":
      return Effect.map(done, (whole) => ({ _tag: "Cut", answer: whole, bytes: does.bytes }))
    default:
      return Effect.map(done, answered)
  }
}

/** What is for notices alone waits for one; a bill's flaw waits for a bill, unless its operation is named. */
const fits = (operation: string) => ({ does, operation: named }: Rule): boolean => {
  switch (does._tag) {
    case "Duplicate":
    case "Reorder":
    case "Replay":
      return false
    case "Bill":
      return named !== undefined || /bill|file|download/i.test(operation)
    default:
      return true
  }
}
