/**
 * Whether a folder may hold the data of a campus 数据文件夹: PGlite would write a database among whatever files it finds there.
 */
import { Fault } from "@yikatong/core"
import { Effect } from "effect"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import * as FolderLock from "./FolderLock.ts"

/** Refuses a folder that holds something else than a database; nothing is written there. */
export const check = (folder: string): Effect.Effect<void, Fault.StoreBroken> =>
  Effect.suspend(() => {
    const [first, ...more] = strangers(folder)
    if (first === undefined) return Effect.void
    const held = more.length === 0 ? first : `${first} and ${more.length} more`
    return Effect.fail(
      new Fault.StoreBroken({
        operation: `open ${folder}: it holds ${held}, and no database; give a folder that is empty or not there yet`,
        cause: new Error("PG_VERSION is missing")
      })
    )
  })

const strangers = (folder: string): ReadonlyArray<string> => {
  const names = namesIn(folder).filter((name) => name !== FolderLock.name).sort()
  if (names.includes("PG_VERSION")) return []
  // A first start that was cut off, or goes on just now, has the lock before anything else and the version last.
  return existsSync(join(folder, FolderLock.name)) ? names.filter((name) => !ofDatabase.test(name)) : names
}

/** What PostgreSQL writes into a folder of its own. */
const ofDatabase = /^(base|global|pg_[a-z_.]+|postgresql(\.auto)?\.conf|postmaster\.(pid|opts))$/

const namesIn = (folder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(folder)
  } catch {
    // It is not there yet, or no folder, or not ours: whoever locks it says which.
    return []
  }
}
