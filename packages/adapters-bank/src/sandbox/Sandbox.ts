/**
 * The sandbox 沙箱: every channel's other side in one process, at a loopback address, with money, keys and a clock of its own.
 * Tests and programs start it in a scope; `yikatong sandbox` starts it for a person.
 *
 * What it does depends on its seed; keys, secrets and the control token do not: they are new at each start, and marked
 * (see {@link SandboxMark}).
 */
import { type Callback, type CivilTime, Money } from "@yikatong/core"
import { Effect, type Redacted, type Scope } from "effect"
import { randomBytes } from "node:crypto"
import * as SandboxMark from "../SandboxMark.ts"
import * as Abilities from "./Abilities.ts"
import * as AlipayWire from "./AlipayWire.ts"
import * as AppPage from "./AppPage.ts"
import * as Banks from "./Banks.ts"
import * as CcbWire from "./CcbWire.ts"
import { Chance } from "./Chance.ts"
import * as Control from "./Control.ts"
import { Courier, type Sent } from "./Courier.ts"
import * as Desk from "./Desk.ts"
import { House } from "./House.ts"
import { Rules } from "./Mischief.ts"
import { Names } from "./Names.ts"
import * as PayerPage from "./PayerPage.ts"
import { SandboxClock } from "./SandboxClock.ts"
import * as SandboxServer from "./SandboxServer.ts"
import * as StartPage from "./StartPage.ts"
import * as UnionPayWire from "./UnionPayWire.ts"
import * as WeChatWire from "./WeChatWire.ts"
import type { Wire } from "./Wire.ts"
import * as WireDesk from "./WireDesk.ts"

/** Makes a wire. `randomness`: so many bytes for its keys, from the machine's source of secrets; `began`: the first instant. */
export type MakeWire = (randomness: (size: number) => Uint8Array, began: CivilTime.Instant) => Wire

/** Every wire of the house. */
export const everyWire: ReadonlyArray<MakeWire> = [
  (_, began) => WeChatWire.make(began),
  UnionPayWire.make,
  () => AlipayWire.make(),
  () => CcbWire.make()
]

export interface Options {
  /** 0, unless told otherwise: any that is free. */
  readonly port?: number
  /** Of names and numbers, from 0. */
  readonly seed?: number
  readonly wires?: ReadonlyArray<MakeWire>
  /** When the sandbox's time begins; now, unless told otherwise. */
  readonly now?: CivilTime.Instant
  /** Who has how much at first, in fen, by name. */
  readonly payers?: Readonly<Record<string, number>>
}

export interface Sandbox {
  /** Where it is: `http://127.0.0.1:` and the port. */
  readonly origin: string
  /** Opens its control API; of this start only. */
  readonly token: Redacted.Redacted<string>
  readonly seed: number
  /** What a merchant is given to speak to each wire, by the wire's name: it holds keys. */
  readonly terms: () => Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly wires: ReadonlyArray<Wire>
  /** Those that speak over TCP. */
  readonly banks: Banks.Banks
  readonly house: House
  readonly rules: Rules
  readonly clock: SandboxClock
  /** Every try to tell a merchant, the first first. */
  readonly sent: () => ReadonlyArray<Sent>
  /** The bank's app, where a person begins a deposit. */
  readonly app: string
  /** The page where this transaction is paid. */
  readonly pageOf: (token: string) => string
}

/** Runs as long as the scope. */
export const start = Effect.fnUntraced(function*(
  options: Options = {}
): Effect.fn.Return<Sandbox, SandboxServer.PortTaken, Scope.Scope> {
  const { payers = {}, port = 0, seed = 0, wires: make = everyWire } = options
  const clock = yield* SandboxClock.make(options.now)
  const { name } = new Names(new Chance(seed))
  const house = new House(name)
  const wires = make.map((wire) => wire((size) => new Uint8Array(randomBytes(size)), clock.now()))
  const rules = new Rules(Abilities.isAble(Abilities.of(wires)))
  const token = SandboxMark.secret(40)
  for (const [payer, amount] of Object.entries(payers)) house.purses.put(payer, Money.of(amount))

  let origin = ""
  const premises: WireDesk.Premises = { house, rules, clock, wires, name, origin: () => origin }
  const courier = new Courier(premises)
  const banks = yield* Banks.start(premises)
  const desk: Desk.Desk = { ...premises, banks, courier, token, seed }
  const app = AppPage.make(desk)
  const handle = (request: Callback.Raw): Effect.Effect<WireDesk.Outcome> => {
    const [place] = request.url.split("?")
    if (request.url.startsWith(Control.path)) return Effect.map(Control.answer(desk, request), WireDesk.answered)
    if (request.url.startsWith(PayerPage.path)) return Effect.map(PayerPage.answer(desk, request), WireDesk.answered)
    if (request.url.startsWith(AppPage.path)) return Effect.map(app(request), WireDesk.answered)
    if (place === StartPage.path) return Effect.map(StartPage.answer(desk, request), WireDesk.answered)
    return WireDesk.answer(premises, request)
  }
  origin = yield* SandboxServer.make({ port, handle })
  return {
    origin,
    token,
    seed,
    terms: () => Desk.terms(desk),
    wires,
    banks,
    house,
    rules,
    clock,
    sent: () => courier.sent,
    app: `${origin}${AppPage.path}`,
    pageOf: (trade) => `${origin}${PayerPage.path}${trade}`
  }
})
