/**
 * One command inside a virtual CPU card 一步执行: from memory and session to an answer, what is written, and the
 * session after it. Nothing is done here: whoever has the power applies the writes, all or as far as the power lasts.
 */
import type * as Apdu from "./Apdu.ts"
import * as Bytes from "./Bytes.ts"
import type { PurseName, VirtualMemory } from "./VirtualMemory.ts"

/** Files that a command can mean. `directory`: which applications there are, in the root. */
export type FileName = "directory" | "application" | "holder" | "campus" | "log" | PurseName

/** A transaction that INITIALIZE has begun. */
export interface Begun {
  readonly kind: "load" | "purchase"
  readonly purse: PurseName
  readonly amount: Bytes.Bytes
  readonly terminal: Bytes.Bytes
  readonly random: Bytes.Bytes
}

/**
 * What a card knows while it has power. `challenge` and `begun` are for the next command only, and so is `waiting`:
 * what GET RESPONSE will fetch.
 */
export interface Session {
  readonly place: "root" | "application"
  readonly file: FileName | undefined
  readonly pin: boolean
  readonly challenge: Bytes.Bytes | undefined
  readonly begun: Begun | undefined
  readonly waiting: Bytes.Bytes | undefined
}

/** After the power came. */
export const awake: Session = {
  place: "root",
  file: undefined,
  pin: false,
  challenge: undefined,
  begun: undefined,
  waiting: undefined
}

/** A write that is done as a whole or not at all, and how many bytes of memory it takes. */
export interface Write {
  readonly size: number
  readonly to: (memory: VirtualMemory) => VirtualMemory
}

/** `session`: what changes in it, beside what every command forgets. */
export interface Step {
  readonly status: number
  readonly data: Bytes.Bytes
  readonly session: Partial<Session>
  readonly writes: ReadonlyArray<Write>
}

/** What a command finds. `random`: so many bytes that nobody could foresee. */
export interface Card {
  readonly memory: VirtualMemory
  readonly session: Session
  readonly random: (length: number) => Bytes.Bytes
}

/** How a card carries out a command. `data` is empty where the command has none. */
export type Run = (card: Card, command: Command) => Step
export type Command = Apdu.Command & { readonly data: Bytes.Bytes }

const nothing = Bytes.of("")

export const done = (
  { data = nothing, session = {}, writes = [] }: Partial<Omit<Step, "status">> = {}
): Step => ({ status: 0x9000, data, session, writes })

/** Refused: no data. `also`: what is written or changed nevertheless. */
export const refused = (status: number, also: Partial<Pick<Step, "session" | "writes">> = {}): Step => ({
  status,
  data: nothing,
  session: {},
  writes: [],
  ...also
})
