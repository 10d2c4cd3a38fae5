/**
 * `yikatong profile` 学校配置: check files, print the JSON Schema, print the manual's school to begin with.
 */
import { Csmzxy, ProfileSchema } from "@yikatong/core"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Flawed } from "./Failure.ts"
import type * as JsonText from "./JsonText.ts"
import * as Output from "./Output.ts"
import * as ProfileFile from "./ProfileFile.ts"
import * as Summary from "./Summary.ts"

const check = Command.make(
  "check",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription("配置文件，可给出多个版本 / the profile; several files are its versions"),
      Argument.atLeast(1)
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("以 JSON 输出 / print JSON for machines"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function*({ files, json }) {
    const read = yield* ProfileFile.readAll(files)
    const ok = read.every(({ flaws }) => flaws.length === 0)
    if (json) yield* Output.json({ ok, files: read.map(forMachines) })
    else {
      for (const one of read) {
        const { file, flaws, profile } = one
        if (flaws.length > 0) yield* Output.lines(...ProfileFile.lines(one))
        else if (profile !== undefined) {
          yield* Output.lines(`${file}: 正确 good`, ...Summary.of(profile), ...ProfileFile.hints(one))
        }
      }
    }
    if (!ok) return yield* new Flawed()
  })
).pipe(
  Command.withDescription("检查学校配置 / check a school's profile: every flaw with file, line, column and reason")
)

const forMachines = ({ file, flaws, hints, profile }: ProfileFile.ProfileFile) => ({
  file,
  ok: flaws.length === 0,
  ...(profile === undefined ? {} : { version: profile.version, effectiveFrom: profile.effectiveFrom }),
  flaws: flaws.map(withPlace),
  hints: hints.map(withPlace)
})

const withPlace = ({ column, line, path, problem }: JsonText.Placed) => ({ line, column, path, problem })

/** JSON for people, line by line. */
const indented = (value: unknown): ReadonlyArray<string> => JSON.stringify(value, null, 2).split("\n")

const schema = Command.make("schema", {}, () => Output.lines(...indented(ProfileSchema.jsonSchema()))).pipe(
  Command.withDescription("输出配置的 JSON Schema / print the JSON Schema of a profile, draft 2020-12")
)

const show = Command.make(
  "show",
  {
    preset: Argument.Literals("preset", ["csmzxy"]).pipe(
      Argument.withDescription("预设名，现有 csmzxy / which preset; there is csmzxy")
    )
  },
  () => Output.lines(...indented(Csmzxy.csmzxy))
).pipe(Command.withDescription("输出预设配置 / print a preset as JSON, to be copied and changed"))

export const profile = Command.make("profile").pipe(
  Command.withDescription("学校配置 / the profile of a school"),
  Command.withSubcommands([check, schema, show])
)
