/**
 * The keys of a virtual CPU card 虚拟卡密钥: of 16 bytes each; the card's own, or the school's masters from which every
 * card's are diversified by its serial number.
 */
import { Redacted } from "effect"
import * as Bytes from "./Bytes.ts"
import * as PurseCrypto from "./PurseCrypto.ts"

type Key = Redacted.Redacted<Bytes.Bytes>

/**
 * `load`: DLK 圈存密钥; `purchase`: DPK 消费密钥; `tac`: DTK; `maintenance`: DAMK 应用维护密钥, signs what is written
 * to files, blocks and unblocks; `unblockPin`: DPUK; `reloadPin`: DRPK; `external`: proves the terminal to the card (8
 * or 16 bytes); `internal`: proves the card to the terminal.
 */
export interface VirtualKeys {
  readonly load: Key
  readonly purchase: Key
  readonly tac: Key
  readonly maintenance: Key
  readonly unblockPin: Key
  readonly reloadPin: Key
  readonly external: Key
  readonly internal: Key
}

/** The same for each key, by its name. */
export const map = <A>(keys: VirtualKeys, of: (key: Key) => A): { readonly [Name in keyof VirtualKeys]: A } => ({
  load: of(keys.load),
  purchase: of(keys.purchase),
  tac: of(keys.tac),
  maintenance: of(keys.maintenance),
  unblockPin: of(keys.unblockPin),
  reloadPin: of(keys.reloadPin),
  external: of(keys.external),
  internal: of(keys.internal)
})

/** The keys of one card. `serial`: its application serial number, 10 bytes. */
export const diversify = (masters: VirtualKeys, serial: Bytes.Bytes): VirtualKeys =>
  map(masters, (key) => Redacted.make(PurseCrypto.diversify(Redacted.value(key), PurseCrypto.factorOf(serial))))

const test = (half: string): Key => Redacted.make(Bytes.of(`${half.repeat(8)} 5445535420544553`))

/**
 * TEST KEYS 测试密钥, known to everybody: for demonstrations and tests. A card that bears them protects nothing, and a
 * terminal that has them takes any card. (Their second half spells "TEST TES".)
 */
export const testMasters: VirtualKeys = {
  load: test("1C"),
  purchase: test("2C"),
  tac: test("34"),
  maintenance: test("4C"),
  unblockPin: test("52"),
  reloadPin: test("64"),
  external: test("76"),
  internal: test("7C")
}
