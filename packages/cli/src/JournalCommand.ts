/**
 * `yikatong journal export` 导出流水: the journal of a campus as lines of JSON, for `yikatong what-if` and for the archive.
 */
import { AccountStore } from "@yikatong/core"
import { Effect, Stdio, Stream } from "effect"
import { Command } from "effect/cli"
import * as Campus from "./Campus.ts"
import { both, exitCodes, Failed, ofFault } from "./Failure.ts"
import * as JournalFile from "./JournalFile.ts"

const write = Command.make(
  "export",
  Campus.flags,
  (flags) =>
    Effect.gen(function*() {
      const store = yield* AccountStore.AccountStore
      const { stdout } = yield* Stdio.Stdio
      yield* store.journal().pipe(
        Stream.mapError(ofFault),
        Stream.map(JournalFile.line),
        Stream.run(stdout({ endOnDone: false })),
        Effect.catchTag("PlatformError", () =>
          Effect.fail(new Failed({ message: both("无法写出", "the output can not be written") })))
      )
    }).pipe(Effect.provide(Campus.layer(flags)))
).pipe(
  Command.withDescription(
    "导出账户流水，不含订单、终端等业务主体的 / write the journal of all accounts to the standard output, one entry a line; that of orders, terminals and the like is left out. " +
      exitCodes
  )
)

export const journal = Command.make("journal").pipe(
  Command.withDescription("流水 / the journal of a campus"),
  Command.withSubcommands([write])
)
