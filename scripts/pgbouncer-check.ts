// What docs/recipes/run-behind-pgbouncer.md says, with a real PgBouncer in transaction mode before a real server: the laws of both stores, a
// load by several clients, the promise door, and the mistakes that are made first. It needs `pgbouncer` (Debian: apt-get install pgbouncer), on
// PATH or in /usr/sbin; without one it fails, so it is a step of its own and no test.
//
// Both listen on unix sockets in private folders and on no TCP port. PgBouncer is ended with this process, by its id.
import { PgClient } from "@effect/sql-pg"
import { PgAccountStore, PgCampus, PgSubjectStore } from "@yikatong/adapters-pg"
import { AccountStore, type Fault, Profiles, SubjectStore } from "@yikatong/core"
import { Campus, csmzxy } from "@yikatong/core/promise"
import { AccountStoreLaws, SubjectStoreLaws } from "@yikatong/core/testing"
import { Context, Effect, Exit, Layer, Result, type Scope } from "effect"
import { deepStrictEqual, match, strictEqual } from "node:assert"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { account } from "../packages/adapters-pg/test/commands.ts"
import { type Connection, startPostgres } from "./postgres-server.ts"

type Socket = Extract<Connection, { readonly kind: "socket" }>

const port = 6432

/** Fewer sessions than lanes, so that each transaction of a client may meet another session. */
const settings = (folder: string, { database, host, username }: Socket): string => `
[databases]
${database} = host=${host} dbname=${database} user=${username}
[pgbouncer]
listen_addr =
unix_socket_dir = ${folder}
listen_port = ${port}
auth_type = any
pool_mode = transaction
default_pool_size = 6
`

const programOf = (): string => {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"]
  const program = folders.map((folder) => join(folder, "pgbouncer")).find((file) => existsSync(file))
  if (program === undefined) throw new Error("there is no pgbouncer; on Debian: apt-get install pgbouncer")
  return program
}

const startPgBouncer = async (program: string, folder: string, server: Socket): Promise<ChildProcess> => {
  const file = join(folder, "pgbouncer.ini")
  writeFileSync(file, settings(folder, server))
  const as: { uid?: number; gid?: number } = {}
  if (process.getuid?.() === 0) {
    // PgBouncer refuses to run as root, as PostgreSQL does.
    const [uid = 0, gid = 0] = ["-u", "-g"].map((flag) =>
      Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout)
    )
    Object.assign(as, { uid, gid })
    for (const path of [folder, file]) chownSync(path, uid, gid)
  }
  const child = spawn(program, ["-q", file], { ...as, cwd: folder, stdio: ["ignore", "ignore", "inherit"] })
  for (let waited = 0; !existsSync(join(folder, `.s.PGSQL.${port}`)); waited += 20) {
    if (child.exitCode !== null || waited > 10_000) throw new Error("PgBouncer did not start")
    await sleep(20)
  }
  return child
}

const profiles = Profiles.Profiles.layer(AccountStoreLaws.profiles)
const accounts = (client: PgClient.PgPoolConfig, options: PgAccountStore.Options) =>
  Effect.map(
    Layer.build(
      PgAccountStore.layer(options).pipe(Layer.provide(PgClient.layer(client)), Layer.provide(profiles))
    ),
    Context.get(AccountStore.AccountStore)
  )
const subjects = (client: PgClient.PgPoolConfig, options: PgSubjectStore.Options) =>
  Effect.map(
    Layer.build(
      PgSubjectStore.layer(options).pipe(Layer.provide(PgClient.layer(client)), Layer.provide(profiles))
    ),
    Context.get(SubjectStore.SubjectStore)
  )

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> => Effect.runPromise(Effect.scoped(effect))

/** All laws of both stores, each with two clients. */
const laws = (client: PgClient.PgPoolConfig) =>
  run(Effect.gen(function*() {
    const options = { schema: "laws", pooled: true }
    const [one, other] = [yield* accounts(client, options), yield* accounts(client, options)]
    const [third, fourth] = [yield* subjects(client, options), yield* subjects(client, options)]
    const all = [
      ...AccountStoreLaws.laws.map(({ check, title }) => [title, check({ one, other, token: "pooled" })] as const),
      ...SubjectStoreLaws.laws.map(({ check, title }) =>
        [title, check({ one: third, other: fourth, token: "pooled" })] as const
      )
    ]
    const broken = yield* Effect.filter(all, ([, check]) => Effect.map(Effect.exit(check), Exit.isFailure))
    deepStrictEqual(broken.map(([title]) => title), [])
    return `${all.length} laws hold`
  }))

/** Four clients with two lanes each over six sessions. Then every command again: each has happened once. */
const load = (client: PgClient.PgPoolConfig) =>
  run(Effect.gen(function*() {
    const stores = yield* Effect.all(
      Array.from({ length: 4 }, () => accounts(client, { schema: "load", pooled: true }))
    )
    const [first] = stores
    if (first === undefined) return yield* Effect.die("no store")
    const people = Array.from({ length: 100 }, (_, at) => account(`load-${at}`))
    yield* Effect.forEach(people, ({ funded }) => Effect.forEach(funded(100_000), first.transact), { concurrency: 32 })
    const payments = Array.from({ length: 8_000 }, (_, at) => people[at % people.length]?.pay(1))
      .flatMap((payment) => payment === undefined ? [] : [payment])
    const round = Effect.forEach(
      payments,
      (payment, at) => (stores[at % stores.length] ?? first).transact(payment),
      { concurrency: 128 }
    )
    const begun = performance.now()
    const answers = yield* round
    const seconds = (performance.now() - begun) / 1000
    deepStrictEqual(yield* round, answers)
    const taken = [...yield* first.balances].filter(([book]) => book.startsWith("merchant:"))
    strictEqual(answers.filter(({ _tag }) => _tag === "Approved").length, payments.length)
    strictEqual(taken.reduce((sum, [, fen]) => sum + fen, 0), payments.length)
    return `${payments.length} payments by 4 clients, ${Math.round(payments.length / seconds)}/s; each is there once`
  }))

const peppers = { current: "2026", keys: { "2026": "a pepper for this check only, 32 bytes or more" } }
const urlOf = ({ host }: PgClient.PgPoolConfig, { database, username }: Socket): string =>
  `postgres://${username}@localhost/${database}?host=${host}&port=${port}`

/** The door without Effect, by its URL. */
const promiseDoor = (socket: Socket) => async (client: PgClient.PgPoolConfig) => {
  const backend = PgCampus.backend({ url: urlOf(client, socket), peppers, pooled: true, schema: "door" })
  const campus = await Campus.open({ backend, profile: csmzxy })
  try {
    strictEqual((await campus.checkBooks()).breaks.length, 0)
  } finally {
    await campus.close()
  }
  return "PgCampus.backend({ pooled: true }) opens"
}

/** What is told to whoever forgets to say that there is a pooler: which parameter it does not take, and what to do. */
const forgotten = (socket: Socket) => async (client: PgClient.PgPoolConfig) => {
  const told = (fault: unknown, parameter: string) => {
    strictEqual((fault as Fault.StoreBroken)._tag, "StoreBroken")
    match((fault as Fault.StoreBroken).message, /open the campus with `pooled: true`/)
    match(String((fault as Fault.StoreBroken).cause), new RegExp(`unsupported startup parameter: ${parameter}`))
  }
  // With a client of one's own the store opens over the sessions of that client, and the first command needs a lane.
  for (const [prepare, parameter] of [[true, "plan_cache_mode"], [false, "statement_timeout"]] as const) {
    const first = run(Effect.flatMap(
      accounts({ ...client, prepare }, { schema: "load" }),
      (store) => Effect.flip(store.transact(account("forgotten").open))
    ))
    told(await first, parameter)
  }
  const backend = PgCampus.backend({ url: urlOf(client, socket), peppers })
  const opened = Campus.open({ backend, profile: csmzxy }).then(() => "opened", (fault: unknown) => fault)
  told(await opened, "idle_in_transaction_session_timeout")
  return "without `pooled` every fault names the startup parameter and the remedy"
}

/** A client that prepares its statements: well with a pooler that can prepare, else each is told what to do. */
const prepared = (client: PgClient.PgPoolConfig) =>
  run(Effect.gen(function*() {
    const stores = yield* Effect.all(
      Array.from({ length: 4 }, () => accounts({ ...client, prepare: true }, { schema: "prepared", pooled: true }))
    )
    const replies = yield* Effect.forEach(
      Array.from({ length: 200 }, (_, at) => at),
      (at) =>
        Effect.result(stores[at % stores.length]?.transact(account(`prepared-${at}`).open) ?? Effect.die("no store")),
      { concurrency: 64 }
    )
    const failures = replies.filter(Result.isFailure).map(({ failure }) => failure)
    for (const { message } of failures) match(message, /give the client `prepare: false`/)
    return `with \`prepare\` on ${
      replies.length - failures.length
    } of ${replies.length} commands are answered, and the others told the remedy`
  }))

const program = programOf()
const server = await startPostgres()
const { connection } = server
if (connection.kind === "url") throw new Error("PG_URL is set, and this check takes a server of its own")
const folder = mkdtempSync("/tmp/yikatong-pgbouncer-")
const pooler = await startPgBouncer(program, folder, connection)
try {
  const { database, username } = connection
  const client: PgClient.PgPoolConfig = { host: folder, port, database, username, prepare: false }
  const version = spawnSync(program, ["--version"], { encoding: "utf8" }).stdout.split("\n")[0]
  console.log(`pgbouncer-check: ${version} in transaction mode, ${server.source}`)
  for (const check of [laws, load, promiseDoor(connection), forgotten(connection), prepared]) {
    console.log(`pgbouncer-check: ${await check(client)}`)
  }
} finally {
  pooler.kill("SIGTERM")
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
