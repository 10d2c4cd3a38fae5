/**
 * Cards handed out, activated, lost, found and replaced, and the claim of frozen money, as the model tells them
 * (R30-R47, A1, A2, D9); and accounts that are closed (D7).
 */
import type * as Command from "../../src/Command.ts"
import { dayAt } from "./Dates.ts"
import { type Expected, no, yes } from "./Expected.ts"
import type { Model } from "./Model.ts"
import * as Standing from "./Standing.ts"

export const issue = (model: Model, { card, fee }: Command.Of<"IssueCard">): Expected => {
  if (model.card(card) !== undefined) return no("CardTaken")
  if (model.active !== undefined) return no("ActiveCardExists")
  if (model.cards.some(({ standing }) => standing === "issued")) return no("CardAwaitingActivation")
  const due = model.cards.some(({ standing }) => standing === "lost") ? model.school.fee : 0
  if ((fee?.amount ?? 0) !== due) return no("FeeUnpaid", { fee: due })
  model.cards.push({
    id: card,
    standing: "issued",
    lost: [],
    frozen: 0,
    frozenLoad: 0,
    borne: 0,
    short: 0,
    owed: 0,
    balance: 0,
    loads: 0,
    purchases: 0
  })
  return yes
}

/**
 * With the new card the old one is replaced for good, a load that nobody knows about counts as frozen, and the three
 * days begin.
 */
export const activate = (model: Model, body: Command.Of<"ActivateCard">): Expected => {
  const card = model.card(body.card)
  if (card?.standing !== "issued") return { _tag: "Declined", decline: Standing.standing(card) }
  if (model.active !== undefined) return no("ActiveCardExists")
  for (const old of model.cards) {
    if (old.standing !== "lost") continue
    // The plastic has changed, not who lives there (R15).
    for (const grant of model.grants) if (grant.card === old.id) grant.card = card.id
    Object.assign(old, {
      standing: "replaced",
      completedAt: model.now,
      frozen: old.frozen + old.frozenLoad,
      frozenLoad: 0
    })
    delete old.load
  }
  Object.assign(card, { standing: "active", activatedAt: model.now })
  model.validFrom = dayAt(model.now)
  return yes
}

export const cancel = (model: Model, body: Command.Of<"CancelCard">): Expected => {
  const card = model.card(body.card)
  if (card?.standing !== "issued") return { _tag: "Declined", decline: Standing.standing(card) }
  card.standing = "cancelled"
  model.grants = model.grants.filter((grant) => grant.card !== card.id)
  return yes
}

export const reportLost = (model: Model): Expected => {
  const card = model.active
  if (card === undefined) {
    const other = model.cards.find(({ standing }) => standing === "lost") ?? model.cards.at(-1)
    return { _tag: "Declined", decline: Standing.standing(other) }
  }
  const { chip, held } = model.pockets
  Object.assign(card, { standing: "lost", frozen: chip, frozenLoad: held, borne: 0 })
  card.lost.push({ from: model.now })
  model.move("chip", "frozen", chip)
  model.move("held", "frozen", held)
  return yes
}

/** All is as before the report, but what the school bore is gone from the chip and waits in transit. */
export const reportFound = (model: Model, body: Command.Of<"ReportFound">): Expected => {
  const card = model.card(body.card)
  if (card?.standing === "active") return no("CardNotLost")
  if (card?.standing !== "lost") return { _tag: "Declined", decline: Standing.standing(card) }
  const gone = Math.min(card.borne, card.frozen)
  model.move("frozen", "chip", card.frozen - gone)
  model.move("frozen", "transit", gone)
  model.move("frozen", "held", card.frozenLoad)
  card.short += card.borne - gone
  Object.assign(card, { standing: "active", frozen: 0, frozenLoad: 0, borne: 0 })
  const span = card.lost.at(-1)
  if (span !== undefined) span.until = model.now
  return yes
}

export const claim = (model: Model, body: Command.Of<"ClaimFrozen">): Expected => {
  const card = model.card(body.card)
  if (card?.standing === "lost" || card?.standing === "replaced") return no("WrongCardForClaim")
  if (card?.standing !== "active") return { _tag: "Declined", decline: Standing.standing(card) }
  const from = (completedAt = 0) => model.school.claimableFrom(completedAt)
  const replaced = model.cards.filter(({ standing }) => standing === "replaced")
  const open = replaced.filter(({ claimedAt, frozen }) => claimedAt === undefined && frozen > 0)
  const ripe = open.filter(({ completedAt }) => model.now >= from(completedAt))
  if (ripe.length > 0) {
    model.receive("frozen", "transit", ripe.reduce((sum, { frozen }) => sum + frozen, 0))
    for (const one of replaced) {
      if (one.claimedAt === undefined && model.now >= from(one.completedAt)) {
        Object.assign(one, { frozen: 0, claimedAt: model.now })
      }
    }
    return yes
  }
  if (open.length > 0) {
    return no("HoldNotElapsed", { availableAt: Math.min(...open.map(({ completedAt }) => from(completedAt))) })
  }
  const claims = replaced.flatMap(({ claimedAt }) => claimedAt ?? [])
  return claims.length > 0 ? no("AlreadyClaimed", { claimedAt: Math.max(...claims) }) : no("NothingToClaim")
}

/** The counter extends a card in use, dormant or not: the months begin today. */
export const extend = (model: Model, body: Command.Of<"ExtendValidity">): Expected => {
  const card = model.card(body.card ?? "")
  if (card?.standing !== "active") return { _tag: "Declined", decline: Standing.standing(card) }
  model.validFrom = dayAt(model.now)
  return yes
}

/** All money is frozen as after a loss, what is left of a subsidy goes back, and every card with it. */
export const close = (model: Model): Expected => {
  const { pockets } = model
  for (const pocket of ["chip", "transit", "wallet", "held"] as const) model.move(pocket, "frozen", pockets[pocket])
  model.move("subsidy", "out", pockets.subsidy)
  for (const card of model.cards) {
    if (card.standing !== "cancelled") card.standing = card.standing === "issued" ? "cancelled" : "returned"
    Object.assign(card, { frozen: 0, frozenLoad: 0 })
    delete card.load
  }
  model.closing = { since: model.now }
  return yes
}

/** After the hold the debt is repaid, and the rest paid out, once. */
export const payOut = ({ closing, now, pockets, school }: Model): Expected => {
  if (closing === undefined) return no("AccountNotClosing")
  if (closing.paidOutAt !== undefined) return no("AlreadyPaidOut", { paidOutAt: closing.paidOutAt })
  const availableAt = school.claimableFrom(closing.since)
  if (now < availableAt) return no("PayOutTooEarly", { availableAt })
  pockets.receivable -= Math.min(pockets.receivable, pockets.frozen)
  pockets.frozen = 0
  closing.paidOutAt = now
  return yes
}
