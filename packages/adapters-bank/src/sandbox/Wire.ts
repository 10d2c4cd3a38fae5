/**
 * How one channel speaks in the sandbox 沙箱通道: it reads the merchants' requests, answers what happened in the {@link House},
 * writes notices and bills, all signed by keys that were made when the sandbox began.
 */
import type { Callback, CivilTime } from "@yikatong/core"
import type { Happening, House } from "./House.ts"
import type { BillFlaw, Forgery } from "./Mischief.ts"
import type { Trade } from "./Trade.ts"

/** What is answered over HTTP. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** One line for the sandbox's log, where a request was refused: what, and its code, and nothing of what was sent. */
  readonly note?: string
}

/** A notice on its way to a merchant. */
export interface Notice {
  readonly to: string
  readonly method: "GET" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Where a browser is sent, and what with; a form by POST, a query by GET. */
export interface Front {
  readonly to: string
  readonly method: "GET" | "POST"
  readonly fields: Readonly<Record<string, string>>
}

/** Where a wire finds what it answers from. `forgery`, `flaw`: what it is to do wrong this time. `origin`: of this server. */
export interface Here {
  readonly house: House
  readonly now: CivilTime.Instant
  readonly origin: string
  /** A name that nobody has, of letters and digits. */
  readonly name: (prefix: string) => string
  readonly forgery: Forgery | undefined
  readonly flaw: BillFlaw | undefined
}

/** A request that a wire knows. `operation`: what it is, for the rules of mischief: "create", "query", "refund". */
export interface Routed {
  readonly operation: string
  /** Does it, and answers. Asked twice, it is done twice: the server asks once a request. */
  readonly run: (here: Here) => Answer
}

export interface Wire {
  /** "wechat", "unionpay", "alipay", "ccb". */
  readonly name: string
  readonly nameZh: string
  /** The request, if it is one of this wire's. What is wrong with it is an answer, as the real channel gives it. */
  readonly route: (request: Callback.Raw) => Routed | undefined
  /** What the merchant is told of what happened; nothing, where this channel tells nothing of it. */
  readonly notice: (happening: Happening, here: Here) => Notice | undefined
  /** How long after each other a notice is sent that was not taken, in milliseconds. */
  readonly resends: ReadonlyArray<number>
  /** Whether an answer to a notice means that it was taken. */
  readonly isTaken: (answer: { readonly status: number; readonly body: Uint8Array }) => boolean
  /** What a merchant has to be given to speak to this wire: names, keys, addresses. Keys of this start only. */
  readonly terms: (origin: string) => Readonly<Record<string, string>>
  /** Where the payer's browser goes once it was paid, where a channel tells the merchant by it as well 前台通知. */
  readonly front?: (trade: Trade, here: Here) => Front | undefined
  /** A day's bill without the merchant's signature, for whoever runs the sandbox. */
  readonly bill?: (day: CivilTime.Day, here: Here) => Answer | undefined
  /** Keys and certificates change, and the old ones go on for a while 证书轮换; where a wire has such a thing. */
  readonly rotate?: (now: CivilTime.Instant) => void
}
