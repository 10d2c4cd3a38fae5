/**
 * Loads as the model tells them. It knows what no book knows, whether the write really happened: so whatever the core
 * concludes from a reading or a record must be the truth (R27-R29, D2, D8).
 */
import type * as Chip from "../../src/Chip.ts"
import type * as Command from "../../src/Command.ts"
import { type Expected, no, yes } from "./Expected.ts"
import * as Missed from "./Missed.ts"
import type { Model, Plastic, Pockets } from "./Model.ts"
import type { Setting } from "./Rules.ts"
import * as Standing from "./Standing.ts"

/** The pockets as they will be once the open load of this card is settled by the truth about it. */
export const settling = (model: Model, card: Plastic | undefined, reading: Chip.Reading | undefined): Pockets => {
  const settled = afterLoad(model, card)
  return reading === undefined || card === undefined || card.standing !== "active"
    ? settled
    : Missed.settling(model, card, reading, settled)
}

const afterLoad = (model: Model, card: Plastic | undefined): Pockets => {
  const load = card?.load
  if (load === undefined) return model.pockets
  const { chip, frozen, held, subsidy, transit } = model.pockets
  // A record may have eaten into it while the card was lost, and the card may be found again since: own money first.
  const left = Math.min(load.own + load.subsidy, card?.standing === "lost" ? card.frozenLoad : held)
  const ofSubsidy = Math.min(load.subsidy, left)
  const back = load.written ? { own: 0, subsidy: 0 } : { own: left - ofSubsidy, subsidy: ofSubsidy }
  const returned = { transit: transit + back.own, subsidy: subsidy + back.subsidy }
  return card?.standing === "lost"
    ? { ...model.pockets, ...returned, frozen: frozen - back.own - back.subsidy }
    : { ...model.pockets, ...returned, held: held - left, chip: chip + (load.written ? left : 0) }
}

/** Settles the open load of this card, if there is one, and what the reading shows of debits that never were. */
export const settle = (model: Model, card: Plastic | undefined, reading: Chip.Reading | undefined): void => {
  settleLoadOf(model, card)
  if (card?.standing === "active" && reading !== undefined) Missed.settleAll(model, card, reading)
}

const settleLoadOf = (model: Model, card: Plastic | undefined): void => {
  if (card?.load === undefined) return
  const settled = afterLoad(model, card)
  model.refillLots(settled.subsidy - model.pockets.subsidy)
  Object.assign(model.pockets, settled)
  if (card.load.written) card.frozen += card.frozenLoad
  card.frozenLoad = 0
  delete card.load
}

/** All that waits is written, up to the ceiling, own money before subsidy; an older load is settled first. */
export const begin = (
  model: Model,
  body: Command.Of<"BeginLoad">,
  { category, key: id, loads, point }: Setting
): Expected => {
  if (!loads) return no("PointCannotLoad", { category })
  const card = model.card(body.card)
  const refused = Standing.refuseCard(model, card)
  if (refused !== undefined || card === undefined) return { _tag: "Declined", decline: refused ?? {} }
  const wasOpen = card.load !== undefined || Missed.shown(model, card, body.chip).length > 0
  const { transit, ...settled } = settling(model, card, body.chip)
  const subsidy = model.spendable(settled.subsidy - model.pockets.subsidy)
  const room = Math.max(0, model.school.ceiling - body.chip.balance)
  const own = Math.min(transit, room)
  const granted = Math.min(subsidy, room - own)
  if (own + granted === 0 && !wasOpen) {
    if (transit + subsidy === 0) return no("NothingToLoad")
    return no("PurseCeiling", { ceiling: model.school.ceiling, chip: body.chip.balance, waiting: transit + subsidy })
  }
  settle(model, card, body.chip)
  if (own + granted === 0) return yes
  model.move("transit", "held", own)
  model.move("subsidy", "held", granted)
  card.load = { id, point, own, subsidy: granted, before: body.chip, written: false }
  return yes
}

/** What became of it, told where it began: without a reading nothing is known, so nothing moves. */
export const settleLoad = (model: Model, body: Command.Of<"SettleLoad">, { point }: Setting): Expected => {
  const card = model.card(body.card)
  if (card?.load === undefined || card.load.id !== body.load || card.load.point !== point) return no("LoadNotOpen")
  if (body.chip !== undefined) settle(model, card, undefined)
  return yes
}
