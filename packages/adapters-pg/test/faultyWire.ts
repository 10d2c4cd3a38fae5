// A wire to the server that fails when it is told to: for the client, the server dies between any two messages.
import { connect, type Socket } from "node:net"
import { Duplex } from "node:stream"
import { inject } from "vitest"

const dial = (): Socket => {
  const server = inject("postgres")
  if (server.kind === "socket") return connect({ path: `${server.host}/.s.PGSQL.5432` })
  const { hostname, port } = new URL(server.url)
  return connect({ host: hostname, port: port === "" ? 5432 : Number(port) })
}

/** `lost`: it never arrives. `unanswered`: it arrives and is done, but no answer comes back. `silent`: nothing moves. */
export type Mode = "lost" | "unanswered" | "silent"

/** A wire whose message number `at`, from now on, meets its fate; after that nobody answers until it is mended. */
export const faultyWire = () => {
  let sent = 0
  let fate: { readonly at: number; readonly mode: Mode } | undefined
  let broken = false
  const open = new Set<Duplex>()

  const stream = (): Duplex => {
    if (broken && fate?.mode !== "silent") {
      return new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(new Error("connection refused")) })
    }
    const socket = dial()
    const wire: Duplex = new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        if (broken && fate?.mode === "silent") return done()
        if (++sent !== fate?.at) return void socket.write(chunk, () => done())
        broken = true
        if (fate.mode === "silent") return done()
        if (fate.mode === "lost") socket.destroy()
        else socket.end(chunk)
        // A server that dies takes all its sessions with it.
        for (const one of open) one.destroy(new Error("connection reset"))
        done()
      },
      // Whoever takes leave is heard, as by a server that sees the end of the connection.
      final(done) {
        socket.end()
        done()
      },
      destroy(error, done) {
        // What was sent is still done, as by a server whose client has gone.
        socket.end()
        open.delete(wire)
        done(error)
      }
    })
    socket.on("data", (chunk) => {
      if (!broken) wire.push(chunk)
    })
    socket.on("error", (error) => wire.destroy(error))
    socket.on("close", () => wire.destroy())
    open.add(wire)
    return wire
  }

  return {
    stream,
    /** How many messages were sent since the last plan. */
    sent: () => sent,
    fail: (at: number, mode: Mode) => {
      sent = 0
      fate = { at, mode }
    },
    isBroken: () => broken,
    mend: () => {
      broken = false
      fate = undefined
    }
  }
}
