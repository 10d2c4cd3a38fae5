/**
 * The whole command line in one call 命令行入口: its commands, what is told of their failures, and the exit code. `main.ts` is
 * the process around it.
 */
import * as NodeChildProcessSpawner from "@effect/platform-node-shared/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as NodeStdio from "@effect/platform-node-shared/NodeStdio"
import * as NodeTerminal from "@effect/platform-node-shared/NodeTerminal"
import { Cause, Console, Effect, Exit, Layer, Runtime } from "effect"
import { CliError, CliOutput, Command } from "effect/cli"
import { readFileSync } from "node:fs"
import { books } from "./BooksCommand.ts"
import * as Ending from "./Ending.ts"
import { both } from "./Failure.ts"
import { journal } from "./JournalCommand.ts"
import { migrate } from "./MigrateCommand.ts"
import * as Output from "./Output.ts"
import { profile } from "./ProfileCommand.ts"
import { reader } from "./ReaderCommand.ts"
import { sandbox } from "./SandboxCommand.ts"
import { whatIf } from "./WhatIfCommand.ts"

const manifest: { readonly version: string } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8")
)

const yikatong = Command.make("yikatong").pipe(
  Command.withDescription(
    "校园一卡通 / campus cards: check profiles, try policies, check the books, migrate the database, look at card readers, try recharges"
  ),
  Command.withSubcommands([profile, whatIf, journal, books, migrate, reader, sandbox])
)

const platform = Layer.mergeAll(
  NodeFileSystem.layer,
  NodePath.layer,
  NodeStdio.layer,
  NodeTerminal.layer,
  Layer.provide(NodeChildProcessSpawner.layer, Layer.mergeAll(NodeFileSystem.layer, NodePath.layer))
)

/** A sentence on the standard error; what a command or the parser has told already is not told again. */
const tell = (cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.void
  const error = Cause.squash(cause)
  if (CliError.isCliError(error) && error._tag === "ShowHelp") return Effect.void
  const message = error instanceof Error ? error.message : ""
  if (message === "") return Effect.void
  const known = typeof error === "object" && error !== null && "_tag" in error
  return Output.errors(`yikatong: ${known ? message : both("程序出错", `this should not happen: ${message}`)}`)
}

/** A call that the parser refuses is wrong use; asking for help is none. After a defect nothing is known. */
export const codeOf = (exit: Exit.Exit<unknown, unknown>): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.hasInterruptsOnly(exit.cause)) return Ending.interrupted
  const error = Cause.squash(exit.cause)
  if (CliError.isCliError(error)) return Runtime.getErrorExitCode(error) === 0 ? 0 : 2
  return typeof error === "object" && error !== null && Runtime.errorExitCode in error
    ? Runtime.getErrorExitCode(error)
    : 3
}

/** Calls it with these words. */
export const call = (words: ReadonlyArray<string>) =>
  Effect.flatMap(Console.Console, (console) =>
    Command.runWith(yikatong, { version: manifest.version })(words).pipe(
      Effect.tapCause(tell),
      Effect.provide(platform),
      Effect.provideService(CliOutput.Presenter, Output.presenter),
      Effect.provideService(Console.Console, Output.guarding(console))
    ))
