/**
 * Random lives as a property, for any store. A life is a time to begin at, what its holder begins with, and what
 * happens then.
 */
import * as fc from "fast-check"
import { instant } from "../../src/CivilTime.ts"
import * as Id from "../../src/Id.ts"
import { mintKey } from "../../src/internal/mint.ts"
import * as Money from "../../src/Money.ts"
import * as Recharge from "../../src/Recharge.ts"
import { commands } from "./Commands.ts"
import { Life, type Store } from "./Life.ts"
import type { Model } from "./Model.ts"
import { Statistics } from "./Statistics.ts"

/** What a life begins with; most begin with an active card and some money. */
export interface Birth {
  readonly at: number
  readonly fen: number
  readonly active: boolean
  readonly wallet: boolean
}

const births: fc.Arbitrary<Birth> = fc.record({
  at: fc.integer({ min: instant("2026-09-01 08:00"), max: instant("2028-06-01 08:00") }),
  fen: fc.constantFrom(0, 5_000, 20_000, 50_000),
  active: fc.integer({ min: 0, max: 19 }).map((n) => n > 0),
  wallet: fc.boolean()
})

/** The seed of the house: the same lives in every run and on every store. */
export const seed = 20_260_901

export interface World {
  readonly store: Store
  /** Another store that must give the same answers. */
  readonly mirror?: Store
}

export interface Options {
  readonly lives: number
  readonly maxCommands: number
  readonly seed: number
  /** One life out of these, by the path that a failure printed. */
  readonly path?: string | undefined
  /** The stores for the next life. Its account is new. */
  readonly world: () => World
  /** Keeps this run's accounts apart from those of other runs on the same data. */
  readonly token: string
  /** Called at the end of each life, with the number of lives so far. */
  readonly onLife?: (lives: number, world: World, model: Model) => Promise<void>
  /** How a person runs these lives again. */
  readonly command: string
  /** Stops looking for a shorter life after so many milliseconds. */
  readonly patience?: number
}

/**
 * The account is opened, and its holder gets what they begin with: all of it by commands that are looked at like any
 * other.
 */
const beget = async (life: Life, { active, fen, wallet }: Birth): Promise<void> => {
  const person = Id.PersonId.make(`${life.model.account}.p`)
  await life.send("card-centre", { _tag: "OpenAccount", person, kind: "student", class: "regular" }, { fresh: {} })
  await life.bind()
  if (!active) return
  const card = Id.CardId.make(life.name("k"))
  await life.send("window-ccb", { _tag: "IssueCard", card })
  await life.send("window-3", { _tag: "ActivateCard", card })
  if (wallet) {
    await life.send("ecode", { _tag: "OpenWallet" }, { password: "right", identity: "name" })
    await life.send("ecode", { _tag: "BindBankCard", purpose: "wallet" })
  }
  for (const channel of wallet ? ["ccbApp", "ecode"] : ["ccbApp"]) {
    if (fen === 0) continue
    const order = Id.OrderId.make(`lives:${life.name("o")}`)
    const paidAt = life.model.now as Recharge.Paid["paidAt"]
    const paid = { order, channel, amount: Money.amount(fen), paidAt, reference: `bank-${order}` }
    const evidence = new Recharge.PaidEvidence(mintKey, paid)
    await life.send("card-centre", { _tag: "CreditRecharge", ...paid }, { id: `credit:${order}`, evidence })
  }
}

/** Lives so many lives, and says what happened in them. Throws with the shortest life found, its seed and its path. */
export const live = async (options: Options): Promise<Statistics> => {
  const { command, lives, maxCommands, onLife, path, patience, token, world } = options
  const statistics = new Statistics()
  let accounts = 0
  const property = fc.asyncProperty(births, commands(maxCommands), async (birth, story) => {
    const stores = world()
    accounts += 1
    const life = new Life(`${token}-${accounts}`, birth.at, stores.store, statistics, stores.mirror)
    await beget(life, birth)
    await fc.asyncModelRun(() => ({ model: life.model satisfies Model, real: life }), story)
    await life.end()
    await onLife?.(accounts, stores, life.model)
  })
  const details = await fc.check(property, {
    // A path leads to one life.
    numRuns: path === undefined ? lives : 1,
    seed: options.seed,
    ...(path === undefined ? {} : { path }),
    ...(patience === undefined ? {} : { interruptAfterTimeLimit: patience, markInterruptAsFailure: true })
  })
  if (!details.failed) return statistics
  const [birth, story] = details.counterexample ?? []
  const [first = "0"] = (details.counterexamplePath ?? "0").split(":")
  const cause = details.errorInstance instanceof Error
    ? details.errorInstance
    : new Error("interrupted", { cause: details })
  throw new Error(
    [
      `Life ${first} of seed ${options.seed} fails. Live it again (it is shortened again on the way):`,
      `  YIKATONG_SEED=${options.seed} YIKATONG_PATH=${first} ${command}`,
      `shortened ${details.numShrinks} times to: ${JSON.stringify(birth)}`,
      String(story),
      cause.message
    ].join("\n"),
    { cause }
  )
}
