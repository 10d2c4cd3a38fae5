/** What the sandbox's bank and a school have agreed on for deposits that the bank begins 沙箱建行 APP 参数: the proposed layout. */
import { CivilTime } from "@yikatong/core"
import type * as BlockCipher from "../BlockCipher.ts"
import * as DepositFile from "../ccb/DepositFile.ts"
import * as DepositLayout from "../ccb/DepositLayout.ts"
import type * as DepositSettings from "../ccb/DepositSettings.ts"
import * as Terms from "./Terms.ts"

export const link = DepositLayout.proposal

/** The list of a day. */
export const list = DepositFile.proposal

/** The school's number at the bank. */
export const school = "S01"

/** What a school is given. It listens itself, and tells the bank where (`BankApp.connect`). */
export const told = (key: BlockCipher.Key): Terms.Terms => ({ sandbox: "true", key: Terms.keyText(key), school })

/** The settings of the school's server. The bank signs in on every connection. */
export const settingsOf = (
  terms: Terms.Terms,
  own:
    & Pick<DepositSettings.Settings, "adapter" | "bank" | "channel" | "point" | "source">
    & Partial<DepositSettings.Settings>
): DepositSettings.Settings => ({
  link,
  key: Terms.keyIn(terms, "key"),
  isSandbox: true,
  school: Terms.term(terms, "school"),
  lookupLife: CivilTime.hour,
  payerName: "utf-8",
  signIn: "wanted",
  ...own
})
