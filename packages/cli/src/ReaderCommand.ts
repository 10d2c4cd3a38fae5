/**
 * `yikatong reader` 读卡器: what concerns the readers and cards of this machine. Each command has a file of its own.
 */
import { Command } from "effect/cli"
import { doctor } from "./ReaderDoctor.ts"

export const reader = Command.make("reader").pipe(
  Command.withDescription("读卡器 / the card readers of this machine"),
  Command.withSubcommands([doctor])
)
