/**
 * The names of things 标识: opaque strings that say which account, person, card, point, merchant, command or caller is
 * meant.
 *
 * An id is 1 to 64 characters of `A-Z a-z 0-9 . _ : -` and begins with a letter or a digit, so that it can stand in the
 * books, in a URL and in a file name unchanged. An id never holds personal data (D24): a student number is a {@link
 * Handle}, not an id.
 */
import { Schema, SchemaIssue, SchemaParser } from "effect"
import * as Flaw from "./Flaw.ts"

/** `make` of a schema says no more than that it failed; an id that is written down wrongly is told as any other flaw is. */
const explained = (name: string) => <S extends Schema.Top>(schema: S): S => {
  const make = SchemaParser.make(schema)
  const value = (input: S["~type.make.in"], options?: Schema.MakeOptions): S["Type"] => {
    try {
      return make(input, options)
    } catch (error) {
      const issue = error instanceof Error ? error.cause : undefined
      if (!SchemaIssue.isIssue(issue)) throw error
      throw new Error(`${name}: ${Flaw.told(Flaw.of({ issue }))}`, { cause: issue })
    }
  }
  return Object.defineProperty(schema, "make", { value, enumerable: true })
}

const text = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/u, {
  expected: "1 to 64 characters of A-Z a-z 0-9 . _ : -, the first a letter or a digit"
}))

/** One campus account 账户: the subject of every decision on money, cards and limits. */
export const AccountId = text.pipe(Schema.brand("AccountId"), explained("AccountId"))
export type AccountId = typeof AccountId.Type

/** One person 人, known to journal and books by this opaque id only (D24). */
export const PersonId = text.pipe(Schema.brand("PersonId"), explained("PersonId"))
export type PersonId = typeof PersonId.Type

/**
 * One piece of plastic 卡片, as its chip names itself to a reader (UID or serial). Not the printed number, never a bank
 * card number.
 */
export const CardId = text.pipe(Schema.brand("CardId"), explained("CardId"))
export type CardId = typeof CardId.Type

/** One terminal, kiosk, window or app 业务点 at which something is done. The host authenticates it (D24). */
export const PointId = text.pipe(Schema.brand("PointId"), explained("PointId"))
export type PointId = typeof PointId.Type

/** Whoever attends at a counter 操作员, as the host authenticated them. */
export const OperatorId = text.pipe(Schema.brand("OperatorId"), explained("OperatorId"))
export type OperatorId = typeof OperatorId.Type

/** One batch of subsidies 补助批次. */
export const BatchId = text.pipe(Schema.brand("BatchId"), explained("BatchId"))
export type BatchId = typeof BatchId.Type

const ofDesk = { expected: "the name of a desk, other than alipay and settlement" }
/** What names a desk: its book is a channel's, so it may bear no name that a book of ours has. */
export const BookName = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/u, ofDesk),
  Schema.isPattern(/^(?!(?:alipay|settlement)$)/u, ofDesk)
)

/** One merchant 商户 who earns what is bought at its points. */
export const MerchantId = text.pipe(Schema.brand("MerchantId"), explained("MerchantId"))
export type MerchantId = typeof MerchantId.Type

/**
 * One command, named by its caller (D18). The same id with the same body gives the first answer again. Up to 260
 * characters, of which a caller uses 96 at most, so that the steps which follow can be named after it.
 */
export const CommandId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,259}$/u, {
    expected: "1 to 260 characters of A-Z a-z 0-9 . _ : -, the first a letter or a digit"
  })
).pipe(Schema.brand("CommandId"), explained("CommandId"))
export type CommandId = typeof CommandId.Type

/**
 * Who sends a command 调用方, as the host authenticated it. (Caller, CommandId) is the key of a command (D18). No colon, but
 * for `yikatong:`, with which our own flows begin.
 */
const ofCaller = { expected: "1 to 64 characters of A-Z a-z 0-9 . _ - and no colon, the first a letter or a digit" }
export const CallerId = Schema.String.check(
  Schema.isPattern(/^(yikatong:)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u, ofCaller),
  // Its commands would bear the names of our own flows'.
  Schema.isPattern(/^(?!yikatong$)/u, { expected: "a name other than yikatong" })
).pipe(Schema.brand("CallerId"), explained("CallerId"))
export type CallerId = typeof CallerId.Type

/**
 * One recharge order 充值订单, named after the caller and the id of the command that placed it: `caller:id`. A caller has no
 * colon in its name, so no two commands name the same order.
 */
export const OrderId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}:[A-Za-z0-9][A-Za-z0-9._:-]{0,175}$/u, {
    expected: "the name of an order, caller:id, as it was told when it was placed"
  })
).pipe(Schema.brand("OrderId"), explained("OrderId"))
export type OrderId = typeof OrderId.Type

/**
 * A merchant order number 商户订单号: under which a channel knows one try to pay an order. The day of the order and 20
 * characters, 28 letters and digits in all: every channel takes that, and it tells no account and no caller.
 */
export const OrderNumber = Schema.String.check(
  Schema.isPattern(/^\d{8}[0-9A-HJKMNP-TV-Z]{20}$/u, { expected: "a merchant order number: a date and 20 characters" })
).pipe(Schema.brand("OrderNumber"), explained("OrderNumber"))
export type OrderNumber = typeof OrderNumber.Type

const byCommand = Schema.String.check(
  Schema.isPattern(/^(yikatong:)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}:[A-Za-z0-9][A-Za-z0-9._:-]{0,259}$/u, {
    expected: "the caller and the id of the command that made it, as caller:id"
  })
)

/**
 * One purchase 消费, named after the caller and the id of the command that made it: `caller:id`. Terminals count their taps
 * each for itself, so an id alone would name several.
 */
export const PurchaseId = byCommand.pipe(Schema.brand("PurchaseId"), explained("PurchaseId"))
export type PurchaseId = typeof PurchaseId.Type

/** One right to open a door 授权, named in the same way. */
export const GrantId = byCommand.pipe(Schema.brand("GrantId"), explained("GrantId"))
export type GrantId = typeof GrantId.Type

/**
 * One load 圈存, named in the same way, after the tap that began it or the reversal that gives back: a terminal that answers
 * late must not settle the load of another.
 */
export const LoadId = byCommand.pipe(Schema.brand("LoadId"), explained("LoadId"))
export type LoadId = typeof LoadId.Type

/**
 * The opaque name of a password's hash, which is kept outside journal and state: caller and id of the command that set
 * it.
 */
export const CredentialId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\/[A-Za-z0-9][A-Za-z0-9._:-]{0,259}$/u, {
    expected: "the caller and the id of the command that set the password, as caller/id"
  })
).pipe(Schema.brand("CredentialId"), explained("CredentialId"))
export type CredentialId = typeof CredentialId.Type

/**
 * Words from outside: well-formed, without control characters, and no longer than a line, so that every store can hold
 * them.
 */
export const Words = Schema.String.check(
  Schema.isPattern(/^[^\p{Cc}\p{Cs}]{1,128}$/u, { expected: "1 to 128 characters, none of them a control character" })
)

/**
 * What a person or a code shows instead of an account id: a student or staff number 学工号, or the pseudonym inside a code
 * (D20).
 */
export const Handle = Schema.Struct({
  kind: Schema.Literals(["number", "code", "alipay"]),
  value: Words
})
export type Handle = typeof Handle.Type
