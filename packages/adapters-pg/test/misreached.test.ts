// What is told to whoever reaches a database in the wrong way: each case is a server that is not what the URL says. None of them is
// PostgreSQL; they listen on the loopback only. (Bad input of the store: the cause and the remedy stand in the message.)
import { Campus, csmzxy } from "@yikatong/core/promise"
import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { createSecureContext, TLSSocket } from "node:tls"
import { describe, expect, it } from "vitest"
import { PgCampus } from "../src/index.ts"
import { certificate } from "./certificate.ts"

/** What a server does with each connection, and with the first bytes that come over it. */
type Behaviour = (socket: Socket, first: Buffer) => void

/** An error as PostgreSQL and poolers send it, in the protocol's own bytes. */
const errorResponse = (code: string, message: string): Buffer => {
  const fields = Buffer.from(`SFATAL\0C${code}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write("E")
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

const refusing = (code: string, message: string): Behaviour => (socket) => socket.end(errorResponse(code, message))

/** It says yes to TLS and shows this certificate. */
const withCertificate = (pair: { readonly cert: string; readonly key: string }): Behaviour => (socket) => {
  socket.write("S")
  const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(pair) })
  secure.on("error", () => secure.destroy())
}

/** The fault with which a campus does not open on a server that behaves so. */
const opened = async (behaviour: Behaviour, query: string): Promise<unknown> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => socket.destroy())
    socket.once("data", (first) => behaviour(socket, first))
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  try {
    const backend = PgCampus.backend({
      url: `postgres://campus@127.0.0.1:${port}/campus?${query}`,
      peppers: { current: "a", keys: { a: "a pepper for tests, 32 bytes at least" } }
    })
    return await Campus.open({ backend, profile: csmzxy }).then(() => "opened", (fault: unknown) => fault)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

describe("a database that is reached in the wrong way", () => {
  const cases: ReadonlyArray<
    readonly [what: string, tag: string, cause: RegExp, remedy: RegExp, behaviour: Behaviour, query?: string]
  > = [
    [
      "TLS is asked of a server without it",
      "StoreBroken",
      /the server has none/,
      /ssl = on/,
      (socket) => socket.write("N"),
      "sslmode=require"
    ],
    [
      "the server's certificate is nobody's",
      "StoreBroken",
      /is not trusted here/,
      /NODE_EXTRA_CA_CERTS/,
      withCertificate(certificate("localhost")),
      "sslmode=require"
    ],
    [
      "a port that takes connections and says nothing",
      "StoreUnavailable",
      /says nothing/,
      /mend host and port/,
      () => {}
    ],
    [
      "a web server behind the port",
      "StoreUnavailable",
      /no PostgreSQL/,
      /mend host and port/,
      (socket) => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    ],
    [
      "a web server where TLS is asked for",
      "StoreUnavailable",
      /no PostgreSQL/,
      /mend host and port/,
      (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      "sslmode=require"
    ],
    [
      "a server that hangs up at once",
      "StoreUnavailable",
      /ended the session/,
      /restart/,
      (socket) => socket.destroy()
    ],
    [
      "a pooler, and nobody said `pooled`",
      "StoreBroken",
      /a pooler is between/,
      /open the campus with `pooled: true`/,
      refusing("08P01", "unsupported startup parameter: idle_in_transaction_session_timeout")
    ],
    [
      "a pooler whose server is away",
      "StoreUnavailable",
      /something on the way breaks off/,
      /log of the pooler/,
      refusing("08P01", "server login has been failing, try again later (server_login_retry)")
    ],
    [
      "a server that asks for a password where there is none",
      "StoreBroken",
      /does not let this user in/,
      /give the right user and password/,
      // AuthenticationCleartextPassword
      (socket) => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]))
    ],
    [
      "a server that is starting",
      "StoreUnavailable",
      /starting or stopping/,
      /by itself/,
      refusing("57P03", "the database system is starting up")
    ]
  ]
  for (const [what, tag, cause, remedy, behaviour, query = ""] of cases) {
    it(`${what}: ${tag}, with the cause and the remedy`, async () => {
      const fault = await opened(behaviour, `connect_timeout=1&${query}`)
      expect(fault).toMatchObject({ _tag: tag })
      const { message } = fault as Error
      expect(message).toMatch(cause)
      expect(message).toMatch(remedy)
    })
  }
})
