import { Money } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as MifareSlot from "../src/MifareSlot.ts"
import * as PurseCrypto from "../src/PurseCrypto.ts"

const key = Bytes.of("000102030405060708090A0B0C0D0E0F")
const uid = Bytes.of("11223344")
const seal = { uid, key: Redacted.make(key) }
const slot = {
  generation: 5,
  purse: { balance: Money.yuan("20.00"), loadSequence: 3, purchaseSequence: 7 },
  body: Bytes.of("AA".repeat(16))
}

/** A record whose seal is right, whatever it says. */
const sealed = (head: string, body: Bytes.Bytes): Bytes.Bytes =>
  Bytes.join(
    Bytes.of(head),
    PurseCrypto.commandMac(key, new Uint8Array(4), Bytes.join(uid.length, uid, Bytes.of(head), body))
  )

describe("a slot of the purse", () => {
  it("its record, byte by byte", () => {
    // Version 1 and one block, generation 5, 20.00, three loads, seven purchases.
    const head = "11 000005 000007D0 0003 0007"
    const blocks = [sealed(head, slot.body), slot.body]
    expect(MifareSlot.encode(seal, slot)).toStrictEqual(blocks)
    expect(MifareSlot.decode(seal, blocks)).toStrictEqual(Result.succeed(slot))
  })

  it.each([
    ["another version, rightly sealed", sealed("21 000005 000007D0 0003 0007", slot.body), "no record of ours"],
    [
      "more blocks than there are, rightly sealed",
      sealed("12 000005 000007D0 0003 0007", slot.body),
      "blocks are missing"
    ],
    ["zeros", new Uint8Array(16), "no record of ours"],
    ["half a record", Bytes.of("11 000005 000007D0"), "no record of ours"],
    ["nothing", new Uint8Array(), "no record of ours"],
    ["no seal", Bytes.of("11 000005 000007D0 0003 0007 00000000"), "its seal is wrong"]
  ])("%s is none", (_, record, problem) => {
    expect(MifareSlot.decode(seal, [record, slot.body])).toStrictEqual(Result.fail(problem))
  })

  it("everything comes back under its seal, and under no other", () =>
    fc.assert(fc.property(
      fc.nat({ max: MifareSlot.last.generation }),
      fc.nat({ max: MifareSlot.last.balance }),
      fc.nat({ max: MifareSlot.last.sequence }),
      fc.nat({ max: MifareSlot.last.sequence }),
      fc.nat({ max: MifareSlot.last.blocks }).chain((blocks) =>
        fc.uint8Array({ minLength: 16 * blocks, maxLength: 16 * blocks })
      ),
      (generation, balance, loadSequence, purchaseSequence, body) => {
        const slot = { generation, purse: { balance: Money.of(balance), loadSequence, purchaseSequence }, body }
        const blocks = MifareSlot.encode(seal, slot)
        expect(MifareSlot.decode(seal, blocks)).toStrictEqual(Result.succeed(slot))
        const other = { ...seal, uid: Bytes.of("11223345") }
        expect(MifareSlot.decode(other, blocks)).toStrictEqual(Result.fail("its seal is wrong"))
      }
    )))
})
