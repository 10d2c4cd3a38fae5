/**
 * A school's profile in a file 配置文件: read, decoded and checked as a whole, each flaw with its place. Several files are
 * the versions of one profile (A25).
 */
import { type Flaw, SchoolProfile } from "@yikatong/core"
import { Effect, Result } from "effect"
import * as Bytes from "./Bytes.ts"
import { Failed } from "./Failure.ts"
import * as JsonText from "./JsonText.ts"

/** The largest file that is read: a thousand times the manual's school. */
export const limit = 4 * 1024 * 1024

/** A file and what it holds: a profile, or what is wrong with it. */
export interface ProfileFile {
  readonly file: string
  readonly profile: SchoolProfile.SchoolProfile | undefined
  readonly flaws: ReadonlyArray<JsonText.Placed>
  /** Where a path stands in it. */
  readonly find: (path: string) => JsonText.Place
}

/** Reads one file. */
export const read = (file: string): Effect.Effect<ProfileFile, Failed> =>
  Effect.map(Bytes.text(file, limit), (text) => {
    const json = JsonText.parse(text)
    const find = (path: string) => JsonText.find(json.root, path)
    if (json.flaws.length > 0) return { file, profile: undefined, flaws: json.flaws, find }
    const loaded = SchoolProfile.load(withoutSchema(json.value))
    return Result.isSuccess(loaded)
      ? { file, profile: loaded.success, flaws: [], find }
      : { file, profile: undefined, flaws: placed(loaded.failure.flaws, find), find }
  })

/** Reads several files; where all are good, also whether they go together. */
export const readAll = (files: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<ProfileFile>, Failed> =>
  Effect.map(Effect.forEach(files, read), (read) => {
    const profiles = read.flatMap(({ profile }) => profile ?? [])
    if (profiles.length < read.length) return read
    return read.map((one, at) => {
      const before = flawsOf(profiles.slice(0, at)).map(({ problem }) => problem)
      // A flaw is that of the file with which it came.
      const flaws = flawsOf(profiles.slice(0, at + 1)).filter(({ problem }) => !before.includes(problem))
      return at === 0 || flaws.length === 0 ? one : { ...one, flaws: placed(flaws, one.find) }
    })
  })

/** The versions that some files hold, which must all be good. */
export const history = (files: ReadonlyArray<string>): Effect.Effect<SchoolProfile.History, Failed> =>
  Effect.flatMap(readAll(files), (read) => {
    const told = read.flatMap(lines)
    if (told.length > 0) return Effect.fail(new Failed({ message: told.join("\n") }))
    return Effect.mapError(
      Effect.fromResult(SchoolProfile.history(read.flatMap(({ profile }) => profile ?? []))),
      ({ flaws }) => new Failed({ message: flaws.map(({ path, problem }) => `${path}: ${problem}`).join("\n") })
    )
  })

/** The flaws as compilers tell theirs: FILE:LINE:COLUMN, the path, the reason. */
export const lines = ({ file, flaws }: ProfileFile): ReadonlyArray<string> =>
  flaws.map(({ column, line, path, problem }) =>
    `${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${problem}`
  )

const flawsOf = (profiles: ReadonlyArray<SchoolProfile.SchoolProfile>): ReadonlyArray<Flaw.Flaw> =>
  Result.match(SchoolProfile.history(profiles), { onFailure: ({ flaws }) => flaws, onSuccess: () => [] })

const placed = (
  flaws: ReadonlyArray<Flaw.Flaw>,
  find: ProfileFile["find"]
): ReadonlyArray<JsonText.Placed> =>
  flaws
    .map((flaw) => ({ ...flaw, ...find(flaw.path) }))
    .sort((one, other) => one.line - other.line || one.column - other.column)

/** A file may say for its editor which schema it follows; that is no part of the profile. */
const withoutSchema = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, "$schema")) {
    return value
  }
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== "$schema"))
}
