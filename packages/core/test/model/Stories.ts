/**
 * Things that have to come together to mean anything, and that chance alone brings together too rarely.
 */
import * as fc from "fast-check"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { until } from "./Amounts.ts"
import { remembered } from "./Codes.ts"
import { dayAt, dayMs, hour } from "./Dates.ts"
import { replaceCard } from "./Desk.ts"
import type { Life } from "./Life.ts"
import { credit, loadAt, undo } from "./Loads.ts"
import { type Model, type Plastic, read } from "./Model.ts"
import { show, showing } from "./Phones.ts"
import { does, way } from "./Step.ts"
import { bring, cutOff, debit, pull } from "./Tills.ts"

/**
 * A load with an unknown outcome, then purchases offline; their slips come in any order, now and then after a loss
 * report.
 */
export const tornAndSpent = fc.record({
  written: fc.boolean(),
  amounts: fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 3 }),
  lost: fc.boolean(),
  backwards: fc.boolean()
}).map((wish) =>
  does("tornAndSpent", wish, async (model, life) => {
    const card = model.active
    if (card === undefined) return
    await credit(model, life, "ccbApp", 2_000)
    await loadAt(life, "canteen-2", card, { written: wish.written, told: "torn" })
    const slips = wish.amounts.flatMap((amount) => cutOff(model, card, amount, "canteen-2") ?? [])
    life.wait(model.now + hour)
    if (wish.lost) await life.send("today-campus", { _tag: "ReportLost", reason: "damaged" })
    for (const slip of wish.backwards ? slips.toReversed() : slips) await bring(model, life, slip)
  })
)

/**
 * A purchase is undone while the card is there, and nobody hears whether the chip took it; then comes the next tap, or a
 * purchase offline, whose slip comes now and then after a loss report.
 */
export const undoneAndTorn = fc.record({
  amount: fc.integer({ min: 1, max: 1_500 }),
  written: fc.boolean(),
  told: fc.constantFrom("torn", "silent" as const),
  spent: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 })),
  lost: fc.boolean()
}).map((wish) =>
  does("undoneAndTorn", wish, async (model, life) => {
    const card = model.active
    if (card === undefined) return
    await credit(model, life, "ccbApp", 2_000)
    await loadAt(life, "canteen-2", card, { written: true, told: "read" })
    if (card.balance < wish.amount) return
    const amount = Money.amount(wish.amount)
    const body = { _tag: "PayByCard", card: Id.CardId.make(card.id), amount, link: "up", chip: read(card) } as const
    const paid = await life.send("canteen-2", body, { subject: way(life, "card", card.id) })
    if (paid._tag === "Declined") return
    debit(card, wish.amount)
    await undo(life, "canteen-2", model.purchases.at(-1)?.id ?? "", card, wish)
    const slip = wish.spent === 0 ? undefined : cutOff(model, card, wish.spent, "canteen-2")
    life.wait(model.now + hour)
    if (wish.lost) await life.send("today-campus", { _tag: "ReportLost", reason: "lost" })
    if (slip !== undefined) await bring(model, life, slip)
    else await loadAt(life, "canteen-2", card, { written: true, told: "read" })
  })
)

/** A purchase of a card that was just loaded, and that is pulled away before it is debited; nothing if it may not pay. */
const payAndPull = async (
  model: Model,
  life: Life,
  fen: number
): Promise<{ readonly card: Plastic; readonly purchase: string } | undefined> => {
  const card = model.active
  if (card === undefined) return undefined
  await credit(model, life, "ccbApp", 2_000)
  await loadAt(life, "canteen-2", card, { written: true, told: "read" })
  const body = {
    _tag: "PayByCard",
    card: Id.CardId.make(card.id),
    amount: Money.amount(fen),
    link: "up",
    chip: read(card)
  } as const
  const paid = await life.send("canteen-2", body, { subject: way(life, "card", card.id) })
  if (paid._tag === "Declined") return undefined
  pull(model)
  return { card, purchase: model.purchases.at(-1)?.id ?? "" }
}

/**
 * A card is pulled away before it is debited, and the purchase is undone, with the card or without; then comes what may
 * show, or hide, that its chip never paid.
 */
export const pulledAway = fc.record({
  amount: fc.integer({ min: 1, max: 1_500 }),
  between: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 })),
  again: fc.constantFrom("no", "no", "brought", "later"),
  present: fc.boolean(),
  code: fc.integer({ min: 0, max: 900 }),
  spent: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 })),
  same: fc.boolean(),
  lost: fc.integer({ min: 0, max: 5 }).map((n) => n === 0)
}).map((wish) =>
  does("pulledAway", wish, async (model, life) => {
    const pulled = await payAndPull(model, life, wish.amount)
    if (pulled === undefined) return
    const { card, purchase } = pulled
    // The same again at once, by the chip alone: for the books it is one purchase, and its terminal has it twice.
    const again = wish.again === "no" ? undefined : cutOff(model, card, wish.amount, "canteen-2")
    if (again !== undefined && wish.again === "brought") await bring(model, life, again)
    const before = wish.between === 0 ? undefined : cutOff(model, card, wish.between, "canteen-3")
    await undo(life, "canteen-2", purchase, wish.present ? card : undefined, { written: true, told: "read" })
    if (wish.code > 0) {
      const amount = Money.amount(wish.code)
      await life.send("shop-1", { _tag: "PayByCode", medium: "todayCampusCode", amount, link: "up" })
    }
    life.wait(model.now + hour)
    if (wish.lost) await life.send("today-campus", { _tag: "ReportLost", reason: "lost" })
    const after = wish.spent === 0
      ? undefined
      : cutOff(model, card, wish.same ? wish.amount : wish.spent, wish.same ? "canteen-2" : "shop-1")
    for (const slip of [after, before, again]) if (slip !== undefined) await bring(model, life, slip)
    await loadAt(life, "canteen-2", card, { written: true, told: "read" })
  })
)

/**
 * A card is pulled away before it is debited, and comes back in a later meal, on a later day, in another month; it may have paid
 * others since. What it can show to be unpaid is undone all the same.
 */
export const backLater = fc.record({
  amount: fc.integer({ min: 1, max: 1_500 }),
  wait: fc.constantFrom(0, 4 * hour, dayMs, 3 * dayMs, 9 * dayMs, 31 * dayMs),
  eats: fc.constantFrom("nothing", "online", "alone", "alone, and it is told" as const),
  fen: fc.integer({ min: 1, max: 900 }),
  proves: fc.boolean(),
  present: fc.integer({ min: 0, max: 4 }).map((n) => n > 0)
}).map((wish) =>
  does("backLater", wish, async (model, life) => {
    const pulled = await payAndPull(model, life, wish.amount)
    if (pulled === undefined) return
    const { card, purchase } = pulled
    life.wait(model.now + wish.wait)
    const { eats, fen, present, proves } = wish
    const slip = eats.startsWith("alone") ? cutOff(model, card, fen, "canteen-3") : undefined
    if (slip !== undefined && eats !== "alone") await bring(model, life, slip)
    if (eats === "online") {
      const body = { _tag: "PayByCard", card: Id.CardId.make(card.id), amount: Money.amount(fen), link: "up" } as const
      const paid = await life.send("shop-1", { ...body, chip: read(card) })
      if (paid._tag === "Approved") debit(card, fen)
    }
    await undo(life, "canteen-2", purchase, present ? card : undefined, { written: true, told: "read", proves })
    if (slip !== undefined && !slip.posted) await bring(model, life, slip)
  })
)

/** A slip that turns up when the frozen money has been claimed already: its holder owes it (A2). */
export const tooLate = fc.integer({ min: 1, max: 900 }).map((amount) =>
  does("tooLate", amount, async (model, life) => {
    const slip = cutOff(model, model.active, amount, "shop-1")
    if (slip === undefined) return
    await replaceCard(model, life)
    life.wait(until(model, { to: "hold", n: 0, off: 0 }))
    const { active } = model
    if (active !== undefined) await life.send("kiosk-1", { _tag: "ClaimFrozen", card: Id.CardId.make(active.id) })
    await bring(model, life, slip)
  })
)

const places = fc.constantFrom("till", "dearTill", "door", "room" as const)

/** One code is held to two cameras, or twice to one; what was refused at the first is as used up as what was taken (A22). */
export const heldUpTwice = fc.record({
  medium: fc.constantFrom("todayCampusCode", "ecodePayCode" as const),
  showing,
  first: places,
  second: places,
  wait: fc.constantFrom(0, 1_000, 30_000, hour)
}).map((wish) =>
  does("heldUpTwice", wish, async (model, life) => {
    const { first, medium, second, wait } = wish
    for (const [place, what] of [[first, wish.showing.what], [second, "again"]] as const) {
      const at = place === "till" || place === "dearTill" ? "till" : "door"
      const { code, proof } = show(model, medium, at, { ...wish.showing, what, judged: "this" })
      const amount = Money.amount(place === "till" ? 1 : 5_001)
      if (at === "till") {
        await life.send("canteen-1", { _tag: "PayByCode", medium, amount, link: "up", code }, { code: proof })
      } else {
        const point = place === "door" ? "dorm-1" : "room-1-101"
        await life.send(point, { _tag: "Identify", medium, code }, { code: proof })
      }
      life.wait(model.now + wait)
    }
  })
)

/**
 * A gate that is cut off takes a code, and tells of it later; meanwhile the phone may have shown this one or others
 * elsewhere.
 */
export const passedByCode = fc.record({
  medium: fc.constantFrom("todayCampusCode", "ecodeIdentityCode", "ecodePayCode" as const),
  showing,
  opened: fc.constantFrom(true, true, true, false),
  between: fc.constantFrom("nothing", "nothing", "again", "next" as const),
  forged: fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom("withCard", "onKeyRing", "earliest", "tooEarly" as const) }
  ),
  wait: fc.constantFrom(0, hour, dayMs, 3 * dayMs, 7 * dayMs),
  n: fc.integer({ min: 1, max: 99 })
}).map((wish) =>
  does("passedByCode", wish, async (model, life) => {
    const { between, forged, opened, wait } = wish
    const { code } = show(model, wish.medium, "door", { ...wish.showing, judged: "this" })
    // What no phone can have shown then burns nothing.
    const earliest = code.notAfter - 2 * dayMs
    const at = forged === "earliest" ? earliest : forged === "tooEarly" ? earliest - 1 : model.now
    if (between !== "nothing") {
      const elsewhere = show(model, wish.medium, "door", { ...wish.showing, what: between, judged: "this" })
      await life.send("dorm-1", { _tag: "Identify", medium: wish.medium, code: elsewhere.code }, {
        code: elsewhere.proof
      })
    }
    life.wait(model.now + wait)
    if (!remembered(model, code)) return
    const sequence = dayAt(at) * 1_000 + wish.n
    const card = model.active
    const shown = forged === "withCard" && card !== undefined
      ? { medium: "physicalCard", card: Id.CardId.make(card.id) } as const
      : { medium: forged === "onKeyRing" ? "keyRing" : wish.medium } as const
    await life.send("dorm-1", { _tag: "RecordPassage", ...shown, code, sequence, opened }, { at })
  })
)
