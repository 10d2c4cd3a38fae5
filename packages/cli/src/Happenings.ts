/**
 * What happens at the readers, as it happens 读卡器事件: a line for each, with its time.
 */
import { Bytes, PcscReader, ReaderEvent } from "@yikatong/adapters-pcsc"
import { CivilTime } from "@yikatong/core"
import { Clock, Effect, Stream } from "effect"
import * as Output from "./Output.ts"

/** For machines. */
const plain = (event: ReaderEvent.ReaderEvent): object => {
  switch (event._tag) {
    case "CardInserted":
      return { ...event, atr: Bytes.hex(event.atr) }
    case "ServiceDown":
      return { ...event, fault: { tag: event.fault._tag, message: event.fault.message } }
    default:
      return event
  }
}

/** Tells everything that happens, for so many seconds or for ever. */
export const told = Effect.fnUntraced(function*(json: boolean, seconds: number | undefined) {
  const { events } = yield* PcscReader.PcscReader
  const telling = Stream.runForEach(events, (event) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const { _tag: tag, ...rest } = { _tag: event._tag, ...plain(event) }
      if (json) return Output.json({ at: now, tag, ...rest })
      return Output.lines(`${CivilTime.format(now as CivilTime.Instant)} ${ReaderEvent.inWords(event)}`)
    }))
  yield* seconds === undefined ? telling : Effect.timeoutOption(telling, seconds * 1_000)
})
