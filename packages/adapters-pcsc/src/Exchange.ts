/**
 * One command and its answer 指令交互: what T=0 leaves to the terminal is done here (ISO/IEC 7816-3, 12.2): `61xx` means that the
 * rest waits to be fetched, `6Cxx` that the command is to be sent again with the right length, and a command with data has no Le.
 *
 * A command that writes is never sent twice by this: a card that answers `6Cxx` has not carried it out.
 */
import { Effect, Result } from "effect"
import * as Apdu from "./Apdu.ts"
import * as Bytes from "./Bytes.ts"
import type { CardChannel } from "./CardChannel.ts"
import { AnswerLost, type CardFault } from "./CardFault.ts"
import * as CardProblem from "./CardProblem.ts"
import * as StatusWord from "./StatusWord.ts"

/** What may go wrong with a command. */
export type Failure = CardFault | CardProblem.CardProblem

/** No card needs more to give 64 KB; one that never ends is not answered for ever. */
const mostFetches = 300

/** Sends a command and gives the whole answer with the last status, whatever that is. */
export const send = Effect.fnUntraced(function*(channel: CardChannel, step: CardProblem.Step, command: Apdu.Command) {
  let answer = yield* once(channel, command)
  let status = StatusWord.of(answer.status)
  // Where no Le was sent there is none to be sent otherwise.
  const hasLength = channel.protocol !== "T=0" || !Apdu.hasData(command)
  if (status._tag === "WrongExpectedLength" && answer.data.length === 0 && hasLength) {
    answer = yield* once(channel, { ...command, expected: status.exact })
    status = StatusWord.of(answer.status)
  }
  let data = answer.data
  for (let fetches = 0; status._tag === "MoreAvailable"; fetches++) {
    if (fetches === mostFetches) {
      return yield* Effect.fail<CardProblem.CardProblem>({ _tag: "CardRefused", step, status })
    }
    // GET RESPONSE, on the logical channel of the command.
    const next = yield* once(channel, { cla: command.cla & 0x03, ins: 0xc0, p1: 0, p2: 0, expected: status.available })
    data = Bytes.join(data, next.data)
    answer = next
    status = StatusWord.of(answer.status)
  }
  return { data, status: answer.status }
})

/** The data of an answer that must be good, and of this length where one is given. */
export const data = Effect.fnUntraced(function*(
  channel: CardChannel,
  step: CardProblem.Step,
  command: Apdu.Command,
  length?: number
) {
  const answer = yield* send(channel, step, command)
  if (answer.status !== 0x9000) return yield* Effect.fail(CardProblem.ofStatus(step, answer.status))
  return length === undefined ? answer.data : yield* sized(step, answer.data, length)
})

/** The data of an answer, which must be this long. */
export const sized = (
  step: CardProblem.Step,
  data: Bytes.Bytes,
  length: number
): Effect.Effect<Bytes.Bytes, CardProblem.CardProblem> =>
  data.length === length
    ? Effect.succeed(data)
    : Effect.fail({ _tag: "AnswerMalformed", step, bytes: data.length, expected: length })

/** Sends a command, and gives what comes first: nothing is fetched, and nothing sent again. */
export const once = (
  channel: CardChannel,
  command: Apdu.Command
): Effect.Effect<Apdu.Response, Failure> => {
  const bytes = Apdu.encodeFor(channel.protocol, command)
  // Found out before anything is sent: half a command is none.
  if (bytes.length > channel.longest) {
    return Effect.fail({ _tag: "TooLong", bytes: bytes.length, longest: channel.longest })
  }
  return Effect.flatMap(channel.transmit(bytes), (answer) => {
    const response = Apdu.decodeResponse(answer)
    return Result.isSuccess(response)
      ? Effect.succeed(response.success)
      : Effect.fail(new AnswerLost({ reader: channel.reader, how: "empty" }))
  })
}
