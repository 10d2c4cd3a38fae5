/**
 * `yikatong books check` 对账: every balance computed again from its transfers, every account replayed from its events, every
 * line held against its columns, its key and its seal. `yikatong books seal` 封签: seals the lines that have come since.
 */
import { Integrity, Seals } from "@yikatong/adapters-pg"
import type { SchoolProfile } from "@yikatong/core"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import * as Campus from "./Campus.ts"
import { both, exitCodes, Flawed, ofFault, Unknown, WrongUse } from "./Failure.ts"
import * as Output from "./Output.ts"
import * as ProfileFile from "./ProfileFile.ts"
import * as Progress from "./Progress.ts"

const json = Flag.Boolean("json").pipe(
  Flag.withDescription("以 JSON 输出 / print JSON for machines"),
  Flag.withDefault(false)
)

/** How many breaks are told. Without `--all`, the first and what may follow from it; with it, as many as a person can use. */
const told = { few: 10, all: 10_000 }

/** How long one seal may take, in seconds. */
const patience = 60

/** Without the profile nothing was looked at, so what is wrong with it is no flaw of the books. */
const unless = (
  profiles: ReturnType<typeof ProfileFile.history>
): Effect.Effect<SchoolProfile.History, Unknown> =>
  Effect.mapError(profiles, (error) =>
    new Unknown({
      message: error._tag === "Failed"
        ? error.message
        : both("配置有误，没有对账", "the profile is flawed, so the books were not looked at")
    }))

const check = Command.make(
  "check",
  {
    ...Campus.flags,
    all: Flag.Boolean("all").pipe(
      Flag.withDescription(
        `列出全部差错，至多 ${told.all} 处；默认 ${told.few} 处 / tell all breaks, ${told.all} at most, and not only the first ${told.few}`
      ),
      Flag.withDefault(false)
    ),
    anchor: Flag.String("anchor").pipe(
      Flag.withMetavar("DIGEST"),
      Flag.withDescription(
        "另行保存的封签摘要（由 books seal 给出） / the digest of a seal that you kept elsewhere, as books seal printed it"
      ),
      Flag.optional
    ),
    profile: Flag.String("profile").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription(
        "学校配置，可重复给出各版本：核对每笔消费的商户 / the profile, once for each version: each purchase is held against the merchant of its point"
      ),
      Flag.atLeast(0)
    ),
    json
  },
  ({ all, anchor, json, profile, ...flags }) =>
    Effect.gen(function*() {
      const profiles = profile.length === 0 ? [] : yield* unless(ProfileFile.history(profile))
      const kept = Option.getOrUndefined(anchor)
      if (kept !== undefined && !Seals.isDigest(kept)) {
        return yield* new WrongUse({
          message: both("--anchor：摘要应为 64 位十六进制数字", "--anchor: a digest has 64 hexadecimal digits")
        })
      }
      const progress = Progress.make()
      const report = yield* Integrity.check({
        schema: flags.schema,
        breaks: all ? told.all : told.few,
        profiles,
        progress: progress.tell,
        ...(kept === undefined ? {} : { anchor: kept })
      }).pipe(Effect.mapError(ofFault), Effect.ensuring(progress.end), Effect.provide(Campus.database(flags)))
      yield* json ? Output.json(plain(report)) : Output.lines(...summary(report))
      if (report.broken > 0) return yield* new Flawed()
    })
).pipe(Command.withDescription("对账 / check that the books balance. " + exitCodes))

const seal = Command.make(
  "seal",
  {
    ...Campus.flags,
    seconds: Flag.Int("seconds").pipe(
      Flag.withMetavar("SECONDS"),
      Flag.withDescription(
        `一个封签至多用多少秒，默认 ${patience} / how long one seal may take, ${patience} unless told; one that takes longer may yet be made`
      ),
      Flag.withDefault(patience)
    ),
    json
  },
  ({ json, seconds, ...flags }) =>
    Effect.gen(function*() {
      if (seconds < 1 || seconds > 3_600) {
        return yield* new WrongUse({ message: both("--seconds：应为 1 至 3600", "--seconds: it is 1 to 3600") })
      }
      const sealed = yield* Seals.seal({ schema: flags.schema, timeout: `${seconds} seconds` }).pipe(
        Effect.mapError((fault) => ofFault(fault, "write")),
        Effect.provide(Campus.database(flags))
      )
      const { lines, newest, seals } = sealed
      if (json) return yield* Output.json({ ...sealed, newest: newest ?? null })
      yield* Output.lines(
        both(`新增封签 ${seals} 个，共 ${lines} 行`, `${seals} new seals over ${lines} lines`),
        ...(newest === undefined ? [] : [
          `  ${sealName(newest)}`,
          `  ${
            both(
              "请把摘要另行保存，对账时用 --anchor 给出",
              "keep the digest elsewhere, and give it to books check as --anchor"
            )
          }`
        ])
      )
    })
).pipe(
  Command.withDescription(
    "封签：为新的流水行计算摘要链（写入数据库） / seal the lines that have come since the last time; it writes to the campus. " +
      exitCodes
  )
)

export const books = Command.make("books").pipe(
  Command.withDescription("账簿 / the books of a campus"),
  Command.withSubcommands([check, seal])
)

const sealName = ({ digest, number }: Seals.Newest): string => `最新封签 newest seal: ${number} ${digest}`

const plain = ({ balances, broken, newest, ...rest }: Integrity.Report): object => ({
  ok: broken === 0,
  ...rest,
  balances: Object.fromEntries(balances),
  broken,
  newest: newest ?? null
})

const summary = (report: Integrity.Report): ReadonlyArray<string> => {
  const { breaks, broken, newest } = report
  return [
    broken === 0
      ? both("账平", "the books balance")
      : both(`账不平，共 ${broken} 处`, `the books do not balance: ${broken}`),
    `  账户 accounts: ${report.accounts}`,
    `  业务主体（订单、终端等） other subjects, as orders and terminals: ${report.subjects}`,
    `  指令 commands: ${report.commands} (含订单、终端等业务主体的；journal export 只导出账户的 / with those of orders, terminals and the like; journal export writes those of accounts)`,
    `  事件 events: ${report.events}`,
    `  转账 transfers: ${report.transfers}`,
    `  已答复的指令 answered keys: ${report.keys}`,
    `  卡片 cards: ${report.cards}`,
    `  指纹 fingerprints: ${report.fingerprints} / ${report.lines} (按学工号或码发来的指令无法核对 / what was sent by a number or a code can not be compared)`,
    `  商户 merchants: ${report.merchants} (${
      both("以 --profile 给出配置后核对", "held against the profile where --profile gives it")
    })`,
    `  封签 seals: ${report.seals}`,
    ...(newest === undefined ? [] : [`  ${sealName(newest)}`]),
    ...(report.unread.length === 0 ? [] : [
      `  ${both("未核对的业务主体种类", "kinds of subjects that were not replayed")}: ${report.unread.join(", ")}`
    ]),
    ...breaks.map((one) => {
      const { en, zh } = Integrity.explain(one)
      return `  ${both(zh, en)}`
    }),
    ...(broken > breaks.length
      ? [`  ${both(`另有 ${broken - breaks.length} 处`, `and ${broken - breaks.length} more`)}`]
      : [])
  ]
}
