/**
 * The main job: the whole manual, told scene by scene on the embedded database.
 *
 * It ends with the proof that the books balance, and with a non-zero exit code where they do not.
 */
import * as Embedded from "@yikatong/adapters-pg/embedded"
import { Books, Csmzxy, HostClock, RechargeChannel } from "@yikatong/core"
import { Effect, Layer } from "effect"
import { issue } from "./scenes/1-issue.ts"
import { library } from "./scenes/10-library.ts"
import { visit } from "./scenes/11-visitor.ts"
import { ask } from "./scenes/12-ask.ts"
import { correct } from "./scenes/13-correct.ts"
import { cutOff } from "./scenes/14-terminal.ts"
import { codes, signing } from "./scenes/15-codes.ts"
import { close } from "./scenes/16-close.ts"
import { channels, recharge } from "./scenes/2-recharge.ts"
import { load } from "./scenes/3-load.ts"
import { eat } from "./scenes/4-eat.ts"
import { lose } from "./scenes/5-lose.ts"
import { sleep } from "./scenes/6-sleep.ts"
import { password } from "./scenes/7-password.ts"
import { find } from "./scenes/8-find.ts"
import { doors } from "./scenes/9-doors.ts"
import * as Stage from "./Stage.ts"

const stage = Stage.make("2026-03-02 09:30")

const story = Effect.gen(function*() {
  for (const scene of [issue, recharge, load, eat, lose, sleep, password, find]) yield* scene(stage)
  for (const scene of [doors, library, visit, ask, correct, cutOff, codes, close]) yield* scene(stage)
  const report = yield* Books.check(...Books.house)
  console.log(`\n${Stage.proof(report)}`)
  return report.breaks.length === 0
})

/** The school's profile, and the version of it that comes into force in scene 15. */
const profiles = [Csmzxy.csmzxy, signing] as const

const campus = Layer.merge(
  Embedded.layer({ profiles }),
  RechargeChannel.RechargeChannels.layer(Object.values(channels).map(({ channel }) => channel))
)

console.log("账本里的负数：渠道付进来的钱 · a minus in the books: what a channel has paid in")
console.log("启动内嵌数据库（几秒钟）… · starting the embedded database (a few seconds) …")
const balanced = await story.pipe(HostClock.provide(stage.now), Effect.provide(campus), Effect.runPromise)
process.exitCode = balanced ? 0 : 1
