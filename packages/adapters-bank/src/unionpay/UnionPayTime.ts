/**
 * The times of UnionPay's messages 订单发送时间, 交易传输时间, 清算日期: Beijing time, in digits only.
 *
 * Source: 全渠道平台接入接口规范, 5.1.0. `txnTime` is YYYYMMDDhhmmss and whole; `traceTime` (MMDDhhmmss) and `settleDate`
 * (MMDD) have no year, so they are read as the nearest to a time that is known.
 */
import { Callback, CivilTime } from "@yikatong/core"
import { Result } from "effect"

const malformed = Callback.refusal("malformed", "a time")

/** Writes YYYYMMDDhhmmss; milliseconds are dropped. */
export const write = (at: CivilTime.Instant): string => CivilTime.format(at).replaceAll(/[^0-9]/g, "")

/** The instant as the other side knows it: without milliseconds. */
export const whole = (at: CivilTime.Instant): CivilTime.Instant => CivilTime.later(at, -(at % CivilTime.second))

/** Reads YYYYMMDDhhmmss. */
export const read = (text: string): Result.Result<CivilTime.Instant, Callback.Refusal> => {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)
  if (parts === null) return Result.fail(malformed)
  const [, year, month, date, hour, minute, second] = parts
  return Result.mapError(
    CivilTime.parse(`${year}-${month}-${date} ${hour}:${minute}:${second}`),
    () => malformed
  )
}

/** Writes MMDD. */
export const writeMonthDay = (day: CivilTime.Day): string => CivilTime.formatDay(day).slice(5).replace("-", "")

/** Reads MMDD as the nearest such day. */
export const readMonthDay = (text: string, near: CivilTime.Day): Result.Result<CivilTime.Day, Callback.Refusal> => {
  if (!/^\d{4}$/.test(text)) return Result.fail(malformed)
  const year = Number(CivilTime.formatDay(near).slice(0, 4))
  let nearest: CivilTime.Day | undefined
  for (const candidate of [year, year - 1, year + 1]) {
    const day = CivilTime.parseDay(`${candidate}-${text.slice(0, 2)}-${text.slice(2)}`)
    if (Result.isFailure(day)) continue
    const distance = Math.abs(day.success - near)
    // Less than half a year away: no other is as near.
    if (distance < 180) return Result.succeed(day.success)
    if (nearest === undefined || distance < Math.abs(nearest - near)) nearest = day.success
  }
  return nearest === undefined ? Result.fail(malformed) : Result.succeed(nearest)
}

/** Writes MMDDhhmmss. */
export const writeTrace = (at: CivilTime.Instant): string => write(at).slice(4)

/** No other year's is as near, in milliseconds. */
const surelyNearest = 179 * CivilTime.dayLength

/** Reads MMDDhhmmss as the nearest such time. */
export const readTrace = (
  text: string,
  near: CivilTime.Instant
): Result.Result<CivilTime.Instant, Callback.Refusal> => {
  // Nearly always it is of the same year.
  const likely = read(CivilTime.formatDay(CivilTime.dayOf(near)).slice(0, 4) + text)
  if (Result.isSuccess(likely) && Math.abs(likely.success - near) < surelyNearest) return likely
  return Result.flatMap(
    readMonthDay(text.slice(0, 4), CivilTime.dayOf(near)),
    (day) => read(`${CivilTime.formatDay(day).replaceAll("-", "")}${text.slice(4)}`)
  )
}
