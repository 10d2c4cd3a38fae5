/**
 * `yikatong reader watch` 读卡器监视: what happens at the readers, one event a line, until it is ended.
 */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { json, seconds as timed, virtual } from "./CardFlags.ts"

export const watch = Command.make(
  "watch",
  {
    seconds: Flag.Int("seconds").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("多少秒后结束，默认直到 Ctrl-C / end after so many seconds; at Ctrl-C unless told"),
      Flag.optional
    ),
    virtual,
    json
  },
  Effect.fnUntraced(function*({ json, seconds, virtual }) {
    if (Option.isSome(seconds)) yield* timed("seconds", seconds.value)
    // The library of cards is loaded for what needs it alone.
    const [CardPlace, Happenings] = yield* Effect.promise(() =>
      Promise.all([import("./CardPlace.ts"), import("./Happenings.ts")])
    )
    const { readers } = yield* CardPlace.open({ virtual }, "watch")
    yield* Effect.provide(Happenings.told(json, Option.getOrUndefined(seconds)), readers)
  })
).pipe(
  Command.withDescription(
    "监视读卡器和卡片，直到 Ctrl-C / what happens at the readers, until Ctrl-C. " +
      "退出码：0 时间到，1 --virtual 的文件有误或无法读写，2 用法不对，3 另一程序占着 --virtual 的文件却未建成，130 被中断 / exit codes: 0 the time is " +
      "over, 1 the file of --virtual is flawed, or can not be read or made, 2 wrong use, 3 another program has the file of --virtual " +
      "and does not make it, 130 ended by a signal"
  )
)
