/**
 * Requests at the door of callbacks 请求接收, until all of their bytes are there or they are refused: too large, too slow, cut
 * off, or no HTTP. What node:http refuses by itself is refused here with the same status, and told.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { peerOf, type Refused } from "./DoorLog.ts"

/** What becomes of those who knock. `peer`: whose address it is. */
export interface Door {
  readonly received: (request: IncomingMessage, response: ServerResponse, body: Uint8Array, peer: string) => void
  readonly refused: (refused: Refused) => void
}

/** How node:http calls what it does not read, and how that is answered. Whatever is not here is no HTTP. */
const troubles: Readonly<Record<string, readonly [status: string, refused: Omit<Refused, "peer">]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", { reason: "slow" }],
  HPE_INVALID_EOF_STATE: ["400 Bad Request", { reason: "truncated" }],
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", { reason: "tooLarge", what: "the headers" }],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["413 Payload Too Large", { reason: "tooLarge", what: "the chunks" }]
}
const malformed = ["400 Bad Request", { reason: "malformed", what: "the request" }] as const

/** The ends of a connection by its peer, before or after a request: nobody is turned away. */
const isGone = (code: string): boolean => code === "ECONNRESET" || code === "EPIPE"

/** Takes care of a server's requests. `largest`: bytes of a body. */
export const attend = (server: Server, largest: number, door: Door): void => {
  /** Those of whom the log has heard: one refusal, one line. */
  const told = new WeakSet<Duplex>()
  const tell = (socket: Duplex, refused: Omit<Refused, "peer">): void => {
    if (told.has(socket)) return
    told.add(socket)
    door.refused({ ...refused, peer: peerOf((socket as Partial<Socket>).remoteAddress) })
  }

  server.on("request", (request, response) => {
    const { socket } = request
    const peer = peerOf(socket.remoteAddress)
    const pieces: Array<Buffer> = []
    let size = 0
    let isOver = false
    const tooLarge = () => {
      isOver = true
      tell(socket, { reason: "tooLarge", what: "the body" })
      // What is still to come is thrown away with the connection, once the answer is on its way.
      response.writeHead(413, { connection: "close", "content-length": "0" })
      response.end(() => request.destroy())
    }
    request.on("error", () => {
      if (!isOver) tell(socket, { reason: "truncated" })
      isOver = true
    })
    request.on("data", (piece: Buffer) => {
      size += piece.length
      if (isOver) return
      if (size <= largest) return void pieces.push(piece)
      tooLarge()
    })
    request.on("end", () => {
      if (isOver) return
      isOver = true
      door.received(request, response, new Uint8Array(Buffer.concat(pieces)), peer)
    })
  })

  server.on("clientError", (error: Error & { readonly code?: string }, socket) => {
    const code = error.code ?? ""
    if (isGone(code) || !socket.writable) return void socket.destroy()
    const [status, refused] = troubles[code] ?? malformed
    tell(socket, refused)
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
  })
  // A proxy is not what this is.
  server.on("connect", (_, socket) => {
    tell(socket, malformed[1])
    socket.destroy()
  })
  server.on("drop", (dropped) => door.refused({ reason: "full", peer: peerOf(dropped?.remoteAddress) }))
}
