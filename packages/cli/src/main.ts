#!/usr/bin/env node
/**
 * `yikatong`, the command line 命令行. Exit codes: 0 good, 1 something is wrong with what was looked at, 2 wrong use, 3
 * nothing is known of it, 130 ended by a signal.
 */
import * as NodeRuntime from "@effect/platform-node-shared/NodeRuntime"
import * as Ending from "./Ending.ts"
import * as Yikatong from "./Yikatong.ts"

process.stdout.on("error", Ending.unsaid)

Ending.withSignals()
NodeRuntime.runMain(Yikatong.call(process.argv.slice(2)), {
  disableErrorReporting: true,
  // The code is set and not forced, so that what is still on its way to a pipe arrives there.
  teardown: (exit) => Ending.afterLastWord(Yikatong.codeOf(exit))
})
