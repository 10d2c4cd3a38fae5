// A folder holds a database, what the start of one has left, or nothing; any other is left as it is.
import { Effect, Layer } from "effect"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest"
import * as DataFolder from "../src/DataFolder.ts"
import * as Embedded from "../src/embedded.ts"
import { Holder } from "./Holder.ts"

const root = mkdtempSync(join(tmpdir(), "yikatong-folder-"))
let count = 0
let folder = ""
beforeEach(() => {
  folder = join(root, `folder-${count++}`)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Files, and folders where a name ends with a slash. */
const filled = (names: ReadonlyArray<string>): void => {
  mkdirSync(folder)
  for (const name of names) {
    if (name.endsWith("/")) mkdirSync(join(folder, name))
    else writeFileSync(join(folder, name), "")
  }
}

/** Kills a first start while it writes its files; throws if that came too late. */
const cutOff = async (): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  const holder = await Holder.start()
  const told = holder.hold(folder, { database: true }).catch(() => "cut off")
  await vi.waitUntil(() => existsSync(join(folder, "base")), { interval: 1, timeout: 30_000 }).finally(() =>
    holder.kill()
  )
  expect(await told).toBe("cut off")
  expect(readdirSync(folder)).toContain("global")
  expect(readdirSync(folder)).not.toContain("PG_VERSION")
}

const refused = (path: string) => Effect.runPromise(Effect.flip(DataFolder.check(path)))

describe("a folder of data", () => {
  it.each<[title: string, names: ReadonlyArray<string>, says: string]>([
    ["sources", ["main.ts"], "main.ts"],
    ["a folder", ["node_modules/"], "node_modules"],
    ["much", ["c", "a", "b"], "a and 2 more"],
    ["what is hidden", [".git/"], ".git"],
    ["sources under a lock", ["yikatong.lock", "main.ts"], "main.ts"],
    ["what a database has, without a lock", ["base/", "global/"], "base and 1 more"],
    ["what a database has, and sources", ["yikatong.lock", "base/", "main.ts"], "main.ts"]
  ])("is refused when it holds %s", async (_, names, says) => {
    filled(names)
    const before = readdirSync(folder)
    const build = Effect.scoped(Layer.build(Embedded.layerClient({ dataDir: folder })))
    const fault = await Effect.runPromise(Effect.flip(build))
    expect(fault).toMatchObject({ _tag: "StoreBroken" })
    expect(fault.message).toContain(`open ${folder}: it holds ${says}, and no database`)
    expect(await refused(folder)).toEqual(fault)
    expect(readdirSync(folder)).toEqual(before)
  })

  it.each<[title: string, names: ReadonlyArray<string> | undefined]>([
    ["is not there", undefined],
    ["holds nothing", []],
    ["holds a lock", ["yikatong.lock"]],
    ["holds a database", ["PG_VERSION", "base/"]],
    ["holds a database and more", ["PG_VERSION", "README.md"]],
    ["holds what a start has left that was cut off", ["yikatong.lock", "pg_wal/", "global/", "base/", "pg_xact/"]]
  ])("is taken when it %s", async (_, names) => {
    if (names !== undefined) filled(names)
    await Effect.runPromise(DataFolder.check(folder))
  })

  it("that can not be read is told by its lock", async () => {
    writeFileSync(folder, "")
    for (const path of [folder, join(folder, "below")]) await Effect.runPromise(DataFolder.check(path))
  })

  it("is opened after a first start that was cut off", async () => {
    await vi.waitFor(cutOff, { timeout: 60_000 })
    const next = await Holder.start()
    try {
      expect(await next.hold(folder, { database: true })).toEqual({ tag: "held" })
    } finally {
      await next.kill()
    }
  }, 90_000)
})
