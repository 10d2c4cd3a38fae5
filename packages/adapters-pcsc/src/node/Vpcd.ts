/**
 * A card program on a real pcscd 虚拟卡接入: speaks to vpcd, the reader driver of vsmartcard, over TCP. A development machine without any
 * reader so has one, and every program on it sees the card.
 *
 * vpcd listens (by default on port 35963, on all addresses: the machine needs a firewall) and the card connects; or vpcd is
 * configured with DEVICENAME 127.0.0.1:0xPORT and the card listens, which needs vpcd 0.9: 0.8, as in Debian 12, aborts pcscd as
 * soon as no card is there. A length of one byte is a control: 0 off, 1 on, 2 reset, 4 asks for the answer to reset; all else is a command.
 */
import { Effect, Schema, type Scope } from "effect"
import { connect, createServer, type Server, type Socket } from "node:net"
import type * as Bytes from "../Bytes.ts"
import type { CardProgram } from "../CardProgram.ts"
import * as Mischief from "../Mischief.ts"
import * as Frames from "./Frames.ts"

/** vpcd's own port for its first slot; the second has the next one. */
export const defaultPort = 35963

/** The port on which the card is to listen can not be had. */
export class VpcdFailed extends Schema.TaggedError<VpcdFailed>()("VpcdFailed", {
  port: Schema.Int,
  code: Schema.String
}) {
  override get message() {
    return `端口 ${this.port} 无法监听（${this.code}）：请换端口，或结束占用它的程序 / ` +
      `the port ${this.port} can not be listened on (${this.code}): choose another one, or end the program that has it`
  }
}

/** `dial`: vpcd listens there. `listen`: vpcd connects to this port of the loopback. */
export type Way = { readonly dial: number; readonly host?: string } | { readonly listen: number }

/** A slot of vpcd: what can be done with the card on it. */
export interface Slot {
  /** Puts a card there; one that lies there is taken away first. pcscd notices after up to half a second. */
  readonly insert: (program: CardProgram) => Effect.Effect<void, VpcdFailed>
  /** Takes it away. Whoever waits for its answer gets none. */
  readonly remove: Effect.Effect<void>
  /** What is to go wrong with the commands from here on; they are counted from 0. `says` makes no difference: vpcd speaks for itself. */
  readonly plan: (plan: Mischief.Plan) => Effect.Effect<void>
  /** A card that hangs gives its answer. */
  readonly release: Effect.Effect<void>
  /** Whether vpcd is connected. */
  readonly isConnected: Effect.Effect<boolean>
}

const dialAgain = 100

/** A slot for as long as the scope; in the end its card is taken away. */
export const slot = (way: Way): Effect.Effect<Slot, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(() => make(way)), (slot) => slot.remove)

const make = (way: Way): Slot => {
  let program: CardProgram | undefined
  let server: Server | undefined
  let socket: Socket | undefined
  let timer: NodeJS.Timeout | undefined
  let plan = Mischief.none
  let commands = 0
  let late: (() => void) | undefined

  const remove = (): void => {
    const was = program
    program = undefined
    late = undefined
    clearTimeout(timer)
    server?.close()
    socket?.destroy()
    server = undefined
    socket = undefined
    was?.power("off")
  }

  const answer = (card: CardProgram, to: Socket, body: Bytes.Bytes): void => {
    if (body.length === 0) return
    if (body.length === 1) {
      switch (body[0]) {
        case 0:
          return card.power("off")
        case 1:
          return card.power("on")
        case 2:
          return card.power("reset")
        case 4:
          return void to.write(Frames.frame(card.atr))
      }
      // A control that nobody knows wants no answer.
      return
    }
    const played = Mischief.play(card, body, plan(body, commands++))
    switch (played._tag) {
      case "Answered":
        return void to.write(Frames.frame(played.answer))
      case "Torn":
        return remove()
      case "Hangs":
        late = () => void to.write(Frames.frame(played.answer))
    }
  }

  const serve = (card: CardProgram, to: Socket): void => {
    const bodies = Frames.assembler()
    socket = to
    to.setNoDelay(true)
    to.on("data", (chunk) => {
      for (const body of bodies(chunk)) if (program === card && socket === to) answer(card, to, body)
    })
    to.on("error", () => {})
    to.on("close", () => {
      if (socket !== to) return
      socket = undefined
      late = undefined
      // pcscd has ended, and the card with it lost its power; it lies there still when pcscd is back.
      if (program === card) {
        card.power("off")
        if ("dial" in way) dial(card, way)
      }
    })
  }

  const dial = (
    card: CardProgram,
    { dial: port, host = "127.0.0.1" }: Extract<Way, { readonly dial: number }>
  ): void => {
    const to = connect(port, host)
    const again = () => {
      if (program === card) timer = setTimeout(() => dial(card, { dial: port, host }), dialAgain)
    }
    to.once("error", again)
    socket = to
    to.once("connect", () => {
      to.off("error", again)
      if (program === card && socket === to) serve(card, to)
      else to.destroy()
    })
  }

  const listen = (card: CardProgram, port: number): Effect.Effect<void, VpcdFailed> =>
    Effect.callback((resume) => {
      const made = createServer((to) => {
        // One reader at a time has a card.
        if (program === card && socket === undefined) serve(card, to)
        else to.destroy()
      })
      server = made
      made.once("error", (error: NodeJS.ErrnoException) => {
        remove()
        resume(Effect.fail(new VpcdFailed({ port, code: error.code ?? "unknown" })))
      })
      made.listen(port, "127.0.0.1", () => resume(Effect.void))
    })

  return {
    insert: (card) =>
      Effect.suspend(() => {
        remove()
        program = card
        if ("listen" in way) return listen(card, way.listen)
        dial(card, way)
        return Effect.void
      }),
    remove: Effect.sync(remove),
    plan: (made) =>
      Effect.sync(() => {
        plan = made
        commands = 0
      }),
    release: Effect.sync(() => {
      late?.()
      late = undefined
    }),
    isConnected: Effect.sync(() => socket !== undefined && !socket.connecting && !socket.destroyed)
  }
}
