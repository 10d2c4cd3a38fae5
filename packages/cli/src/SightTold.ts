/**
 * What was read of a card, in words 读卡结果: a line for each thing, or one JSON object.
 */
import { Bytes, LogRecord } from "@yikatong/adapters-pcsc"
import { type Chip, CivilTime, Money } from "@yikatong/core"
import { Clock, Effect } from "effect"
import * as CardFailure from "./CardFailure.ts"
import type { CardSight, Trouble } from "./CardSight.ts"
import * as DealtCard from "./DealtCard.ts"
import { both } from "./Failure.ts"
import * as Output from "./Output.ts"

/** So many lines of its log are told; no card keeps many more. */
const mostLines = 10

const kinds = {
  cpu: "CPU 卡 CPU card",
  m1: "M1 卡 M1 card (MIFARE Classic)",
  unknown: "未知 unknown"
} satisfies Record<CardSight["kind"], string>

const standings = {
  notActivated: "未激活 not activated",
  active: "正常 active",
  blocked: "已停用 blocked"
} satisfies Record<Chip.Chip["standing"], string>

const parts = {
  card: "卡片 card",
  holder: "持卡人文件 holder",
  purse: "钱包 purse",
  counters: "校园信息 counters",
  log: "明细 log"
} satisfies Record<Trouble["part"], string>

const logged: Readonly<Record<keyof typeof LogRecord.kinds, string>> = {
  edLoad: "存折圈存 ED load",
  epLoad: "圈存 load",
  unload: "圈提 unload",
  cash: "取现 cash",
  edPurchase: "存折消费 ED purchase",
  epPurchase: "消费 purchase",
  overdraft: "修改透支限额 overdraft limit",
  compoundPurchase: "复合消费 compound purchase"
}

type Kind = keyof typeof LogRecord.kinds

/** What a transaction of this number is. */
const nameOf = (type: number): Kind | undefined =>
  (Object.keys(LogRecord.kinds) as ReadonlyArray<Kind>).find((name) => LogRecord.kinds[name] === type)

const day = (day: CivilTime.Day | undefined): string => day === undefined ? "-" : CivilTime.formatDay(day)

const counted = ({ tallies }: Chip.Chip, today: CivilTime.Day) => tallies.cells.filter((cell) => cell.day === today)

type Row = readonly [name: string, value: string]

const ofChip = (chip: Chip.Chip, today: CivilTime.Day): ReadonlyArray<Row> => {
  const cells = counted(chip, today)
  return [
    ["状态 standing", standings[chip.standing]],
    ["休眠日 dormant from", `${day(chip.validUntil)}${chip.validUntil <= today ? " (已到 reached)" : ""}`],
    ...(chip.endsOn === undefined ? [] : [["临时卡止 ends on", day(chip.endsOn)] as const]),
    ...(cells.length === 0
      ? [["今日累计 today", "无 none"] as const]
      : cells.map(({ category, count, medium, sum, window }) =>
        ["今日累计 today", `${window}, ${category}, ${medium}: ${Money.format(sum)} (${count})`] as const
      ))
  ]
}

const rowsOf = (sight: CardSight, today: CivilTime.Day): ReadonlyArray<Row> => {
  const { application, atr, balance, card, chip, holder, kind, log, reader, reading } = sight
  return [
    ["读卡器 reader", reader],
    ["种类 kind", `${kinds[kind]}, ATR ${Bytes.hex(atr)}`],
    ...(card === undefined ? [] : [["卡号 card", card] as const]),
    ...(application === undefined ? [] : [
      [
        "有效期 valid",
        `${day(application.starts)} - ${day(application.expires)}${
          application.expires !== undefined && application.expires < today ? " (已过期 expired)" : ""
        }`
      ] as const
    ]),
    ...(holder === undefined ? [] : [
      ["持卡人 holder", `卡类 kind ${holder.kind}, ${holder.staff ? "职工 staff" : "非职工 not staff"}`] as const
    ]),
    ...(chip === undefined ? [] : ofChip(chip, today)),
    ...(reading === undefined ? [] : [["钱包 purse", DealtCard.purse(reading)] as const]),
    ...(balance === undefined ? [] : [["余额 balance", Money.format(balance)] as const]),
    ...(log === undefined ? [] : log.length === 0 ? [["明细 log", "无 none"] as const] : log.slice(0, mostLines).map(
      ({ amount, at, counter, type }) => {
        const name = nameOf(type)
        const said = name === undefined ? `类型 type ${type}` : logged[name]
        return ["明细 log", `${CivilTime.format(at)} ${said} ${Money.format(amount)}, 序号 number ${counter}`] as const
      }
    ))
  ]
}

const lines = (sight: CardSight, today: CivilTime.Day): ReadonlyArray<string> => [
  sight.troubles.length === 0
    ? both("卡片可读", "the card can be read")
    : both(`卡片有问题，共 ${sight.troubles.length} 处`, `something is wrong with the card: ${sight.troubles.length}`),
  ...sight.troubles.flatMap(({ failure, part }) => [
    `  ${parts[part]}: ${CardFailure.what(failure)}`,
    `    ${CardFailure.remedy(failure)}`
  ]),
  ...rowsOf(sight, today).map(([name, value]) => `  ${name}: ${value}`)
]

const plain = (sight: CardSight, today: CivilTime.Day): object => {
  const { application, atr, balance, card, chip, holder, kind, log, reader, reading, troubles } = sight
  const days = (days: Readonly<Record<string, CivilTime.Day | undefined>>): object =>
    Object.fromEntries(Object.entries(days).flatMap(([name, at]) => at === undefined ? [] : [[name, day(at)]]))
  return {
    ok: troubles.length === 0,
    reader,
    atr: Bytes.hex(atr),
    kind,
    ...(card === undefined ? {} : { card }),
    ...(application === undefined ? {} : {
      application: days({ starts: application.starts, expires: application.expires })
    }),
    ...(holder === undefined ? {} : { holder: { kind: holder.kind, staff: holder.staff } }),
    ...(chip === undefined ? {} : {
      standing: chip.standing,
      ...days({ validUntil: chip.validUntil, endsOn: chip.endsOn }),
      today: counted(chip, today).map(({ category, count, medium, sum, window }) => ({
        window,
        category,
        medium,
        sum,
        count
      }))
    }),
    ...(reading === undefined ? {} : { purse: reading }),
    ...(balance === undefined ? {} : { balance }),
    ...(log === undefined ? {} : {
      log: log.slice(0, mostLines).map(({ amount, at, counter, type }) => ({
        at,
        kind: nameOf(type) ?? type,
        amount,
        counter
      }))
    }),
    problems: troubles.map(({ failure, part }) => ({ part, ...CardFailure.plain(failure) }))
  }
}

/** Tells it. */
export const tell = Effect.fnUntraced(function*(sight: CardSight, json: boolean) {
  const today = CivilTime.dayOf((yield* Clock.currentTimeMillis) as CivilTime.Instant)
  yield* json ? Output.json(plain(sight, today)) : Output.lines(...lines(sight, today))
})
