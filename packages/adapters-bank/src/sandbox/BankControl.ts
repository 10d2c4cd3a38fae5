/**
 * The control desk's banks 控制接口之银行: where the school listens, cards that are given out, and deposits that the bank begins.
 * Names, PINs and numbers of cards and documents come in and never go out. Money is in fen.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Effect, Redacted, Result, Schema } from "effect"
import * as DepositFile from "../ccb/DepositFile.ts"
import * as Pan from "../Pan.ts"
import { type Asked, decode, type Doing, doing, Nothing, refused, type Told } from "./ControlDoing.ts"
import type { Dealing } from "./DepositCaller.ts"
import { Account, Claim, IdNumber, Name, StudentNumber, Tail } from "./DepositClaim.ts"
import * as DepositTerms from "./DepositTerms.ts"
import * as DepositWords from "./DepositWords.ts"
import { type Desk, payersOf } from "./Desk.ts"
import { password, type Said } from "./PageFrame.ts"
import * as TransferTerms from "./TransferTerms.ts"

const School = Schema.Struct({ port: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 })) })
const Card = Schema.Struct({
  payer: Schema.String,
  number: Pan.Pan,
  name: Name,
  idNumber: IdNumber,
  pin: Schema.optionalKey(Schema.RedactedFromValue(Schema.String.check(Schema.isPattern(/^[0-9]{4,12}$/))))
})
const Deposit = Schema.Struct({
  payer: Schema.String,
  payerName: Name,
  payerTail: Tail,
  studentNumber: StudentNumber,
  account: Account,
  amount: Money.Amount
})

export const doings: ReadonlyArray<Doing> = [
  doing(
    "POST",
    "banks/school",
    ["学校的充值服务监听在本机哪个端口", "where the school's deposit server listens on this machine", `{"port":7001}`],
    ({ body, desk: { banks } }) =>
      decoded(School, body, ({ port }) => Effect.as(banks.app.connect(port), Result.succeed({ port })))
  ),
  doing("POST", "banks/cards", [
    "给付款人发一张银行卡，密码默认 123456",
    "gives a payer a bank card; its PIN is 123456 unless told",
    `{"payer":"小明","number":"6217000010000000003","name":"李小明","idNumber":"430102200001011230"}`
  ], ({ body, desk }) =>
    decoded(Card, body, ({ pin = Redacted.make(password), ...card }) => {
      if (!isPayer(desk, card.payer)) return noPayer
      desk.banks.issue({ ...card, pin })
      return Result.succeed({ payer: card.payer, tail: Pan.tail(card.number) })
    })),
  doing(
    "POST",
    "banks/lookup",
    ["向学校查询持卡人", "asks the school about a holder", `{"studentNumber":"20260001","name":"李小明"}`],
    ({ body, desk }) =>
      decoded(Claim, body, (claim) =>
        asking(desk, (now) =>
          Effect.map(desk.banks.app.lookup(claim, now), (answer) => {
            if (answer === undefined) return silent
            const { account, balance, code, least, most, shownName } = answer
            return Result.succeed({
              code,
              ...told(DepositWords.ofCode[code]),
              shownName,
              account,
              balance,
              least,
              most
            })
          })))
  ),
  doing(
    "POST",
    "banks/deposits",
    [
      "付款并通知学校入账",
      "pays, and has the school credit it",
      `{"payer":"小明","payerName":"李小明","payerTail":"0003","studentNumber":"20260001","account":"account-1","amount":5000}`
    ],
    ({ body, desk }) =>
      decoded(Deposit, body, (paying) =>
        !isPayer(desk, paying.payer)
          ? noPayer
          : asking(desk, (now) =>
            Effect.map(desk.banks.app.deposit(paying, now), (dealing) =>
              dealing === undefined
                ? refused(409, "余额不足", "the payer has too little")
                : Result.succeed(shown(dealing)))))
  ),
  doing(
    "GET",
    "banks/deposits",
    ["银行端的充值", "the deposits, as the bank has them"],
    ({ desk }) => Result.succeed(all(desk).map(shown))
  ),
  doing(
    "POST",
    "banks/deposits/SERIAL/reverse",
    ["撤销一笔", "takes one back"],
    (asked) =>
      ofSerial(
        asked,
        ({ serial }, now) =>
          Effect.map(asked.desk.banks.app.caller.reverse(serial, now), (after) =>
            after === undefined ? notThere : Result.succeed(shown(after)))
      )
  ),
  doing(
    "POST",
    "banks/deposits/SERIAL/inquire",
    ["问学校某笔的结果", "asks the school what became of one"],
    (asked) =>
      ofSerial(asked, ({ serial }, now) =>
        Effect.map(asked.desk.banks.app.caller.inquire(serial, now), (answer) => {
          if (answer === undefined) return silent
          const { amount, campusSerial, code, state } = answer
          return Result.succeed({ serial, code, ...told(DepositWords.ofCode[code]), state, amount, campusSerial })
        }))
  ),
  doing(
    "POST",
    "banks/settle",
    ["撤销所有结果未知的充值", "has every deposit taken back of which nobody is sure"],
    ({ body, desk }) =>
      decoded(
        Nothing,
        body,
        () => asking(desk, (now) => Effect.map(desk.banks.app.settle(now), () => Result.succeed(all(desk).map(shown))))
      )
  ),
  doing(
    "GET",
    "banks/list/DAY",
    ["银行当日对账文件", "the bank's list of a day"],
    ({ desk, parts: [text = ""] }) =>
      Result.match(CivilTime.parseDay(text), {
        onFailure: () => refused(422, "没有这一天", "there is no such day"),
        onSuccess: (day) => ({
          status: 200,
          headers: {
            "content-type": `text/plain; charset=${DepositTerms.list.charset}`,
            "content-disposition": `attachment; filename="${DepositFile.name(DepositTerms.school, day)}"`,
            "cache-control": "no-store"
          },
          body: desk.banks.app.list(day)
        })
      })
  ),
  doing(
    "GET",
    "banks/transfers/FILE",
    ["圈存明细文件，名称由银行应答给出", "a list of debits, by the name that the bank answered"],
    ({ desk, parts: [name = ""] }) => {
      const body = desk.banks.transfer.lists.file(name)
      if (body === undefined) return refused(404, "银行没有给出这个文件名", "the bank has named no such file")
      const contentType = `text/plain; charset=${TransferTerms.list.charset}`
      return { status: 200, headers: { "content-type": contentType, "cache-control": "no-store" }, body }
    }
  )
]

/** Decodes first; what is wrong with it is told before anything is done. */
const decoded = <A>(
  schema: Schema.Codec<A, unknown>,
  body: Uint8Array,
  then: (value: A) => Effect.Effect<Told> | Told
): Effect.Effect<Told> | Told => Result.match(decode(schema, body), { onFailure: Result.fail, onSuccess: then })

const told = ([zh, en]: Said) => ({ zh, en })
const silent = refused(504, ...DepositWords.silent)
const noPayer = refused(404, "没有这个付款人，请先 POST payers", "there is no such payer: POST payers first")
const notThere = refused(404, "没有这笔充值", "there is no such deposit")

const isPayer = (desk: Desk, payer: string): boolean => payersOf(desk).some(({ name }) => name === payer)

/** Nobody is debited for a school that is not there. */
const asking = (
  { banks, clock }: Desk,
  ask: (now: CivilTime.Instant) => Effect.Effect<Told>
): Effect.Effect<Told> | Told => banks.app.isConnected ? ask(clock.now()) : refused(409, ...DepositWords.noSchool)

const ofSerial = (
  { body, desk, parts: [serial = ""] }: Asked,
  ask: (dealing: Dealing, now: CivilTime.Instant) => Effect.Effect<Told>
): Effect.Effect<Told> | Told =>
  decoded(Nothing, body, () => {
    const dealing = desk.banks.app.caller.dealings.get(serial)
    return dealing === undefined ? notThere : asking(desk, (now) => ask(dealing, now))
  })

const all = ({ banks }: Desk): ReadonlyArray<Dealing> => [...banks.app.caller.dealings.values()]

const shown = ({ day, ...dealing }: Dealing) => ({
  ...dealing,
  day: CivilTime.formatDay(day),
  ...told(DepositWords.ofDealing(dealing))
})
