/**
 * `yikatong what-if` 政策推演: last semester under another policy. Who would have been answered otherwise, and for how much
 * money.
 */
import { AccountStore, CivilTime, Csmzxy, Money, Replaying, type SchoolProfile, type WhatIf } from "@yikatong/core"
import { Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { isDeepStrictEqual } from "node:util"
import * as Campus from "./Campus.ts"
import { both, exitCodes, type Failed, ofFault, ofIncomplete, type Unknown, WrongUse } from "./Failure.ts"
import * as JournalFile from "./JournalFile.ts"
import { Numbering } from "./Numbering.ts"
import * as Output from "./Output.ts"
import * as ProfileFile from "./ProfileFile.ts"

type Entries = Stream.Stream<AccountStore.Entry, Failed | Unknown>

export const whatIf = Command.make(
  "what-if",
  {
    ...Campus.flags,
    profile: Flag.String("profile").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription(
        "新政策，可给出多个版本 / the other policy; several files are its versions, each in force from its day"
      ),
      Flag.atLeast(1)
    ),
    journal: Flag.String("journal").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("流水文件 / a journal as `yikatong journal export` writes it"),
      Flag.optional
    ),
    changes: Flag.Int("changes").pipe(
      Flag.withDescription("列出多少条变化 / how many changes are listed"),
      Flag.withDefault(20)
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("逐行输出 JSON / print JSON, a line for every change and one for the totals"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function*({ changes, journal, json, profile, ...flags }) {
    if (Option.isSome(journal) && (Option.isSome(flags.database) || Option.isSome(flags.folder))) {
      return yield* new WrongUse({
        message: both(
          "只能给出一个数据来源：--journal、--database 或 --folder",
          "give one of --journal, --database and --folder"
        )
      })
    }
    const profiles = yield* ProfileFile.history(profile)
    const decided = new Set<string>()
    const tell = Effect.fnUntraced(function*(entries: Entries) {
      const noted = Stream.tap(entries, (entry) => Effect.sync(() => decided.add(entry.profile)))
      const totals = yield* json ? forMachines(profiles, noted) : forPeople(profiles, noted, changes)
      yield* warn(profiles, decided, totals)
    })
    if (Option.isSome(journal)) {
      const numbering = new Numbering()
      yield* tell(JournalFile.entries(journal.value, numbering))
      if (numbering.missing !== undefined) yield* Output.errors(`yikatong: ${journal.value}: ${numbering.missing}`)
      return
    }
    yield* Effect.gen(function*() {
      const store = yield* AccountStore.AccountStore
      yield* tell(Stream.mapError(store.journal(), ofFault))
    }).pipe(Effect.provide(Campus.layer(flags, ["--journal"])))
  })
).pipe(
  Command.withDescription(
    "政策推演 / replay the journal under another policy: who would have been answered otherwise. " + exitCodes
  )
)

/**
 * A policy that was changed and kept its name: whoever reads the outcome, or puts the policy in force, takes it for the
 * former one.
 */
const warn = Effect.fnUntraced(function*(
  profiles: SchoolProfile.History,
  decided: ReadonlySet<string>,
  { changed }: WhatIf.Totals
) {
  const answersDiffer = changed.direct + changed.knockOn > 0
  for (const profile of profiles) {
    const { version } = profile
    const isPreset = version === Csmzxy.csmzxy.version
    // Where all is answered as it was, nothing tells two policies of one name apart but a preset that is known.
    const changedOne = isPreset ? !isDeepStrictEqual(profile, Csmzxy.csmzxy) : answersDiffer && decided.has(version)
    if (changedOne) {
      yield* Output.errors(`yikatong: ${
        both(
          `注意：新政策与原政策同名（${version}），内容却不同，请改 version`,
          `warning: this policy is not the one that was named ${version} before; give it another version`
        )
      }`)
    }
  }
})

const replay = (
  profiles: SchoolProfile.History,
  entries: Entries,
  told: (change: WhatIf.Change) => Effect.Effect<void>
) =>
  Effect.catchTag(Replaying.replay(profiles, entries, told), "JournalIncomplete", (it) => Effect.fail(ofIncomplete(it)))

const forMachines = Effect.fnUntraced(function*(profiles: SchoolProfile.History, entries: Entries) {
  const totals = yield* replay(profiles, entries, (change) => Output.json({ change }))
  yield* Output.json({ totals })
  return totals
})

const forPeople = Effect.fnUntraced(function*(profiles: SchoolProfile.History, entries: Entries, most: number) {
  const first: Array<WhatIf.Change> = []
  const totals = yield* replay(profiles, entries, (change) =>
    Effect.sync(() => {
      if (first.length < most) first.push(change)
    }))
  const { accounts, asked, changed, commands, notSent } = totals
  const all = changed.direct + changed.knockOn
  yield* Output.lines(
    `政策 policy: ${profiles.map(({ version }) => version).join(", ")}`,
    both(`流水：${accounts} 个账户，${commands} 条指令`, `journal: ${commands} commands of ${accounts} accounts`),
    both(
      `答复改变：${changed.accounts} 个账户，${all} 条指令，其中直接改变 ${changed.direct} 条，连带改变 ${changed.knockOn} 条`,
      `answered otherwise: ${all} commands of ${changed.accounts} accounts, ` +
        `${changed.direct} directly and ${changed.knockOn} as a consequence`
    ),
    both(`新要求输密码：${asked} 条`, `newly asked for the password: ${asked}`),
    both(
      `因前事改变而不再发生：${notSent} 条`,
      `never sent, since what came before was answered otherwise: ${notSent}`
    ),
    "",
    ...Output.table([
      heads,
      ...Object.entries(totals.kinds).map(([kind, { after, before }]) => [
        kind,
        ...cells(before.approved),
        ...cells(after.approved),
        ...cells(before.declined),
        ...cells(after.declined)
      ])
    ]),
    ...(Object.keys(totals.declines).length === 0 ? [] : [
      "",
      ...Output.table([
        ["拒绝原因 decline", "原 before", "现 after"],
        ...Object.entries(totals.declines).map(([tag, { after, before }]) => [tag, String(before), String(after)])
      ])
    ]),
    ...(first.length === 0 ? [] : [
      "",
      first.length < all
        ? both(
          `改变明细（共 ${all} 条，列出前 ${first.length} 条）：`,
          `changes (the first ${first.length} of ${all}):`
        )
        : both("改变明细：", "changes:"),
      ...first.map(sentence)
    ])
  )
  return totals
})

/** Each sum has two columns: how many, and how much money. */
const heads = [
  "指令（笔数、元） command (count, yuan)",
  "原批准 approved before",
  "",
  "现批准 after",
  "",
  "原拒绝 declined before",
  "",
  "现拒绝 after",
  ""
]

const cells = ({ count, fen }: WhatIf.Sum): ReadonlyArray<string> => [String(count), Money.format(Money.of(fen))]

const sentence = ({ account, after, amount, asked, at, before, cause, command }: WhatIf.Change): string =>
  [
    ` `,
    CivilTime.format(at),
    account ?? "-",
    command,
    ...(amount === undefined ? [] : [Money.format(amount)]),
    `${before} -> ${after}`,
    ...(asked ? ["(凭密码 with the password)"] : []),
    ...(cause === "knockOn" ? ["(连带 a consequence)"] : [])
  ].join(" ")
