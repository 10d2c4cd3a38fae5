/**
 * One victim after the other, over the same books and the same bank: each is asked for recharges, sees them paid, declined,
 * paid twice or paid for an account that was closed, and dies in the midst of it.
 *
 * What a victim did not answer is asked of the next one with the same words, as an app would.
 */
import { CivilTime, Recharging } from "@yikatong/core"
import { Effect } from "effect"
import type { Connection } from "../../../../scripts/postgres-server.ts"
import type { Chance } from "../../src/sandbox/Chance.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import type { Trade } from "../../src/sandbox/Trade.ts"
import { Ledger, numberOf } from "../model/Ledger.ts"
import type { Death } from "./Death.ts"
import { lastingPort } from "./LastingPort.ts"
import { type AllTerms, names, sourceOf, Student } from "./School.ts"
import { Died, type Question, Victim } from "./Victim.ts"

export interface Setting {
  readonly server: Connection
  readonly schema: string
  readonly began: CivilTime.Instant
  readonly chance: Chance
}

/** How each order of a round is dealt with; the account of the last one is closed before it is paid. */
const fates = ["paid", "declined", "turned", "late", "closed"] as const
type Fate = (typeof fates)[number]

export class Campaign {
  readonly ledger: Ledger
  readonly terms: AllTerms
  readonly #setting: Setting
  readonly #box: Sandbox.Sandbox
  #victim: Victim | undefined
  readonly #port: number
  /** Asked, and not answered by anybody yet. */
  #unanswered: ReadonlyArray<Question> = []
  #requests = 0
  #reached = 0
  #watch: (when: "before" | "after") => void = () => {}

  private constructor(setting: Setting, box: Sandbox.Sandbox, port: number) {
    this.#setting = setting
    this.#port = port
    this.#box = box
    this.terms = box.terms()
    this.ledger = new Ledger(box.house)
  }

  static readonly begin = Effect.fnUntraced(function*(setting: Setting) {
    const begun: { campaign?: Campaign } = {}
    const wires = Sandbox.everyWire.slice(0, 3).map((make): Sandbox.MakeWire => (randomness, began) => {
      const wire = make(randomness, began)
      return {
        ...wire,
        route: (request) => {
          const routed = wire.route(request)
          return routed &&
            { ...routed, run: (here) => begun.campaign?.counted(() => routed.run(here)) ?? routed.run(here) }
        }
      }
    })
    const box = yield* Sandbox.start({ now: setting.began, wires, payers: { alice: 100_000_000 } })
    const campaign = new Campaign(setting, box, yield* Effect.promise(lastingPort))
    begun.campaign = campaign
    yield* Effect.addFinalizer(() => Effect.sync(() => campaign.#end()))
    return campaign
  })

  now(): CivilTime.Instant {
    return this.#box.clock.now()
  }

  /** By what the last one died. */
  get diedBy(): string | undefined {
    return this.#victim?.diedBy
  }

  /** Does what a victim asks of its channel; it may die of that. */
  counted<A>(does: () => A): A {
    this.#requests++
    this.#watch("before")
    const done = does()
    this.#watch("after")
    return done
  }

  /** How many died where it was counted on, and not because the round was over. */
  get reached(): number {
    return this.#reached
  }

  /** So much time goes by: for the bank first, so that the school's clock is never ahead of the one by which people pay. */
  advance(milliseconds: number) {
    return Effect.andThen(
      this.#box.clock.advance(milliseconds),
      Effect.promise(async () => {
        await this.#victim?.ask({ _tag: "Advance", milliseconds }).catch(mayDie)
      })
    )
  }

  /** A victim is started, four recharges are dealt with, and it dies. */
  readonly round = Effect.fnUntraced(function*(this: Campaign, round: number, death: Death) {
    const { chance } = this.#setting
    const students = [new Student(2 * round), new Student(2 * round + 1)] as const
    for (const student of students) yield* student.enrolled(this.now())
    yield* Effect.promise(() => this.#start(death))
    const [one, other] = students
    yield* this.#again
    // Some of what was left open is paid now.
    this.#pay(() => chance.below(2) === 0)
    yield* Effect.all([
      this.#order(one, fates[chance.below(4)] ?? "paid"),
      this.#order(one, "paid"),
      this.#order(other, "turned"),
      this.#order(other, "closed")
    ], { concurrency: "unbounded" })
    for (const step of [1_000, CivilTime.minute, 20 * CivilTime.minute, 3 * CivilTime.hour]) {
      yield* this.advance(step)
      yield* Effect.sleep(30)
    }
    // Otherwise it had less to do than was counted on.
    if (this.#victim?.isDead === true) this.#reached++
    this.#victim?.kill()
    yield* Effect.promise(async () => this.#victim?.gone)
    // Payers do not know that nobody hears of it.
    this.#pay(() => chance.below(2) === 0)
  })

  /** Nobody dies any more, and time goes by until nothing is open. */
  get settle() {
    return Effect.gen({ self: this }, function*() {
      yield* Effect.promise(() => this.#start())
      yield* this.#again
      for (let hours = 0; hours < 60; hours++) {
        yield* this.advance(CivilTime.hour)
        yield* Effect.sleep(60)
        const { attempts, orders } = yield* Recharging.open
        if (hours === 0) this.#pay(() => this.#setting.chance.below(2) === 0)
        // By then every notice was told as often as it is.
        if (hours > 26 && attempts.length + orders.length === 0) break
      }
      this.#victim?.kill()
      yield* Effect.promise(async () => this.#victim?.gone)
      this.#victim = undefined
    })
  }

  #end(): void {
    this.#victim?.kill()
  }

  async #start(death?: Death): Promise<void> {
    const { schema, server } = this.#setting
    this.#requests = 0
    this.#watch = () => {}
    const dies = death?._tag === "Write" ? { dies: { when: death.when, write: death.count } } : {}
    const victim = await Victim.start({ server, schema, terms: this.terms, now: this.now(), port: this.#port, ...dies })
    this.#victim = victim
    if (death?._tag === "Request") {
      this.#watch = (when) => {
        if (when === death.when && this.#requests === death.count) victim.kill()
      }
    }
    if (death?._tag === "Moment") setTimeout(() => victim.kill(), death.milliseconds)
  }

  /** What was asked of those who are dead. */
  get #again() {
    return Effect.promise(async () => {
      const open = this.#unanswered
      this.#unanswered = []
      for (const question of open) await this.#ask(question)
    })
  }

  async #ask(question: Question) {
    const victim = this.#victim
    if (victim === undefined) return undefined
    this.#unanswered = [...this.#unanswered, question]
    try {
      const told = await victim.ask(question)
      this.#unanswered = this.#unanswered.filter((one) => one !== question)
      return told
    } catch (died) {
      mayDie(died)
      return undefined
    }
  }

  readonly #order = Effect.fnUntraced(function*(this: Campaign, student: Student, fate: Fate) {
    const { chance } = this.#setting
    const at = chance.below(names.length)
    const fen = 100 + chance.below(20_000)
    const sourceAt = (index: number) => sourceOf[names[index % names.length] ?? "wechat"]
    const wish = student.wishes(sourceAt(at), fen, this.now())
    const placed = yield* Effect.promise(() => this.#ask({ _tag: "Place", wish }))
    // The bank may have it, though nobody was told so: the payer saw the code in time, or not.
    if (placed?.order === undefined) {
      return chance.below(2) === 0
        ? this.#pay(({ amount }) => amount === fen)
        : undefined
    }
    if (fate === "closed") yield* student.closed(this.now())
    if (fate === "late") yield* this.advance(2 * CivilTime.hour - 1)
    if (fate === "turned") {
      const again = student.wishes(sourceAt(at + 1), fen, this.now())
      // Paid while its owner turns to another channel.
      const turned = yield* Effect.promise(async () => {
        const turning = this.#ask({ _tag: "Turn", order: placed.order ?? "", wish: again })
        this.#pay((trade) => numberOf(trade) === placed.number)
        return turning
      })
      this.#pay((trade) => numberOf(trade) === turned?.number)
    }
    if (fate !== "declined") this.#pay((trade) => numberOf(trade) === placed.number)
  })

  /** Alice pays what is open; nothing where it was paid or closed before. */
  #pay(isIt: (trade: Trade) => boolean): void {
    for (const trade of this.#box.house.all) {
      if (trade.state === "waiting" && isIt(trade)) this.#box.house.pay(trade.token, "alice", this.now())
    }
  }
}

/** To be dead is no fault here. */
const mayDie = (why: unknown): void => {
  if (!(why instanceof Died)) throw why
}
