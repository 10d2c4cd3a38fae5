/**
 * `yikatong reader` 读卡器: what concerns the readers and cards of this machine. Each command has a file of its own.
 */
import { Command } from "effect/cli"
import { balance } from "./ReaderBalance.ts"
import { doctor } from "./ReaderDoctor.ts"
import { load } from "./ReaderLoad.ts"
import { pay } from "./ReaderPay.ts"
import { read } from "./ReaderRead.ts"
import { watch } from "./ReaderWatch.ts"

export const reader = Command.make("reader").pipe(
  Command.withDescription("读卡器和卡片 / the card readers of this machine, and what lies on them"),
  Command.withSubcommands([doctor, watch, read, balance, load, pay])
)
