/**
 * The bank's own app 沙箱手机银行, as its server: it looks a holder up at the school, debits the payer, and tells the school, by
 * {@link DepositCaller} over TCP.
 *
 * The school listens, at this machine alone; it tells the bank at which port. A deposit that nobody is sure of is asked about
 * again by {@link BankApp.settle}.
 */
import type { CivilTime } from "@yikatong/core"
import { Effect, type Scope } from "effect"
import * as BankClient from "../BankClient.ts"
import type * as BlockCipher from "../BlockCipher.ts"
import { type Dealing, DepositCaller, type Paying } from "./DepositCaller.ts"
import { DepositLists } from "./DepositLists.ts"
import * as DepositTerms from "./DepositTerms.ts"
import * as HostLine from "./HostLine.ts"
import type { Purses } from "./Purses.ts"

/** Where the school is. */
interface Line {
  readonly isThere: () => boolean
  readonly lead: (port: number) => Effect.Effect<void>
}

/** How long the app waits for the school, in milliseconds: a person stands before it. */
const answer = 5_000

export class BankApp {
  readonly caller: DepositCaller
  readonly #line: Line
  readonly #lists: DepositLists

  private constructor(caller: DepositCaller, line: Line, lists: DepositLists) {
    this.caller = caller
    this.#line = line
    this.#lists = lists
  }

  /** As long as the scope. */
  static readonly make = (
    key: BlockCipher.Key,
    purses: Purses,
    mischief: NonNullable<ConstructorParameters<typeof DepositCaller>[0]["mischief"]>
  ): Effect.Effect<BankApp, never, Scope.Scope> =>
    Effect.gen(function*() {
      const { link, school } = DepositTerms
      let port: number | undefined
      const open = Effect.suspend(() =>
        port === undefined
          ? Effect.fail(new BankClient.LineLost({ why: "notConnected", isSent: false }))
          : BankClient.dial({ host: HostLine.host, port })
      )
      const patience = { ...BankClient.patience, firstWait: 1, longestWait: 1, answer, prefix: link.prefix }
      const { ask, hangUp } = yield* BankClient.client(open, patience)
      const line: Line = {
        isThere: () => port !== undefined,
        lead: (to) => {
          port = to
          return hangUp
        }
      }
      const caller = new DepositCaller({ link, key, school, ask, mischief }, purses)
      return new BankApp(caller, line, new DepositLists(caller, mischief.rules))
    })

  /** Where the school's server listens on this machine; what was dialled before is let go. */
  connect(port: number): Effect.Effect<void> {
    return this.#line.lead(port)
  }

  /** Whether a school has said where it listens. */
  get isConnected(): boolean {
    return this.#line.isThere()
  }

  lookup(claim: Parameters<DepositCaller["lookup"]>[0], now: CivilTime.Instant) {
    return this.caller.lookup(claim, now)
  }

  deposit(paying: Paying, now: CivilTime.Instant): Effect.Effect<Dealing | undefined> {
    return this.caller.deposit(paying, now)
  }

  /** Asks once more about every deposit of which nobody is sure. */
  settle(now: CivilTime.Instant): Effect.Effect<void> {
    return Effect.suspend(() => {
      const unsure = [...this.caller.dealings.values()].filter(({ state }) => state === "asked")
      return Effect.forEach(unsure, ({ serial }) => this.caller.reverse(serial, now), { discard: true })
    })
  }

  /** The list of a day 对账文件, as the bank lays it out for the school to fetch. */
  list(day: CivilTime.Day): Uint8Array {
    return this.#lists.write(day)
  }
}
