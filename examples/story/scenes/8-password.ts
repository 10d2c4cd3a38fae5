/** The password: the initial one, changed at the kiosk, forgotten, reset at window 3 with papers (R35-R37, A12, A14). */
import { Id, Passwords, Pin } from "@yikatong/core"
import { Effect, Result } from "effect"
import type { Stage } from "../Stage.ts"
import { thirdCard } from "./6-lose.ts"

const pin = (digits: string): Pin.Pin => Result.getOrThrow(Pin.parse(digits))

export const password = (stage: Stage) => {
  const change = (point: string, next: string, old?: string) =>
    Passwords.change(
      stage.statement(point, { _tag: "ChangePassword", card: thirdCard }),
      pin(next),
      old === undefined ? undefined : pin(old)
    )
  return stage.scene(
    ["密码：修改、忘记、重置", "the password: changed, forgotten, reset"],
    "三、(二)-(四) · R35-R37, R66, R72",
    Effect.gen(function*() {
      stage.at("2026-06-10 09:40")
      yield* stage.hear(["自助机改成 123456", "at the kiosk, to 123456"], yield* change("kiosk-1", "123456", "011250"))
      yield* stage.hear(["自助机改成 271828", "at the kiosk, to 271828"], yield* change("kiosk-1", "271828", "011250"))
      yield* stage.hear(
        ["又改，旧密码记错了", "once more, the old one forgotten"],
        yield* change("kiosk-1", "314159", "272727")
      )
      stage.at("2026-06-10 09:50")
      const reset = stage.statement("window-3", { _tag: "ResetPassword", card: thirdCard })
      const clerk = { operator: Id.OperatorId.make("clerk-7"), role: "clerk", department: "card-centre" }
      yield* stage.hear(
        ["3 号窗口重置，没带身份证", "reset at window 3, without the identity card"],
        (yield* Passwords.reset({ ...reset, attendance: { ...clerk, presented: [{ _tag: "CampusCard" }] } })).answer
      )
      const again = stage.statement("window-3", { _tag: "ResetPassword", card: thirdCard })
      yield* stage.hear(
        ["带身份证和校园卡再来", "again with identity card and campus card"],
        (yield* Passwords.reset(again)).answer
      )
      yield* stage.ask(
        ["没改初始密码就开通钱包", "the wallet, with the initial password"],
        "ecode",
        { _tag: "OpenWallet" },
        { pin: pin("011250"), claim: stage.claim }
      )
      yield* stage.hear(["3 号窗口改成 314159", "at window 3, to 314159"], yield* change("window-3", "314159"))
    })
  )
}
