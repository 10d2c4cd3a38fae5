/**
 * `yikatong sandbox` 沙箱: every recharge channel's other side on this machine, with a page where a person pays, until it is
 * ended.
 */
import { Money } from "@yikatong/core"
import { Effect, FileSystem, Option, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import * as CardAmount from "./CardAmount.ts"
import { both, Unknown, WrongUse } from "./Failure.ts"
import * as Output from "./Output.ts"

const whole = (name: string, value: number, most: number): Effect.Effect<number, WrongUse> =>
  value >= 0 && value <= most
    ? Effect.succeed(value)
    : Effect.fail(new WrongUse({ message: both(`--${name}：应为 0 至 ${most}`, `--${name}: it is 0 to ${most}`) }))

/** "小明=500.00" */
const payer = (text: string): Effect.Effect<readonly [string, Money.Amount], WrongUse> => {
  const [, name, yuan] = /^([\p{L}\p{N}_.-]{1,64})=(.+)$/u.exec(text) ?? []
  if (name === undefined || yuan === undefined) {
    return Effect.fail(
      new WrongUse({ message: both("--payer：应为 姓名=元", "--payer: it is NAME=YUAN, as ming=500.00") })
    )
  }
  return Effect.map(CardAmount.parse(yuan), (amount) => [name, amount] as const)
}

/** A name that is given twice would have the last amount, and be shown with both. */
const allOf = Effect.fnUntraced(function*(texts: ReadonlyArray<string>) {
  const given = yield* Effect.forEach(texts, payer)
  const names = given.map(([name]) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    return yield* new WrongUse({ message: both(`--payer：${twice} 重复`, `--payer: ${twice} is given twice`) })
  }
  return given
})

export const sandbox = Command.make(
  "sandbox",
  {
    port: Flag.Int("port").pipe(
      Flag.withDescription("端口，默认任一空闲端口 / the port; any that is free unless told"),
      Flag.withDefault(0)
    ),
    seed: Flag.Int("seed").pipe(
      Flag.withDescription("编号的种子；密钥每次不同 / the seed of its numbers; keys are new each time"),
      Flag.withDefault(0)
    ),
    payers: Flag.String("payer").pipe(
      Flag.withMetavar("NAME=YUAN"),
      Flag.withDescription("付款人及其余额，可多次给出 / who has how much, as often as there are payers"),
      Flag.atLeast(0)
    ),
    write: Flag.String("write").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription(
        "把商户设置（含密钥与令牌）写入新文件，仅本人可读 / write the settings, with keys and token, to a new file of mode 600"
      ),
      Flag.optional
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("以 JSON 输出，含密钥 / print JSON for machines, with the keys"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function*({ json, payers, port, seed, write }) {
    yield* whole("port", port, 65_535)
    yield* whole("seed", seed, 0xffff_ffff)
    const given = yield* allOf(payers.length === 0 ? ["小明=500.00", "小红=0.50"] : payers)
    const { Sandbox } = yield* Effect.promise(() => import("@yikatong/adapters-bank/sandbox"))
    return yield* Effect.scoped(Effect.gen(function*() {
      const box = yield* Effect.mapError(
        Sandbox.start({ port, seed, payers: Object.fromEntries(given) }),
        ({ code }) =>
          new Unknown({
            message: both(`端口 ${port} 无法使用（${code}）`, `the port ${port} can not be had (${code})`)
          })
      )
      const settings = { origin: box.origin, token: Redacted.value(box.token), wires: box.terms() }
      if (Option.isSome(write)) yield* writeNew(write.value, JSON.stringify(settings, null, 2))
      yield* json
        ? Output.json({ ...settings, payers: Object.fromEntries(given) })
        : Output.lines(...told(box, settings.token, given, write))
      return yield* Effect.never
    }))
  })
).pipe(
  Command.withDescription(
    "在本机模拟各充值渠道，直到 Ctrl-C / the recharge channels' other side on this machine, until Ctrl-C; no real money. " +
      "退出码：2 用法不对，3 无法启动，130 被中断 / exit codes: 2 wrong use, 3 it can not start, 130 ended by a signal"
  )
)

/** A file that is there already stays as it is: it may be of another mode. */
const writeNew = (path: string, text: string) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (files) => files.writeFileString(path, `${text}\n`, { flag: "wx", mode: 0o600 })
  )
    .pipe(
      Effect.mapError(() =>
        new Unknown({ message: both(`${path} 无法新建`, `${path} can not be made; it must not be there yet`) })
      )
    )

/** The TCP ports on which banks listen, by the names of their lines. */
const lines = (terms: Readonly<Record<string, Readonly<Record<string, string>>>>): ReadonlyArray<string> =>
  Object.entries(terms).flatMap(([name, { host, port }]) =>
    host === undefined || port === undefined ? [] : [`${name} ${host}:${port}`]
  )

const told = (
  { app, origin, terms, wires }: {
    readonly app: string
    readonly origin: string
    readonly terms: () => Readonly<Record<string, Readonly<Record<string, string>>>>
    readonly wires: ReadonlyArray<{ readonly name: string; readonly nameZh: string }>
  },
  token: string,
  payers: ReadonlyArray<readonly [string, Money.Amount]>,
  file: Option.Option<string>
): ReadonlyArray<string> => [
  both("沙箱已启动，不是真钱", "the sandbox runs; no real money"),
  `  ${both("首页，列出全部地址与接口", "start page, with all addresses and requests")}: ${origin}/`,
  `  ${both("手机银行，由付款人充值", "the bank's app, where a payer begins a deposit")}: ${app}`,
  `  ${both("令牌，只显示一次", "token, shown once")}: ${token}`,
  `  ${both("渠道", "channels")}: ${wires.map(({ name, nameZh }) => `${nameZh} ${name}`).join(", ")}`,
  `  ${both("银行专线", "lines of banks")}: ${lines(terms()).join(", ")}`,
  `  ${both("付款人", "payers")}: ${payers.map(([name, amount]) => `${name} ¥${Money.format(amount)}`).join(", ")}`,
  Option.match(file, {
    onNone: () => both("加 --write FILE 得到商户设置", "with --write FILE it writes the merchant's settings"),
    onSome: (path) => both(`商户设置已写入 ${path}`, `the merchant's settings are in ${path}`)
  }),
  both("查看交易及其付款页面", "see the payments and the pages where they are paid") +
  `: curl -H "Authorization: Bearer $TOKEN" ${origin}/__sandbox/trades`,
  both("按 Ctrl-C 结束", "Ctrl-C ends it")
]
