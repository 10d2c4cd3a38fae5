/**
 * Declines on a code on a phone 付款码与身份码: each way in which one can be no good, and how to get a good one (A22).
 */
import { formatMinute } from "../../CivilTime.ts"
import type { Declines } from "./Entry.ts"
import { duration, fullMinute } from "./Figures.ts"
import { mediumOf } from "./Names.ts"
import { call } from "./Places.ts"
import { text } from "./Text.ts"

const showAgain = text("请刷新后重新出示", "Refresh it and show it again")
const checkPhone = text(
  "请核对手机时间，刷新后重新出示",
  "Check the phone's clock, refresh the code and show it again"
)

/** Codes. */
export const codes = {
  CodeMalformed: () => [text("无法识别该码", "This code cannot be read"), showAgain],
  CodeIssuerUnknown: (_, profile) => [
    text("无法核验该码：此处不认识其发码方", "This code cannot be verified: its issuer is not known here"),
    text("请出示本校的付款码或身份码；仍不行，{}", "Show a code of this school. Still no good? {}", call(profile))
  ],
  BadSignature: ({ by }) =>
    by === "issuer"
      ? [
        text("该码未通过核验：发码方签名不符", "This code does not verify: the issuer's signature does not fit"),
        text("请联网打开 APP，重新出示", "Open the app online and show the code again")
      ]
      : [
        text("该码未通过核验：手机签名不符", "This code does not verify: the phone's signature does not fit"),
        showAgain
      ],
  CodeRevoked: (_, profile) => [
    text("该手机的授权已撤销", "The authorisation of this phone was revoked"),
    text("请重新登录 APP 后出示；非本人操作的，{}", "Sign in to the app again. Was it not you? {}", call(profile))
  ],
  CodeAuthorisationExpired: ({ notAfter }) => [
    text("该手机的授权已于 {} 到期", "The authorisation of this phone ended at {}", formatMinute(notAfter)),
    text("请联网打开 APP，重新出示", "Open the app online and show the code again")
  ],
  CodeAuthorisationNotYetValid: ({ notBefore }) => [
    text("该手机的授权 {} 起有效", "The authorisation of this phone begins at {}", fullMinute(notBefore)),
    text("请核对手机时间，或届时再出示", "Check the phone's clock, or show it then")
  ],
  CodeExpired: ({ by }) => [
    text("该码已过期 {}", "This code expired {} ago", duration(by)),
    text("请勿使用截屏；{}", "A screenshot does not serve. {}", checkPhone)
  ],
  CodeNotYetValid: ({ by }) => [
    text("该码还要 {}才有效", "This code becomes valid in {}", duration(by)),
    checkPhone
  ],
  CodeForOtherPoint: () => [
    text("该码用于另一处，此处无效", "This code was made for another place"),
    text("请在此处刷新后重新出示", "Refresh it here and show it again")
  ],
  CodeAlreadyUsed: () => [
    text("该码已使用过，一码只用一次", "This code has been shown before: each serves once"),
    showAgain
  ],
  CodeRequired: ({ medium }, profile) => [
    text("未读到有效的{}", "Nothing valid was read of {}", mediumOf(profile, medium)),
    text("请重新出示", "Show it again")
  ],
  ClockNotSet: () => [
    text("设备开机后尚未签到，无法核对时间", "This device has not signed in since it started: its clock is not set"),
    text("请等设备联网签到后重试", "Try again once it is online and signed in")
  ]
} satisfies Partial<Declines>
