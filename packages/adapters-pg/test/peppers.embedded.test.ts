// A folder that is opened with another pepper than it was begun with.
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "vitest"
import * as Embedded from "../src/embedded.ts"
import { reopening } from "./peppers.ts"

describe("peppers of an embedded database", () => {
  // It is opened a dozen times, each of which takes seconds on a slow core.
  it("D15 another key under a known id is refused when the folder opens; a new one needs a new id", async () => {
    const folder = mkdtempSync(join(tmpdir(), "yikatong-peppers-"))
    const dataDir = join(folder, "campus")
    const rows = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT id, value FROM campus.pepper ORDER BY id`)
    const kept = () =>
      Effect.runPromise(
        Effect.map(Effect.provide(rows, Embedded.layerClient({ dataDir })), (all) => JSON.stringify(all))
      )
    try {
      await reopening((peppers) => Embedded.layer({ dataDir, peppers }), kept)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 120_000)
})
