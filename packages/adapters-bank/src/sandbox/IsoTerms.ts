/**
 * What the sandbox's ISO 8583 host and a school's terminal have agreed on 沙箱 8583 参数: terminals of 银联POS, working keys of
 * double length, MACs after X9.19.
 */
import * as IsoFrame from "../iso8583/IsoFrame.ts"
import type * as IsoLink from "../iso8583/IsoLink.ts"
import * as IsoProfile from "../iso8583/IsoProfile.ts"
import * as WorkingKeys from "../iso8583/WorkingKeys.ts"
import type * as LengthPrefix from "../LengthPrefix.ts"
import * as HostLine from "./HostLine.ts"
import type * as IsoHost from "./IsoHost.ts"
import * as Terms from "./Terms.ts"

export const profile = IsoProfile.unionPayPos
export const framing = IsoFrame.unionPayPos

/** The length stands before the frame, and is the line's. */
export const prefix: LengthPrefix.Prefix = { form: "binary", size: 2, countsItself: false, largest: framing.largest }

const agreed = { profile, framing, keys: WorkingKeys.doubleBoth, mac: "x919" } as const
const merchant = "105430000000001"

/** The host's side. */
export const hostOf = (own: Pick<IsoHost.Terms, "master" | "random">): IsoHost.Terms => ({ ...agreed, ...own })

/** What a school is given. */
export const told = ({ master }: Pick<IsoHost.Terms, "master">, port: number): Terms.Terms => ({
  sandbox: "true",
  host: HostLine.host,
  port: String(port),
  master: Terms.keyText(master),
  terminal: "10000001",
  merchant,
  operator: "001"
})

/** The settings of a terminal that speaks to this host; `ask`: from `BankClient.client` with {@link prefix}. */
export const settingsOf = (
  terms: Terms.Terms,
  own: Pick<IsoLink.Settings, "ask" | "cardOf">
): IsoLink.Settings => ({
  ...agreed,
  keysWanted: "003",
  isSandbox: true,
  master: Terms.keyIn(terms, "master"),
  terminal: Terms.term(terms, "terminal"),
  merchant: Terms.term(terms, "merchant"),
  operator: Terms.term(terms, "operator"),
  ...own
})
