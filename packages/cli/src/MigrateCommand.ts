/**
 * `yikatong migrate` 升级数据库: the tables of a campus are made, or brought to the shape of this release, by the owner of the
 * database and before the campus is started with it. So the campus itself may run under a role that can not change tables.
 */
import { Migrations } from "@yikatong/adapters-pg"
import { Effect } from "effect"
import { Command } from "effect/cli"
import * as Campus from "./Campus.ts"
import { both, ofFault } from "./Failure.ts"
import * as Output from "./Output.ts"

export const migrate = Command.make(
  "migrate",
  Campus.flags,
  (flags) =>
    Effect.gen(function*() {
      const { schema } = flags
      const before = yield* Campus.standing(schema)
      if (before._tag === "Newer" || before._tag === "Unreleased") return yield* Campus.unfit(schema, before)
      yield* Effect.mapError(Migrations.migrate(schema), (fault) => ofFault(fault, "write"))
      yield* Output.lines(outcome(schema, before))
    }).pipe(Effect.provide(Campus.anyDatabase(flags)))
).pipe(
  Command.withDescription(
    "建立或升级校园的数据库表，由数据库所有者运行 / make the tables of a campus or bring them to this release, as the owner of " +
      "the database. 退出码：0 完成或无须升级，2 用法不对，3 未完成 / exit codes: 0 done or nothing to do, 2 wrong use, 3 not done"
  )
)

const outcome = (schema: string, before: Migrations.Standing): string => {
  const { latest } = Migrations
  switch (before._tag) {
    case "Missing":
      return both(
        `已在模式 ${schema} 中建立校园，迁移版本 ${latest}`,
        `a campus was made in the schema ${schema}, at migration ${latest}`
      )
    case "Older":
      return both(
        `模式 ${schema} 已由迁移版本 ${before.present} 升级到 ${latest}`,
        `the schema ${schema} was brought from migration ${before.present} to ${latest}`
      )
    default:
      return both(
        `模式 ${schema} 已是迁移版本 ${latest}，无须升级`,
        `the schema ${schema} is at migration ${latest} already: nothing was to do`
      )
  }
}
