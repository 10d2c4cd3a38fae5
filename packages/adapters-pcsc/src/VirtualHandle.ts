/**
 * A connection to a card on a virtual reader 虚拟读卡器句柄. Calls are refused, wait and go stale as they do with pcsc-lite and pcsc-mini.
 */
import { Effect } from "effect"
import type { Bytes } from "./Bytes.ts"
import { protocolOf } from "./CardChannel.ts"
import * as Mischief from "./Mischief.ts"
import type { Code, Disposition, PcscCard, PcscError } from "./PcscBinding.ts"
import {
  answers,
  failure,
  type Handle,
  nothing,
  power,
  remove,
  reset,
  type VirtualReader,
  wake
} from "./VirtualReader.ts"

/** What is put around every call of a connection. */
export type Guard = <A>(operation: string, call: Effect.Effect<A, PcscError>) => Effect.Effect<A, PcscError>

const dispose = (reader: VirtualReader, then: Disposition): void => {
  if (then === "reset") reset(reader)
  if (then === "unpower" && reader.card?.isPowered === true) {
    reader.resets++
    reader.card.isPowered = false
    reader.card.program.power("off")
  }
}

/** Waits until nobody else has begun a transaction. */
const turn = (reader: VirtualReader, handle: Handle | undefined): Effect.Effect<void> =>
  Effect.suspend(() =>
    reader.outsider === "transaction" || (reader.owner !== undefined && reader.owner !== handle)
      ? Effect.flatMap(
        Effect.callback<void>((resume) => void reader.waiting.add(() => resume(Effect.void))),
        () => turn(reader, handle)
      )
      : Effect.void
  )

/** What stands in the way of a call on the card. */
const obstacle = (reader: VirtualReader, handle: Handle | undefined): Code | undefined => {
  if (!reader.isPlugged) return "ReaderUnavailable"
  if (handle === undefined) {
    return reader.card === undefined ? "NoCard" : reader.card.isMute ? "UnresponsiveCard" : undefined
  }
  if (reader.card === undefined || handle.coming !== reader.comings) return "RemovedCard"
  return handle.resets === reader.resets ? undefined : "ResetCard"
}

/** Connects to the card. `guard`: is put around every call of the connection. */
export const connect = (
  reader: VirtualReader,
  share: Handle["share"],
  guard: Guard
): Effect.Effect<PcscCard, PcscError> =>
  guard(
    "connect",
    Effect.flatMap(turn(reader, undefined), () => {
      const code = obstacle(reader, undefined)
      if (code !== undefined) return Effect.fail(failure("connect", code))
      const others = [...reader.handles]
      const isShared = share === "shared"
      if (reader.outsider === "exclusive" || others.some((other) => other.share === "exclusive" || !isShared)) {
        return Effect.fail(failure("connect", "SharingViolation"))
      }
      power(reader)
      const handle: Handle = { share, coming: reader.comings, resets: reader.resets, isBusy: false, hasBegun: false }
      reader.handles.add(handle)
      reader.changed()
      return Effect.succeed(cardOf(reader, handle, guard))
    })
  )

const cardOf = (
  reader: VirtualReader,
  handle: Handle,
  guard: Guard
): PcscCard => {
  // The second of two calls at once is refused, and not queued (trap 3).
  const alone = <A>(operation: string, call: Effect.Effect<A, PcscError>): Effect.Effect<A, PcscError> =>
    Effect.suspend(() => {
      if (handle.isBusy) return Effect.fail(failure(operation, "Busy", "CardIsBusy"))
      handle.isBusy = true
      const open = Effect.suspend(() =>
        reader.handles.has(handle) ? call : Effect.fail(failure(operation, "InvalidHandle", "NoCardConnection"))
      )
      return Effect.ensuring(guard(operation, open), Effect.sync(() => handle.isBusy = false))
    })
  const onCard = <A>(operation: string, call: () => Effect.Effect<A, PcscError>): Effect.Effect<A, PcscError> =>
    alone(
      operation,
      Effect.flatMap(turn(reader, handle), () => {
        const code = obstacle(reader, handle)
        return code === undefined ? call() : Effect.fail(failure(operation, code))
      })
    )
  return {
    atr: onCard("atr", () => Effect.succeed(reader.card?.program.atr ?? new Uint8Array())),
    protocol: () => reader.card === undefined ? "other" : protocolOf(reader.card.program.atr),
    transmit: (command) => onCard("transmit", () => play(reader, command)),
    control: () => alone("control", Effect.fail(failure("control", "Other", "UnsupportedFeature"))),
    begin: onCard("begin", () => {
      if (handle.hasBegun) return Effect.fail(failure("begin", "Other", "TransactionAlreadyInProgress"))
      handle.hasBegun = true
      reader.owner = handle
      return Effect.void
    }),
    end: (then) =>
      alone(
        "end",
        Effect.suspend(() => {
          // Lost with a card that was pulled; pcsc-mini then remembers it for ever.
          if (reader.owner !== handle) return Effect.fail(failure("end", "NotTransacted"))
          handle.hasBegun = false
          reader.owner = undefined
          dispose(reader, then)
          if (then !== "leave") handle.resets = reader.resets
          wake(reader)
          return Effect.void
        })
      ),
    reconnect: (first) =>
      alone(
        "reconnect",
        Effect.flatMap(turn(reader, handle), () => {
          const code = obstacle(reader, undefined)
          if (code !== undefined) return Effect.fail(failure("reconnect", code))
          if (handle.coming === reader.comings || first === "leave") dispose(reader, first)
          power(reader)
          handle.coming = reader.comings
          handle.resets = reader.resets
          return Effect.void
        })
      ),
    disconnect: (then) =>
      alone(
        "disconnect",
        Effect.sync(() => {
          reader.handles.delete(handle)
          if (reader.owner === handle) reader.owner = undefined
          if (handle.coming === reader.comings) dispose(reader, then)
          wake(reader)
          reader.changed()
        })
      )
  }
}

const play = (reader: VirtualReader, command: Bytes): Effect.Effect<Bytes, PcscError> => {
  const card = reader.card
  if (card === undefined) return Effect.fail(failure("transmit", "RemovedCard"))
  const played = Mischief.play(card.program, command, reader.plan(command, reader.commands++))
  switch (played._tag) {
    case "Answered":
      return Effect.succeed(played.answer)
    case "Torn":
      remove(reader)
      return played.says === "empty" ? nothing : Effect.fail(failure("transmit", "NotTransacted"))
    case "Hangs":
      return Effect.callback((resume) => {
        reader.hanging.add((end) => resume(end === answers ? Effect.succeed(played.answer) : end))
      })
  }
}
