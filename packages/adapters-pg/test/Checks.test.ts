// Each check holds just what the core's schema holds: whatever one takes the other takes.
import { Chip, CivilTime, Id, Ledger, Medium, Money, Point } from "@yikatong/core"
import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  isAmount,
  isBook,
  isCaller,
  isCategory,
  isCommandId,
  isDay,
  isId,
  isInstant,
  isLink,
  isMedium,
  isMoney,
  isMoved,
  isPurchaseId,
  isSequence,
  isText
} from "../src/Checks.ts"

type Whole = readonly [
  name: string,
  check: (value: number) => boolean,
  schema: Schema.Top,
  edges: ReadonlyArray<number>
]
type Text = readonly [name: string, check: (value: string) => boolean, schema: Schema.Top]

const wholes: ReadonlyArray<Whole> = [
  ["CivilTime.Instant", isInstant, CivilTime.Instant, [CivilTime.firstInstant, CivilTime.lastInstant]],
  ["CivilTime.Day", isDay, CivilTime.Day, [CivilTime.firstDay, CivilTime.lastDay]],
  ["Money.Money", isMoney, Money.Money, [0, Number.MAX_SAFE_INTEGER]],
  ["Money.Amount", isAmount, Money.Amount, [1, 1_000_000_000]],
  ["Ledger.Transfer.fields.amount", isMoved, Ledger.Transfer.fields.amount, [1, Number.MAX_SAFE_INTEGER]],
  ["Chip.Reading.fields.loadSequence", isSequence, Chip.Reading.fields.loadSequence, [0, 0xffff_fffe]],
  ["Chip.Reading.fields.purchaseSequence", isSequence, Chip.Reading.fields.purchaseSequence, [0, 0xffff_fffe]]
]

const texts: ReadonlyArray<Text> = [
  ["Id.AccountId", isId, Id.AccountId],
  ["Id.CardId", isId, Id.CardId],
  ["Id.PointId", isId, Id.PointId],
  ["Id.CommandId", isCommandId, Id.CommandId],
  ["Id.CallerId", isCaller, Id.CallerId],
  ["Id.PurchaseId", isPurchaseId, Id.PurchaseId],
  ["Ledger.Book", isBook, Ledger.Book],
  ["Point.Category", isCategory, Point.Category],
  ["Point.Link", isLink, Point.Link],
  ["Medium.Medium", isMedium, Medium.Medium],
  ["Schema.String", isText, Schema.String]
]

const odd = [-0, 0.5, Number.NaN, Infinity, -Infinity, Number.MAX_SAFE_INTEGER + 1, -1, 0, 1]

/** Texts that are nearly names: of the letters that matter, at the lengths that matter. */
const nearly = fc.tuple(
  fc.constantFrom("", "yikatong:", "yikatong", "merchant:", "channel:", "a:", "chip", "held", "canteen", "up", " "),
  fc.string({ unit: fc.constantFrom("a", "Z", "0", ".", "_", "-", ":", "/", " ", "校", "\n", "\u0000"), maxLength: 5 }),
  fc.constantFrom(0, 1, 50, 58, 59, 60, 61, 62, 63, 64, 65, 255, 256, 257, 258, 259, 260, 261)
).map(([start, middle, length]) => start + middle + "x".repeat(length))
const known = [...Point.Category.literals, ...Point.Link.literals, ...Medium.Medium.literals, ...Ledger.Pocket.literals]

describe("the checks of single values", () => {
  for (const [name, check, schema, edges] of wholes) {
    it(`${name}: the check is what the schema of a number says, at its edges and anywhere`, () => {
      const near = [...edges.flatMap((edge) => [edge - 1, edge, edge + 1]), ...odd]
      const is = Schema.is(schema)
      fc.assert(fc.property(fc.oneof(fc.constantFrom(...near), fc.double(), fc.maxSafeInteger()), (value) => {
        expect([value, check(value)]).toEqual([value, is(value)])
      }))
      for (const value of near) expect([value, check(value)]).toEqual([value, is(value)])
      // Neither takes everything nor refuses it.
      expect(new Set(near.map(check)).size).toBe(2)
    })
  }

  for (const [name, check, schema] of texts) {
    it(`${name}: the check is what the schema of a text says`, () => {
      const is = Schema.is(schema)
      fc.assert(
        fc.property(fc.oneof(nearly, fc.constantFrom(...known), fc.string()), (value) => {
          expect([value, check(value)]).toEqual([value, is(value)])
        }),
        { numRuns: 500 }
      )
    })
  }
})
