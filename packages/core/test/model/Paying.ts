/**
 * Purchases as the model tells them: online by card and by code, their reversal, and the records of terminals that were
 * cut off (R58-R61, D1, D3, D5, D11, D14, D16).
 */
import type * as Command from "../../src/Command.ts"
import { dayAt, mealAt } from "./Dates.ts"
import { anyOf, type Expected, no, type Told, yes } from "./Expected.ts"
import { settle, settling } from "./Loading.ts"
import * as Missed from "./Missed.ts"
import type { Bought, Model, Plastic, Pockets } from "./Model.ts"
import type { Setting } from "./Rules.ts"
import { type Category, recordAge, schoolAt } from "./School.ts"
import * as Standing from "./Standing.ts"

/** The matrix of R58-R61, row by row. */
const unaccepted = (medium: string, category: Category, link: string): Told | undefined => {
  if (medium === "physicalCard") return undefined
  if (medium === "ecodeIdentityCode") return { _tag: "WrongCodeKind", medium }
  if (medium === "todayCampusCode" || medium === "ecodePayCode") {
    return link === "up" ? undefined : { _tag: "NotAcceptedOffline", medium }
  }
  if (medium === "alipayCode" && category === "canteen") {
    return link === "down" ? undefined : { _tag: "AlipayOnlyWhenTerminalOffline" }
  }
  return { _tag: "MediumNotAcceptedHere", medium, category }
}

const elsewhere = ({ chip, held, subsidy, transit, wallet }: Pockets) => ({ chip, held, subsidy, transit, wallet })

/** The pockets behind a code, in the order in which they pay (D1, D6). */
const payers = (model: Model, medium: string): ReadonlyArray<keyof Pockets> => {
  const own: ReadonlyArray<keyof Pockets> = medium === "ecodePayCode"
    ? ["wallet"]
    : model.wallet === "none"
    ? ["transit"]
    : ["transit", "wallet"]
  return model.school.subsidyFirst ? ["subsidy", ...own] : [...own, "subsidy"]
}

export const payByCard = (model: Model, body: Command.Of<"PayByCard">, setting: Setting): Expected =>
  pay(model, "physicalCard", body, setting, body)

export const payByCode = (model: Model, body: Command.Of<"PayByCode">, setting: Setting): Expected =>
  pay(model, body.medium, body, setting)

/** Acceptance, card, limits, password, money: the first that refuses is the answer (D14). */
const pay = (
  model: Model,
  medium: string,
  { amount, link }: { readonly amount: number; readonly link: string },
  { at, category, key, pinPad, point, proofs }: Setting,
  tapped?: Command.Of<"PayByCard">
): Expected => {
  const refused = unaccepted(medium, category, link)
  if (refused !== undefined) return { _tag: "Declined", decline: refused }
  const card = tapped === undefined ? undefined : model.card(tapped.card)
  const unusable = tapped === undefined ? Standing.refuseCode(model, medium) : Standing.refuseCard(model, card)
  if (unusable !== undefined) return { _tag: "Declined", decline: unusable }
  if (tapped !== undefined && isTold(model, { at, point }, tapped)) return no("PaymentAlreadyRecorded", { amount })
  const proof = proofs?.password
  const soft = proof !== undefined ? "is passed" : pinPad ? "asks" : "acts hard"
  const passed = Standing.passedLimit(model, model.now, { amount, category, medium }, soft)
  if (passed !== undefined) {
    const exceeded = passed.limit === "day" ? "DailyLimitExceeded" : "MealLimitExceeded"
    return no(passed.asks ? "PasswordRequired" : exceeded, { amount, quota: passed.quota })
  }
  const wrong = proof === undefined ? undefined : Standing.tryPassword(model, proof, category)
  if (wrong !== undefined) return { _tag: "Declined", decline: wrong }
  const reading = tapped?.chip
  // What the chip says settles an open load; the money of a refused tap stays where it was, though the refusal already
  // counts with it.
  const settled = reading === undefined ? model.pockets : settling(model, card, reading)
  const pockets = { ...settled, subsidy: model.spendable(settled.subsidy - model.pockets.subsidy) }
  const paid: Array<readonly [keyof Pockets, number]> = []
  if (medium === "physicalCard") {
    const chip = Math.min(pockets.chip, reading?.balance ?? Infinity)
    if (chip < amount) return no("InsufficientChipPurse", { amount, chip, elsewhere: elsewhere(pockets) })
    paid.push(["chip", amount])
  } else if (medium !== "alipayCode") {
    let left = amount
    for (const pocket of payers(model, medium)) {
      const part = Math.min(left, pockets[pocket])
      if (part > 0) paid.push([pocket, part])
      left -= part
    }
    if (left > 0) return no("InsufficientWallet", { amount, available: amount - left, elsewhere: elsewhere(pockets) })
  }
  if (reading !== undefined) settle(model, card, reading)
  if (proof !== undefined) model.wrong.delete(Standing.channelAt(category))
  return buy(model, {
    id: key,
    point,
    at: model.now,
    category: category as "canteen" | "shop",
    medium,
    amount,
    online: true,
    paid,
    ...(tapped === undefined || reading === undefined ? {} : { before: { card: tapped.card, chip: reading } })
  })
}

/** Writes a purchase down, and takes the money. */
const buy = (
  model: Model,
  bought: Omit<Bought, "borne" | "day" | "meal" | "reversed" | "returned">,
  reports: ReadonlyArray<Told> = []
): Expected => {
  for (const [pocket, part] of bought.paid) {
    // What nobody had is owed from now on (D10).
    if (pocket === "receivable") model.pockets.receivable += part
    else model.move(pocket, "out", part)
  }
  // What the school bears after a loss is nobody's purchase: it counts as little as one that was undone.
  const borne = reports.some((report) => report["borneBy"] === "school")
  const purchase = { ...bought, day: dayAt(bought.at), meal: mealAt(bought.at), returned: 0, reversed: borne, borne }
  if (purchase.online) Missed.forget(model, purchase.before?.card)
  model.purchases.push(purchase)
  if (purchase.before !== undefined) model.numbers.set(Missed.numberOf(purchase.before), purchase)
  return { _tag: "Approved", reports, remaining: Standing.remaining(model, purchase) }
}

/**
 * Same day, same meal, same terminal, once; back to the chip only while the card is there, else to transit (D5). The chip
 * is written as by a load, and what becomes of that is told as of any (D8). A card that is held there and proves that it was
 * never debited asks for no day and no meal: its holder has the money in hand, and only the books are wrong.
 */
export const reverse = (model: Model, body: Command.Of<"ReversePurchase">, setting: Setting): Expected => {
  const { purchase } = body
  const not = (...reasons: ReadonlyArray<string>): Expected =>
    no("NotReversible", { purchase, reason: anyOf(...reasons) })
  const bought = model.purchases.find(({ id, online }) => online && id === purchase)
  if (bought === undefined) return not("unknown")
  const back = bought.returned < bought.amount ? "partlyReturned" : "alreadyReversed"
  const closed = bought.returned > 0 ? back : bought.recorded === true ? "recorded" : undefined
  const card = setting.card === model.active ? setting.card : undefined
  const byCard = Missed.proveByCard(bought, card, body)
  if (bought.day !== dayAt(model.now) && byCard === undefined) {
    // The account knows yesterday's purchases as long as none was made since; the journal all.
    const told = closed ?? "otherDay"
    return setting.proofs?.original === undefined ? not("unknown", told) : not(told)
  }
  if (closed !== undefined) return not(closed)
  if (bought.meal !== mealAt(model.now) && byCard === undefined) return not("otherMeal")
  if (bought.point !== setting.point) return not("otherPoint")
  if (body.chip !== undefined) settle(model, card, body.chip)
  model.undo(bought)
  bought.returned = bought.amount
  const proof = byCard ?? Missed.prove(model, bought, card === undefined ? undefined : body.chip)
  if (proof !== undefined && model.active !== undefined) {
    Missed.giveBack(model, model.active, bought, proof)
    return yes
  }
  for (const [pocket, part] of bought.paid) {
    // The chip takes what fits on it, where the terminal can write it; the rest repays the debt first (D5, D10).
    const onChip = pocket === "chip" && body.chip !== undefined && card !== undefined && setting.loads
      ? Math.max(0, Math.min(part, model.school.ceiling - body.chip.balance))
      : 0
    if (onChip > 0 && card !== undefined && body.chip !== undefined) {
      model.move("in", "held", onChip)
      card.load = { id: setting.key, point: setting.point, own: onChip, subsidy: 0, before: body.chip, written: false }
    }
    model.receive("in", pocket === "chip" ? "transit" : pocket, part - onChip)
    if (pocket === "chip" && bought.before !== undefined) {
      bought.undoneAt = model.now
      model.numbers.delete(Missed.numberOf(bought.before))
    }
  }
  return yes
}

type Record = Command.Of<"RecordCardPurchase" | "RecordAlipayPurchase">

/** What is asked for stands as a record already: the chip gave its number once. */
const isTold = (
  model: Model,
  { at, point }: Pick<Setting, "at" | "point">,
  { amount, card, chip }: Command.Of<"PayByCard">
): boolean => {
  const posted = chip === undefined ? undefined : model.posted.get(Missed.numberOf({ card, chip }))
  return posted?.amount === amount && posted.point === point && isOneTap(at, posted.at)
}

const isOneTap = (one: number, other: number): boolean => Math.abs(one - other) <= 120_000

/** A record posts whatever it says, once, unless it cannot be true (D11, D16). */
export const record = (model: Model, body: Record, { at, category, key: id, point }: Setting): Expected => {
  const card = body._tag === "RecordCardPurchase" ? model.card(body.card) : undefined
  if (at > model.now) return no("RecordDatedInFuture", { at, receivedAt: model.now })
  if (model.now - at > recordAge) return no("RecordTooOld", { at, days: 7 })
  const activations = (body._tag === "RecordCardPurchase" ? [card] : model.cards).map((one) =>
    one?.activatedAt ?? Infinity
  )
  const activatedAt = Math.min(...activations)
  if (body._tag === "RecordCardPurchase" && card === undefined) return no("UnknownCard")
  if (at < activatedAt) return no("RecordBeforeActivation", activatedAt === Infinity ? { at } : { at, activatedAt })
  const { window } = body
  if (window !== undefined && !["breakfast", "lunch", "dinner", "other"].includes(window)) {
    return no("UnknownMealWindow", { window })
  }
  const { amount } = body
  const key = body._tag === "RecordCardPurchase" ? `${body.card}/${body.purchaseSequence}` : body.reference
  const online = model.numbers.get(key)
  // What was told online under this number is the same, unless it was another sum, elsewhere, at another time, or undone.
  const isSame = online?.amount === amount && online.point === point && isOneTap(at, online.at)
  if (model.posted.has(key)) return no("RecordAlreadyPosted")
  model.posted.set(key, { amount, at, point })
  if (isSame && body._tag === "RecordCardPurchase" && card !== undefined) {
    proveLoad(model, card, body)
    online.recorded = true
    model.numbers.delete(key)
    return yes
  }

  const medium = card === undefined ? "alipayCode" : "physicalCard"
  const meal = mealAt(at)
  const reports: Array<Told> = []
  if (medium === "alipayCode" && category !== "canteen") reports.push({ _tag: "MediumWasNotAccepted", medium })
  const passed = Standing.passedLimit(model, at, { amount, category, medium }, "is passed")
  if (passed !== undefined) reports.push({ _tag: "LimitExceeded", amount, quota: passed.quota })
  const dormant = Standing.dormant(model, at)
  if (dormant !== undefined) reports.push({ _tag: "SpentWhileDormant", since: dormant["since"] })
  if (window !== undefined && window !== meal) reports.push({ _tag: "MealWindowDiffers", recorded: window, ours: meal })
  let paid: ReadonlyArray<readonly [keyof Pockets, number]> = []
  if (body._tag === "RecordCardPurchase" && card !== undefined) {
    const { chipAfter, chipBefore } = body
    if (chipBefore - amount !== chipAfter) reports.push({ _tag: "BalanceChainBroken", amount, chipBefore, chipAfter })
    proveLoad(model, card, body)
    for (const one of model.purchases) {
      if (one.undoneAt !== undefined && one.before !== undefined && Missed.numberOf(one.before) === key) {
        Missed.settle(model, one, "another")
      }
    }
    paid = payRecord(model, card, amount, at, reports)
  }
  const borne = reports.some((report) => report["borneBy"] === "school")
  return buy(
    model,
    { id, point, at, category: category as "canteen" | "shop", medium, amount, online: false, paid },
    borne ? reports.filter(({ _tag }) => _tag !== "LimitExceeded") : reports
  )
}

/**
 * A record made after a load began proves it written when the chip had more by then, unwritten when it was the next and
 * had as much (D8).
 */
const proveLoad = (model: Model, card: Plastic, record: Command.Of<"RecordCardPurchase">): void => {
  if (card.load === undefined) return
  const { balance, purchaseSequence } = card.load.before
  const after = record.purchaseSequence - purchaseSequence
  if (after > 0 && (record.chipBefore > balance || (after === 1 && record.chipBefore === balance))) {
    settle(model, card, undefined)
  }
}

/**
 * The chip pays, or the frozen money of a card that is gone, or after its loss whom the school says; what is missing is
 * owed (D10, D11).
 */
const payRecord = (
  model: Model,
  card: Plastic,
  amount: number,
  at: number,
  reports: Array<Told>
): ReadonlyArray<readonly [keyof Pockets, number]> => {
  const { afterLossBorneBy: borneBy } = schoolAt(at)
  const span = card.lost.find(({ from, until }) => at >= from && at < (until ?? Infinity))
  if (span !== undefined) reports.push({ _tag: "SpendAfterLoss", amount, reportedAt: span.from, borneBy })
  if (span !== undefined && borneBy === "school") {
    if (card.standing === "lost") card.borne += amount
    // The chip has less, but its holder does not pay: that much waits for the next load.
    if (card.standing === "active") {
      const moved = Math.min(model.pockets.chip, amount)
      model.move("chip", "transit", moved)
      card.short += amount - moved
    }
    return []
  }
  // A card given back at a closing has all the account's money behind it (D7).
  const holds = card.standing === "active"
    ? model.pockets.chip
    : card.standing === "returned"
    ? model.pockets.frozen
    : card.frozen + card.frozenLoad
  const paid = Math.min(holds, amount)
  if (paid < amount) reports.push({ _tag: "DebtArisen", debt: amount - paid })
  card.short += amount - paid
  if (card.standing === "active" || card.standing === "lost") card.owed += amount - paid
  if (card.standing === "active") return [["chip", paid], ["receivable", amount - paid]]
  if (card.standing === "returned") return [["frozen", paid], ["receivable", amount - paid]]
  const ofChip = Math.min(card.frozen, paid)
  card.frozen -= ofChip
  card.frozenLoad -= paid - ofChip
  // What was never written can not have paid: the chip had more than the books.
  if (card.load !== undefined && !card.load.written) card.short += paid - ofChip
  return [["frozen", paid], ["receivable", amount - paid]]
}
