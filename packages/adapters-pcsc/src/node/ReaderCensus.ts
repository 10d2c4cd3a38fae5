/**
 * How many readers the service itself has 读卡器清点: asked of pcscd over its own socket, beside the library, which may see fewer.
 *
 * Source: winscard_msg.h and readers.h of pcsc-lite 1.9 and 2.x, protocol 4.4. Numbers are of the machine's own byte order. On other
 * systems, or where pcscd speaks otherwise, nothing is known.
 */
import { Effect } from "effect"
import { connect } from "node:net"
import { endianness } from "node:os"

/** Where pcscd listens, unless the environment says otherwise as it does for its own library. */
export const defaultSocket = "/run/pcscd/pcscd.comm"

const commandVersion = 0x11
const commandReaders = 0x12
const protocol = { major: 4, minor: 4 }
/** PCSCLITE_MAX_READERS_CONTEXTS of struct pubReaderState: name 128, counters and state 12, ATR 33 and 3 of padding, 8 more. */
const mostReaders = 16
const readerSize = 184
const versionSize = 12
const isLittle = endianness() === "LE"

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  if (isLittle) bytes.writeUInt32LE(value)
  else bytes.writeUInt32BE(value)
  return bytes
}
const numberAt = (bytes: Buffer, at: number): number => isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)

const question = Buffer.concat([
  ...[versionSize, commandVersion, protocol.major, protocol.minor, 0].map(number),
  ...[0, commandReaders].map(number)
])

/** The number of readers in what pcscd answered; undefined where it says something else. */
export const read = (answer: Buffer): number | undefined => {
  if (answer.length < versionSize + mostReaders * readerSize) return undefined
  // The same major version, and success.
  if (numberAt(answer, 0) !== protocol.major || numberAt(answer, 8) !== 0) return undefined
  let readers = 0
  for (let at = versionSize; at < versionSize + mostReaders * readerSize; at += readerSize) {
    if (answer[at] !== 0) readers++
  }
  return readers
}

const path = (): string => process.env["PCSCLITE_CSOCK_NAME"] ?? defaultSocket

/** So long is pcscd waited for altogether, in milliseconds: one that drips a byte from time to time is silent too. */
const patience = 1000

/** What was heard until it was whole, the end, or the end of our patience. */
interface Heard {
  answer: Buffer
  /** Also where more wait to be let in than may: somebody listens, or did. */
  isConnected: boolean
  isOver: boolean
}

const ask = (socket: string): Effect.Effect<Heard> =>
  Effect.suspend(() => {
    const heard: Heard = { answer: Buffer.alloc(0), isConnected: false, isOver: false }
    return Effect.as(Effect.timeoutOption(listen(socket, heard), patience), heard)
  })

const listen = (socket: string, heard: Heard): Effect.Effect<void> =>
  Effect.callback((resume) => {
    // By its name as a path: digits alone would be a port, and nothing at all an error that is thrown.
    const connection = connect({ path: socket })
    const end = () => {
      heard.isOver = true
      connection.destroy()
      resume(Effect.void)
    }
    connection.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EAGAIN") heard.isConnected = true
      end()
    })
    connection.on("close", end)
    connection.on("connect", () => {
      heard.isConnected = true
      connection.write(question)
    })
    connection.on("data", (part: Buffer) => {
      heard.answer = Buffer.concat([heard.answer, part])
      if (heard.answer.length >= versionSize + mostReaders * readerSize) end()
    })
    return Effect.sync(() => void connection.destroy())
  })

/** How many readers pcscd has. Never fails, and takes no longer than a second. */
export const count = (socket: string = path()): Effect.Effect<number | undefined> =>
  Effect.map(ask(socket), ({ answer }) => read(answer))

/** Whether pcscd answers at all. `silent`: its socket is open and nothing comes, so that its library would wait for ever. */
export const state = (socket: string = path()): Effect.Effect<"absent" | "silent" | "answers"> =>
  Effect.map(ask(socket), ({ answer, isConnected, isOver }) => {
    const isAnswer = answer.length > 0 && (isOver || answer.length >= versionSize)
    return isAnswer ? "answers" : isConnected ? "silent" : "absent"
  })
