/**
 * What a virtual CPU card keeps without power 虚拟卡存储: files, purses, log, proofs, PIN, keys and what is blocked, as
 * plain data that goes through JSON unchanged.
 *
 * It holds the PIN and the keys in the clear, as a chip does: a file of it is as secret as the keys that it was
 * personalised with. Give a card that is kept in a file `VirtualKeys.testMasters`. Bytes are hexadecimal in capitals,
 * money is in fen.
 */
import { Flaw } from "@yikatong/core"
import { Result, Schema } from "effect"

/**
 * The longest name of an application, an answer to reset, and a PIN, in bytes (ISO/IEC 7816-3, 7816-4, JR/T 0025.1).
 */
const most = { name: 16, atr: 33, pin: 6 } as const

const Bytes = (fewest: number, most = fewest) =>
  Schema.String.check(Schema.isPattern(new RegExp(`^(?:[0-9A-F]{2}){${fewest},${most}}$`, "u"), {
    expected: `${fewest === most ? fewest : `${fewest} to ${most}`} bytes in hexadecimal, in capitals`
  }))
const Number = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Byte = Number(0, 0xff)
const Counter = Number(0, 0xffff)
const FileNumber = Number(1, 30)
const Tries = Number(0, 15)

/** The greatest balance that four bytes hold without a sign: ¥21,474,836.47. */
export const mostBalance = 0x7fff_ffff
const Fen = Number(0, mostBalance)

/** How long the cyclic log is, and one line of it in bytes. */
export const logLines = 10
export const lineLength = 23

/** The size of each file, in bytes. */
export const sizes = { application: 30, holder: [39, 55], campus: 256 } as const

/**
 * `loads`: the online counter 联机交易序号; `purchases`: the offline counter 脱机交易序号; `most`: the greatest
 * balance.
 */
export const Purse = Schema.Struct({ balance: Fen, loads: Counter, purchases: Counter, most: Fen }).check(
  Schema.makeFilter(({ balance, most }) => balance <= most, { expected: "a balance up to the greatest" })
)
export interface Purse extends Schema.Schema.Type<typeof Purse> {}

/** ED 电子存折 (ed) and EP 电子钱包 (ep). */
export type PurseName = "ed" | "ep"

/** What GET TRANSACTION PROVE gives: the last of each type. `counter`: before the transaction. */
export const Proof = Schema.Struct({ type: Byte, counter: Counter, mac: Bytes(4), tac: Bytes(4) })
export interface Proof extends Schema.Schema.Type<typeof Proof> {}

const triesWithinMost = Schema.makeFilter(
  ({ most, tries }: { readonly most: number; readonly tries: number }) => tries <= most,
  { expected: "no more tries left than there are" }
)
const differ = Schema.makeFilter(
  (numbers: { readonly [name: string]: number }) => {
    const all = Object.values(numbers)
    return new Set(all).size === all.length
  },
  { expected: "a number of its own for each file" }
)
const key = Bytes(16)

export const VirtualMemory = Schema.Struct({
  format: Schema.Literal("yikatong-virtual-cpu-card-1"),
  protocol: Schema.Literals(["T=0", "T=1"]),
  atr: Bytes(2, most.atr),
  /** The name by which the application is selected. */
  name: Bytes(1, most.name),
  numbers: Schema.Struct({ application: FileNumber, holder: FileNumber, log: FileNumber, campus: FileNumber })
    .check(differ),
  protection: Schema.Literals(["none", "mac"]),
  logged: Schema.Literals(["before", "after"]),
  pinFor: Schema.Struct({ load: Schema.Boolean, log: Schema.Boolean }),
  pin: Schema.Struct({ number: Byte, value: Bytes(2, most.pin), tries: Tries, most: Tries }).check(triesWithinMost),
  /** What a command names a key by, and what is told of keys. */
  indexes: Schema.Struct({ load: Byte, purchase: Byte, internal: Byte, version: Byte, algorithm: Byte }),
  keys: Schema.Struct({
    load: key,
    purchase: key,
    tac: key,
    maintenance: key,
    unblockPin: key,
    reloadPin: key,
    internal: key
  }),
  external: Schema.Struct({
    number: Byte,
    key: Schema.Union([Bytes(8), key]),
    tries: Tries,
    most: Tries
  }).check(triesWithinMost),
  /** How many signatures in a row may still be wrong, before the application is locked for ever. */
  macTries: Number(0, 3),
  application: Schema.Literals(["open", "blocked", "locked"]),
  /** After CARD BLOCK: it answers nothing any more. */
  dead: Schema.Boolean,
  files: Schema.Struct({
    application: Bytes(sizes.application),
    holder: Schema.Union([Bytes(sizes.holder[0]), Bytes(sizes.holder[1])]),
    campus: Bytes(sizes.campus)
  }),
  purses: Schema.Struct({ ed: Purse, ep: Purse }),
  /** The newest first. */
  log: Schema.Array(Bytes(lineLength)).check(Schema.isMaxLength(logLines)),
  proofs: Schema.Array(Proof).check(Schema.isMaxLength(4))
})
export interface VirtualMemory extends Schema.Schema.Type<typeof VirtualMemory> {}

/** It is no memory of a card, or a damaged one: where, never what stood there. */
export interface MemoryDamaged {
  readonly _tag: "MemoryDamaged"
  readonly flaws: ReadonlyArray<Flaw.Flaw>
}

const damaged = (flaws: ReadonlyArray<Flaw.Flaw>) => Result.fail<MemoryDamaged>({ _tag: "MemoryDamaged", flaws })
const read = Schema.decodeUnknownResult(VirtualMemory)

/** The memory that this data is. */
export const decode = (data: unknown): Result.Result<VirtualMemory, MemoryDamaged> => {
  const memory = read(data, { errors: "all", onExcessProperty: "error" })
  return Result.isSuccess(memory) ? Result.succeed(memory.success) : damaged(Flaw.of(memory.failure))
}

/** The memory that this text is, as `write` wrote it. */
export const parse = (text: string): Result.Result<VirtualMemory, MemoryDamaged> => {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    // The parser's own message repeats the text, in which keys may stand.
    return damaged([{ path: "", problem: "不是 JSON / it is no JSON" }])
  }
  return decode(data)
}

/** A text that `parse` reads. */
export const write = (memory: VirtualMemory): string => `${JSON.stringify(memory, null, 2)}\n`
