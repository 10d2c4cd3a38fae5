/**
 * A folder of data belongs to one opener at a time 文件夹锁: two databases over the same files would ruin them without a word.
 *
 * The lock is the operating system's own, on a file in the folder, as SQLite takes it. It ends with its process, however
 * that ends, so none is ever stale and none has to be taken over; and it is the folder's, by whatever name or link it is
 * opened and from whichever container. The file stays: what counts is who holds it. The number in it is for people.
 */
import { Fault } from "@yikatong/core"
import { Effect, type Scope } from "effect"
import { existsSync, mkdirSync, realpathSync, statSync, truncateSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import type { DatabaseSync } from "node:sqlite"

/** The file in the folder. */
export const name = "yikatong.lock"

type Refused = Fault.FolderInUse | Fault.StoreFull | Fault.StoreUnavailable

/** Holds a folder, which is made if it is not there, as long as the scope; gives the path that it really has. */
export const acquire = (folder: string): Effect.Effect<string, Refused, Scope.Scope> =>
  Effect.gen(function*() {
    const { DatabaseSync } = yield* Effect.tryPromise({
      try: () => import("node:sqlite"),
      catch: (cause) =>
        new Fault.StoreUnavailable({ operation: "lock a folder of data, which needs Node 22.13 or newer", cause })
    })
    const path = yield* Effect.try({ try: () => made(folder), catch: refusal(folder) })
    const file = join(path, name)
    yield* Effect.acquireRelease(
      Effect.try({
        try: () => hold(() => new DatabaseSync(file), file),
        catch: (cause) => cause instanceof Held ? inUse(folder, file, cause.holder) : refusal(folder)(cause)
      }),
      (connection) =>
        Effect.sync(() => {
          held.delete(file)
          connection.close()
        })
    )
    return path
  })

const made = (folder: string): string => {
  // No name at all is not the folder in which the program was started.
  // What the database writes there anybody may read, and write where no umask forbids it; so nobody else may enter.
  make(folder === "" ? folder : resolve(folder), 0o700)
  return realpathSync(folder)
}

/** Node's own recursion never ends where nothing can be made, as in /proc. */
const make = (path: string, mode?: number): void => {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    const parent = dirname(path)
    if (codeOf(error) === "ENOENT" && !existsSync(parent)) {
      make(parent)
      return make(path, mode)
    }
    if (codeOf(error) !== "EEXIST" || !statSync(path).isDirectory()) throw error
  }
}

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : ""

/** Somebody else holds it: the number of the process, if it could be written there. */
class Held extends Error {
  readonly holder: number | undefined
  constructor(holder: number | undefined) {
    super("the folder is held")
    this.holder = holder
  }
}

const inUse = (folder: string, lock: string, process: number | undefined): Fault.FolderInUse =>
  new Fault.FolderInUse({ folder, lock, ...(process === undefined ? {} : { process }) })

/** What this process holds, by its file. A connection that nobody refers to is closed one day, and its lock with it. */
const held = new Map<string, DatabaseSync>()

const hold = (connect: () => DatabaseSync, file: string): DatabaseSync => {
  // A process that closes a file loses all its locks on it, so what it holds itself must not be opened to be emptied.
  if (held.has(file)) throw new Held(process.pid)
  const connection = emptied(connect, file)
  held.set(file, connection)
  return connection
}

/** Takes the lock, also where the file holds what is no lock. */
const emptied = (connect: () => DatabaseSync, file: string): DatabaseSync => {
  try {
    return begun(connect())
  } catch (error) {
    // The content is nobody's data, and whoever holds the file meanwhile goes on holding it.
    if (!isGarbage(error)) throw error
    truncateSync(file)
    return begun(connect())
  }
}

/** Takes the lock, or closes the connection. */
const begun = (connection: DatabaseSync): DatabaseSync => {
  try {
    // Whoever holds it for a moment, to write its number, lets it go at once. Nothing is written beside the file, and
    // nothing in it is worth waiting for the disk.
    connection.exec(
      "PRAGMA busy_timeout = 100; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN IMMEDIATE"
    )
    sign(connection)
    return connection
  } catch (error) {
    const holder = isBusy(error) ? holderOf(connection) : undefined
    connection.close()
    throw isBusy(error) ? new Held(holder) : error
  }
}

/** Writes the number of this process, if there is room for it. It lets the lock go and takes it again: the last to take it has it. */
const sign = (connection: DatabaseSync): void => {
  try {
    connection.exec(`PRAGMA user_version = ${process.pid}; COMMIT`)
  } catch {
    rollback(connection)
  }
  connection.exec("BEGIN IMMEDIATE")
}

const rollback = (connection: DatabaseSync): void => {
  try {
    connection.exec("ROLLBACK")
  } catch {
    // The failure has ended the transaction already.
  }
}

const holderOf = (connection: DatabaseSync): number | undefined => {
  try {
    const number = Number(connection.prepare("PRAGMA user_version").get()?.["user_version"])
    return number > 0 ? number : undefined
  } catch {
    return undefined
  }
}

/** SQLite's result code without its extension. */
const resultOf = (error: unknown): number =>
  typeof error === "object" && error !== null && "errcode" in error ? Number(error.errcode) & 0xff : 0

const [busy, locked, readOnly, corrupt, full, cannotOpen, notADatabase] = [5, 6, 8, 11, 13, 14, 26]
const isBusy = (error: unknown): boolean => resultOf(error) === busy || resultOf(error) === locked
const isGarbage = (error: unknown): boolean => resultOf(error) === notADatabase || resultOf(error) === corrupt

/** Why a folder can not be held, in words; the cause says the rest. */
const refusal = (folder: string) => (cause: unknown): Fault.StoreFull | Fault.StoreUnavailable => {
  const told = (why: string) => ({ operation: `open ${folder}: ${why}`, cause })
  switch (codeOf(cause)) {
    case "EEXIST":
    case "ENOTDIR":
      return new Fault.StoreUnavailable(told("there is a file where a folder must be"))
    case "ENOENT":
      return new Fault.StoreUnavailable(told("it can not be made"))
    case "EACCES":
    case "EPERM":
      return new Fault.StoreUnavailable(told("this user may not write there"))
    case "ENOSPC":
    case "EDQUOT":
    case "EROFS":
      return new Fault.StoreFull(told(codeOf(cause) === "EROFS" ? "it may only be read" : "no room is left"))
  }
  switch (resultOf(cause)) {
    case readOnly:
    case full:
      return new Fault.StoreFull(told(`${name} can not be written`))
    case cannotOpen:
      return new Fault.StoreUnavailable(told(`${name} can not be opened`))
  }
  return new Fault.StoreUnavailable(told("it can not be locked"))
}
