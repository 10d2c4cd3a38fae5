/**
 * The campus that a command looks at 数据来源: a database, or the folder of an embedded one. It is only read: where there is
 * no campus, or one of another release, nothing is created or migrated. An embedded database is started for that, under
 * the lock of its folder.
 */
import { PgClient } from "@effect/sql-pg"
import { CampusSchema, Faults, Migrations, PgAccountStore, PgSubjectStore } from "@yikatong/adapters-pg"
import * as Embedded from "@yikatong/adapters-pg/embedded"
import { type AccountStore, Csmzxy, type Fault, Profiles, type SubjectStore } from "@yikatong/core"
import { Config, Effect, Exit, Fiber, Layer, Option, Redacted, Scope } from "effect"
import { Flag } from "effect/cli"
import type { SqlClient } from "effect/sql"
import { statSync } from "node:fs"
import { both, ofFault, Unknown, WrongUse } from "./Failure.ts"
import * as Output from "./Output.ts"

/** The flags that say where the campus is. */
export const flags = {
  database: Flag.String("database").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription(
      `数据库地址，也可写在环境变量 YIKATONG_DATABASE 中（进程列表里看不到） / the database, ${Output.addressSample}; also the variable YIKATONG_DATABASE, which no list of processes shows`
    ),
    Flag.optional
  ),
  schema: Flag.String("schema").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription(
      `校园所在的数据库模式，默认 ${CampusSchema.defaultName} / the schema of the campus, ${CampusSchema.defaultName} unless told`
    ),
    Flag.withDefault(CampusSchema.defaultName)
  ),
  folder: Flag.String("folder").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("内嵌数据库的文件夹 / the folder of an embedded database"),
    Flag.optional
  )
}

/** What the flags say. */
export interface Flags {
  readonly database: Option.Option<string>
  readonly schema: string
  readonly folder: Option.Option<string>
}

/** The stores that a command reads. */
export type Stores = AccountStore.AccountStore | SubjectStore.SubjectStore

/** The stores that the flags lead to, for reading. `also`: what a command would take in their place. */
export const layer = (flags: Flags, also: ReadonlyArray<string> = []): Layer.Layer<Stores, Unknown | WrongUse> =>
  Layer.effectContext(Effect.gen(function*() {
    const client = yield* clientOf(flags, also)
    const { schema } = flags
    const stores = Layer.mergeAll(PgAccountStore.layer({ schema }), PgSubjectStore.layer({ schema })).pipe(
      Layer.provide(Layer.effectDiscard(present(schema))),
      Layer.provide(client),
      // Nothing is decided here, so any profile will do.
      Layer.provide(Profiles.Profiles.layer([Csmzxy.csmzxy]))
    )
    return yield* Effect.mapError(Layer.build(stores), told)
  }))

/** The database that the flags lead to, where there is a campus of this release. Nobody else's rights are asked for. */
export const database = (flags: Flags): Layer.Layer<SqlClient.SqlClient, Unknown | WrongUse> =>
  Layer.effectContext(Effect.gen(function*() {
    const client = yield* clientOf(flags, [])
    return yield* Effect.mapError(
      Layer.build(Layer.provideMerge(Layer.effectDiscard(present(flags.schema)), client)),
      told
    )
  }))

/** The database that the flags lead to, whether there is a campus or not: for what makes one. */
export const anyDatabase = (flags: Flags): Layer.Layer<SqlClient.SqlClient, Unknown | WrongUse> =>
  Layer.effectContext(Effect.gen(function*() {
    return yield* Effect.mapError(Layer.build(yield* clientOf(flags, [])), told)
  }))

type Client = Layer.Layer<SqlClient.SqlClient, Fault.FolderInUse | Fault.StoreFault>

const told = (error: Unknown | Fault.FolderInUse | Fault.StoreFault): Unknown =>
  error._tag === "Unknown" ? error : ofFault(error)

const clientOf = Effect.fnUntraced(function*(
  flags: Flags,
  also: ReadonlyArray<string>
): Effect.fn.Return<Client, Unknown | WrongUse> {
  if (Option.isSome(flags.database) && Option.isSome(flags.folder)) {
    return yield* new WrongUse({
      message: both("只能给出一个数据来源：--database 或 --folder", "give --database or --folder, not both")
    })
  }
  if (!CampusSchema.isName(flags.schema)) {
    return yield* new WrongUse({
      message: both("--schema：数据库模式名称不对", "--schema: this can not name a schema of a campus")
    })
  }
  if (Option.isSome(flags.folder)) return yield* embedded(flags.folder.value)
  const named = Option.isSome(flags.database)
    ? flags.database
    : yield* Effect.orElseSucceed(Config.option(Config.String("YIKATONG_DATABASE")), () => Option.none<string>())
  if (Option.isNone(named)) {
    const ways = [...also, "--database", "--folder"]
    return yield* new WrongUse({
      message: both(`没有数据来源，请给出 ${ways.join(" 或 ")}`, `say where the campus is: ${ways.join(" or ")}`)
    })
  }
  return yield* server(named.value)
})

const server = (url: string): Effect.Effect<Client, WrongUse> => {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    return Effect.fail(
      new WrongUse({
        message: both(
          "--database：数据库地址不对，应写成后面的样子",
          `--database: this is no address as ${Output.addressSample}`
        )
      })
    )
  }
  return Effect.succeed(
    leaving(
      PgClient.layerFrom(Effect.mapError(PgClient.make({ url: Redacted.make(url) }), Faults.fromSqlError("connect")))
    )
  )
}

/**
 * Sessions are closed within seconds, or left to themselves: one whose commit waits for a standby that is away answers
 * nobody, and a command that has told its outcome must not wait for it.
 */
const leaving = <A, E>(layer: Layer.Layer<A, E>): Layer.Layer<A, E> =>
  Layer.effectContext(Effect.gen(function*() {
    const own = yield* Scope.make()
    yield* Effect.addFinalizer(() =>
      Effect.forkDetach(Scope.close(own, Exit.void)).pipe(
        Effect.flatMap((closing) => Effect.timeoutOption(Effect.interruptible(Fiber.await(closing)), "2 seconds"))
      )
    )
    return yield* Layer.buildWithScope(layer, own)
  }))

const embedded = (dataDir: string): Effect.Effect<Client, Unknown> => {
  // A database that is not there would be created.
  const there = statSync(`${dataDir}/PG_VERSION`, { throwIfNoEntry: false })?.isFile() === true
  return there ? Effect.succeed(Embedded.layerClient({ dataDir })) : Effect.fail(
    new Unknown({ message: `${dataDir}: ${both("没有内嵌数据库", "there is no embedded database")}` })
  )
}

/** How far a schema is. */
export const standing = (schema: string): Effect.Effect<Migrations.Standing, Unknown, SqlClient.SqlClient> =>
  Effect.mapError(Migrations.standing(schema), (error) => ofFault(Faults.fromSqlError("connect")(error)))

/** That the schema is there, and is one of this release. */
const present = Effect.fnUntraced(function*(schema: string) {
  const found = yield* standing(schema)
  if (found._tag !== "Current") return yield* unfit(schema, found)
})

/** Why this release does not work with a schema, and what helps. */
export const unfit = (schema: string, found: Exclude<Migrations.Standing, { readonly _tag: "Current" }>): Unknown => {
  switch (found._tag) {
    case "Missing":
      return new Unknown({
        message: both(`模式 ${schema} 中没有校园`, `there is no campus in the schema ${schema} of this database`)
      })
    case "Unreleased":
      return new Unknown({
        message: both(
          `模式 ${schema} 由从未发布的版本建立，不能升级：如需其流水，请用该版本导出，再以新的模式启动校园`,
          `the schema ${schema} was made by a version that was never released and is not carried over: export its journal ` +
            "with that version if you need it, and start the campus with a new schema"
        )
      })
    default: {
      const { present } = found
      const [zh, en] = found._tag === "Older"
        ? [
          "请先运行 yikatong migrate，或用本版本启动校园",
          "run yikatong migrate, or start the campus with this release first"
        ]
        : ["请使用更新版本的命令行", "use the command line of a newer release"]
      return new Unknown({
        message: both(
          `校园数据库的迁移版本为 ${present}，本程序为 ${Migrations.latest}，${zh}`,
          `the campus is at migration ${present} and this release is at ${Migrations.latest}: ${en}`
        )
      })
    }
  }
}
