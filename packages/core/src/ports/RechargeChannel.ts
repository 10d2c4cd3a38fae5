/**
 * A way by which money comes in 充值渠道: a bank, WeChat, an app. Its adapter speaks the wire; the core sees attempts and
 * receipts.
 *
 * Only here is the right to make a {@link Receipt} given away: `make` hands it to an adapter, who makes one of a callback
 * that was verified, an answer to a question of its own, or a row of a statement.
 *
 * What a channel can do is what its adapter has: one without `close` can not close, one without `callback` is asked.
 */
import { Context, type Effect, Layer, type Redacted } from "effect"
import type { BillRow } from "../BillRow.ts"
import type * as Callback from "../Callback.ts"
import { type Day, dayLength, type Instant } from "../CivilTime.ts"
import type { BillNotReady, CallbackRefused, ChannelFailed, ChannelRefused } from "../Fault.ts"
import type { OrderNumber } from "../Id.ts"
import { mintKey } from "../internal/mint.ts"
import type * as Money from "../Money.ts"
import type { Attempt, Instruction, Paid } from "../PaymentAttempt.ts"
import { Receipt, type Told } from "../Receipt.ts"
import type { FundingSource } from "../Recharge.ts"

/** How the payer stands before the channel 支付场景. None of it is kept. */
export type Payer =
  /** Scans a QR code that is shown 主扫. */
  | { readonly _tag: "Scan" }
  /** Shows a code of theirs, which is scanned 被扫. It is good once, and for a minute. */
  | { readonly _tag: "PayCode"; readonly code: Redacted.Redacted }
  /** Is in the channel's own app or mini program, known to it by this id. */
  | { readonly _tag: "InApp"; readonly openId: Redacted.Redacted }
  /** Comes from a browser, which the channel sends back to `returnTo`. That page is no proof of anything. */
  | { readonly _tag: "Browser"; readonly returnTo: string }

/** What a channel says of an attempt when it is asked. */
export type Snapshot =
  | { readonly _tag: "Paid"; readonly receipt: Receipt }
  /** It was paid, and given back by somebody else than us, such as in the channel's own back office. */
  | { readonly _tag: "GivenBack"; readonly receipt: Receipt }
  /** The channel has it; the payer has not paid, or is about to. */
  | { readonly _tag: "Waiting" }
  /** It can not be paid any more. */
  | { readonly _tag: "Closed" }
  /** The channel does not know it, as seen now: it may be on its way. */
  | { readonly _tag: "NotFound" }
  /** The channel does not know itself. */
  | { readonly _tag: "Unclear" }

/** Money on its way back. `number`: of the refund 退款单号, the same each time. `amount`: all that was paid. */
export interface Refund {
  readonly attempt: Paid
  readonly number: string
  readonly amount: Money.Amount
  /** Since when it is due, which some channels want as the time of the refund, the same each time. */
  readonly dueAt: Instant
}

/** What a channel says of a refund. */
export type Refunding =
  | { readonly _tag: "Done" }
  /** Taken; it will be done, or has to be asked about. */
  | { readonly _tag: "Accepted" }
  /** The channel does not know this refund, as seen now. */
  | { readonly _tag: "NotFound" }
  /** It will never be done by itself: a person has to see to it. `code`: the channel's. */
  | { readonly _tag: "Abnormal"; readonly code: string }
  | { readonly _tag: "Unclear" }

/** What a verified callback says. */
export type Notice =
  | { readonly _tag: "Paid"; readonly receipt: Receipt }
  /** A refund of ours is done, or never will be; the channel is asked which. */
  | { readonly _tag: "RefundNews"; readonly refund: string }
  /** The bank took its payment back 冲正. */
  | { readonly _tag: "TakenBack"; readonly number: OrderNumber }
  /** Anything else that the channel tells, such as a test of the line. */
  | { readonly _tag: "Other"; readonly what: string }

/** How a callback was taken. `refused`: not believed. `failed`: believed, and not written down: it has to come again. */
export type Taken = "taken" | "refused" | "failed"

/** A channel's bill of one day. `rows` in its order; a payment's receipt is `statement` evidence. */
export interface Bill {
  readonly day: Day
  readonly rows: ReadonlyArray<{ readonly row: BillRow; readonly receipt?: Receipt }>
}

/** When a channel is asked about an attempt that nobody has told about 轮询, as data. Milliseconds. */
export interface Patience {
  /** How long after the attempt was opened, each. After the last it is asked when the attempt has ended. */
  readonly asks: ReadonlyArray<number>
  /** How long after its end an unpaid attempt is believed to be unpaid. */
  readonly grace: number
  /** How long after each other a refund is asked for, and about; the last again and again. */
  readonly refunds: ReadonlyArray<number>
  /**
   * The longest distance between two questions about an unpaid attempt past its end, of which the channel says nothing final:
   * from the last of `refunds` on each is twice as long, up to this; a week if left out.
   */
  readonly most?: number
  /** How long a payer has, where that is less than the order has. */
  readonly life?: number
}

export interface RechargeChannel {
  /** What this channel is called: the name of a channel in the school's profile, or one of its own. */
  readonly name: string
  /** Which money it takes, where that is not all that the profile's channel of this name takes. */
  readonly serves?: ReadonlyArray<{ readonly channel: string; readonly source: FundingSource }>
  /** The account at the channel to which its money goes 商户号, such as "wechat:1900000001": see {@link isSameMerchant}. */
  readonly merchant?: string
  /** How its payers may stand; any, where it does not say. None: the payer begins at the bank, or the school draws the money. */
  readonly payers?: ReadonlyArray<Payer["_tag"]>
  readonly patience: Patience
  /** With payers who show a code 被扫, where that is another: they are charged at once or never. */
  readonly codePatience?: Patience
  /**
   * Opens the attempt at the channel. The same attempt again is one payment and never two. After a fault the outcome is
   * unknown: ask. `ChannelRefused`: the channel has not taken it, and nothing will be paid under its number.
   */
  readonly create: (attempt: Attempt, payer: Payer) => Effect.Effect<Instruction, ChannelFailed | ChannelRefused>
  /** Asks what became of an attempt. */
  readonly query: (attempt: Attempt) => Effect.Effect<Snapshot, ChannelFailed>
  /** Ends an attempt that is not paid; the channel is asked afterwards, since it may have been paid meanwhile. */
  readonly close?: (attempt: Attempt) => Effect.Effect<void, ChannelFailed>
  /** Sends the money of an attempt back. The same number again is one refund and never two. */
  readonly refund?: (refund: Refund) => Effect.Effect<Refunding, ChannelFailed>
  /** Asks what became of a refund; without it, it is sent again. */
  readonly queryRefund?: (refund: Refund) => Effect.Effect<Refunding, ChannelFailed>
  /** Verifies a callback. What it says is believed from here on. */
  readonly callback?: (raw: Callback.Raw) => Effect.Effect<Notice, CallbackRefused | ChannelFailed>
  /** What is answered to a callback. */
  readonly acknowledge?: (taken: Taken) => Callback.Reply
  /** The bill of a day. */
  readonly bill?: (day: Day) => Effect.Effect<Bill, ChannelFailed | BillNotReady>
}

/** The right to say that a channel confirmed a payment. */
export type Mint = (told: Told) => Receipt

/** Asked after 5, 15 and 30 seconds, 1, 3, 10 and 30 minutes: as WeChat Pay advises its merchants. */
export const patience: Patience = {
  asks: [5_000, 15_000, 30_000, 60_000, 180_000, 600_000, 1_800_000],
  grace: 300_000,
  refunds: [60_000, 300_000, 1_800_000, 7_200_000]
}

/** The longest distance between two questions about an unpaid attempt past its end, where its channel says nothing else. */
export const longest = 7 * dayLength

/** What an adapter brings; `patience` as above where it says nothing else. */
export type Adapter = Omit<RechargeChannel, "name" | "patience"> & { readonly patience?: Patience }

/** A channel of this name, whose adapter alone is handed the right to make receipts. */
export const make = (name: string, adapter: (mint: Mint) => Adapter): RechargeChannel => ({
  patience,
  ...adapter((told) => new Receipt(mintKey, told)),
  name
})

/** The patience with a payer who is about to pay. */
export const patienceWith = ({ codePatience, patience }: RechargeChannel, payer: Payer): Patience =>
  payer._tag === "PayCode" ? codePatience ?? patience : patience

/** The patience with an attempt: of one that the channel has, and whose payer was shown nothing, that of codes. */
export const patienceOf = ({ codePatience, patience }: RechargeChannel, attempt: Attempt): Patience =>
  attempt._tag === "Waiting" && attempt.instruction._tag === "Nothing" ? codePatience ?? patience : patience

const everyPayer: ReadonlyArray<Payer["_tag"]> = ["Scan", "PayCode", "InApp", "Browser"]

/** What a channel can do 能力, as data: for whoever shows it to people, or chooses by it. */
export const capabilities = (channel: RechargeChannel) => ({
  payers: channel.payers ?? everyPayer,
  close: channel.close !== undefined,
  refund: channel.refund !== undefined,
  queryRefund: channel.queryRefund !== undefined,
  callback: channel.callback !== undefined,
  bill: channel.bill !== undefined
})

/** The channels that the running system has. */
export class RechargeChannels extends Context.Service<RechargeChannels, ReadonlyArray<RechargeChannel>>()(
  "@yikatong/core/ports/RechargeChannels"
) {
  /** @throws RangeError where two are called the same, or take the same money: neither could be asked for by name. */
  static readonly layer = (channels: ReadonlyArray<RechargeChannel>): Layer.Layer<RechargeChannels> => {
    const names = channels.map(({ name }) => name)
    const served = channels.flatMap(({ serves = [] }) => serves.map(({ channel, source }) => `${channel} ${source}`))
    for (const list of [names, served]) {
      const twice = list.find((name, at) => list.indexOf(name) !== at)
      if (twice !== undefined) throw new RangeError(`Two recharge channels for ${twice}`)
    }
    return Layer.succeed(RechargeChannels, channels)
  }
}

/** The channel that takes this money: one that says so, else the one that is called as the profile calls it. */
export const serving = (
  channels: ReadonlyArray<RechargeChannel>,
  wanted: { readonly channel: string; readonly source: FundingSource }
): RechargeChannel | undefined =>
  channels.find(({ serves = [] }) =>
    serves.some(({ channel, source }) => channel === wanted.channel && source === wanted.source)
  ) ?? channels.find(({ name, serves }) => name === wanted.channel && serves === undefined)

/** Whether two channels take money for one account of a merchant, so that the bill of one has the payments of both. */
export const isSameMerchant = (
  one: Pick<RechargeChannel, "merchant" | "name">,
  other: Pick<RechargeChannel, "merchant" | "name">
): boolean => one.name === other.name || (one.merchant !== undefined && one.merchant === other.merchant)
