/**
 * The application of the campus on a CPU card 校园应用: its selection, and the files that everybody may read.
 */
import { Effect, Result } from "effect"
import * as ApplicationFile from "./ApplicationFile.ts"
import * as Bytes from "./Bytes.ts"
import type { CardChannel } from "./CardChannel.ts"
import * as CardFiles from "./CardFiles.ts"
import * as CardProblem from "./CardProblem.ts"
import type { CpuProfile } from "./CpuProfile.ts"
import * as Exchange from "./Exchange.ts"
import * as Fci from "./Fci.ts"
import * as HolderFile from "./HolderFile.ts"
import * as LogRecord from "./LogRecord.ts"
import * as StatusWord from "./StatusWord.ts"

const fail = (problem: CardProblem.CardProblem): Effect.Effect<never, CardProblem.CardProblem> => Effect.fail(problem)

/**
 * Selects the application of the campus. Gives file 15 where the answer brings it along, which saves reading it. A card
 * of another system knows no such application, or no such command.
 */
export const select = Effect.fnUntraced(function*(channel: CardChannel, { application }: CpuProfile) {
  const command = { cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00, data: application, expected: 0x100 }
  const { data, status } = yield* Exchange.send(channel, "select", command)
  switch (StatusWord.of(status)._tag) {
    case "Success":
      break
    case "ChecksumWrong":
      return yield* fail({ _tag: "CardBlocked", forEver: false })
    case "UnknownClass":
    case "UnknownInstruction":
      return yield* fail({ _tag: "NotACampusCard" })
    default:
      return yield* fail(CardProblem.ofStatus("select", status))
  }
  const { name, own } = Fci.decode(data)
  // A name may be selected by its beginning.
  if (name !== undefined && !Bytes.equal(name.subarray(0, application.length), application)) {
    return yield* fail({ _tag: "NotACampusCard" })
  }
  const file = own === undefined ? undefined : ApplicationFile.decode(own)
  return file !== undefined && Result.isSuccess(file) ? file.success : undefined
})

/** Reads file 15. */
export const readApplication = (channel: CardChannel, { files }: CpuProfile) =>
  Effect.flatMap(
    CardFiles.readBinary(channel, files.application, ApplicationFile.length),
    (bytes) => Effect.fromResult(ApplicationFile.decode(bytes))
  )

/** Reads file 16, whichever of its lengths it has. */
export const readHolder = (channel: CardChannel, { files }: CpuProfile) =>
  Effect.flatMap(
    CardFiles.readWhole(channel, files.holder),
    (bytes) => Effect.fromResult(HolderFile.decode(bytes))
  )

/** No card keeps more lines that anybody would read. */
const mostLines = 50

/** Reads the log, the newest line first, as long as `wanted` wants the next; to its end where it is left out. */
export const readLog = Effect.fnUntraced(function*(
  channel: CardChannel,
  { files }: CpuProfile,
  wanted: (lines: ReadonlyArray<LogRecord.LogRecord>) => boolean = () => true
) {
  const lines: Array<LogRecord.LogRecord> = []
  while (lines.length < mostLines && wanted(lines)) {
    const record = yield* Effect.result(CardFiles.readRecord(channel, files.log, lines.length + 1, LogRecord.length))
    if (Result.isFailure(record)) {
      if (record.failure._tag === "CardRefused" && record.failure.status._tag === "RecordNotFound") break
      return yield* Effect.fail(record.failure)
    }
    if (LogRecord.isBlank(record.success)) break
    lines.push(yield* Effect.fromResult(LogRecord.decode(record.success)))
  }
  return lines
})
