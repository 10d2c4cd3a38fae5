/**
 * What must be true after any fault 善后核对 (I1, I3, I5, D18, D19): no acknowledged payment is missing, none is there twice,
 * the same command sent again gets the one answer, the store is what it says (`Integrity`), and every account holds what was
 * answered.
 */
import { Integrity } from "@yikatong/adapters-pg"
import type { Answer } from "@yikatong/core"
import { Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import { account } from "../../packages/adapters-pg/test/commands.ts"
import type { Campus } from "./Campus.ts"
import type { Diary } from "./Diary.ts"
import * as Payment from "./Payment.ts"
import * as Store from "./Store.ts"

export interface Aftermath {
  readonly sent: number
  readonly acknowledged: number
  /** Nobody was told what became of them. */
  readonly unknown: number
  /** Those of them that had happened. */
  readonly happened: number
  /** Which fault was told how often. */
  readonly faults: ReadonlyMap<string, number>
  /** What is not as it must be: nothing, if all is well. */
  readonly violations: ReadonlyArray<string>
}

/** Looks at everything that the diaries tell of. The campus remembers what its accounts hold. */
export const look = (host: string, campus: Campus, diaries: ReadonlyArray<Diary>): Promise<Aftermath> =>
  Store.run(Effect.gen(function*() {
    const { sql, store } = yield* Store.open({ host, schema: campus.schema })
    const violations: Array<string> = []
    const violated = (what: string, ids: ReadonlyArray<string>): void => {
      if (ids.length > 0) violations.push(`${what}: ${ids.length}, such as ${ids.slice(0, 3).join(", ")}`)
    }
    const { acknowledged, contradictions, faults, sent } = together(diaries)
    violated("two answers to one command", contradictions)
    const broken = [...faults.keys()].filter((tag) => !bearable.has(tag))
    violated("told something else than that the server is away or full", broken)

    /** How often each id stands in the journal. */
    const journal = Effect.map(
      sql.unsafe<{ readonly id: string; readonly times: number }>(
        `SELECT command_id AS id, count(*)::int AS times FROM "${campus.schema}".journal GROUP BY command_id`
      ),
      (rows) => new Map(rows.map(({ id, times }) => [id, times]))
    )
    const before = yield* journal
    const twice = (written: ReadonlyMap<string, number>) =>
      [...written].filter(([, times]) => times > 1).map(([id]) => id)
    violated("in the journal twice", twice(before))
    violated("acknowledged, but not in the journal", [...acknowledged.keys()].filter((id) => !before.has(id)))
    const unknown = [...sent.keys()].filter((id) => !acknowledged.has(id))
    const happened = unknown.filter((id) => before.has(id))

    const sendAll = Effect.map(
      Effect.forEach(
        sent.values(),
        (payment) => Effect.map(store.transact(Payment.command(payment)), (answer) => [payment.id, answer] as const),
        { concurrency: 512 }
      ),
      (answers): ReadonlyMap<string, Answer.Answer> => new Map(answers)
    )
    const answers = yield* sendAll
    const digests = new Map([...answers].map(([id, answer]) => [id, Payment.digest(answer)]))
    violated(
      "another answer than the acknowledged one",
      [...acknowledged].filter(([id, digest]) => digests.get(id) !== digest).map(([id]) => id)
    )
    const again = yield* sendAll
    violated(
      "another answer the second time",
      [...again].filter(([id, answer]) => digests.get(id) !== Payment.digest(answer)).map(([id]) => id)
    )

    const after = yield* journal
    campus.lines += sent.size
    violated("in the journal twice after all was sent again", twice(after))
    violated("not in the journal after all was sent again", [...sent.keys()].filter((id) => !after.has(id)))
    if (after.size !== campus.lines) violations.push(`the journal has ${after.size} lines and not ${campus.lines}`)

    for (const [id, { account, fen }] of sent) {
      if (answers.get(id)?._tag === "Approved") campus.holds.set(account, (campus.holds.get(account) ?? 0) - fen)
    }
    const wrong = yield* Effect.filter([...campus.holds], ([name, holds]) =>
      Effect.map(
        store.find(account(name).subject),
        (found) => Option.getOrThrow(found).pockets.transit !== holds
      ))
    violated("accounts that do not hold what was answered", wrong.map(([name]) => name))
    const { breaks } = yield* Effect.provideService(
      Integrity.check({ schema: campus.schema }),
      SqlClient.SqlClient,
      sql
    )
    violated("the integrity check", breaks.map((found) => Integrity.explain(found).en))

    return {
      sent: sent.size,
      acknowledged: acknowledged.size,
      unknown: unknown.length,
      happened: happened.length,
      faults,
      violations
    }
  }))

/** What a caller may be told while things break. */
const bearable: ReadonlySet<string> = new Set(["StoreUnavailable", "StoreFull", "Overloaded"])

/** Several diaries as one: two payers may have sent the same command, and must have been told the same. */
const together = (diaries: ReadonlyArray<Diary>) => {
  const sent = new Map<string, Payment.Payment>()
  const acknowledged = new Map<string, string>()
  const faults = new Map<string, number>()
  const contradictions: Array<string> = []
  for (const diary of diaries) {
    diary.more()
    contradictions.push(...diary.contradictions)
    for (const [id, payment] of diary.sent) sent.set(id, payment)
    for (const [id, digest] of diary.acknowledged) {
      if ((acknowledged.get(id) ?? digest) !== digest) contradictions.push(id)
      acknowledged.set(id, digest)
    }
    for (const [tag, times] of diary.faults) faults.set(tag, (faults.get(tag) ?? 0) + times)
  }
  return { sent, acknowledged, faults, contradictions }
}
