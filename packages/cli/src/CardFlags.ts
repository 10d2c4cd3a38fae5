/**
 * The flags of the commands that look at a card 卡片参数: which reader, how long to wait, how the cards are set up.
 */
import { Effect, type Option } from "effect"
import { Flag } from "effect/cli"
import { both, WrongUse } from "./Failure.ts"

/** How long a card is waited for, in seconds, and the most that may be told. */
const patience = { usual: 30, most: 3_600 }

export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("以 JSON 输出，金额以分计 / print JSON for machines, money in fen"),
  Flag.withDefault(false)
)

export const virtual = Flag.String("virtual").pipe(
  Flag.withMetavar("FILE"),
  Flag.withDescription(
    "不用读卡器，用文件中的虚拟卡；文件不存在时新建一张测试卡（测试密钥，50.00 元） / no reader: a virtual card that is kept in this file; " +
      "where there is none, a test card with test keys and 50.00 is made"
  ),
  Flag.optional
)

export const flags = {
  reader: Flag.String("reader").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription(
      "读卡器名称或其一部分，默认唯一有卡的读卡器；多个读卡器有卡时必须给出 / the reader, by its name or a part of it; the only one with a card unless told, and needed where several have one"
    ),
    Flag.optional
  ),
  wait: Flag.Int("wait").pipe(
    Flag.withMetavar("SECONDS"),
    Flag.withDescription(`等卡多少秒，默认 ${patience.usual} / wait so long for a card, ${patience.usual} unless told`),
    Flag.withDefault(patience.usual)
  ),
  cards: Flag.String("cards").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "卡片设置（JSON）：cpu、windows、meals、terminal、keys、m1；缺省为 FMCOS 卡，无密钥（--virtual 用测试密钥） / how the cards are set up, as JSON: cpu, " +
        "windows, meals, terminal, keys, m1; FMCOS cards without keys unless told (with --virtual: test keys)"
    ),
    Flag.optional
  ),
  virtual,
  json
}

/** What these flags say. */
export interface CardFlags {
  readonly reader: Option.Option<string>
  readonly wait: number
  readonly cards: Option.Option<string>
  readonly virtual: Option.Option<string>
  readonly json: boolean
}

/** A time in seconds that makes sense. */
export const seconds = (name: string, value: number): Effect.Effect<number, WrongUse> =>
  value >= 1 && value <= patience.most ? Effect.succeed(value) : Effect.fail(
    new WrongUse({
      message: both(`--${name}：应为 1 至 ${patience.most}`, `--${name}: it is 1 to ${patience.most}`)
    })
  )

/** What the help of each of these commands says of its exit codes. */
export const exitCodes = both(
  "退出码：0 成功，1 卡片有问题或未写成、文件缺失或有误，2 用法不对（含多个读卡器有卡），3 没有卡、读卡器有故障或虚拟卡被占用，130 被中断",
  "exit codes: 0 done, 1 something is wrong with the card, or nothing was written, or nobody knows, or a file is missing " +
    "or flawed, 2 wrong use, also several readers with a card, 3 no card, or the reader is at fault, or another program " +
    "has the virtual card, 130 ended by a signal"
)

/** What the help of the commands that write says first. */
export const chipAlone = both(
  "仅供测试卡和试用读卡器：只写卡片芯片，不动账目",
  "for test cards and for trying a reader: it writes to the chip alone, and no books move"
)
