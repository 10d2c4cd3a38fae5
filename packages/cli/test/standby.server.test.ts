// The command line on a standby that streams: what can be read there is read, and what can not says why, its true cause first.
import { PgCampus } from "@yikatong/adapters-pg"
import { Effect } from "effect"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { sqlOf, start } from "../../adapters-pg/test/standby.ts"
import { term } from "./support/campus.ts"
import { yikatong } from "./support/yikatong.ts"

const pair = await start()
if (pair === undefined) {
  process.stderr.write("standby.server.test.ts of the command line can not be run: there is no pg_basebackup here\n")
}
afterAll(() => pair?.stop())

describe.skipIf(pair === undefined)("yikatong on a standby", () => {
  const { primary, standby } = pair ?? { primary: "", standby: "" }
  const asked = <A extends object>(host: string, statement: string) =>
    Effect.runPromise(Effect.scoped(Effect.flatMap(sqlOf(host), (sql) => sql.unsafe<A>(statement))))
  const address = async (host: string) => {
    const [row] = await asked<{ readonly name: string; readonly who: string }>(
      host,
      "SELECT current_database() AS name, current_user AS who"
    )
    return `postgres://${row?.who}@${encodeURIComponent(host)}/${row?.name}`
  }
  let onPrimary: ReadonlyArray<string> = []
  let there: ReadonlyArray<string> = []

  beforeAll(async () => {
    const peppers = { current: "a", keys: { a: "a pepper of the tests, long enough" } }
    const url = await address(primary)
    onPrimary = ["--database", url]
    await term(PgCampus.backend({ url, peppers }))
    const [{ lsn } = { lsn: "" }] = await asked<{ readonly lsn: string }>(
      primary,
      "SELECT pg_current_wal_lsn()::text AS lsn"
    )
    while ((await asked(standby, `SELECT 1 WHERE pg_last_wal_replay_lsn() >= '${lsn}'`)).length === 0);
    there = ["--database", await address(standby)]
  })

  it("I5: the books are checked there", async () => {
    expect(await yikatong(["books", "check", ...there])).toMatchObject({ code: 0, err: "" })
  })

  it.each([[["books", "seal"]], [["journal", "export"]]])("%j says first that it is a standby", async (command) => {
    const told = await yikatong([...command, ...there])
    expect(told).toMatchObject({ code: 3, out: "" })
    expect(told.err).toMatch(
      /^yikatong: 这台服务器是备库，请连接主库 \/ this server is a standby: ask the one that writes \(/
    )
  })

  it("migrate has nothing to do there, or says that it may only be read", async () => {
    expect(await yikatong(["migrate", ...there])).toMatchObject({
      code: 0,
      out: expect.stringContaining("nothing was to do")
    })
    const other = await yikatong(["migrate", "--schema", "other", ...there])
    expect(other).toEqual({ code: 3, out: "", err: expect.stringContaining("may only be read, not written") })
  })

  /** Meanwhile the primary waits for a synchronous standby that is away: a commit is answered to nobody. */
  const away = async <A>(effect: () => Promise<A>): Promise<A> => {
    const setting = async (statement: string) => {
      await asked(primary, statement)
      await asked(primary, "SELECT pg_reload_conf()")
    }
    await setting("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    while (
      (await asked(primary, "SELECT 1 WHERE current_setting('synchronous_standby_names') = 'nobody'")).length === 0
    );
    try {
      return await effect()
    } finally {
      await setting("ALTER SYSTEM RESET synchronous_standby_names")
    }
  }
  const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
  const over = async () => {
    while ((await asked(primary, waiting)).length > 0) await sleep(20)
  }

  it("where the synchronous one is away, books seal gives up after its time, says so, and ends", async () => {
    const began = performance.now()
    const told = await away(() => yikatong(["books", "seal", "--seconds", "1", ...onPrimary]))
    expect(told).toMatchObject({ code: 3, out: "" })
    expect(told.err).toMatch(/^yikatong: 数据库未在限定时间内答复 \/ the database did not answer in the time/)
    expect(performance.now() - began).toBeLessThan(20_000)
    await over()
  })

  it("where the synchronous one is away, SIGTERM ends it within seconds; what it was about may be done all the same", async () => {
    let signalled = 0
    const ended = await away(() =>
      yikatong(["books", "seal", ...onPrimary], {}, (signal) => {
        const whenWaiting = async () => {
          while ((await asked(primary, waiting)).length === 0) await sleep(20)
          signalled = performance.now()
          signal("SIGTERM")
        }
        void whenWaiting()
      })
    )
    expect(ended).toEqual({
      code: 130,
      out: "",
      err: expect.stringContaining("what a database was asked for may yet be done")
    })
    expect(performance.now() - signalled).toBeLessThan(10_000)
    await over()
    const last = await yikatong(["books", "seal", ...onPrimary])
    expect(last).toMatchObject({ code: 0, out: expect.stringContaining("newest seal: 2") })
    expect(await yikatong(["books", "check", ...onPrimary])).toMatchObject({ code: 0, err: "" })
  })
})
