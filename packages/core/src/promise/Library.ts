/**
 * The library 图书馆 (R17, R18, R64): who shows a card to borrow, asked by a program or, in SIP2, by the library's own terminal.
 * Giving a book back asks for nobody (A23).
 */
import { Effect, Redacted, Result, Schema } from "effect"
import * as Lending from "../flows/Lending.ts"
import * as Id from "../Id.ts"
import { Text } from "../Sip2Field.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import * as LibraryLine from "./LibraryLine.ts"
import type { Decline } from "./Told.ts"

/** A card on the library's reader. */
export type BorrowInput = Omit<Input.Stated, "attendance" | "retryOf"> & { readonly card: string }

/** Who wants to borrow. `known`: only where the library may know it (D24); it is personal, and stands in no log. */
export interface Patron {
  readonly standing: "good" | Decline
  readonly holder?: {
    readonly account: string
    readonly person: string
    readonly known?: { readonly number: string; readonly name: string }
  }
}

/**
 * A library's terminal on its line, as the host knows it. `id` names the connection. `institution`: what
 * the library calls itself; `names`: whether the patron's name stands on the screen.
 */
export interface LineInput extends Input.Named {
  readonly point: string
  readonly institution: string
  readonly names?: boolean
  readonly language?: "zh" | "en"
  readonly characters?: "utf8" | "ascii"
}

/**
 * One connection. What arrives, in pieces of any size, goes in; what is to be sent back comes out. It is rejected with a
 * `Fault` when something is broken: then the connection is ended, and the terminal asks again on a new one.
 */
export interface Line {
  readonly receive: (bytes: Uint8Array) => Promise<Uint8Array>
}

export interface Library {
  /** Somebody wants to borrow; the attempt is logged as at any door. */
  readonly lend: (reading: BorrowInput) => Promise<Patron>
  /** Answers a terminal that speaks SIP2: login, status, patron status and patron information. @throws MalformedCommand */
  readonly connect: (line: LineInput) => Line
}

const { at, caller, id, point } = Input.unattended
const Borrowing = Schema.Struct({ at, caller, id, point, card: Id.CardId })
const Connection = Schema.Struct({
  caller,
  // Each message is a command of its own, named after its connection.
  id: id.check(Schema.isMaxLength(64)),
  point,
  institution: Text.check(Schema.isMaxLength(60)),
  names: Schema.Boolean,
  language: Schema.Literals(["zh", "en"]),
  characters: Schema.Literals(["utf8", "ascii"])
})

export const library = (host: Host): Library => ({
  lend: (reading) =>
    host.run(() => {
      const { at = host.now, caller = reading.point, card, id, point } = reading
      return Effect.map(Lending.borrow(Input.decode(Borrowing, { at, caller, card, id, point })), patron)
    }),
  connect: (line) => {
    const read = Input.reading(() => {
      const { characters = "utf8", language = "zh", names = false } = line
      return Input.decode(Connection, { ...line, characters, language, names })
    })
    return LibraryLine.connect(host, Result.getOrThrow(read))
  }
})

const patron = ({ holder, standing }: Lending.Patron): Patron => {
  if (holder === undefined) return { standing }
  const { account, known, person } = holder
  const told = known === undefined ? {} : { known: { number: known.number, name: Redacted.value(known.name) } }
  return { standing, holder: { account, person, ...told } }
}
