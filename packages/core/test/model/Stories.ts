/**
 * Things that have to come together to mean anything, and that chance alone brings together too rarely.
 */
import * as fc from "fast-check"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { until } from "./Amounts.ts"
import { hour } from "./Dates.ts"
import { replaceCard } from "./Desk.ts"
import { credit, loadAt, undo } from "./Loads.ts"
import { read } from "./Model.ts"
import { does, way } from "./Step.ts"
import { bring, cutOff, debit } from "./Tills.ts"

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
    for (const slip of wish.backwards ? slips.toReversed() : slips) await bring(life, slip)
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
    if (slip !== undefined) await bring(life, slip)
    else await loadAt(life, "canteen-2", card, { written: true, told: "read" })
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
    await bring(life, slip)
  })
)
