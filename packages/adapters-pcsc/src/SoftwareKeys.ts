/**
 * Keys as data 软件密钥: of a school (master keys, from which each card's are derived by its serial number) or of one
 * card.
 *
 * For virtual cards, tests and desks whose machine is trusted. A canteen terminal should have a PSAM instead: who takes
 * it away has that one, and not the keys of the school. Keys are `Redacted`: no log, error or JSON shows them.
 */
import { Effect, Layer, Redacted, Ref, Schema } from "effect"
import * as Bcd from "./Bcd.ts"
import * as Bytes from "./Bytes.ts"
import * as CardKeys from "./CardKeys.ts"
import type { CardProblem } from "./CardProblem.ts"
import * as KeyFuse from "./KeyFuse.ts"
import * as LogRecord from "./LogRecord.ts"
import * as PurseCrypto from "./PurseCrypto.ts"

const bytes = (length: number) =>
  Schema.Uint8ArrayFromHex.check(
    Schema.makeFilter((value: Uint8Array) => value.length === length, { expected: `${2 * length} hexadecimal digits` })
  )
const Key = Schema.optionalKey(Schema.RedactedFromValue(bytes(16), { label: "key" }))

/**
 * A key file. `of`: what the keys are; `factors`: those of the levels between the master and the card, 8 bytes each (a
 * city, a branch), for master keys. The keys are 16 bytes each: DPK, DLK, DTK and DAMK in the words of FMCOS. What is
 * left out can not be done.
 */
export const KeyFile = Schema.Struct({
  of: Schema.Literals(["school", "card"]),
  factors: Schema.optionalKey(Schema.Array(bytes(8))),
  purchase: Key,
  load: Key,
  tac: Key,
  file: Key
})
export interface KeyFile extends Schema.Schema.Type<typeof KeyFile> {}

type Name = "purchase" | "load" | "tac" | "file"

/** The key of one card, if it is there. */
const keyOf = (keys: KeyFile, name: Name, serial: Bytes.Bytes): Bytes.Bytes | undefined => {
  const key = keys[name]
  if (key === undefined) return undefined
  if (keys.of === "card") return Redacted.value(key)
  const factors: ReadonlyArray<Bytes.Bytes> = [...keys.factors ?? [], PurseCrypto.factorOf(serial)]
  return factors.reduce<Bytes.Bytes>(PurseCrypto.diversify, Redacted.value(key))
}

const needed = (keys: KeyFile, name: Name, serial: Bytes.Bytes): Effect.Effect<Bytes.Bytes, CardProblem> => {
  const key = keyOf(keys, name, serial)
  return key === undefined ? Effect.fail({ _tag: "KeyMissing", key: name }) : Effect.succeed(key)
}

const verdict = (isRight: boolean): CardKeys.Verdict => isRight ? "right" : "wrong"

const signedBy = (type: number, { amount, terminal }: CardKeys.Dealing): PurseCrypto.Load => ({
  amount: Bytes.ofNumber(amount, 4),
  type,
  terminal
})

/**
 * The keys. `sequence`: gives the number of the next transaction of this terminal, 0 to 4,294,967,295, and never one
 * twice, also after a restart. They remember which cards have refused the key `file` (`KeyFuse`): make them once.
 */
export const make = (keys: KeyFile, sequence: Effect.Effect<number>): CardKeys.Keys => {
  const fuse = Ref.makeUnsafe(KeyFuse.whole)
  return { ...signing(keys, sequence), ...filing(keys, fuse) }
}

/** What is signed of money. */
const signing = (
  keys: KeyFile,
  sequence: Effect.Effect<number>
): Omit<CardKeys.Keys, "fileMac" | "fileMacJudged"> => ({
  purchase: Effect.fnUntraced(function*(request) {
    const { at, begun, serial } = request
    const key = yield* needed(keys, "purchase", serial)
    const terminalSequence = Bytes.ofNumber(yield* sequence, 4)
    const counter = Bytes.ofNumber(begun.counter, 2)
    const session = PurseCrypto.purchaseSession(key, begun.random, counter, terminalSequence)
    const purchase = signedBy(LogRecord.kinds.epPurchase, request)
    const mac2 = PurseCrypto.purchaseMac2(session, purchase.amount)
    return {
      terminalSequence,
      mac1: PurseCrypto.purchaseMac1(session, purchase, Bcd.stamp(at)),
      confirm: (given) => Effect.succeed(verdict(Bytes.equal(given, mac2)))
    }
  }),
  load: Effect.fnUntraced(function*(request) {
    const { at, begun, serial } = request
    const key = yield* needed(keys, "load", serial)
    const session = PurseCrypto.loadSession(key, begun.random, Bytes.ofNumber(begun.counter, 2))
    const load = signedBy(LogRecord.kinds.epLoad, request)
    const mac1 = PurseCrypto.loadMac1(session, Bytes.ofNumber(begun.balance, 4), load)
    if (!Bytes.equal(mac1, begun.mac1)) {
      return yield* Effect.fail<CardProblem>({ _tag: "MacWrong", step: "initialiseLoad" })
    }
    return PurseCrypto.loadMac2(session, load, Bcd.stamp(at))
  }),
  judgeTac: (signed, tac) =>
    Effect.sync(() => {
      const key = keyOf(keys, "tac", signed.serial)
      if (key === undefined) return "unknown"
      const stamp = Bcd.stamp(signed.at)
      const expected = signed._tag === "Load"
        ? PurseCrypto.loadTac(
          key,
          Bytes.ofNumber(signed.balance, 4),
          Bytes.ofNumber(signed.counter, 2),
          signedBy(LogRecord.kinds.epLoad, signed),
          stamp
        )
        : PurseCrypto.purchaseTac(key, signedBy(LogRecord.kinds.epPurchase, signed), signed.terminalSequence, stamp)
      return verdict(Bytes.equal(tac, expected))
    })
})

/** What is signed of files, as long as the fuse holds. */
const filing = (
  keys: KeyFile,
  fuse: Ref.Ref<KeyFuse.KeyFuse>
): Pick<CardKeys.Keys, "fileMac" | "fileMacJudged"> => ({
  fileMac: Effect.fnUntraced(function*({ challenge, command, serial }) {
    const key = yield* needed(keys, "file", serial)
    if (KeyFuse.isOpen(yield* Ref.get(fuse), serial)) {
      return yield* Effect.fail<CardProblem>({ _tag: "KeysSuspended", key: "file" })
    }
    return PurseCrypto.commandMac(key, challenge, command)
  }),
  fileMacJudged: (serial, isRight) => Ref.update(fuse, (before) => KeyFuse.judged(before, serial, isRight))
})

export const layer = (keys: KeyFile, sequence: Effect.Effect<number>): Layer.Layer<CardKeys.CardKeys> =>
  Layer.succeed(CardKeys.CardKeys, make(keys, sequence))

/**
 * Numbers from `next` on, kept in `ref` by whoever must keep them over a restart; after the last of four bytes comes 0.
 */
export const counting = (ref: Ref.Ref<number>): Effect.Effect<number> =>
  Ref.modify(ref, (next) => [next, next === 0xffff_ffff ? 0 : next + 1])
