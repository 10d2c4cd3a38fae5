// A card behind a socket, spoken to as vpcd speaks, in both directions.
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { Bytes } from "../src/index.ts"
import * as Mischief from "../src/Mischief.ts"
import { Frames, Vpcd } from "../src/node/index.ts"
import * as EchoCard from "./support/EchoCard.ts"

/** What vpcd is to a card: frames go out, bodies come in, and the end is noticed. */
const reader = (socket: Socket) => {
  const assemble = Frames.assembler()
  const bodies: Array<string> = []
  let isOpen = true
  socket.on("data", (chunk) => void bodies.push(...assemble(chunk).map(Bytes.hex)))
  socket.on("error", () => {})
  socket.on("close", () => {
    isOpen = false
  })
  return {
    bodies,
    isOpen: () => isOpen,
    say: (...frames: ReadonlyArray<string>) =>
      Effect.andThen(
        Effect.sync(() => void socket.write(Bytes.join(...frames.map((frame) => Frames.frame(Bytes.of(frame)))))),
        Effect.sleep(30)
      ),
    end: Effect.sync(() => void socket.destroy())
  }
}

/** A vpcd that listens; gives its port and each connection as it comes. */
const listening = Effect.acquireRelease(
  Effect.callback<{ readonly port: number; readonly sockets: Array<Socket>; readonly close: () => void }>((resume) => {
    const sockets: Array<Socket> = []
    const server = createServer((socket) => void sockets.push(socket))
    server.listen(
      0,
      "127.0.0.1",
      () =>
        resume(Effect.succeed({ port: (server.address() as AddressInfo).port, sockets, close: () => server.close() }))
    )
  }),
  ({ close, sockets }) =>
    Effect.sync(() => {
      for (const socket of sockets) socket.destroy()
      close()
    })
)

const next = (sockets: Array<Socket>) =>
  Effect.gen(function*() {
    for (;;) {
      const socket = sockets.shift()
      if (socket !== undefined) return reader(socket)
      yield* Effect.sleep(5)
    }
  })

/** A card at a vpcd that listens. */
const dialled = Effect.gen(function*() {
  const { port, sockets } = yield* listening
  const slot = yield* Vpcd.slot({ dial: port })
  const card = EchoCard.echoCard()
  yield* slot.insert(card)
  return { card, slot, sockets, vpcd: yield* next(sockets) }
})

describe("a card behind a socket", () => {
  it.live("says its answer to reset, has its power switched, and answers commands", () =>
    Effect.gen(function*() {
      const { card, vpcd } = yield* dialled
      // The order that pcscd has at an insertion, and at a reset.
      yield* vpcd.say("04", "04", "01", "04", "80100102", "04", "02", "04", "00")
      expect(vpcd.bodies).toEqual([
        ...Array.from({ length: 3 }, () => "3B80800101"),
        "801001029000",
        ...Array.from({ length: 2 }, () => "3B80800101")
      ])
      expect(card.powers).toEqual(["on", "reset", "off"])
    }))

  it.live("gives no answer to a length of nothing, and to a control that nobody knows", () =>
    Effect.gen(function*() {
      const { vpcd } = yield* dialled
      yield* vpcd.say("", "03", "FF", "80100102")
      expect(vpcd.bodies).toEqual(["801001029000"])
    }))

  const mischief: ReadonlyArray<
    readonly [Mischief.Mischief, answer: ReadonlyArray<string>, writes: number, stays: boolean]
  > = [
    [{ _tag: "TearBefore", says: "empty" }, [], 0, false],
    [{ _tag: "TearAfter", says: "empty" }, [], 1, false],
    [{ _tag: "TearInside", written: 1, says: "empty" }, [], 1, false],
    [{ _tag: "Cut", bytes: 0 }, [""], 1, true],
    [{ _tag: "Cut", bytes: 1 }, ["01"], 1, true],
    [{ _tag: "Answer", bytes: Bytes.of("6F00") }, ["6F00"], 1, true],
    [{ _tag: "Hang" }, [], 1, true]
  ]
  it.live.each(mischief)("%o", ([mischief, answer, writes, stays]) =>
    Effect.gen(function*() {
      const { card, slot, sockets, vpcd } = yield* dialled
      yield* slot.plan(Mischief.once(0, mischief))
      yield* vpcd.say("80140000")
      expect([vpcd.bodies, card.writes(), vpcd.isOpen()]).toEqual([answer, writes, stays])
      if (mischief._tag === "Hang") {
        yield* slot.release
        yield* Effect.sleep(30)
        expect(vpcd.bodies).toEqual(["019000"])
      }
      // A card that was pulled does not come back by itself.
      yield* Effect.sleep(200)
      expect(sockets).toEqual([])
    }))

  it.live("dials again when pcscd has ended: the card lies there still, without its session", () =>
    Effect.gen(function*() {
      const { card, slot, sockets, vpcd } = yield* dialled
      yield* vpcd.say("01", "00A40000")
      expect(card.selected()).toBe(true)
      yield* vpcd.end
      const again = yield* next(sockets)
      expect(card.selected()).toBe(false)
      yield* again.say("80100102")
      expect(again.bodies).toEqual(["801001029000"])
      expect(yield* slot.isConnected).toBe(true)
      yield* slot.remove
      yield* Effect.sleep(30)
      expect([again.isOpen(), yield* slot.isConnected]).toEqual([false, false])
    }))

  it.live("waits for a vpcd that is not there yet", () =>
    Effect.gen(function*() {
      const { close, port } = yield* Effect.scoped(listening)
      close()
      const slot = yield* Vpcd.slot({ dial: port })
      yield* slot.insert(EchoCard.echoCard())
      yield* Effect.sleep(150)
      expect(yield* slot.isConnected).toBe(false)
      const server = createServer()
      yield* Effect.callback<void>((resume) => void server.listen(port, "127.0.0.1", () => resume(Effect.void)))
      yield* Effect.sleep(300)
      expect(yield* slot.isConnected).toBe(true)
      yield* slot.remove
      server.close()
    }))

  it.live("listens on the loopback for a vpcd that connects: while a card lies there, and for one at a time", () =>
    Effect.gen(function*() {
      const { port } = yield* Effect.scoped(listening)
      yield* Effect.sleep(20)
      const slot = yield* Vpcd.slot({ listen: port })
      yield* slot.insert(EchoCard.echoCard())
      const vpcd = reader(connect(port, "127.0.0.1"))
      yield* vpcd.say("04")
      expect(vpcd.bodies).toEqual(["3B80800101"])
      const second = reader(connect(port, "127.0.0.1"))
      yield* second.say("04")
      expect([second.bodies, second.isOpen()]).toEqual([[], false])
      const rival = yield* Vpcd.slot({ listen: port })
      expect(yield* Effect.flip(rival.insert(EchoCard.echoCard()))).toMatchObject({
        _tag: "VpcdFailed",
        port,
        code: "EADDRINUSE"
      })
      yield* slot.remove
      yield* Effect.sleep(20)
      const late = reader(connect(port, "127.0.0.1"))
      yield* late.say("04")
      expect([vpcd.isOpen(), late.isOpen()]).toEqual([false, false])
    }))
})
