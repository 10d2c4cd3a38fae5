/**
 * The keys of an M1 card 扇区密钥: key A to read, key B to write, and a third one of ours that seals the purse
 * against its UID.
 *
 * Each card has its own, so that one broken card does not open the others: 3DES of the UID under a master key of
 * sixteen bytes. The rule is ours where practice says no more than "3DES(master, UID)": the UID, followed by 80 and
 * zeros up to eight bytes, is enciphered once, and the first six bytes are the key. The seal's key is both halves of
 * the usual diversification (`PurseCrypto.diversify`) of these eight bytes. A and B come from different masters. Only
 * whoever has the third master can write a purse that is believed, even though the card itself hides nothing; it does
 * not help against a copy of the whole card.
 *
 * Keys that are not our own (other rules, a key server, a PSAM) are any other implementation of `MifareKeys`.
 */
import { Effect, Redacted } from "effect"
import type * as Bytes from "./Bytes.ts"
import type * as CardProblem from "./CardProblem.ts"
import * as Des from "./Des.ts"
import * as PurseCrypto from "./PurseCrypto.ts"

/** The keys of one card: A and B of six bytes, the seal's of sixteen. */
export interface OfCard {
  readonly A: Redacted.Redacted<Bytes.Bytes>
  readonly B: Redacted.Redacted<Bytes.Bytes>
  readonly seal: Redacted.Redacted<Bytes.Bytes>
}

export interface MifareKeys {
  /** The keys of the card with this UID, of 4 or 7 bytes. */
  readonly of: (uid: Bytes.Bytes) => Effect.Effect<OfCard, CardProblem.Of<"KeyMissing">>
}

/** The masters of a campus, sixteen bytes each. */
export type Masters = OfCard

/** So long is a master key, and the key of a seal. */
const masterLength = 16

/** What stands for a card in its keys, eight bytes. */
export const factorOf = (uid: Bytes.Bytes): Bytes.Bytes => PurseCrypto.pad(uid).slice(0, Des.blockSize)

/** A key of a sector, from its master. */
const sectorKey = (master: Bytes.Bytes, uid: Bytes.Bytes): Bytes.Bytes => Des.encrypt(master, factorOf(uid)).slice(0, 6)

/** Keys diversified by the UID. A master of another length is a missing one. */
export const ofMasters = (masters: Masters): MifareKeys => ({
  of: (uid) => {
    const of = (name: keyof Masters, derive: (master: Bytes.Bytes) => Bytes.Bytes) => {
      const master = Redacted.value(masters[name])
      return master.length === masterLength
        ? Effect.succeed(Redacted.make(derive(master)))
        : Effect.fail<CardProblem.Of<"KeyMissing">>({ _tag: "KeyMissing", key: `M1 master ${name}` })
    }
    return Effect.all({
      A: of("A", (master) => sectorKey(master, uid)),
      B: of("B", (master) => sectorKey(master, uid)),
      seal: of("seal", (master) => PurseCrypto.diversify(master, factorOf(uid)))
    })
  }
})
