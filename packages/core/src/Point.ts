/**
 * Where something is done 业务点: a terminal, a kiosk, a window or an app, and what it is able to do.
 *
 * Source: R1 (canteen, shop), R10 (access points), R29 (who writes to cards), R30-R37 (windows and kiosk), A21 (the link).
 */
import { Schema } from "effect"
import { MerchantId, Words } from "./Id.ts"

export const Category = Schema.Literals([
  /** 食堂消费机 */
  "canteen",
  /** 超市消费机 */
  "shop",
  /** 自助机, 圈存机 */
  "kiosk",
  /** 教育阳光服务大厅 3/4 窗口 */
  "counter",
  /** 教育阳光服务大厅建设银行窗口 */
  "bankWindow",
  /** 今日校园, 校园 e 码通, 完美校园: the holder's own phone */
  "app",
  /** 校园卡管理中心: the card centre's own programs */
  "office",
  /** 身份识别点: a gate, a room lock or a library reader; identifies, and never sells (R10) */
  "access"
])
export type Category = typeof Category.Type

/**
 * What an access point is 门禁: a class of the profile's access rules. `area` and `side`: the reader on this side of an
 * area lets people in or out, for anti-passback. `dormant`, `lost`: this very door admits or refuses cards that are
 * dormant or reported lost, whatever its class says (A6).
 */
export const Door = Schema.Struct({
  class: Words,
  area: Schema.optionalKey(Words),
  side: Schema.optionalKey(Schema.Literals(["in", "out"])),
  dormant: Schema.optionalKey(Schema.Literals(["admitted", "refused"])),
  lost: Schema.optionalKey(Schema.Literals(["admitted", "refused"]))
})
export interface Door extends Schema.Schema.Type<typeof Door> {}

/**
 * A point as the school's profile lists it. `pinPad`: a password can be typed here. `loads`: it can write money to a
 * card (R29, D9). `department`: whose operators attend here (R72). `door`: what an access point opens.
 */
export const Point = Schema.Struct({
  category: Category,
  nameZh: Schema.NonEmptyString,
  nameEn: Schema.NonEmptyString,
  /** Who earns what is bought here; canteen and shop points have one, the others none. */
  merchant: Schema.optionalKey(MerchantId),
  loads: Schema.Boolean,
  pinPad: Schema.Boolean,
  department: Schema.optionalKey(Words),
  door: Schema.optionalKey(Door)
})
export interface Point extends Schema.Schema.Type<typeof Point> {}

/**
 * Whether the terminal reaches the server, as the terminal itself judges (A21). Written into the command: it is later
 * evidence.
 */
export const Link = Schema.Literals(["up", "down"])
export type Link = typeof Link.Type

/**
 * The link as a terminal judges it: down once an answer has been missing for `cutOffAfter` milliseconds, up again at
 * the first answer (A21).
 *
 * @example
 * ```ts
 * import { Point } from "@yikatong/core"
 *
 * Point.linkAfter(30_000, 29_999) // => "up"
 * Point.linkAfter(30_000, 30_000) // => "down"
 * ```
 */
export const linkAfter = (cutOffAfter: number, unansweredFor: number): Link =>
  unansweredFor >= cutOffAfter ? "down" : "up"

/** Where somebody sits and attends to people: what is done there needs an operator and documents (R72). */
export const isAttended = (category: Category): boolean => category === "counter" || category === "bankWindow"
