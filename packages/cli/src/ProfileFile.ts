/**
 * A school's profile in a file 配置文件: read, decoded and checked as a whole, each flaw with its place. Several files are
 * the versions of one profile (A25).
 */
import { Contradictions, Flaw, SchoolProfile } from "@yikatong/core"
import { Effect, Result } from "effect"
import * as Bytes from "./Bytes.ts"
import { Failed, Flawed } from "./Failure.ts"
import * as JsonText from "./JsonText.ts"
import * as Output from "./Output.ts"

/** The largest file that is read: a thousand times the manual's school. */
export const limit = 4 * 1024 * 1024

/** A file and what it holds: a profile, or what is wrong with it. */
export interface ProfileFile {
  readonly file: string
  readonly profile: SchoolProfile.SchoolProfile | undefined
  readonly flaws: ReadonlyArray<JsonText.Placed>
  /** What is good and probably not meant. */
  readonly hints: ReadonlyArray<JsonText.Placed>
  /** Where a path stands in it. */
  readonly find: (path: string) => JsonText.Place
}

/** Reads one file. */
export const read = (file: string): Effect.Effect<ProfileFile, Failed> =>
  Effect.map(Bytes.text(file, limit), (text) => {
    const json = JsonText.parse(text)
    const find = (path: string) => JsonText.find(json.root, path)
    if (json.flaws.length > 0) return { file, profile: undefined, flaws: json.flaws, hints: [], find }
    const loaded = SchoolProfile.load(json.value)
    return Result.match(loaded, {
      onFailure: ({ flaws }) => ({ file, profile: undefined, flaws: placed(flaws, find), hints: [], find }),
      onSuccess: (profile) => ({ file, profile, flaws: [], hints: placed(Contradictions.hints(profile), find), find })
    })
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
export const history = Effect.fnUntraced(function*(
  files: ReadonlyArray<string>
): Effect.fn.Return<SchoolProfile.History, Failed | Flawed> {
  const read = yield* readAll(files)
  const told = read.flatMap(lines)
  if (told.length > 0) {
    yield* Output.errors(...told)
    return yield* new Flawed()
  }
  return yield* Effect.mapError(
    Effect.fromResult(SchoolProfile.history(read.flatMap(({ profile }) => profile ?? []))),
    ({ flaws }) => new Failed({ message: Flaw.told(flaws) })
  )
})

/** The flaws as compilers tell theirs: FILE:LINE:COLUMN, the path, the reason. */
export const lines = ({ file, flaws }: ProfileFile): ReadonlyArray<string> => flaws.map((flaw) => line(file, flaw))

/** The hints in the same way. */
export const hints = ({ file, hints }: ProfileFile): ReadonlyArray<string> =>
  hints.map((hint) => line(file, { ...hint, problem: `提示 hint: ${hint.problem}` }))

const line = (file: string, { column, line, path, problem }: JsonText.Placed): string =>
  `${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${problem}`

const flawsOf = (profiles: ReadonlyArray<SchoolProfile.SchoolProfile>): ReadonlyArray<Flaw.Flaw> =>
  Result.match(SchoolProfile.history(profiles), { onFailure: ({ flaws }) => flaws, onSuccess: () => [] })

const placed = (
  flaws: ReadonlyArray<Flaw.Flaw>,
  find: ProfileFile["find"]
): ReadonlyArray<JsonText.Placed> =>
  flaws
    .map((flaw) => ({ ...flaw, ...find(flaw.path) }))
    .sort((one, other) => one.line - other.line || one.column - other.column)
