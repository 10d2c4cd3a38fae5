/**
 * The manual's codes are made and judged by the platforms of 今日校园 and e码通. From a new version of its profile on, this
 * school signs those of e码通 by itself: a phone is authorised, a code pays once, and another opens a gate (R5, R13, A22,
 * A25, D22). What such a code looks like, and how a cut-off terminal judges it, is in ../../codes.ts.
 */
import {
  Authorising,
  CivilTime,
  CodeKeys,
  CodePicture,
  Codes,
  Csmzxy,
  Id,
  Money,
  PresentedCode,
  type SchoolProfile
} from "@yikatong/core"
import { MemoryCodeIssuer } from "@yikatong/core/testing"
import { Effect, Result } from "effect"
import { holder, type Stage, type Words } from "../Stage.ts"

const kid = CodeKeys.Kid.make(1)
/** Known to everybody who reads this: draw yours with `crypto.getRandomValues`. */
const issuerKey = CodeKeys.secretKey(new Uint8Array(32).fill(1))
const phone = CodeKeys.secretKey(new Uint8Array(32).fill(7))

/** The school's second profile: as before, but its e码通 codes are signed. */
export const signing: SchoolProfile.SchoolProfile = {
  ...Csmzxy.csmzxy,
  version: "csmzxy-2",
  effectiveFrom: CivilTime.instant("2026-08-20 00:00"),
  codes: {
    issuers: [{
      kid,
      publicKey: CodeKeys.publicKeyOf(issuerKey),
      pay: "ecodePayCode",
      identity: "ecodeIdentityCode",
      notBefore: CivilTime.instant("2026-08-20 00:00"),
      notAfter: CivilTime.instant("2027-08-20 00:00")
    }],
    signed: ["ecodePayCode", "ecodeIdentityCode"]
  }
}

export const codes = (stage: Stage) => {
  let shown = 0
  let scans = 0
  /** The phone asks to be authorised, and from then on makes codes by itself. */
  const authorise = Effect.fnUntraced(function*(wish: Words, medium: "ecodePayCode" | "ecodeIdentityCode") {
    const given = yield* Authorising.authorise({ subject: holder, medium, deviceKey: CodeKeys.publicKeyOf(phone) })
    if (given._tag === "Declined") return yield* Effect.die(given.decline)
    yield* stage.say("✓", wish)
    return () =>
      Result.getOrThrow(PresentedCode.present(given.authorisation, phone, { now: stage.now(), counter: ++shown }))
  })
  const scan = (point: string, text: string) => ({
    caller: Id.CallerId.make("story"),
    id: Id.CommandId.make(`scan-${++scans}`),
    at: stage.now(),
    point: Id.PointId.make(point),
    text
  })
  const pay = Effect.fnUntraced(function*(wish: Words, text: string) {
    const answer = yield* Codes.pay({ ...scan("canteen-1", text), amount: Money.amount(600), link: "up" })
    yield* answer._tag === "Foreign" ? stage.say("✗", wish) : stage.hear(wish, answer)
  })
  return stage.scene(
    ["学校自行签发 e码通码", "the school signs the e码通 codes by itself"],
    "一、(二) 方式三, 二、(一) 方式三；签名手册未写 signatures are not in it · R5, R13, A22, A25, D22",
    Effect.gen(function*() {
      stage.at("2026-08-20 12:00")
      yield* stage.aside(["新版配置生效：e码通码须有签名", "a new profile is in force: e码通 codes are signed"])
      yield* stage.ask(["没签名的 e码通付款码", "an e码通 code without a signature"], "canteen-1", {
        _tag: "PayByCode",
        medium: "ecodePayCode",
        amount: Money.amount(600),
        link: "up"
      })
      const payCode = yield* authorise(["手机获授权出示付款码", "the phone may show pay codes"], "ecodePayCode")
      const text = payCode()
      const { version } = Result.getOrThrow(CodePicture.draw(text))
      yield* stage.aside([
        `手机自己出码：${PresentedCode.length} 字节，${text.length} 字符，二维码版本 ${version}`,
        `the phone makes a code: ${PresentedCode.length} bytes, ${text.length} characters, QR version ${version}`
      ])
      yield* pay(["食堂扫码 6.00", "canteen, scanned, 6.00"], text)
      yield* pay(["同一个码再扫一次", "the same code again"], text)
      const old = payCode()
      stage.at("2026-08-20 12:05")
      yield* pay(["五分钟前的截图", "a screenshot of five minutes ago"], old)
      const idCode = yield* authorise(
        ["手机获授权出示身份码", "the phone may show identity codes"],
        "ecodeIdentityCode"
      )
      yield* pay(["食堂扫身份码", "canteen, an identity code"], idCode())
      stage.at("2026-08-20 21:30")
      const gate = yield* Codes.identify(scan("dorm-1", idCode()))
      yield* stage.say(gate._tag === "Opened" ? "✓" : "✗", ["大门扫身份码", "the gate, an identity code"])
    }).pipe(Effect.provide(MemoryCodeIssuer.layer(new Map([[kid, issuerKey]]))))
  )
}
