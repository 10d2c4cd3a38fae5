/**
 * Declines on the card password 卡密码 (R35-R38, A12, A14, D15).
 */
import type { SchoolProfile } from "../../SchoolProfile.ts"
import type { Declines } from "./Entry.ts"
import { fullMinute } from "./Figures.ts"
import { figures, limitName } from "./Limits.ts"
import { placeOf, visit } from "./Places.ts"
import { type Phrase, text } from "./Text.ts"

const reset = (profile: SchoolProfile): Phrase =>
  visit(profile, "resetPassword", text("重置密码", "Have the password reset"))

/** The password. */
export const passwords = {
  PasswordRequired: ({ amount, quota }) => [
    text("需要卡密码：超过{}，{}", "Card password needed: over {}, {}", limitName(quota), figures(quota, amount)),
    text("请输入卡密码", "Type the card password")
  ],
  PasswordMissing: () => [
    text("需要卡密码", "Card password needed"),
    text("请输入卡密码后重试", "Type the card password and try again")
  ],
  PasswordWrong: ({ left, waitUntil }, profile) => {
    if (waitUntil !== undefined) {
      return [
        text("密码错误，{} 前不能再试", "Wrong password: no other try before {}", fullMinute(waitUntil)),
        text("请届时再试", "Try again then")
      ]
    }
    if (left === 0) return [text("密码错误，此处已锁定", "Wrong password: locked here"), reset(profile)]
    return [
      left === undefined
        ? text("密码错误", "Wrong password")
        : text("密码错误，还可再试 {} 次", "Wrong password, tries left: {}", left),
      text(
        "请重新输入；忘记密码请{}重置",
        "Type it again; if forgotten, have it reset {}",
        placeOf(profile, "resetPassword")
      )
    ]
  },
  PasswordLocked: ({ until }, profile) =>
    until === undefined
      ? [text("密码错误次数过多，此处已锁定", "Too many wrong passwords: locked here"), reset(profile)]
      : [
        text("密码错误次数过多，{} 前不能再试", "Too many wrong passwords: locked until {}", fullMinute(until)),
        text("请届时再试", "Try again then")
      ],
  PasswordStale: () => [
    text("密码刚刚修改过", "The password has just been changed"),
    text("请输入新密码", "Type the new one")
  ],
  PasswordMustChange: (_, profile) => [
    text("初始密码须先修改才能使用", "The initial password must be changed first"),
    visit(profile, "changePassword", text("修改密码", "Change it"))
  ],
  PasswordTooWeak: ({ weakness }) => [
    {
      sameAsInitial: text("新密码不能与初始密码相同", "The new password is the initial one"),
      allSame: text("新密码不能是同一个数字", "The new password is one digit repeated"),
      sequence: text("新密码不能是连续数字", "The new password is a plain sequence")
    }[weakness],
    text("请换一个不易猜到的六位数字", "Choose six digits that are hard to guess")
  ]
} satisfies Partial<Declines>
