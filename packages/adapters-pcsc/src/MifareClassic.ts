/**
 * An M1 card on a reader 逻辑加密卡: MIFARE Classic with 1 or 4 KB, through the pseudo-APDUs of PC/SC part 3.
 *
 * **The card is broken.** Its cipher, Crypto-1, has been public since 2008; nested and darkside attacks read every
 * key within seconds to minutes with devices that anybody can buy, and cards with a changeable UID make perfect
 * copies. A balance on such a card can be forged or set back. What holds are the books and the chain of its purchases
 * (`PurseChain` in core), which show a copy at the latest when its records arrive. A school that can should move to
 * CPU cards.
 *
 * After a refusal a card takes no command until it was selected anew: this resets it at once, looks
 * whether the same UID lies there, and forgets which sector was open. After a fault it does the same before the next
 * command.
 */
import { Effect, Redacted, Result } from "effect"
import * as Apdu from "./Apdu.ts"
import * as Bytes from "./Bytes.ts"
import type { CardChannel } from "./CardChannel.ts"
import { AnswerLost } from "./CardFault.ts"
import type * as CardProblem from "./CardProblem.ts"
import * as Exchange from "./Exchange.ts"
import * as MifareMap from "./MifareMap.ts"
import * as MifareStatus from "./MifareStatus.ts"
import type { KeyKind, ReaderProfile } from "./ReaderProfile.ts"
import * as StorageCommand from "./StorageCommand.ts"
import * as ValueBlock from "./ValueBlock.ts"

type Does<A = void> = Effect.Effect<A, Exchange.Failure>

/** One card in use, by one operation at a time. Blocks and sectors count from the beginning of the card. */
export interface MifareClassic {
  readonly size: MifareMap.Size
  /** 4 or 7 bytes; the card that was there first. */
  readonly uid: Bytes.Bytes
  /** Wakes the card up anew and sees that it is the same one (`AnotherCard`). */
  readonly select: Does
  /** Gives a key of six bytes to the reader. What was open is forgotten: the next authentication proves this key. */
  readonly loadKey: (kind: KeyKind, key: Redacted.Redacted<Bytes.Bytes>) => Does
  /** Opens a sector with the key of this kind that the reader has; asks the card only where it is not open already. */
  readonly authenticate: (sector: number, kind: KeyKind) => Does
  readonly read: (block: number) => Does<Bytes.Bytes>
  /** Writes sixteen bytes of data; never block 0 or a trailer (`BlockReserved`). */
  readonly update: (block: number, data: Bytes.Bytes) => Does
  /** Writes keys and access bits of a sector, sixteen bytes. Wrong or torn ones lock the sector for ever. */
  readonly updateTrailer: (sector: number, trailer: Bytes.Bytes) => Does
  readonly readValue: (block: number) => Does<number>
  readonly store: (block: number, value: ValueBlock.ValueBlock) => Does
  readonly increment: (block: number, by: number) => Does
  readonly decrement: (block: number, by: number) => Does
  /** Copies a value block within its sector. */
  readonly restore: (from: number, to: number) => Does
}

const damaged = (block: number, problem: string): CardProblem.CardProblem => ({
  _tag: "FileDamaged",
  file: `block ${block}`,
  problem
})

/** Takes up the card on a channel. `UnknownCardType` where it is no M1 card, before anything is sent. */
export const open = Effect.fnUntraced(function*(channel: CardChannel, profile: ReaderProfile) {
  const size = yield* Effect.fromResult(MifareMap.sizeOf(channel.atr))
  let opened: { readonly sector: number; readonly kind: KeyKind } | undefined
  // Whether the card has answered everything since it was selected. While a command is under way it has not.
  let isSure = true

  const transmit = Effect.fnUntraced(function*(command: Bytes.Bytes) {
    const answer = Apdu.decodeResponse(yield* channel.transmit(command))
    if (Result.isSuccess(answer)) return answer.success
    return yield* new AnswerLost({ reader: channel.reader, how: "empty" })
  })

  const askUid = Exchange.data(channel, "uid", StorageCommand.uid).pipe(Effect.filterOrFail(
    ({ length }) => length === 4 || length === 7,
    ({ length }): CardProblem.CardProblem => ({ _tag: "AnswerMalformed", step: "uid", bytes: length, expected: 4 })
  ))

  // Whoever had the card before may have left it refused.
  const uid = yield* askUid.pipe(Effect.catchTag("CardRefused", () => Effect.andThen(channel.reset, askUid)))

  const select: Does = Effect.gen(function*() {
    isSure = false
    opened = undefined
    yield* channel.reset
    if (!Bytes.equal(yield* askUid, uid)) return yield* Effect.fail<CardProblem.CardProblem>({ _tag: "AnotherCard" })
    isSure = true
  })

  /** One command to the card; whatever is not good leaves it to be selected anew. */
  const ask = Effect.fnUntraced(function*(
    step: CardProblem.Step,
    block: number,
    send: Effect.Effect<Apdu.Response, Exchange.Failure>
  ) {
    if (!isSure) yield* select
    isSure = false
    const answer = yield* send
    if (answer.status === 0x9000) {
      isSure = true
      return answer.data
    }
    // If the card has gone by now, the next command tells; the refusal comes first.
    yield* Effect.ignore(select)
    return yield* Effect.fail(MifareStatus.problemOf(step, answer.status, MifareMap.sectorOf(block)))
  })

  const command = (step: CardProblem.Step, block: number, command: Apdu.Command): Does<Bytes.Bytes> =>
    ask(step, block, Exchange.send(channel, step, command))

  const authenticate = Effect.fnUntraced(function*(sector: number, kind: KeyKind) {
    if (isSure && opened?.sector === sector && opened.kind === kind) return
    opened = undefined
    const block = MifareMap.firstOf(sector)
    yield* ask("authenticate", block, transmit(StorageCommand.authenticate(profile, block, kind)))
    opened = { sector, kind }
  })

  const loadKey = Effect.fnUntraced(function*(kind: KeyKind, key: Redacted.Redacted<Bytes.Bytes>) {
    opened = undefined
    const bytes = Redacted.value(key)
    if (bytes.length !== keyLength) {
      return yield* Effect.fail<CardProblem.CardProblem>({ _tag: "KeyMissing", key: `M1 key ${kind}` })
    }
    const { status } = yield* Exchange.send(channel, "loadKey", StorageCommand.loadKey(profile, kind, bytes))
    if (status !== 0x9000) return yield* Effect.fail(MifareStatus.problemOf("loadKey", status, undefined))
  })

  const read = Effect.fnUntraced(function*(block: number) {
    const data = yield* command("readBlock", block, StorageCommand.read(block))
    if (data.length === MifareMap.blockSize) return data
    isSure = false
    return yield* Effect.fail<CardProblem.CardProblem>({
      _tag: "AnswerMalformed",
      step: "readBlock",
      bytes: data.length,
      expected: MifareMap.blockSize
    })
  })

  const write = (block: number, data: Bytes.Bytes): Does => {
    if (data.length !== MifareMap.blockSize) throw new RangeError("A block has sixteen bytes")
    return Effect.asVoid(command("writeBlock", block, StorageCommand.update(block, data)))
  }

  const unreserved = (block: number, does: () => Does): Does =>
    MifareMap.isReserved(block) ? Effect.fail({ _tag: "BlockReserved", block }) : Effect.suspend(does)

  const update = (block: number, data: Bytes.Bytes): Does => unreserved(block, () => write(block, data))

  const readBlock = Effect.fnUntraced(function*(block: number) {
    const value = ValueBlock.decode(yield* read(block))
    return yield* Effect.fromResult(Result.mapError(value, ({ problem }) => damaged(block, `value block: ${problem}`)))
  })

  const readValue = Effect.fnUntraced(function*(block: number) {
    if (profile.values !== "acs") return (yield* readBlock(block)).value
    const data = yield* command("value", block, StorageCommand.acsReadValue(block))
    if (data.length === 4) return Bytes.toNumber(data) | 0
    isSure = false
    return yield* Effect.fail<CardProblem.CardProblem>({
      _tag: "AnswerMalformed",
      step: "value",
      bytes: data.length,
      expected: 4
    })
  })

  const reckon = Effect.fnUntraced(function*(block: number, change: number) {
    const { address, value } = yield* readBlock(block)
    if (!ValueBlock.holds(value + change)) {
      return yield* Effect.fail(damaged(block, "value block: it has no room for the sum"))
    }
    yield* write(block, ValueBlock.encode({ address, value: value + change }))
  })

  const change = (block: number, operation: "increment" | "decrement", by: number): Does =>
    unreserved(block, () => {
      if (!ValueBlock.holds(by) || by < 0) throw new RangeError("A value block is changed by 0 to 2147483647")
      switch (profile.values) {
        case "acs":
          return Effect.asVoid(
            command("value", block, StorageCommand.acsValue(block, operation === "increment" ? 1 : 2, by))
          )
        case "scm":
          return Effect.asVoid(command("value", block, StorageCommand.scmValue(block, operation, by)))
        case "none":
          return reckon(block, operation === "increment" ? by : -by)
      }
    })

  const card: MifareClassic = {
    size,
    uid,
    select,
    loadKey,
    authenticate,
    read,
    update,
    updateTrailer: (sector, trailer) => Effect.suspend(() => write(MifareMap.trailerOf(sector), trailer)),
    readValue,
    // Of the readers' own commands only ACS has one to store, and it leaves the address open: so a block is written
    // as it is.
    store: (block, value) => update(block, ValueBlock.encode(value)),
    increment: (block, by) => change(block, "increment", by),
    decrement: (block, by) => change(block, "decrement", by),
    restore: (from, to) =>
      unreserved(to, () =>
        profile.values === "acs"
          ? Effect.asVoid(command("value", from, StorageCommand.acsRestore(from, to)))
          : Effect.flatMap(readBlock(from), (value) => write(to, ValueBlock.encode(value))))
  }
  return card
})

/** The length of a key, in bytes. */
export const keyLength = 6
