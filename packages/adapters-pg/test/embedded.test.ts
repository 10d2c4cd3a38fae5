// The embedded database itself: what stays in a folder, what a connection leaves, and how a missing package is told.
import { AccountStore, type Backend, PasswordHasher, Pin } from "@yikatong/core"
import { Campus, csmzxy } from "@yikatong/core/promise"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Effect, Layer, Option, Result } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it, vi } from "vitest"
import * as Embedded from "../src/embedded.ts"
import { account } from "./commands.ts"
import { Holder } from "./Holder.ts"

const profiles = AccountStoreLaws.profiles

afterEach(() => {
  vi.doUnmock("@electric-sql/pglite")
  vi.resetModules()
})

describe("the embedded database", () => {
  it("keeps a campus in a folder, passwords included, until it is opened again", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "yikatong-embedded-"))
    const peppers = { current: "a", keys: { a: "a pepper that stays where the data stay" } }
    const life = <A, E>(effect: Effect.Effect<A, E, Backend.Ports>) =>
      Effect.runPromise(Effect.provide(effect, Embedded.layer({ dataDir, peppers, profiles })))
    const { funded, pay, subject } = account("folder")
    const command = pay(300)
    const pin = Result.getOrThrow(Pin.parse("730519"))
    try {
      const [answer, hash] = await life(Effect.gen(function*() {
        const store = yield* AccountStore.AccountStore
        yield* Effect.forEach(funded(1_000), store.transact)
        const { hash } = yield* PasswordHasher.PasswordHasher
        return [yield* store.transact(command), yield* hash(pin)] as const
      }))
      await life(Effect.gen(function*() {
        const store = yield* AccountStore.AccountStore
        expect(Option.getOrThrow(yield* store.find(subject)).pockets.transit).toBe(700)
        expect(yield* store.transact(command)).toEqual(answer)
        const { verify } = yield* PasswordHasher.PasswordHasher
        expect(yield* verify(pin, hash)).toBe(true)
      }))
    } finally {
      rmSync(dataDir, { recursive: true, force: true })
    }
  })

  it("a new connection to the one session begins clean", () =>
    Effect.runPromise(
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const session = Effect.map(
          sql<{ readonly known: bigint }>`SELECT count(*) AS known FROM pg_prepared_statements`,
          ([row]) => Number(row?.known)
        )
        yield* sql`CREATE TABLE kept (n integer)`
        yield* sql`INSERT INTO kept VALUES (${1})`
        const before = yield* session
        // The pool lets an idle connection go and opens another, which will name its statements as the first one did.
        yield* TestClock.adjust("5 minutes")
        expect(yield* session).toBeLessThan(before)
        yield* sql`INSERT INTO kept VALUES (${2})`
        expect(yield* sql`SELECT n FROM kept`).toEqual([{ n: 1 }, { n: 2 }])
      }).pipe(Effect.provide(Layer.provideMerge(Embedded.layerClient(), TestClock.layer())))
    ))

  it("is a backend for teams without Effect", async () => {
    const campus = await Campus.open({ backend: Embedded.backend({ schema: "elsewhere" }), profile: csmzxy })
    const payment = { id: "tap-1", caller: "till", point: "canteen-1", card: "nobody", amount: 100 }
    expect(await campus.pay(payment)).toEqual({ _tag: "Declined", decline: { _tag: "UnknownCard" } })
    expect((await campus.checkBooks()).breaks).toEqual([])
    await campus.close()
  })

  it("a folder is open once at a time, by any name, and the number of a process that is gone does not matter", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "yikatong-embedded-"))
    const build = (dataDir: string) => Layer.build(Embedded.layerClient({ dataDir }))
    try {
      // No process has this number: it is above the highest that there can be.
      writeFileSync(join(dataDir, "yikatong.lock"), "4194305")
      await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
        yield* build(dataDir)
        const fault = yield* Effect.flip(Effect.scoped(build(`${dataDir}/`)))
        expect(fault).toMatchObject({ _tag: "FolderInUse", folder: `${dataDir}/`, process: process.pid })
      })))
      await Effect.runPromise(Effect.scoped(build(dataDir)))
    } finally {
      rmSync(dataDir, { recursive: true, force: true })
    }
  })

  it("a database that was killed and recovers keeps its folder to itself", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "yikatong-embedded-"))
    const [killed, next, other] = await Promise.all([Holder.start(), Holder.start(), Holder.start()])
    try {
      expect(await killed.hold(dataDir, { database: true })).toEqual({ tag: "held" })
      await killed.kill()
      // PostgreSQL that opened and closed every file of the folder, as one that syncs them does, would end the lock.
      expect(await next.hold(dataDir, { database: true })).toEqual({ tag: "held" })
      expect(await other.hold(dataDir)).toEqual({ tag: "FolderInUse", process: next.process })
    } finally {
      await Promise.all([killed, next, other].map((holder) => holder.kill()))
      rmSync(dataDir, { recursive: true, force: true })
    }
  })

  it("a folder that cannot be is told as StoreUnavailable", async () => {
    const layer = Embedded.layerClient({ dataDir: "/proc/no-such-place" })
    const fault = await Effect.runPromise(Effect.flip(Effect.scoped(Layer.build(layer))))
    expect(fault).toMatchObject({ _tag: "StoreUnavailable" })
    expect(fault.message).toContain("/proc/no-such-place")
    expect(fault.message).not.toContain("nother process")
  })

  it("a missing package is told with its remedy", async () => {
    vi.resetModules()
    vi.doMock("@electric-sql/pglite", () => {
      throw new Error("Cannot find package '@electric-sql/pglite'")
    })
    const { layerClient } = await import("../src/embedded.ts")
    const fault = await Effect.runPromise(Effect.flip(Effect.scoped(Layer.build(layerClient()))))
    expect(fault).toMatchObject({ _tag: "StoreUnavailable" })
    expect(fault.message).toContain("npm install @electric-sql/pglite")
  })
})
