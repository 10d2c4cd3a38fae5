// The same on a server: what is there is only read, and books that do not balance are told.
import { PgClient } from "@effect/sql-pg"
import { Migrations, PgCampus } from "@yikatong/adapters-pg"
import { Csmzxy } from "@yikatong/core"
import { Effect, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import type {} from "../../adapters-pg/test/server.ts"
import { personal, term } from "./support/campus.ts"
import { Folder, yikatong } from "./support/yikatong.ts"

const server = inject("postgres")
const url = server.kind === "url"
  ? server.url
  : `postgres://${server.username}@${encodeURIComponent(server.host)}/${server.database}`
const schema = `test_${randomBytes(6).toString("hex")}`
const files = new Folder()
afterAll(() => files.remove())
const there = ["--database", url, "--schema", schema]

const sql = (statement: string) =>
  Effect.runPromise(
    Effect.flatMap(PgClient.PgClient, (client) => client.unsafe(statement)).pipe(
      Effect.provide(PgClient.layer({ url: Redacted.make(url) }))
    )
  )

beforeAll(() =>
  term(PgCampus.backend({ url, schema, peppers: { current: "a", keys: { a: "a pepper of the tests, long enough" } } }))
)

describe("yikatong on a database", () => {
  it("I1: books check says that they balance, with the address from a flag or from the environment", async () => {
    const flag = await yikatong(["books", "check", ...there])
    expect(flag).toMatchObject({ code: 0, err: "" })
    const variable = await yikatong(["books", "check", "--schema", schema], { YIKATONG_DATABASE: url })
    expect(variable).toEqual(flag)
  })

  it("D23, D24: journal export writes every command and nothing of the person", async () => {
    const { code, out } = await yikatong(["journal", "export", ...there])
    expect(code).toBe(0)
    expect(out.trimEnd().split("\n")).toHaveLength(9)
    for (const secret of personal) expect(out).not.toContain(secret)
  })

  it("a schema that is not there is told and not created", async () => {
    const { code, err } = await yikatong(["books", "check", "--database", url, "--schema", `${schema}_x`])
    expect(err).toContain("there is no campus in the schema")
    expect(code).toBe(3)
    expect(await sql(`SELECT 1 FROM pg_namespace WHERE nspname = '${schema}_x'`)).toEqual([])
  })

  it("a database that is not there, and a user who may not read the campus", async () => {
    const elsewhere = new URL(url)
    elsewhere.pathname = "/nowhere"
    const nowhere = await yikatong(["books", "check", "--database", elsewhere.href])
    expect(nowhere).toEqual({ code: 3, out: "", err: expect.stringContaining("there is no such database") })
    await sql(`CREATE ROLE "${schema}" LOGIN PASSWORD 'hunter2'`)
    const stranger = new URL(url)
    stranger.username = schema
    stranger.password = "hunter2"
    const refused = await yikatong(["books", "check", "--database", stranger.href, "--schema", schema])
    expect(refused).toEqual({ code: 3, out: "", err: expect.stringContaining("may not read the campus") })
    await sql(`DROP ROLE "${schema}"`)
  })

  it("I5: a role that may only read checks the books", async () => {
    const role = schema.replace("test", "reader")
    const reader = new URL(url)
    reader.username = role
    reader.password = "reader"
    await sql(`CREATE ROLE ${role} LOGIN PASSWORD 'reader'`)
    await sql(`GRANT USAGE ON SCHEMA "${schema}" TO ${role}`)
    await sql(`GRANT SELECT ON ALL TABLES IN SCHEMA "${schema}" TO ${role}`)
    const told = await yikatong(["books", "check", "--database", reader.href, "--schema", schema])
    expect(told).toMatchObject({ code: 0, err: "" })
    const sealed = await yikatong(["books", "seal", "--database", reader.href, "--schema", schema])
    expect(sealed).toMatchObject({ code: 3, out: "" })
    // It is writing that is refused to whoever could read all of it.
    expect(sealed.err).toMatch(/没有写入校园所需的权限 \/ this user lacks a right that it takes to write/)
    await sql(`DROP OWNED BY ${role}`)
    await sql(`DROP ROLE ${role}`)
  })

  it("I13: books seal prints a digest, and books check finds it again", async () => {
    const sealed = await yikatong(["books", "seal", ...there])
    expect(sealed).toMatchObject({ code: 0, err: "" })
    const [, digest = ""] = /newest seal: \d+ ([0-9a-f]{64})\n/.exec(sealed.out) ?? []
    expect(digest).not.toBe("")
    const again = await yikatong(["books", "seal", "--json", ...there])
    expect(JSON.parse(again.out)).toMatchObject({ seals: 0, lines: 0, newest: { digest } })
    expect(await yikatong(["books", "check", "--anchor", digest, ...there])).toMatchObject({
      code: 0,
      out: expect.stringContaining(digest)
    })
    const other = await yikatong(["books", "check", "--anchor", "0".repeat(64), ...there])
    expect(other.code).toBe(1)
    expect(other.out).toContain("没有摘要相符的封签，封签已被改写或删除 / no seal has the digest that was kept")
    const wrong = await yikatong(["books", "check", "--anchor", "0", ...there])
    expect(wrong).toEqual({ code: 2, out: "", err: expect.stringContaining("a digest has 64 hexadecimal digits") })
  })

  it("I5: with --profile each purchase is held against the merchant of its point", async () => {
    const points = Object.entries(Csmzxy.csmzxy.points).map(([id, point]) =>
      [id, point.merchant === undefined ? point : { ...point, merchant: "other" }] as const
    )
    const own = files.file("own.json", Csmzxy.csmzxy)
    const other = files.file("other.json", { ...Csmzxy.csmzxy, points: Object.fromEntries(points) })
    const held = await yikatong(["books", "check", "--profile", own, ...there])
    expect(held).toMatchObject({ code: 0, err: "" })
    expect(held.out).toMatch(/商户 merchants: [1-9]/)
    const told = await yikatong(["books", "check", "--profile", other, ...there])
    expect(told.code).toBe(1)
    expect(told.out).toContain("and the profile names other")
    const none = await yikatong(["books", "check", "--profile", files.path + "/none.json", ...there])
    expect(none).toEqual({ code: 3, out: "", err: expect.stringContaining("none.json") })
    const flawed = await yikatong(["books", "check", "--profile", files.file("flawed.json", {}), ...there])
    expect(flawed).toEqual({ code: 3, out: "", err: expect.stringContaining("so the books were not looked at") })
  })

  it("D18: ten breaks are told, and with --all every one", async () => {
    await sql(`ALTER TABLE "${schema}".answered DISABLE TRIGGER only_grows`)
    await sql(`UPDATE "${schema}".answered SET sequence = sequence + 1`)
    const few = await yikatong(["books", "check", ...there])
    const all = await yikatong(["books", "check", "--all", ...there])
    expect([few.code, all.code]).toEqual([1, 1])
    expect(few.out).toMatch(/: 18\n/)
    expect(few.out.match(/ {2}journal \d+/g)).toHaveLength(10)
    expect(few.out).toContain("  另有 8 处 / and 8 more\n")
    expect(all.out.match(/ {2}journal \d+/g)).toHaveLength(18)
    expect(all.out).not.toContain("more\n")
    await sql(`UPDATE "${schema}".answered SET sequence = sequence - 1`)
    await sql(`ALTER TABLE "${schema}".answered ENABLE TRIGGER only_grows`)
    expect((await yikatong(["books", "check", ...there])).code).toBe(0)
  })

  it("I5: a balance that its transfers do not make is told, with exit code 1", async () => {
    await sql(`UPDATE "${schema}".account SET transit = 999999`)
    const told = await yikatong(["books", "check", ...there])
    expect(told.code).toBe(1)
    expect(told.out).toMatch(/^账不平，共 2 处 \/ the books do not balance: 2\n/)
    expect(told.out).toMatch(/账户中 9999\.99 元，按事件 20\.00 元 \/ .*9999\.99 in the account, 20\.00 by events/)
    const { code, out } = await yikatong(["books", "check", "--json", ...there])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      breaks: [{ _tag: "PocketDiffers", state: 999_999, byEvents: 2_000 }, { _tag: "StateDiffers", field: "pockets" }]
    })
  })

  it("D22: tables of a version that was never released are told as such, and no remedy that would not help", async () => {
    const table = `"${schema}".migration`
    const [{ name = "" } = {}] = await sql(`SELECT name FROM ${table} WHERE migration_id = 1`) as ReadonlyArray<
      { readonly name: string }
    >
    await sql(`UPDATE ${table} SET name = 'campus' WHERE migration_id = 1`)
    for (const command of [["books", "check"], ["journal", "export"], ["migrate"]]) {
      const told = await yikatong([...command, ...there])
      expect(told).toEqual({
        code: 3,
        out: "",
        err: expect.stringContaining("made by a version that was never released")
      })
      expect(told.err).toContain("start the campus with a new schema")
    }
    await sql(`UPDATE ${table} SET name = '${name}' WHERE migration_id = 1`)
    expect((await yikatong(["books", "check", "--json", ...there])).out).toContain("breaks")
  })

  it("D22: a campus of another release is left alone", async () => {
    await sql(`INSERT INTO "${schema}".migration (migration_id, name) VALUES (99, 'later')`)
    const newer = await yikatong(["books", "check", ...there])
    expect(newer.err).toMatch(
      /迁移版本为 99，.*请使用更新版本的命令行 \/ the campus is at migration 99 .*newer release\n$/
    )
    expect(newer.code).toBe(3)
    const unmade = await yikatong(["migrate", ...there])
    expect(unmade).toEqual({ ...newer, code: 3 })
    await sql(`DELETE FROM "${schema}".migration`)
    const older = await yikatong(["books", "check", ...there])
    expect(older.err).toContain("run yikatong migrate, or start the campus with this release first")
    expect(older.code).toBe(3)
  })
})

describe("yikatong migrate", () => {
  const own = schema.replace("test", "made")
  const here = ["--database", url, "--schema", own]

  it("D22: the owner makes a campus before it is started, and a second time there is nothing to do", async () => {
    expect(await yikatong(["books", "check", ...here])).toMatchObject({ code: 3 })
    const first = await yikatong(["migrate", ...here])
    expect(first).toMatchObject({ code: 0, err: "" })
    expect(first.out).toMatch(
      /^已在模式 made_\w+ 中建立校园，迁移版本 \d+ \/ a campus was made in the schema made_\w+, at/
    )
    const again = await yikatong(["migrate", ...here])
    expect(again).toMatchObject({ code: 0, err: "" })
    expect(again.out).toMatch(/无须升级 \/ the schema made_\w+ is at migration \d+ already: nothing was to do\n$/)
    expect(await yikatong(["books", "check", ...here])).toMatchObject({ code: 0, err: "" })
  })

  it("D22: an older one is brought to this release, and what was there stays", async () => {
    const { latest } = Migrations
    await sql(`ALTER TABLE "${own}".subject DROP COLUMN ended`)
    await sql(`DELETE FROM "${own}".migration WHERE migration_id = ${latest}`)
    const older = await yikatong(["migrate", ...here])
    expect(older).toMatchObject({ code: 0, err: "" })
    expect(older.out).toContain(`was brought from migration ${latest - 1} to ${latest}`)
    expect(await yikatong(["books", "check", ...here])).toMatchObject({ code: 0, err: "" })
  })

  it("who may not make tables is told that writing is refused, and nothing is made", async () => {
    const role = schema.replace("test", "stranger")
    const stranger = new URL(url)
    stranger.username = role
    stranger.password = "hunter2"
    await sql(`CREATE ROLE ${role} LOGIN PASSWORD 'hunter2'`)
    const told = await yikatong(["migrate", "--database", stranger.href, "--schema", `${own}_x`])
    expect(told).toEqual({ code: 3, out: "", err: expect.stringContaining("lacks a right that it takes to write") })
    expect(told.err).not.toContain("hunter2")
    expect(await sql(`SELECT 1 FROM pg_namespace WHERE nspname = '${own}_x'`)).toEqual([])
    await sql(`DROP ROLE ${role}`)
  })
})

describe("a database that does not answer", () => {
  const own = schema.replace("test", "held")
  const seal = ["books", "seal", "--database", url, "--schema", own]
  beforeAll(() =>
    term(
      PgCampus.backend({
        url,
        schema: own,
        peppers: { current: "a", keys: { a: "a pepper of the tests, long enough" } }
      })
    )
  )
  /** Somebody keeps the table of seals meanwhile, as a commit that waits for a standby keeps the lock of the sealers. */
  const held = <A>(effect: () => Promise<A>): Promise<A> =>
    Effect.runPromise(
      Effect.flatMap(PgClient.PgClient, (client) =>
        client.withTransaction(
          Effect.andThen(client.unsafe(`LOCK TABLE "${own}".seal`), Effect.promise(effect))
        )).pipe(Effect.provide(PgClient.layer({ url: Redacted.make(url) })))
    )

  it("books seal gives up after its time, says so, and ends; the next one goes on", async () => {
    const began = performance.now()
    const told = await held(() => yikatong([...seal, "--seconds", "1"]))
    expect(told).toEqual({
      code: 3,
      out: "",
      err: expect.stringMatching(/数据库未在限定时间内答复 \/ .*did not answer in/)
    })
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(await yikatong(seal)).toMatchObject({ code: 0, err: "" })
  })

  it.each(["SIGTERM", "SIGINT"] as const)("%s ends it within seconds, with a code that is no outcome", async (name) => {
    let signalled = 0
    const ended = await held(() =>
      yikatong(seal, {}, (signal) => {
        const whenWaiting = async () => {
          // The session that waits for the table is that of the command.
          while ((await sql(waiting)).length === 0) await sleep(50)
          signalled = performance.now()
          signal(name)
        }
        void whenWaiting()
      })
    )
    expect(ended.code).toBe(130)
    expect(ended.out).toBe("")
    expect(performance.now() - signalled).toBeLessThan(8_000)
  })
  const waiting = `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = '"${own}".seal'::regclass`
})
