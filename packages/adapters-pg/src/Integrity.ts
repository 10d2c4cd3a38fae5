/**
 * Is the store what it says 完整性检查: every balance computed again from its transfers, every account and other subject
 * replayed from its events, every line, key, transfer, card and seal held against what it belongs to (I1, I5, I13).
 *
 * It reads all of it as it was at one moment, so it is exact while payments go on, keeps nobody waiting, and asks for a role
 * that may do nothing but `SELECT`. Of the journals a page is in memory at a time; of each account and each other subject the
 * state, which is a few kilobytes.
 *
 * One moment is one long transaction: as long as it runs, no old version of a row is cleared away. On a standby that would
 * rather go on with what its primary clears away, it is ended (`hot_standby_feedback`, or the delay that the standby allows; see
 * the recipe keep-a-standby).
 *
 * What can not be seen from within: a line rewritten together with all that follows from it. That is what seals are for
 * (`Seals`), whose newest digest is kept elsewhere.
 *
 * @example
 * ```ts
 * import { PgClient } from "@effect/sql-pg"
 * import { Integrity } from "@yikatong/adapters-pg"
 * import { Effect, Redacted } from "effect"
 *
 * const client = PgClient.layer({ url: Redacted.make("postgres://reader:secret@localhost:5432/campus") })
 * const report = Integrity.check({ schema: "campus" }).pipe(Effect.provide(client))
 * Effect.isEffect(report) // => true
 * ```
 */
import { Books, type Fault, type SchoolProfile } from "@yikatong/core"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as AuditedAccounts from "./AuditedAccounts.ts"
import * as AuditedSeals from "./AuditedSeals.ts"
import * as AuditedSubjects from "./AuditedSubjects.ts"
import type { Break } from "./Break.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Faults from "./Faults.ts"
import * as Findings from "./Findings.ts"
import * as Seals from "./Seals.ts"
import * as Snapshot from "./Snapshot.ts"

export type { Break } from "./Break.ts"
export { explain } from "./BreakInWords.ts"

/** Which campus is looked at, and how much of what is found is told. */
export interface Options {
  /** The schema of the campus; `campus` unless told. */
  readonly schema?: string
  /** The kinds of other subjects; those of the house (`Books.house`) unless told. */
  readonly kinds?: ReadonlyArray<Books.Kind>
  /** How many breaks are told; 100 unless told. All are counted. */
  readonly breaks?: number
  /** How many lines are in memory at once; 500 unless told. */
  readonly page?: number
  /**
   * The versions of the school's profile, as far as they are known: then each purchase is held against the merchant whom its
   * profile names for its point. What was decided under another version is not compared.
   */
  readonly profiles?: ReadonlyArray<SchoolProfile.SchoolProfile>
  /** The digest of a seal that was kept elsewhere: 64 hexadecimal digits. */
  readonly anchor?: string
  /** Told after each page how many lines of this journal were looked at. */
  readonly progress?: (lines: number) => Effect.Effect<void>
}

/** What was looked at, and what did not agree. */
export interface Report extends Omit<Books.Report, "breaks"> {
  /** Lines of the journal of accounts. */
  readonly lines: number
  /** Fingerprints of them that were made again. What was sent by a handle is recorded without it, and can not be. */
  readonly fingerprints: number
  /** Lines with purchases whose merchant was held against the profile. */
  readonly merchants: number
  /** Keys that were ever answered, also elsewhere. */
  readonly keys: number
  readonly cards: number
  readonly seals: number
  /** The newest seal, whose digest is to be kept elsewhere. */
  readonly newest: Seals.Newest | undefined
  /** Kinds of other subjects that are in the store and were not looked at, since nobody named them. */
  readonly unread: ReadonlyArray<string>
  /** How many breaks there are. Where the first one is a line, others may follow from it. */
  readonly broken: number
  /** The first of them, from the cause to its consequences. */
  readonly breaks: ReadonlyArray<Break>
}

/**
 * Checks the campus in this schema as it is now.
 *
 * It takes as long as there is to read: whoever has no more time interrupts it, which ends its session.
 *
 * It fails as `StoreUnavailable` where the database can not be reached or the session is lost, also to the replay of a standby:
 * then nothing is known. It fails as `StoreBroken` where tables are missing, may not be read, or an option means nothing.
 */
export const check = Effect.fn("Integrity.check")(function*(
  options: Options = {}
): Effect.fn.Return<Report, Fault.StoreFault, SqlClient.SqlClient> {
  const { anchor, breaks: limit = 100, kinds = Books.house, page = 500, profiles = [] } = options
  const progress = options.progress ?? (() => Effect.void)
  const schema = yield* CampusSchema.checkName(options.schema ?? CampusSchema.defaultName)
  if (!isWhole(limit) || !isWhole(page)) return yield* wrong("`breaks` and `page` are whole numbers, 1 or more")
  if (anchor !== undefined && !Seals.isDigest(anchor)) {
    return yield* wrong("`anchor` is the digest of a seal, 64 hexadecimal digits")
  }
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  return yield* Snapshot.of(
    sql,
    "check the store",
    Effect.gen(function*() {
      const findings = Findings.make(limit)
      const accounts = AuditedAccounts.make(sql, findings, { schema, page, profiles, progress })
      const subjects = AuditedSubjects.make(sql, findings, { schema, page, progress })
      const { breaks: ofBooks, ...counts } = yield* Books.audit(accounts, subjects, kinds)
      const { compared: fingerprints, ...looked } = yield* accounts.afterwards
      const unread = yield* subjects.afterwards
      const { newest, seals } = yield* AuditedSeals.verify(sql, findings, { schema, anchor })
      // What can not be read is told already; that it could not be found either follows from it.
      findings.add(...ofBooks.filter((one) => !isUnreadable(one, accounts.unreadable, subjects.unreadable)))
      const [broken, breaks] = [findings.count(), findings.kept()]
      return { ...counts, ...looked, fingerprints, unread, newest, seals, broken, breaks }
    })
  )
})

const isWhole = (number: number): boolean => Number.isSafeInteger(number) && number > 0

const wrong = (problem: string) => Faults.refused("read the options of the check", problem)

const isUnreadable = (one: Books.Break, accounts: ReadonlySet<string>, subjects: ReadonlySet<string>): boolean => {
  if (one._tag === "AccountMissing") return accounts.has(one.account)
  return one._tag === "SubjectMissing" && subjects.has(AuditedSubjects.nameOf(one.kind, one.subject))
}
