/**
 * Debits that never reached their chip, as the model tells them (D5, D10, D11). It may conclude from readings and records
 * alone, as the core does, and then it must be the truth: the books agree with the plastic.
 */
import type * as Chip from "../../src/Chip.ts"
import { dayMs } from "./Dates.ts"
import type { Bought, Model, Plastic, Pockets } from "./Model.ts"

type Before = NonNullable<Bought["before"]>
type Proof = "still" | "another"

/** What a purchase would be known by that a chip has counted. */
export const numberOf = ({ card, chip }: Before): string => `${card}/${chip.purchaseSequence + 1}`

/** How it is known that the active card never paid this purchase, if it is. */
export const prove = (model: Model, bought: Bought, reading: Chip.Reading | undefined): Proof | undefined => {
  const { before } = bought
  if (before === undefined || before.card !== model.active?.id) return undefined
  const number = numberOf(before)
  const isAnothers = (model.numbers.get(number) ?? bought) !== bought || model.posted.has(number)
  return proveByReading(bought, reading) ?? (isAnothers ? "another" : undefined)
}

/** How the card in hand shows that it never paid: by what it reads, or by what it proves of that one transaction. */
export const proveByCard = (
  bought: Bought,
  inHand: Plastic | undefined,
  { chip, unpaid = false }: { readonly chip?: Chip.Reading | undefined; readonly unpaid?: boolean | undefined }
): Proof | undefined => {
  if (inHand === undefined || inHand.id !== bought.before?.card || chip === undefined) return undefined
  return proveByReading(bought, chip) ?? (unpaid ? "another" : undefined)
}

const proveByReading = ({ amount, before }: Bought, reading: Chip.Reading | undefined): Proof | undefined => {
  if (before === undefined || reading === undefined) return undefined
  const { balance, loadSequence, purchaseSequence } = before.chip
  if (reading.purchaseSequence === purchaseSequence) return "still"
  const paidOne = reading.purchaseSequence === purchaseSequence + 1 && reading.loadSequence === loadSequence
  return paidOne && balance - reading.balance !== amount ? "another" : undefined
}

/**
 * The money is on the chip, or behind the lost card; what the chip has paid others with since was owed until now, and is
 * repaid (D10).
 */
export const giveBack = (model: Model, card: Plastic, bought: Bought, proof: Proof): void => {
  const repaid = proof === "still" ? 0 : Math.min(model.pockets.receivable, card.owed, bought.amount)
  model.pockets.receivable -= repaid
  if (card.standing === "lost") card.frozen += bought.amount - repaid
  model.pockets[card.standing === "lost" ? "frozen" : "chip"] += bought.amount - repaid
  card.short -= repaid
  card.owed = Math.max(0, card.owed - repaid)
  bought.pulled = false
  delete bought.undoneAt
  for (const [number, one] of model.numbers) if (one === bought) model.numbers.delete(number)
}

/** The purchases of this card that were undone without it, and that this reading shows to be unpaid. */
export const shown = (model: Model, card: Plastic, reading: Chip.Reading): ReadonlyArray<Bought> =>
  model.purchases.filter((one) =>
    one.undoneAt !== undefined && one.before?.card === card.id && proveByReading(one, reading) !== undefined
  )

/** What waits in transit for it goes to its card; what has been spent of that is owed. */
export const settle = (model: Model, bought: Bought, proof: Proof): void => {
  const card = model.card(bought.before?.card ?? "")
  if (bought.undoneAt === undefined || (card?.standing !== "active" && card?.standing !== "lost")) return
  const own = Math.min(model.pockets.transit, bought.amount)
  model.pockets.transit -= own
  giveBack(model, card, bought, proof)
  model.pockets.receivable += bought.amount - own
}

/** Nobody looks for what is older than a record may be, once its card was read, or for what was on a card that is gone. */
export const forget = (model: Model, read: string | undefined): void => {
  for (const one of model.purchases) {
    const standing = model.card(one.before?.card ?? "")?.standing
    const isGone = standing !== "active" && standing !== "lost"
    const isOld = read === one.before?.card && model.now - (one.undoneAt ?? model.now) > 8 * dayMs
    if (isGone || isOld) delete one.undoneAt
  }
}

/** All of them, as a tap does. */
export const settleAll = (model: Model, card: Plastic, reading: Chip.Reading): void => {
  for (const one of shown(model, card, reading)) settle(model, one, proveByReading(one, reading) ?? "still")
}

/** The pockets as they will be then. */
export const settling = (model: Model, card: Plastic, reading: Chip.Reading, pockets: Pockets): Pockets => {
  const after = { ...pockets }
  let left = card.owed
  for (const one of shown(model, card, reading)) {
    const own = Math.min(after.transit, one.amount)
    const owed = proveByReading(one, reading) === "still" ? 0 : Math.min(after.receivable, left, one.amount)
    left -= owed
    after.transit -= own
    after.receivable += one.amount - own - owed
    after.chip += one.amount - owed
  }
  return after
}
