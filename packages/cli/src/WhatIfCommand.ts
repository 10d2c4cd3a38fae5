/**
 * `yikatong what-if` 政策推演: last semester under another policy. Who would have been answered otherwise, and for how much
 * money.
 */
import { AccountStore, CivilTime, Money, Replaying, type SchoolProfile, type WhatIf } from "@yikatong/core"
import { Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import * as Campus from "./Campus.ts"
import { both, type Failed, ofFault, ofIncomplete, WrongUse } from "./Failure.ts"
import * as JournalFile from "./JournalFile.ts"
import * as Output from "./Output.ts"
import * as ProfileFile from "./ProfileFile.ts"

type Entries = Stream.Stream<AccountStore.Entry, Failed>

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
        message: both("只能给出一个数据来源", "give one of --journal, --database and --folder")
      })
    }
    const profiles = yield* ProfileFile.history(profile)
    const tell = (entries: Entries) => json ? forMachines(profiles, entries) : forPeople(profiles, entries, changes)
    if (Option.isSome(journal)) return yield* tell(JournalFile.entries(journal.value))
    yield* Effect.gen(function*() {
      const store = yield* AccountStore.AccountStore
      yield* tell(Stream.mapError(store.journal(), ofFault))
    }).pipe(Effect.provide(Campus.layer(flags)))
  })
).pipe(
  Command.withDescription("政策推演 / replay the journal under another policy: who would have been answered otherwise")
)

const replay = (
  profiles: SchoolProfile.History,
  entries: Entries,
  told: (change: WhatIf.Change) => Effect.Effect<void>
) =>
  Effect.catchTag(Replaying.replay(profiles, entries, told), "JournalIncomplete", (it) => Effect.fail(ofIncomplete(it)))

const forMachines = Effect.fnUntraced(function*(profiles: SchoolProfile.History, entries: Entries) {
  const totals = yield* replay(profiles, entries, (change) => Output.json({ change }))
  yield* Output.json({ totals })
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
    `流水 journal: ${commands} commands of ${accounts} accounts`,
    `变化 answered otherwise: ${all} commands of ${changed.accounts} accounts, ` +
      `${changed.direct} directly and ${changed.knockOn} as a consequence`,
    `密码 newly asked for the password: ${asked}`,
    `未发 never sent: ${notSent}`,
    "",
    ...Output.table([
      ["指令 command (count, yuan)", "approved before", "", "after", "", "declined before", "", "after", ""],
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
        ["拒绝 decline", "before", "after"],
        ...Object.entries(totals.declines).map(([tag, { after, before }]) => [tag, String(before), String(after)])
      ])
    ]),
    ...(first.length === 0 ? [] : [
      "",
      `变化明细 changes${first.length < all ? ` (the first ${first.length} of ${all})` : ""}:`,
      ...first.map(sentence)
    ])
  )
})

const cells = ({ count, fen }: WhatIf.Sum): ReadonlyArray<string> => [String(count), Money.format(Money.of(fen))]

const sentence = ({ account, after, amount, asked, at, before, cause, command }: WhatIf.Change): string =>
  [
    ` `,
    CivilTime.format(at),
    account ?? "-",
    command,
    ...(amount === undefined ? [] : [Money.format(amount)]),
    `${before} -> ${after}${asked ? " with the password" : ""}`,
    ...(cause === "knockOn" ? ["(a consequence)"] : [])
  ].join(" ")
