/**
 * `yikatong reader doctor` 读卡器检查: what keeps this machine from reading cards, with the commands that put it right, and
 * what was found. It changes nothing, and names no user and no host, so that its output can be pasted into a report.
 */
import type { Diagnosis, Finding, Machine } from "@yikatong/adapters-pcsc"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { both, Flawed, Unknown } from "./Failure.ts"
import * as Output from "./Output.ts"
import * as Facts from "./ReaderFacts.ts"

/**
 * The library of cards is loaded for this command alone: no other one pays for it, or fails where it can not be loaded.
 */
const examined = Effect.gen(function*() {
  const [{ Diagnosis, KnownReader }, { MachineFacts }] = yield* Effect.promise(() =>
    Promise.all([import("@yikatong/adapters-pcsc"), import("@yikatong/adapters-pcsc/node")])
  )
  const machine = yield* MachineFacts.gather()
  return { machine, diagnosis: Diagnosis.of(machine), written: KnownReader.written }
})

export const doctor = Command.make(
  "doctor",
  {
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("以 JSON 输出 / print JSON for machines"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function*({ json }) {
    const { diagnosis, machine, written } = yield* examined
    yield* json
      ? Output.json(plain(diagnosis, machine))
      : Output.lines(...told(diagnosis), both("查到", "what was found"), ...Facts.lines(machine, written))
    if (diagnosis.verdict === "wrong") return yield* new Flawed()
    if (diagnosis.verdict === "unknown") {
      return yield* new Unknown({
        message: both("无法判断这台机器能否读卡", "whether this machine can read cards could not be found out")
      })
    }
  })
).pipe(
  Command.withDescription(
    "检查读卡器、驱动和服务，不作任何改动 / what keeps this machine from reading cards, and the remedy; it changes nothing. " +
      "退出码：0 无误，1 有问题，2 用法不对，3 无法判断 / exit codes: 0 good, 1 something is wrong, 2 wrong use, 3 nothing is known"
  )
)

const plain = ({ findings, verdict }: Diagnosis.Diagnosis, machine: Machine.Machine): object => ({
  ok: verdict === "good",
  verdict,
  findings,
  machine
})

const headline = ({ findings, verdict }: Diagnosis.Diagnosis): string => {
  if (verdict === "good") return both("可以读卡", "this machine can read cards")
  if (verdict === "unknown") return both("无法判断能否读卡", "it could not be found out whether cards can be read")
  const count = findings.filter(({ severity }) => severity === "wrong").length
  return both(`读卡有问题，共 ${count} 处`, `what keeps it from reading cards: ${count}`)
}

const marks = {
  wrong: "问题 wrong",
  note: "提示 hint",
  unknown: "不明 unknown"
} satisfies Record<Finding.Severity, string>

const told = (diagnosis: Diagnosis.Diagnosis): ReadonlyArray<string> => [
  headline(diagnosis),
  ...diagnosis.findings.flatMap(({ commands, remedy, severity, what }) => [
    `  ${marks[severity]}: ${both(what.zh, what.en)}`,
    `    ${both(remedy.zh, remedy.en)}`,
    ...commands.map((command) => `      ${command}`)
  ])
]
