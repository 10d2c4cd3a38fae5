/**
 * The long run (`npm run soak`): a thousand random lives of up to two hundred commands on each store, then the faults that a
 * campus must survive (`faults/Faults.ts`), then days at a canteen where cards are torn, then recharges under mischief and a
 * driver that is killed fifty times, then the mutation check.
 *
 * Every run lives other lives; what fails prints how to live it again. YIKATONG_SEED gives the seed, YIKATONG_PATH one
 * life of it, YIKATONG_STORE one store (memory, embedded, server) or part, YIKATONG_LIVES another number of lives. The mutation
 * check comes last and only where nothing of that was asked.
 */
import { PgClient } from "@effect/sql-pg"
import { PgAccountStore } from "@yikatong/adapters-pg"
import * as Embedded from "@yikatong/adapters-pg/embedded"
import { AccountStore, Books, Profiles } from "@yikatong/core"
import { MemoryAccountStore } from "@yikatong/core/testing"
import { Context, Effect, Layer, Redacted } from "effect"
import { spawnSync } from "node:child_process"
import { performance } from "node:perf_hooks"
import { enough } from "../packages/core/test/model/Enough.ts"
import type { Store } from "../packages/core/test/model/Life.ts"
import { live, type World } from "../packages/core/test/model/Lives.ts"
import { profiles } from "../packages/core/test/model/School.ts"
import { startPostgres } from "../scripts/postgres-server.ts"
import { survive } from "./faults/Faults.ts"

const {
  YIKATONG_FAULT,
  YIKATONG_FAULTS,
  YIKATONG_FULL_DISK,
  YIKATONG_LIVES,
  YIKATONG_PATH,
  YIKATONG_SEED,
  YIKATONG_STORE
} = process.env
const lives = Number(YIKATONG_LIVES ?? 1_000)
const seed = Number(YIKATONG_SEED ?? Date.now() % 2_147_483_647)

const began = performance.now()
const say = (line: string): void =>
  console.log(`${((performance.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${line}`)

/** Lives on one store. `shared`: one store for all of them, held against the one in memory. */
const soak = async (name: string, shared?: Store): Promise<string> => {
  const statistics = await live({
    lives,
    maxCommands: 200,
    seed,
    path: YIKATONG_PATH,
    token: "soak",
    command: `YIKATONG_STORE=${name} npm run soak`,
    world: (): World => {
      const memory = MemoryAccountStore.make(profiles)
      return shared === undefined ? { store: memory } : { store: shared, mirror: memory }
    },
    onLife: async (count, { store }) => {
      if (shared === undefined) await balanced(store)
      if (count % 100 === 0) say(`${name}: ${count} lives`)
    }
  })
  if (shared !== undefined) await balanced(shared)
  const missing = YIKATONG_PATH === undefined && lives >= 1_000 ? statistics.missing(enough) : []
  if (missing.length > 0) throw new Error(`the lives are not deep enough:\n${missing.join("\n")}`)
  return `${statistics.lives} lives, ${statistics.commands} commands`
}

const balanced = async (store: Store): Promise<void> => {
  const { breaks } = await Effect.runPromise(Effect.provideService(Books.check(), AccountStore.AccountStore, store))
  if (breaks.length > 0) throw new Error(`the books do not balance: ${JSON.stringify(breaks)}`)
}

/** Opens a store for as long as it is used. */
const using = <E>(layer: Layer.Layer<AccountStore.AccountStore, E>, use: (store: Store) => Promise<string>) =>
  Effect.runPromise(Effect.scoped(
    Effect.flatMap(
      Layer.build(layer),
      (context) => Effect.promise(() => use(Context.get(context, AccountStore.AccountStore)))
    )
  ))

const onServer = async (): Promise<string> => {
  // Processes may die here, the machine does not: fsync would only make it slow.
  const server = await startPostgres({ settings: { fsync: "off" } })
  say(`server: ${server.source}`)
  const { connection } = server
  const client = PgClient.layer(
    connection.kind === "url"
      ? { url: Redacted.make(connection.url) }
      : { host: connection.host, database: connection.database, username: connection.username }
  )
  const store = PgAccountStore.layer({ schema: `soak_${seed}` }).pipe(
    Layer.provide(client),
    Layer.provide(Profiles.Profiles.layer(profiles))
  )
  try {
    return await using(store, (one) => soak("server", one))
  } finally {
    await server.stop()
  }
}

const parts: Readonly<Record<string, () => Promise<string>>> = {
  memory: () => soak("memory"),
  embedded: () => using(Embedded.layer({ profiles }), (store) => soak("embedded", store)),
  server: onServer,
  faults: () =>
    survive({
      seed,
      say,
      small: YIKATONG_FAULTS === "small",
      only: YIKATONG_FAULT,
      privileged: YIKATONG_FULL_DISK === "1"
    }),
  canteen: async () => {
    const days = 3 * lives
    const test = "packages/adapters-pcsc/test/Canteen.test.ts"
    const { error, status } = spawnSync("npx", ["vitest", "run", "--project", "adapters-pcsc", test], {
      stdio: "inherit",
      shell: process.platform === "win32",
      env: { ...process.env, YIKATONG_DAYS: String(days), YIKATONG_SEED: String(seed) }
    })
    if (status !== 0) throw new Error(`the canteen ended with ${status}`, { cause: error })
    return `${days} days of torn cards`
  },
  recharges: async () => {
    const kills = Math.max(1, Math.ceil(lives / 20))
    const asked = { YIKATONG_RECHARGES: String(lives), YIKATONG_KILLS: String(kills), YIKATONG_SEED: String(seed) }
    const tests = [
      ["adapters-bank", "Recharges.model.test.ts"],
      ["adapters-bank", "Transfers.model.test.ts"],
      ["server", "Killed.server.test.ts"]
    ] as const
    for (const [project, test] of tests) {
      const file = `packages/adapters-bank/test/${test}`
      const { error, status } = spawnSync("npx", ["vitest", "run", "--project", project, file], {
        stdio: "inherit",
        shell: process.platform === "win32",
        env: { ...process.env, ...asked }
      })
      if (status !== 0) throw new Error(`${test} ended with ${status}`, { cause: error })
    }
    return `${lives} lives of recharges, ${lives} of each 圈存 wire, ${kills} kills of the driver`
  },
  mutations: async () => {
    const { error, status } = spawnSync("npm", ["run", "mutate"], {
      stdio: "inherit",
      shell: process.platform === "win32"
    })
    if (status !== 0) throw new Error(`npm run mutate ended with ${status}`, { cause: error })
    return "done, its table stands above"
  }
}

const whole = [YIKATONG_LIVES, YIKATONG_PATH, YIKATONG_SEED, YIKATONG_STORE].every((asked) => asked === undefined)
const chosen = YIKATONG_STORE === undefined
  ? Object.keys(parts).filter((name) => name !== "mutations" || whole)
  : [YIKATONG_STORE]

say(`seed ${seed}`)
const summary: Array<string> = []
for (const name of chosen) {
  try {
    const part = parts[name]
    if (part === undefined) throw new Error(`there is no part ${name}: ${Object.keys(parts).join(", ")}`)
    summary.push(`${name}: ${await part()}`)
  } catch (error) {
    process.exitCode = 1
    summary.push(`${name}: FAILED`)
    console.error(error)
  }
  say(summary.at(-1) ?? "")
}
console.log(`\nseed ${seed}\n${summary.join("\n")}`)
