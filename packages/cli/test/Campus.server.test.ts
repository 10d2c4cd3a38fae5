// The same on a server: what is there is only read, and books that do not balance are told.
import { PgClient } from "@effect/sql-pg"
import { PgCampus } from "@yikatong/adapters-pg"
import { Effect, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { beforeAll, describe, expect, inject, it } from "vitest"
import type {} from "../../adapters-pg/test/server.ts"
import { personal, term } from "./support/campus.ts"
import { yikatong } from "./support/yikatong.ts"

const server = inject("postgres")
const url = server.kind === "url"
  ? server.url
  : `postgres://${server.username}@${encodeURIComponent(server.host)}/${server.database}`
const schema = `test_${randomBytes(6).toString("hex")}`
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
    expect(code).toBe(1)
    expect(await sql(`SELECT 1 FROM pg_namespace WHERE nspname = '${schema}_x'`)).toEqual([])
  })

  it("a database that is not there, and a user who may not read the campus", async () => {
    const elsewhere = new URL(url)
    elsewhere.pathname = "/nowhere"
    const nowhere = await yikatong(["books", "check", "--database", elsewhere.href])
    expect(nowhere).toEqual({ code: 1, out: "", err: expect.stringContaining("there is no such database") })
    await sql(`CREATE ROLE "${schema}" LOGIN PASSWORD 'hunter2'`)
    const stranger = new URL(url)
    stranger.username = schema
    stranger.password = "hunter2"
    const refused = await yikatong(["books", "check", "--database", stranger.href, "--schema", schema])
    expect(refused).toEqual({ code: 1, out: "", err: expect.stringContaining("may not read the campus") })
    await sql(`DROP ROLE "${schema}"`)
  })

  it("I5: a balance that its transfers do not make is told, with exit code 1", async () => {
    await sql(`UPDATE "${schema}".account SET state = jsonb_set(state, '{pockets,transit}', '999999')`)
    const told = await yikatong(["books", "check", ...there])
    expect(told.code).toBe(1)
    expect(told.out).toMatch(/^账不平，共 2 处 \/ the books do not balance: 2\n/)
    expect(told.out).toContain("账户中 9999.99 元，按事件 20.00 元 / 9999.99 in the account, 20.00 by events")
    const { code, out } = await yikatong(["books", "check", "--json", ...there])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      breaks: [{ _tag: "PocketDiffers", state: 999_999, byEvents: 2_000 }, { _tag: "StateDiffers", field: "pockets" }]
    })
  })

  it("D22: a campus of another release is left alone", async () => {
    await sql(`UPDATE "${schema}".migration SET migration_id = 99`)
    const newer = await yikatong(["books", "check", ...there])
    expect(newer.err).toMatch(
      /迁移版本为 99，.*请使用更新版本的命令行 \/ the campus is at migration 99 .*newer release\n$/
    )
    expect(newer.code).toBe(1)
    await sql(`UPDATE "${schema}".migration SET migration_id = 0`)
    const older = await yikatong(["books", "check", ...there])
    expect(older.err).toContain("start the campus with this release first")
    expect(older.code).toBe(1)
  })
})
