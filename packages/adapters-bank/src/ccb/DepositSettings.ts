/**
 * What a school has agreed on with a bank that begins deposits 银行发起充值参数, and what the server of them works
 * with.
 */
import type {
  AccountStore,
  Fault,
  Id,
  Misuse,
  PasswordHasher,
  PasswordVault,
  PersonRegister,
  Profiles,
  Recharge,
  RechargeChannel,
  SubjectStore
} from "@yikatong/core"
import type { Effect } from "effect"
import type * as BlockCipher from "../BlockCipher.ts"
import type { DepositRequest } from "./DepositMessages.ts"
import type { Link } from "./Layout.ts"

/** `bank` and `school`: who both are to each other. */
export interface Settings {
  /** Who the bank is in our books. */
  readonly bank: Id.CallerId
  /** The school's number at the bank. */
  readonly school: string
  /** The channel of the profile, and the adapter that serves it (`CcbApp`). */
  readonly channel: string
  readonly adapter: string
  readonly source: Recharge.FundingSource
  /** On whose behalf it is written. */
  readonly point: Id.PointId
  readonly link: Link
  /** Of the MAC. Without one (`mac: "none"`) whoever reaches the port can credit himself: see `LinkFit`. */
  readonly key?: BlockCipher.Key
  /** Whether it works for a sandbox: then a sandbox's key is taken (`SandboxMark`). */
  readonly isSandbox?: boolean
  /** How long a lookup stands for the deposits that follow it, in milliseconds. */
  readonly lookupLife: number
  /** How the bank's `payerNameHash` is made: SHA-256 over the name in this charset; "none": it is not looked at. */
  readonly payerName: "gbk" | "utf-8" | "none"
  /** Whether each connection begins with a sign-in. */
  readonly signIn: "wanted" | "optional"
}

/** What the server works with. */
export type Needs =
  | AccountStore.AccountStore
  | PasswordHasher.PasswordHasher
  | PasswordVault.PasswordVault
  | PersonRegister.PersonRegister
  | Profiles.Profiles
  | RechargeChannel.RechargeChannels
  | SubjectStore.SubjectStore

/** What may be broken meanwhile; the bank asks again. */
export type Broken = Fault.Fault | Misuse.CommandIdReused | Misuse.MalformedCommand

/** What a dealing comes to. */
export type Returned<A> = Effect.fn.Return<A, Broken, Needs>

/** A message of the bank. */
export type Asked<Tag extends DepositRequest["_tag"]> = Extract<DepositRequest, { readonly _tag: Tag }>
