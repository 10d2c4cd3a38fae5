/**
 * Money that comes in, and the taps that write it to the card, or write back what was paid: some of them torn.
 */
import * as fc from "fast-check"
import * as Id from "../../src/Id.ts"
import { mintKey } from "../../src/internal/mint.ts"
import * as Money from "../../src/Money.ts"
import * as Recharge from "../../src/Recharge.ts"
import type { Life } from "./Life.ts"
import { type Model, type Plastic, read } from "./Model.ts"
import { type By, does, subjects, way } from "./Step.ts"
import { cardAtHand } from "./Tills.ts"

/** The bank says that so much was paid. */
export const credit = async (
  model: Model,
  life: Life,
  channel: string,
  fen: number,
  how: { readonly paid: boolean; readonly by: By } = { paid: true, by: "account" }
): Promise<void> => {
  const order = Id.OrderId.make(`lives:${life.name("o")}`)
  const paidAt = model.now as Recharge.Paid["paidAt"]
  const paid = { order, channel, amount: Money.amount(fen), paidAt, reference: `bank-${order}` }
  const evidence = new Recharge.PaidEvidence(mintKey, how.paid ? paid : { ...paid, amount: Money.amount(fen + 1) })
  const body = { _tag: "CreditRecharge", ...paid } as const
  await life.send("card-centre", body, { id: `credit:${order}`, at: paidAt, evidence, subject: way(life, how.by) })
}

export const recharge = fc.record({
  channel: fc.constantFrom("todayCampus", "todayCampus", "ccbApp", "ecode"),
  fen: fc.oneof(fc.integer({ min: 1, max: 12_000 }), fc.constantFrom(1_000, 5_000, 50_000)),
  paid: fc.integer({ min: 0, max: 15 }).map((n) => n > 0),
  twice: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  by: subjects
}).map((wish) =>
  does("recharge", wish, async (model, life) => {
    await credit(model, life, wish.channel, wish.fen, wish)
    const sent = model.history.at(-1)
    if (wish.twice && sent !== undefined) await life.sendAgain(sent)
  })
)

export const place = fc.record({
  channel: fc.constantFrom("todayCampus", "ccbApp", "ecode", "ecode", "nowhere"),
  source: fc.constantFrom("unionPayCard", "ccbCard", "ccbCard", "weChat", "alipay" as const),
  holder: fc.constantFrom("own", "own", "other" as const),
  fen: fc.constantFrom(0, 1, 999, 1_000, 50_000, 50_001, 100_000, 100_001),
  identity: fc.constantFrom("both", "document", "both", "document", "name", "wrong" as const)
}).map((wish) =>
  does("place", wish, async (_, life) => {
    const { channel, fen, holder, identity, source } = wish
    const body = { _tag: "PlaceRecharge", channel, source, holder, amount: Money.of(fen) } as const
    await life.send("today-campus", body, { identity })
  })
)

/**
 * What becomes of a load. Whether the chip was written; and whether the terminal could read it afterwards, says that it
 * could not, or fell silent.
 */
interface Writing {
  readonly written: boolean
  readonly told: "read" | "torn" | "silent"
}

export const loadAt = async (life: Life, point: string, card: Plastic, writing: Writing): Promise<void> => {
  const open = card.load
  const answer = await life.send(point, { _tag: "BeginLoad", card: Id.CardId.make(card.id), chip: read(card) })
  // A tap that only settled an older load writes nothing.
  if (answer._tag === "Approved" && card.load !== open) await writeTo(life, point, card, writing)
}

/** The load that is open on this card is written, or is not, and its terminal tells, or does not. */
export const writeTo = async (life: Life, point: string, card: Plastic, { told, written }: Writing): Promise<void> => {
  const id = Id.CardId.make(card.id)
  const begun = card.load
  if (begun === undefined) return
  if (written) {
    card.balance += begun.own + begun.subsidy
    card.loads += 1
    begun.written = true
  }
  if (told === "silent") return
  const chip = told === "read" ? { chip: read(card) } : {}
  await life.send(point, { _tag: "SettleLoad", card: id, load: Id.LoadId.make(begun.id), ...chip })
}

const writings: fc.Arbitrary<Writing> = fc.record({
  written: fc.constantFrom(true, true, false),
  told: fc.constantFrom("read", "read", "torn", "silent" as const)
})

export const load = fc.record({
  n: fc.nat({ max: 99 }),
  point: fc.constantFrom("canteen-1", "canteen-2", "canteen-3", "kiosk-1", "shop-1"),
  writing: writings
}).map((wish) =>
  does("load", wish, async (model, life) => {
    const card = cardAtHand(model, wish.n)
    if (card !== undefined) await loadAt(life, wish.point, card, wish.writing)
  })
)

/** Money and a tap: what most people do, so that most chips hold something. */
export const topUp = fc.constantFrom(5_000, 10_000, 20_000).map((fen) =>
  does("topUp", fen, async (model, life) => {
    await credit(model, life, "ccbApp", fen)
    if (model.active !== undefined) await loadAt(life, "canteen-1", model.active, { written: true, told: "read" })
  })
)

/** A terminal comes back to a load of before: an open one, its own or another's, or one that is settled long since. */
export const settleLater = fc.record({
  n: fc.nat({ max: 99 }),
  open: fc.boolean(),
  reads: fc.boolean(),
  point: fc.constantFrom("same", "same", "same", "canteen-3")
}).map((wish) =>
  does("settleLater", wish, async (model, life) => {
    const card = wish.open ? model.cards.find((one) => one.load !== undefined) : cardAtHand(model, wish.n)
    if (card === undefined) return
    const chip = wish.reads ? { chip: read(card) } : {}
    const load = Id.LoadId.make(card.load?.id ?? "lives:long-ago")
    const point = wish.point === "same" ? card.load?.point ?? "canteen-1" : wish.point
    await life.send(point, { _tag: "SettleLoad", card: Id.CardId.make(card.id), load, ...chip })
  })
)

/**
 * A purchase is undone at a terminal; what goes to the chip is written, torn, or never told, as any load is. `proves`: the
 * terminal asks the card whether it has paid, and tells if it has not.
 */
export const undo = async (
  life: Life,
  point: string,
  named: string,
  card: Plastic | undefined,
  { proves = false, ...writing }: Writing & { readonly proves?: boolean }
): Promise<void> => {
  const open = card?.load
  const purchase = Id.PurchaseId.make(named)
  const bought = life.model.purchases.find(({ id }) => id === named)
  const isUnpaid = proves && bought?.pulled === true && bought.before?.card === card?.id
  const chip = card === undefined ? {} : { chip: read(card), ...(isUnpaid ? { unpaid: true as const } : {}) }
  const told = await life.send(
    point,
    { _tag: "ReversePurchase", purchase, ...chip },
    // With the card there the journal is asked as well.
    { subject: way(life, "card", card?.id), ...(card === undefined ? {} : { original: purchase }) }
  )
  // The terminal writes what the answer sends to the chip.
  if (told._tag === "Approved" && card !== undefined && card.load !== open) await writeTo(life, point, card, writing)
}

export const reverse = fc.record({
  back: fc.constantFrom(0, 0, 0, 1, 2, 5, 20),
  present: fc.boolean(),
  n: fc.nat({ max: 99 }),
  point: fc.constantFrom("same", "same", "same", "same", "canteen-2", "kiosk-1"),
  proves: fc.boolean(),
  writing: writings
}).map((wish) =>
  does("reverse", wish, async (model, life) => {
    const purchase = model.purchases.at(-1 - wish.back)
    if (purchase === undefined) return
    const card = wish.present ? cardAtHand(model, wish.n) : undefined
    const point = wish.point === "same" ? purchase.point : wish.point
    await undo(life, point, purchase.id, card, { ...wish.writing, proves: wish.proves })
  })
)
