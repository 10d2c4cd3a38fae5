/**
 * How a machine is looked at 查看: files, folders, sockets and short commands, each with a time limit. Nothing here fails
 * or waits for ever: what can not be read is "unknown", what is not there is "absent". Nothing is written.
 */
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { access, constants, open, readdir, realpath } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import type { Door, Known } from "../Machine.ts"

/** How long a file may take (a device that dies can block its files in /sys), and a command, in milliseconds. */
const patience = { file: 2_000, command: 5_000, socket: 1_000 }

/** What is there, that nothing is there, or neither is known. */
export type Seen<A> = Known<A> | "absent"

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : ""

const isAbsent = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes(codeOf(error))

const seen = <A>(look: () => Promise<A>): Effect.Effect<Seen<A>> =>
  Effect.tryPromise({ try: look, catch: isAbsent }).pipe(
    Effect.catch((absent): Effect.Effect<Seen<A>> => Effect.succeed(absent ? "absent" : "unknown")),
    Effect.timeoutOrElse({ duration: patience.file, orElse: () => Effect.succeed<Seen<A>>("unknown") })
  )

/** No file that is looked at here is nearly so large, in bytes: what is larger is none of them. */
const largest = 4 * 1024 * 1024

class Strange extends Error {}

/**
 * The text of a file. Opening a pipe that nobody writes to waits for ever, and a process can not even end with such a
 * call under
 * way: so it is opened without waiting, and nothing but a file is read.
 */
const read = async (path: string): Promise<string> => {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    if (!(await file.stat()).isFile()) throw new Strange()
    const buffer = Buffer.alloc(64 * 1024)
    const parts: Array<Buffer> = []
    let length = 0
    // Files in /proc have no length of their own before they are read.
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
      if (bytesRead === 0) return Buffer.concat(parts).toString("utf8")
      length += bytesRead
      if (length > largest) throw new Strange()
      parts.push(Buffer.from(buffer.subarray(0, bytesRead)))
    }
  } finally {
    await file.close()
  }
}

/** What a command came to. `code`: how it ended. */
export interface Told {
  readonly code: number
  readonly out: string
}

/** Runs a short command that changes nothing. */
export type Ask = (command: string, args: ReadonlyArray<string>) => Effect.Effect<Seen<Told>>

/**
 * Runs it without a shell and ends it when it takes too long. Its words are those of the program, in English where it
 * has them.
 */
export const ask: Ask = (command, args) =>
  Effect.callback<Seen<Told>>((resume) => {
    const options = {
      timeout: patience.command,
      killSignal: "SIGKILL",
      maxBuffer: 16 * 1024 * 1024,
      windowsHide: true,
      env: { ...process.env, LC_ALL: "C" }
    } as const
    const child = execFile(command, args, options, (error, out) => {
      if (error === null) return resume(Effect.succeed({ code: 0, out }))
      if (isAbsent(error)) return resume(Effect.succeed("absent"))
      const { code } = error
      resume(Effect.succeed(typeof code === "number" && error.killed !== true ? { code, out } : "unknown"))
    })
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

/** The files of a machine, below a folder that is "/" unless it is a test's. */
export interface Files {
  readonly text: (path: string) => Effect.Effect<Seen<string>>
  readonly names: (path: string) => Effect.Effect<Seen<ReadonlyArray<string>>>
  readonly exists: (path: string) => Effect.Effect<Known<boolean>>
  /** Where it really lies, links followed, as it is called below the folder. */
  readonly place: (path: string) => Effect.Effect<string>
  readonly door: (path: string) => Effect.Effect<Known<Door>>
}

export const files = (root: string): Files => {
  const at = (path: string): string => join(root, path)
  return {
    text: (path) => seen(() => read(at(path))),
    names: (path) =>
      Effect.map(seen(() => readdir(at(path))), (names) => typeof names === "string" ? names : names.sort()),
    exists: (path) =>
      Effect.map(
        seen(() => access(at(path), constants.F_OK)),
        (it) => it === "unknown" ? it : it !== "absent"
      ),
    place: (path) =>
      Effect.map(
        seen(() => realpath(at(path))),
        (found) =>
          found === "unknown" || found === "absent"
            ? path
            : found.startsWith(at("/"))
            ? `/${found.slice(at("/").length)}`
            : found
      ),
    door: (path) => knock(at(path))
  }
}

/** Connects to a socket and leaves at once. */
const knock = (path: string): Effect.Effect<Known<Door>> =>
  Effect.callback<Known<Door>>((resume) => {
    const socket = connect(path)
    const answers: Readonly<Record<string, Door>> = {
      EACCES: "forbidden",
      EPERM: "forbidden",
      ECONNREFUSED: "dead",
      ENOTSOCK: "dead",
      ENOENT: "absent",
      ENOTDIR: "absent"
    }
    socket.once("connect", () => {
      socket.destroy()
      resume(Effect.succeed("open"))
    })
    // After its answer it may still fail, as when the other side hangs up: that is no news.
    socket.on("error", (error) => resume(Effect.succeed(answers[codeOf(error)] ?? "unknown")))
    return Effect.sync(() => socket.destroy())
  }).pipe(Effect.timeoutOrElse({ duration: patience.socket, orElse: () => Effect.succeed<Known<Door>>("unknown") }))
