/**
 * The main job: the whole manual, told scene by scene on the embedded database, with money that comes over sockets from a
 * sandbox of the banks.
 *
 * It ends with the proof that the books balance, and with a non-zero exit code where they do not.
 */
import * as Embedded from "@yikatong/adapters-pg/embedded"
import { Books, Csmzxy, HostClock } from "@yikatong/core"
import { Effect, Layer, References } from "effect"
import * as Bank from "./Bank.ts"
import * as Channels from "./Channels.ts"
import { issue } from "./scenes/1-issue.ts"
import { doors } from "./scenes/10-doors.ts"
import { library } from "./scenes/11-library.ts"
import { visit } from "./scenes/12-visitor.ts"
import { ask } from "./scenes/13-ask.ts"
import { correct } from "./scenes/14-correct.ts"
import { cutOff } from "./scenes/15-terminal.ts"
import { codes, signing } from "./scenes/16-codes.ts"
import { close } from "./scenes/17-close.ts"
import { recharge } from "./scenes/2-recharge.ts"
import { load } from "./scenes/3-load.ts"
import { eat } from "./scenes/4-eat.ts"
import { reconcile } from "./scenes/5-reconcile.ts"
import { lose } from "./scenes/6-lose.ts"
import { sleep } from "./scenes/7-sleep.ts"
import { password } from "./scenes/8-password.ts"
import { find } from "./scenes/9-find.ts"
import * as Stage from "./Stage.ts"

const stage = Stage.make("2026-03-02 09:30")

const story = Effect.fnUntraced(function*(bank: Bank.Bank) {
  for (const scene of [issue, recharge, load, eat, reconcile, lose, sleep, password, find]) yield* scene(stage, bank)
  for (const scene of [doors, library, visit, ask, correct, cutOff, codes, close]) yield* scene(stage, bank)
  const report = yield* Books.check(...Books.house)
  console.log(`\n${Stage.proof(report)}`)
  return report.breaks.length === 0
})

/** The school's profile, and the version of it that comes into force in scene 16. */
const profiles = [Csmzxy.csmzxy, signing] as const

const program = Effect.gen(function*() {
  const bank = yield* Bank.open(stage)
  const campus = Layer.provideMerge(Channels.layer(bank), Embedded.layer({ profiles }))
  return yield* Effect.provide(story(bank), campus)
})

console.log("账本里的负数：渠道付进来的钱 · a minus in the books: what a channel has paid in")
console.log("启动内嵌数据库（几秒钟）… · starting the embedded database (a few seconds) …")
const balanced = await Effect.scoped(program).pipe(
  HostClock.provide(stage.now),
  // What the doors turn away is part of the story.
  Effect.provideService(References.MinimumLogLevel, "Error"),
  Effect.runPromise
)
if (!balanced) process.exitCode = 1
