/** What the sandbox's bank and a school have agreed on for the debit of a contracted card 沙箱圈存参数: the proposed layout. */
import { CivilTime } from "@yikatong/core"
import type * as BlockCipher from "../BlockCipher.ts"
import * as TransferFile from "../ccb/TransferFile.ts"
import * as TransferLayout from "../ccb/TransferLayout.ts"
import type * as TransferLink from "../ccb/TransferLink.ts"
import * as HostLine from "./HostLine.ts"
import * as Terms from "./Terms.ts"

export const link = TransferLayout.proposal

/** The list of a day. */
export const list = TransferFile.proposal

/** The name of its file. */
export const fileOf = (organisation: string, day: CivilTime.Day): string =>
  `TRF_${organisation}_${CivilTime.formatDay(day).replaceAll("-", "")}.txt`

/** What a school is given. */
export const told = (key: BlockCipher.Key, port: number): Terms.Terms => ({
  sandbox: "true",
  host: HostLine.host,
  port: String(port),
  key: Terms.keyText(key),
  channel: "01",
  organisation: "S01"
})

/** The settings of a link with this bank; `ask`: from `BankClient.client` with the prefix of {@link link}. */
export const settingsOf = (
  terms: Terms.Terms,
  own: Pick<TransferLink.Settings, "ask" | "holderOf" | "list">
): TransferLink.Settings => ({
  link,
  key: Terms.keyIn(terms, "key"),
  isSandbox: true,
  channel: Terms.term(terms, "channel"),
  organisation: Terms.term(terms, "organisation"),
  ...own
})
