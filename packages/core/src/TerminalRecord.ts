/**
 * One record in the memory of a terminal 终端流水: what it did while it was cut off, to be uploaded later.
 *
 * A record bears two numbers: `device` counts all that the device writes, of whatever kind and for whatever station;
 * `terminal` counts what it writes for this station. A number is given once and never reused, so a second copy is known
 * by it, and the digest tells a copy from another record under the same number. Amounts in fen.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import { Schema } from "effect"
import * as Chip from "./Chip.ts"
import { Instant } from "./CivilTime.ts"
import { Command } from "./Command.ts"
import { canonical } from "./Fingerprint.ts"
import { Handle, PointId } from "./Id.ts"
import { Ordinal } from "./Sequence.ts"

/**
 * What a terminal writes down beside purchases: it uses up a number like any other, so that no gap stays behind. The
 * kinds are those of terminals in the field.
 */
export const OtherKind = Schema.Literals([
  /** 圈存, 补助: a load at this terminal */
  "load",
  /** 信息加载 */
  "infoLoad",
  /** 转出钱包, 转入钱包 */
  "purseOut",
  "purseIn",
  /** 冲正 */
  "purchaseReversal",
  /** 存款, 存款冲正 */
  "deposit",
  "depositReversal",
  /** 取款 */
  "withdrawal",
  /** 管理费, 管理费冲正 */
  "fee",
  "feeReversal",
  /** 余额复位 */
  "balanceReset",
  /** 追扣 */
  "chasePurchase",
  /** 拔卡, 拔卡恢复: a card that was gone too early, and its recovery */
  "tornCard",
  "tornRecovered",
  /** 问题流水: the terminal itself does not know */
  "problem"
])

const card = Command.cases.RecordCardPurchase.fields

/** What happened. `payer`: who paid by Alipay; `loadSequence`: loads that the chip had counted by then. */
export const Fact = Schema.TaggedUnion({
  CardPurchase: {
    purchase: Schema.Struct({ ...card, purchaseSequence: Ordinal }),
    loadSequence: Schema.optionalKey(Chip.Reading.fields.loadSequence)
  },
  AlipayPurchase: { purchase: Command.cases.RecordAlipayPurchase, payer: Handle },
  Other: { kind: OtherKind }
})
export type Fact = typeof Fact.Type

/** One record. `at`: the server's time, as the terminal knew it by the offset of its last sign-in. */
export const TerminalRecord = Schema.Struct({
  device: Ordinal,
  station: PointId,
  terminal: Ordinal,
  at: Instant,
  fact: Fact
})
export interface TerminalRecord extends Schema.Schema.Type<typeof TerminalRecord> {}

/** A figure as a damaged memory may have it, and whoever reads that: any, or none. */
// @effect-diagnostics-next-line schemaNumber:off
const Any = Schema.optionalKey(Schema.NullOr(Schema.Number))

/** A record as it was sent: its figures may be none that a counter, a clock or a chip could have given. */
export const Sent = Schema.Struct({
  ...TerminalRecord.fields,
  device: Any,
  terminal: Any,
  at: Any,
  fact: Schema.TaggedUnion({
    CardPurchase: {
      purchase: Schema.Struct({ ...card, amount: Any, chipBefore: Any, chipAfter: Any, purchaseSequence: Any }),
      loadSequence: Any
    },
    AlipayPurchase: {
      purchase: Schema.Struct({ ...Command.cases.RecordAlipayPurchase.fields, amount: Any }),
      payer: Handle
    },
    Other: { kind: OtherKind }
  })
})
export interface Sent extends Schema.Schema.Type<typeof Sent> {}

/** Whether no figure of it is damaged: its two numbers and its time, and what the chip or Alipay said. */
export const isWhole = Schema.is(TerminalRecord)

const isOrdinal = Schema.is(Ordinal)

/** The number, or 0 where it is none that a counter could have given. */
export const ordinal = (number: unknown): number => isOrdinal(number) ? number : 0

const isInstant = Schema.is(Instant)

/** When it happened, where that is a time at all. */
export const happenedAt = ({ at }: Pick<Sent, "at">): Instant | undefined => isInstant(at) ? at : undefined

/** 128 bits of SHA-256, in hexadecimal. */
export const Digest = Schema.String.check(Schema.isPattern(/^[0-9a-f]{32}$/)).pipe(Schema.brand("Digest"))
export type Digest = typeof Digest.Type

/** A digest of a value that can stand in JSON. */
export const digestOf = (value: unknown): Digest =>
  bytesToHex(sha256(utf8ToBytes(canonical(value)))).slice(0, 32) as Digest

/**
 * What tells a record from another one under the same number. Who paid by Alipay is left out: a digest stays in the
 * journal, and Alipay's own number says the same without naming anybody (D24).
 */
export const digest = ({ fact, ...numbered }: Sent): Digest => {
  const told = fact._tag === "AlipayPurchase" ? { _tag: fact._tag, purchase: fact.purchase } : fact
  return digestOf({ ...numbered, fact: told })
}
