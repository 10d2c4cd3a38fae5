/**
 * Real readers, through pcsc-mini 读卡器硬件接口: PC/SC of Linux (pcscd), macOS and Windows, with prebuilt binaries and no install script.
 *
 * What is wrong or missing in pcsc-mini 0.1.3 ends here, or in `PcscReader`:
 * - its answer to reset in change events is garbage: it is asked of the card;
 * - two calls of one card at once throw: that is an error like all others;
 * - a client that has died can not be started again: each `open` makes a new one;
 * - 4 readers, 4 handles, 264 bytes: told as `most`;
 * - a client is freed although a call hangs in it: it is kept until the call ends;
 * - a command is freed although it waits to be sent, and the card gets what lies there then: it is kept until it is answered;
 * - a client that could not be stopped is stopped again when it is freed, and what that throws ends the process: it is never freed.
 *
 * Its calls run in the threads of libuv, of which Node has 4: a terminal with several readers sets UV_THREADPOOL_SIZE higher, so that
 * cards that hang do not hold up files and names as well.
 */
import { Effect, Layer } from "effect"
import { setTimeout } from "node:timers/promises"
import type * as Mini from "pcsc-mini"
import type * as Bytes from "../Bytes.ts"
import type { Protocol } from "../CardChannel.ts"
import * as PcscBinding from "../PcscBinding.ts"
import * as ReaderCensus from "./ReaderCensus.ts"

type Library = typeof Mini

/** Codes of pcsc-mini and what they are here, where the names differ. */
const codes: Readonly<Record<string, PcscBinding.Code>> = {
  Shutdown: "ServiceStopped",
  SystemCancelled: "ServiceStopped",
  NoSmartCard: "NoCard",
  NoAccess: "AccessDenied",
  SecurityViolation: "AccessDenied",
  NoReadersAvailable: "UnknownReader",
  CardUnsupported: "UnsupportedCard",
  ProtoMismatch: "ProtocolMismatch",
  InsufficientBuffer: "BufferTooSmall",
  PciTooSmall: "BufferTooSmall",
  CommDataLost: "CommError",
  NotReady: "UnresponsiveCard",
  WaitedTooLong: "Timeout",
  CardIsBusy: "Busy",
  NoCardConnection: "InvalidHandle",
  TooManyCardConnections: "HandlesExhausted",
  TooManyConnectRequests: "HandlesExhausted"
}

/** What an error of pcsc-mini is here. */
export const failure = (operation: string, cause: unknown): PcscBinding.PcscError => {
  const detail = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "Unknown"
  const code = codes[detail] ?? (isCode(detail) ? detail : "Other")
  return new PcscBinding.PcscError({ operation, code, detail })
}
const isCode = (detail: string): detail is PcscBinding.Code =>
  (PcscBinding.Code.literals as ReadonlyArray<string>).includes(detail)

/**
 * A native addon that may not be there for this platform: an error when it is needed, and not when this file is imported.
 * `load` is for those who bundle it themselves.
 */
const loaded = (load: () => Promise<unknown>) =>
  Effect.tryPromise({
    try: async () => await load() as Library,
    catch: (cause) =>
      new PcscBinding.PcscError({
        operation: "load pcsc-mini",
        code: "Other",
        detail: `pcsc-mini does not load on ${process.platform} ${process.arch}, is its optional package installed? ${
          String(cause instanceof Error ? cause.message : cause).split("\n")[0]
        }`
      })
  })

/** Clients in which a call is under way. Freed before it ends, its memory would be written to all the same. */
const kept = new Map<object, number>()
const keep = (client: object): void => void kept.set(client, (kept.get(client) ?? 0) + 1)
const forget = (client: object): void => {
  const calls = (kept.get(client) ?? 1) - 1
  if (calls === 0) kept.delete(client)
  else kept.set(client, calls)
}

/**
 * Commands that are under way. pcsc-mini reads them in another thread, and holds none of them: the collector would free what
 * nobody else knows, and the card would be sent whatever came to lie there.
 */
const sent = new Set<Uint8Array>()

/**
 * Clients that could not be stopped, since their service has died. The garbage collector would free them, which stops them once
 * more, and that throws where nobody can catch it. A service dies seldom: what is kept is small.
 */
const unstopped = new Set<object>()

/** A call, begun in a thunk since pcsc-mini throws some of its errors at once. */
const called = <A>(
  client: object,
  operation: string,
  call: () => Promise<A>
): Effect.Effect<A, PcscBinding.PcscError> =>
  Effect.tryPromise({
    try: async () => {
      keep(client)
      try {
        return await call()
      } finally {
        forget(client)
      }
    },
    catch: (cause) => failure(operation, cause)
  })

/** A call with a command, of which it has a copy of its own that nobody writes to. */
const sending = <A>(
  client: object,
  operation: string,
  command: Bytes.Bytes,
  call: (copy: Uint8Array) => Promise<A>
): Effect.Effect<A, PcscBinding.PcscError> =>
  called(client, operation, async () => {
    const copy = new Uint8Array(command)
    sent.add(copy)
    try {
      return await call(copy)
    } finally {
      sent.delete(copy)
    }
  })

const cardOf = (library: Library, client: Mini.Client, card: Mini.Card): PcscBinding.PcscCard => {
  const { CardDisposition, CardMode } = library
  const disposition = (then: PcscBinding.Disposition): Mini.CardDisposition =>
    then === "leave" ? CardDisposition.LEAVE : then === "reset" ? CardDisposition.RESET : CardDisposition.UNPOWER
  const protocol = (): Protocol => {
    try {
      const { T0, T1 } = library.Protocol
      const spoken = card.protocol()
      return spoken === T0 ? "T=0" : spoken === T1 ? "T=1" : "other"
    } catch {
      // A handle that is gone speaks nothing; the next call on it says so.
      return "other"
    }
  }
  let transaction: Mini.Transaction | undefined
  return {
    atr: called(client, "atr", async () => new Uint8Array((await card.state()).atr)),
    protocol,
    transmit: (command) => sending(client, "transmit", command, (copy) => card.transmit(copy)),
    control: (code, command) => sending(client, "control", command, (copy) => card.control(code, copy)),
    begin: called(client, "begin", async () => {
      transaction = await card.transaction()
    }),
    end: (then) => called(client, "end", async () => transaction?.end(disposition(then))),
    reconnect: (first) =>
      called(client, "reconnect", async () => void await card.reconnect(CardMode.SHARED, disposition(first))),
    disconnect: (then) => called(client, "disconnect", () => card.disconnect(disposition(then)))
  }
}

const statusOf = (library: Library, name: string, flags: Mini.ReaderStatusFlags): PcscBinding.ReaderStatus => {
  const { ReaderStatus } = library
  return {
    name,
    attached: true,
    present: flags.has(ReaderStatus.PRESENT),
    mute: flags.has(ReaderStatus.MUTE),
    exclusive: flags.has(ReaderStatus.EXCLUSIVE),
    inUse: flags.has(ReaderStatus.IN_USE),
    // The upper half counts the cards' comings and goings, with pcsc-lite and on Windows.
    comings: flags.raw >>> 16
  }
}

/**
 * How long after it began, or told something, a client is not stopped, in milliseconds. `stop` cancels the wait for readers and
 * then lets go of the context; a cancel that comes before the wait has begun again is lost, and the whole process stands still
 * until a reader moves. By the machine's own time, since it is a thread of it that has to come round.
 */
const settling = 150

const open = (library: Library, watch: PcscBinding.Watch) =>
  Effect.gen(function*() {
    if ((yield* ReaderCensus.state()) === "silent") {
      // `start` would wait for it, and the whole process with it.
      return yield* new PcscBinding.PcscError({ operation: "open", code: "Timeout", detail: "pcscd does not answer" })
    }
    const readers = new Map<string, Mini.Reader>()
    let isOver = false
    let told = performance.now()
    const client = yield* Effect.acquireRelease(
      Effect.try({
        try: () => {
          const client = new library.Client()
          client.on("reader", (reader) => {
            const name = reader.name()
            readers.set(name, reader)
            reader.on("change", (flags) => {
              told = performance.now()
              if (!isOver) watch.changed(statusOf(library, name, flags))
            })
            reader.on("disconnect", () => {
              told = performance.now()
              readers.delete(name)
              if (!isOver) watch.changed({ ...absent, name })
            })
          })
          client.on("error", (error) => {
            if (!isOver) watch.died(failure("watch", error))
          })
          const started = client.start()
          told = performance.now()
          return started
        },
        catch: (cause) => failure("open", cause)
      }),
      (client) =>
        Effect.promise(async () => {
          isOver = true
          await setTimeout(Math.max(0, settling - (performance.now() - told)))
          try {
            client.stop()
          } catch {
            // A client whose service has died can not be stopped: it throws NoService.
            unstopped.add(client)
          }
        })
    )
    return {
      connect: (name: string, share: "shared" | "exclusive") =>
        Effect.suspend(() => {
          const reader = readers.get(name)
          if (reader === undefined) {
            return Effect.fail(
              new PcscBinding.PcscError({ operation: "connect", code: "UnknownReader", detail: "UnknownReader" })
            )
          }
          const mode = share === "shared" ? library.CardMode.SHARED : library.CardMode.EXCLUSIVE
          return Effect.map(
            called(client, "connect", () => reader.connect(mode)),
            (card) => cardOf(library, client, card)
          )
        })
    } satisfies PcscBinding.PcscClient
  })

const absent = { attached: false, present: false, mute: false, exclusive: false, inUse: false }

/** `load`: where pcsc-mini comes from, for those who bundle it. Its declarations do not compile, so no type of ours names them. */
export const make = (load: () => Promise<unknown> = () => import("pcsc-mini")): PcscBinding.PcscBinding["Service"] => ({
  most: { readers: 4, bytes: 264 },
  open: (watch) => Effect.flatMap(loaded(load), (library) => open(library, watch)),
  census: ReaderCensus.count()
})

/** Real readers. */
export const layer: Layer.Layer<PcscBinding.PcscBinding> = Layer.sync(PcscBinding.PcscBinding, () => make())
