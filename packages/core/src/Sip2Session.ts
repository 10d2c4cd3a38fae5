/**
 * What a library's terminal says before it asks for anybody 图书馆终端登录: it logs in (93, 94), and asks whether the system is
 * there and what it is able to do (99, 98). Sources: R17, R18.
 *
 * The standard: 3M Standard Interchange Protocol 2.00, document revision 2.12 of 11 April 2006. {@link Sip2} reads and
 * writes these messages. The login says which terminal is speaking and is no protection: user id and password stand on the
 * line as anybody can read them, so a host trusts the line itself, or nothing (D24).
 */
import { Schema, SchemaTransformation } from "effect"
import * as Field from "./Sip2Field.ts"

const { transform } = SchemaTransformation
const optional = Schema.optionalKey(Field.Text)
const lines = Schema.Array(Field.Text)

/** How user id and password are encrypted on the line: 0 not at all, any other digit as both sides agreed. */
const Algorithm = Schema.String.check(Schema.isPattern(/^[0-9]$/))
const Version = Schema.String.check(Schema.isPattern(/^[0-9]\.[0-9]{2}$/))
const ThreeDigits = Schema.String.check(Schema.isPattern(/^[0-9]{3}$/)).pipe(Schema.decodeTo(
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 999 })),
  transform({ decode: Number, encode: (n: number) => String(n).padStart(3, "0") })
))

/** 93. `location`: where the terminal stands. */
export const Login = Schema.TaggedStruct("Login", {
  userAlgorithm: Algorithm,
  passwordAlgorithm: Algorithm,
  user: Field.Text,
  password: Field.Secret,
  location: optional
})
export type Login = typeof Login.Type

/** 94, the answer to 93. */
export const LoginResponse = Schema.TaggedStruct("LoginResponse", {
  ok: Schema.Union([Schema.Literal("0").transform(false), Schema.Literal("1").transform(true)])
})
export type LoginResponse = typeof LoginResponse.Type

/** 99, how a terminal is. `printWidth`: characters a line, or unknown. `version`: of the protocol. */
export const ScStatus = Schema.TaggedStruct("ScStatus", {
  condition: Schema.Literals(["0", "1", "2"]).transform(["ready", "outOfPaper", "shuttingDown"]),
  printWidth: Schema.Union([ThreeDigits, Schema.Literal("   ").transform("unknown")]),
  version: Version
})
export type ScStatus = typeof ScStatus.Type

/** What a system may answer, in the order of "supported messages" (BX). */
export const abilities = [
  "patronStatus",
  "checkout",
  "checkin",
  "blockPatron",
  "status",
  "resend",
  "login",
  "patronInformation",
  "endPatronSession",
  "feePaid",
  "itemInformation",
  "itemStatusUpdate",
  "patronEnable",
  "hold",
  "renew",
  "renewAll"
] as const
export type Ability = typeof abilities[number]

/** What a host answers with the messages here. Books are lent, taken back and counted by the library's own system. */
export const supported: ReadonlyArray<Ability> = ["patronStatus", "status", "resend", "login", "patronInformation"]

const Abilities = Schema.String.check(Schema.isPattern(/^[YN]{1,255}$/)).pipe(Schema.decodeTo(
  Schema.Array(Schema.Literals(abilities)),
  transform({
    decode: (text: string): ReadonlyArray<Ability> => abilities.filter((_, place) => text[place] === "Y"),
    encode: (able: ReadonlyArray<Ability>) => abilities.map((one) => able.includes(one) ? "Y" : "N").join("")
  })
))

/**
 * 98, the answer to 99. `timeout`: until the terminal gives up, in tenths of a second; 0 for a system that is not
 * on-line, 999 where it is not known, as in `retries`. `clock`: what the terminal sets its clock by, if the system says.
 */
export const AcsStatus = Schema.TaggedStruct("AcsStatus", {
  online: Field.YesNo,
  checkin: Field.YesNo,
  checkout: Field.YesNo,
  renewal: Field.YesNo,
  statusUpdate: Field.YesNo,
  offline: Field.YesNo,
  timeout: ThreeDigits,
  retries: ThreeDigits,
  clock: Schema.Union([Schema.Literal("000000000000000000").transform("unknown"), Field.TransactionDate]),
  version: Version,
  institution: Field.Text,
  library: optional,
  abilities: Schema.optionalKey(Abilities),
  location: optional,
  screen: lines,
  print: lines
})
export type AcsStatus = typeof AcsStatus.Type
