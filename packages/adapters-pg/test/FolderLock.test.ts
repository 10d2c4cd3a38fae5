// A folder has one opener at a time, by whatever name it is opened, and none once its process is gone.
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import * as FolderLock from "../src/FolderLock.ts"
import { Holder } from "./Holder.ts"

const root = realpathSync(mkdtempSync(join(tmpdir(), "yikatong-lock-")))
let count = 0
let folder = ""
let holders: Array<Holder> = []

const lock = (): string => join(folder, FolderLock.name)

const started = async (): Promise<Holder> => {
  const holder = await Holder.start()
  holders.push(holder)
  return holder
}

/** Holds a folder for a moment. */
const opened = (path: string) => Effect.runPromise(Effect.scoped(FolderLock.acquire(path)))

/** Why a folder can not be held. */
const refused = (path: string) => Effect.runPromise(Effect.flip(Effect.scoped(FolderLock.acquire(path))))

/** What happens while this process holds the folder. */
const holding = <A>(run: () => Promise<A>): Promise<A> =>
  Effect.runPromise(Effect.scoped(Effect.andThen(FolderLock.acquire(folder), Effect.promise(run))))

/** Writes the file of a lock before anybody holds it. */
const written = (path: string, content: string | Uint8Array): void => {
  mkdirSync(path)
  writeFileSync(join(path, FolderLock.name), content)
}

/** Writes a file in another process: whoever closes a file ends its own locks on it. */
const overwritten = (path: string, content: string): void => {
  execFileSync(process.execPath, ["-e", `fs.writeFileSync(${JSON.stringify(path)}, ${JSON.stringify(content)})`])
}

/** The bytes of a database of SQLite. */
const database = (): Buffer => {
  const path = join(root, `database-${count}`)
  const connection = new DatabaseSync(path)
  connection.exec("CREATE TABLE t (n); INSERT INTO t VALUES (1)")
  connection.close()
  return readFileSync(path)
}

beforeEach(() => {
  folder = join(root, `folder-${count++}`)
})
afterEach(async () => {
  vi.resetModules()
  await Promise.all(holders.map((holder) => holder.kill()))
  holders = []
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe("a folder in one process", () => {
  it.each<[title: string, name: () => string]>([
    ["its name", () => folder],
    ["a slash behind it", () => `${folder}/`],
    ["a way around", () => `${folder}/../${folder.slice(root.length + 1)}/.`],
    ["a relative path", () => relative(process.cwd(), folder)],
    ["a link", () => {
      symlinkSync(folder, `${folder}-link`)
      return `${folder}-link`
    }],
    ["a link to its parent", () => {
      symlinkSync(root, `${folder}-parent`)
      return join(`${folder}-parent`, folder.slice(root.length + 1))
    }]
  ])("is open once, also by %s", async (_, name) => {
    const other = await holding(async () => {
      const path = name()
      const fault = await refused(path)
      expect(fault).toMatchObject({ _tag: "FolderInUse", folder: path, lock: lock(), process: process.pid })
      expect(fault.message).toContain(`process ${process.pid}`)
      return path
    })
    expect(await opened(other)).toBe(folder)
  })

  it("is open once, also for another copy of this package", async () => {
    vi.resetModules()
    const copy = await import("../src/FolderLock.ts")
    expect(copy.acquire).not.toBe(FolderLock.acquire)
    const again = () => Effect.runPromise(Effect.flip(Effect.scoped(copy.acquire(folder))))
    expect(await holding(again)).toMatchObject({ _tag: "FolderInUse", process: process.pid })
  })

  it("stays held after a second one was refused, whatever became of the file", async () => {
    const holder = await started()
    await holding(async () => {
      await refused(folder)
      expect(await holder.hold(folder)).toEqual({ tag: "FolderInUse", process: process.pid })
    })
    await holding(async () => {
      overwritten(lock(), "not a lock at all")
      await refused(folder)
      expect(await holder.hold(folder)).toMatchObject({ tag: "FolderInUse" })
    })
    expect(await holder.hold(folder)).toEqual({ tag: "held" })
  })

  it("two folders are two", () => holding(async () => expect(await opened(`${folder}-other`)).toBe(`${folder}-other`)))

  it("is free again when it is closed, and its file stays", async () => {
    for (let time = 0; time < 3; time++) {
      expect(await opened(folder)).toBe(folder)
      expect(existsSync(lock())).toBe(true)
    }
    expect(await (await started()).hold(folder)).toEqual({ tag: "held" })
  })
})

describe("a folder in two processes", () => {
  it("is told with the number of the one that has it", async () => {
    const holder = await started()
    expect(await holder.hold(folder)).toEqual({ tag: "held" })
    const fault = await refused(folder)
    expect(fault).toMatchObject({ _tag: "FolderInUse", folder, lock: lock(), process: holder.process })
    expect(fault.message).toBe(`${folder} is open already, by process ${holder.process}: close it there first`)
  })

  it.each<[title: string, end: (holder: Holder) => Promise<void>]>([
    ["has closed it", (holder) => holder.end()],
    ["was killed", (holder) => holder.kill()]
  ])("is free at once when the other one %s", async (_, end) => {
    const holder = await started()
    await holder.hold(folder)
    await end(holder)
    // No lock is taken over: whoever asks has it, and the number in it is no longer that of the one that is gone.
    await holding(async () => {
      const next = await started()
      expect(await next.hold(folder)).toEqual({ tag: "FolderInUse", process: process.pid })
    })
  })

  it.each<[title: string, prepare: (path: string) => void]>([
    ["that is not there", () => {}],
    ["that is empty", (path) => mkdirSync(path)],
    ["with the file of an older release", (path) => written(path, "4194305")],
    ["with garbage", (path) => written(path, Buffer.alloc(5_000, "x"))]
  ])("asked for a folder %s at once, exactly one has it", async (_, prepare) => {
    const many = await Promise.all(Array.from({ length: 5 }, started))
    for (let round = 0; round < 8; round++) {
      const path = `${folder}-${round}`
      prepare(path)
      const told = await Promise.all(many.map((holder) => holder.hold(path)))
      expect(told.map(({ tag }) => tag).sort()).toEqual([...Array.from({ length: 4 }, () => "FolderInUse"), "held"])
      // Whoever is refused is refused by the one that has it now, or had it for the moment of writing its number.
      const numbers = many.map((holder) => holder.process)
      for (const { process } of told) expect([...numbers, undefined]).toContain(process)
    }
  })
})

describe("the file of a lock that nobody holds", () => {
  it.each<[title: string, content: () => string | Uint8Array]>([
    ["empty", () => ""],
    ["garbage", () => Buffer.from([0xff, 0x00, 0x53, 0x51])],
    ["long garbage", () => Buffer.alloc(100_000, "garbage ")],
    ["the number of a process that is gone", () => "4194305"],
    ["the number of a process that lives", () => String(process.ppid)],
    ["our own number", () => String(process.pid)],
    ["our own number and a line break", () => `${process.pid}\n`],
    ["the beginning of a database", () => "SQLite format 3\0"],
    ["a damaged database", () => database().fill(0xee, 100)],
    ["half a database", () => database().subarray(0, 1_000)],
    ["another database", () => database()]
  ])("does not matter: %s", async (_, content) => {
    written(folder, content())
    await holding(async () => expect(await refused(folder)).toMatchObject({ process: process.pid }))
    expect(await opened(folder)).toBe(folder)
  })
})

describe("a folder that can not be held", () => {
  it.each<[title: string, prepare: () => string, says: string]>([
    ["a file", () => {
      writeFileSync(folder, "")
      return folder
    }, "there is a file where a folder must be"],
    ["below a file", () => {
      writeFileSync(folder, "")
      return join(folder, "below", "it")
    }, "there is a file where a folder must be"],
    ["a link to nowhere", () => {
      symlinkSync(join(root, "nowhere"), folder)
      return folder
    }, "it can not be made"],
    ["where nothing can be made", () => "/proc/no-such-place", "/proc/no-such-place: it can not be made"],
    ["deep where nothing can be made", () => "/proc/no/such/place", "/proc/no/such/place: it can not be made"],
    ["no name at all", () => "", "it can not be made"],
    ["one whose lock is a folder", () => {
      mkdirSync(lock(), { recursive: true })
      return folder
    }, `${FolderLock.name} can not be opened`]
  ])("%s", async (_, prepare, says) => {
    const fault = await refused(prepare())
    expect(fault._tag).toBe("StoreUnavailable")
    expect(fault.message).toContain(says)
  })
})

it("a folder is made with all above it, and nothing lies beside the lock", async () => {
  const deep = join(folder, "a", "b")
  await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
    expect(yield* FolderLock.acquire(deep)).toBe(deep)
    expect(readdirSync(deep)).toEqual([FolderLock.name])
  })))
})

it.each<[title: string, mode: number | undefined, is: number]>([
  ["that is made is its owner's alone", undefined, 0o700],
  ["that is there keeps the rights it has", 0o750, 0o750]
])("a folder %s", async (_, mode, is) => {
  const above = join(folder, "above")
  const path = join(above, "campus")
  mkdirSync(mode === undefined ? folder : path, { recursive: true })
  if (mode !== undefined) chmodSync(path, mode)
  await opened(path)
  expect(statSync(path).mode & 0o777).toBe(is)
  // Others may use what lies above it, as they may use what any program makes.
  expect(statSync(above).mode & 0o777).toBe(0o777 & ~process.umask())
})
