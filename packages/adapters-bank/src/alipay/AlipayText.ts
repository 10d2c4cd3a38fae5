/**
 * Values as the Alipay gateway writes them: amounts in yuan as text ("12.50"), times of Beijing ("2025-11-30
 * 10:00:05").
 *
 * An amount that comes as a JSON number has been through a binary fraction and is refused. Source: Alipay open
 * platform, 统一收单交易 API.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Result, Schema, SchemaTransformation } from "effect"

/** A text is read by its check and then once more: the second time it is known. */
const remembering = <A>(parse: (text: string) => A): (text: string) => A => {
  let last: { readonly text: string; readonly read: A } | undefined
  return (text) => {
    if (last?.text !== text) last = { text, read: parse(text) }
    return last.read
  }
}
const parseMoney = remembering(Money.parse)
const parseTime = remembering(CivilTime.parse)

const written = Schema.String.check(Schema.makeFilter((text: string) => Result.isSuccess(parseMoney(text)), {
  expected: "yuan, such as 12.50"
}))
const inFen = SchemaTransformation.transform<number, string>({
  decode: (text) => Result.getOrThrow(parseMoney(text)),
  encode: (fen) => Money.format(Money.of(fen))
})

/** An amount that a payment or refund moves: "0.01" and up. */
export const Amount: Schema.Codec<Money.Amount, string> = written.pipe(Schema.decodeTo(Money.Amount, inFen))

/** An amount that may be nothing: "0.00" and up. */
export const Yuan: Schema.Codec<Money.Money, string> = written.pipe(Schema.decodeTo(Money.Money, inFen))

/** An instant; fractions of a second are read, and not written. */
export const Time: Schema.Codec<CivilTime.Instant, string> = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})?$/, { expected: "a time such as 2025-11-30 10:00:05" }),
  Schema.makeFilter((text: string) => Result.isSuccess(parseTime(text)), { expected: "a time that exists" })
).pipe(Schema.decodeTo(
  CivilTime.Instant,
  SchemaTransformation.transform<number, string>({
    decode: (text) => Result.getOrThrow(parseTime(text)),
    encode: (at) => CivilTime.format(at as CivilTime.Instant)
  })
))

/** A day, "2025-11-30". */
export const Day: Schema.Codec<CivilTime.Day, string> = Schema.String.check(
  Schema.makeFilter((text: string) => Result.isSuccess(CivilTime.parseDay(text)), { expected: "a day that exists" })
).pipe(Schema.decodeTo(
  CivilTime.Day,
  SchemaTransformation.transform<number, string>({
    decode: (text) => Result.getOrThrow(CivilTime.parseDay(text)),
    encode: (day) => CivilTime.formatDay(day as CivilTime.Day)
  })
))

/** A merchant's number of an order or a refund 商户订单号, 退款请求号. */
export const Number = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9_]{1,64}$/, { expected: "1 to 64 letters, digits and _" })
)

/** Alipay's own number of a trade 支付宝交易号. */
export const Reference = Schema.String.check(
  Schema.isPattern(/^[0-9A-Za-z]{1,64}$/, { expected: "1 to 64 letters and digits" })
)

/** A title that people read. The gateway refuses some characters, with which others have split its lists. */
export const Title = Schema.String.check(
  Schema.isPattern(/^[^/=&\p{Cc}\p{Cs}]{1,256}$/u, {
    expected: "1 to 256 characters, without / = & and control characters"
  })
)
