/**
 * What happens at tills: purchases by card and by code, and at terminals that are cut off and upload their slips later.
 */
import * as fc from "fast-check"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { fenOf, wanted } from "./Amounts.ts"
import { dayMs, hour } from "./Dates.ts"
import type { Life } from "./Life.ts"
import { type Model, type Plastic, read, type Slip } from "./Model.ts"
import { show, showing, type Shown } from "./Phones.ts"
import { type By, does, pick, subjects, way } from "./Step.ts"

const tills = fc.constantFrom("canteen-1", "canteen-1", "canteen-2", "canteen-3", "shop-1")
const links = fc.constantFrom("up", "up", "up", "up", "down" as const)
const passwords = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.constantFrom("right", "right", "wrong", "stale" as const) }
)

/** A purse that has to hold what was taken from it. */
export const debit = (card: Plastic, amount: number): void => {
  card.balance -= amount
  card.purchases += 1
}

/** The card is gone before it is debited for what was just approved. */
export const pull = ({ purchases }: Model): void => {
  const last = purchases.at(-1)
  if (last !== undefined) last.pulled = true
}

/** Mostly the card in use; now and then any that was ever in use, in whosever hands. */
export const cardAtHand = ({ active, cards }: Model, n: number): Plastic | undefined =>
  active !== undefined && n % 5 < 4 ? active : pick(cards.filter(({ activatedAt }) => activatedAt !== undefined), n)

export const payByCard = fc.record({
  n: fc.nat({ max: 99 }),
  amount: wanted,
  point: tills,
  link: links,
  password: passwords,
  next: fc.constantFrom(undefined, "right", "right", "wrong" as const),
  unread: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  pulled: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  by: subjects
}).map((wish) =>
  does("payByCard", wish, async (model, life) => {
    const card = cardAtHand(model, wish.n)
    if (card === undefined) return
    const amount = fenOf(model, wish.amount, Math.min(model.pockets.chip, card.balance))
    // A terminal that did not tell what it read has still read it: it asks for no more than there is.
    const unread = wish.unread && card.balance >= amount
    const body = {
      _tag: "PayByCard",
      card: Id.CardId.make(card.id),
      amount: Money.amount(amount),
      link: wish.link,
      ...(unread ? {} : { chip: read(card) })
    } as const
    const told = await life.send(wish.point, body, { subject: way(life, wish.by, card.id), password: atPad(wish) })
    // Pulled away before it was debited: what the books took is on the chip still.
    if (told._tag === "Approved" && !(wish.pulled && !unread)) debit(card, amount)
    else if (told._tag === "Approved") pull(model)
    if (told._tag === "Declined" && told.decline._tag === "PasswordRequired" && wish.next !== undefined) {
      const retryOf = model.history.at(-1)?.envelope.id ?? ""
      const again = await life.send(wish.point, body, { password: wish.next, retryOf })
      if (again._tag === "Approved") debit(card, amount)
    }
  })
)

/** Where no password can be typed, none comes. */
const atPad = <P>({ password, point }: { readonly password: P; readonly point: string }): P | undefined =>
  point === "canteen-3" ? undefined : password

export const payByCode = (
  medium: "todayCampusCode" | "ecodePayCode" | "ecodeIdentityCode" | "alipayCode" | "keyRing"
) =>
  fc.record({
    amount: wanted,
    point: tills,
    link: medium === "alipayCode" ? fc.constantFrom("up", "down", "down" as const) : links,
    password: passwords,
    next: fc.constantFrom(undefined, "next", "next", "again" as const),
    signed: fc.integer({ min: 0, max: 5 }),
    showing,
    by: subjects
  }).map((wish) =>
    does(medium, wish, async (model, life) => {
      const { subsidy, transit, wallet } = model.pockets
      const inPockets = subsidy + wallet + (medium === "todayCampusCode" ? transit : 0)
      const amount = Money.amount(fenOf(model, wish.amount, inPockets))
      const isSigned = medium !== "alipayCode" && medium !== "keyRing" &&
        wish.signed >= (model.school.signed.includes(medium) ? 1 : 3)
      const bodyOf = (shown: Shown | undefined) =>
        ({ _tag: "PayByCode", medium, amount, link: wish.link, ...(shown && { code: shown.code }) }) as const
      const shown = isSigned ? show(model, medium, "till", wish.showing) : undefined
      const told = await life.send(wish.point, bodyOf(shown), {
        subject: way(life, wish.by),
        password: atPad(wish),
        code: shown?.proof
      })
      if (told._tag !== "Declined" || told.decline._tag !== "PasswordRequired" || wish.next === undefined) return
      // The first code is burnt: it takes another one to pay with the password.
      const retryOf = model.history.at(-1)?.envelope.id ?? ""
      const next = isSigned && wish.next === "next"
        ? show(model, medium, "till", { ...wish.showing, what: "next", judged: "this" })
        : shown
      await life.send(wish.point, bodyOf(next), { password: "right", code: next?.proof, retryOf })
    })
  )

/** A terminal that is cut off asks the chip alone, whoever holds it; nobody hears of it until its slip is uploaded. */
export const cutOff = (model: Model, card: Plastic | undefined, amount: number, point: string): Slip | undefined => {
  if (card === undefined || card.balance < amount) return undefined
  const before = card.balance
  debit(card, amount)
  const { balance: after, purchases: sequence } = card
  const slip = { card, amount, at: model.now, point, before, after, sequence, posted: false }
  model.slips.push(slip)
  return slip
}

export const spendOffline = fc.record({ n: fc.nat({ max: 99 }), amount: wanted, point: tills }).map((wish) =>
  does("spendOffline", wish, async (model) => {
    const card = cardAtHand(model, wish.n)
    const balance = card?.balance ?? 0
    cutOff(model, card, Math.max(1, Math.min(balance, fenOf(model, wish.amount, balance))), wish.point)
  })
)

/** A slip arrives, as it is or with something else in it. */
export const bring = async (
  model: Model,
  life: Life,
  slip: Slip,
  { at = slip.at, by = "card", chipAfter = slip.after, window }: {
    readonly at?: number
    readonly by?: By
    readonly chipAfter?: number
    readonly window?: string | undefined
  } = {}
): Promise<void> => {
  const same = model.numbers.get(`${slip.card.id}/${slip.sequence}`)
  const told = await life.send(slip.point, {
    _tag: "RecordCardPurchase",
    card: Id.CardId.make(slip.card.id),
    amount: Money.amount(slip.amount),
    chipBefore: Money.of(slip.before),
    chipAfter: Money.of(chipAfter),
    purchaseSequence: slip.sequence,
    ...(window === undefined ? {} : { window })
  }, { at, subject: way(life, by, slip.card.id) })
  if (told._tag === "Approved") slip.posted = true
  // The purchase of that number was told online too, and maybe never debited: now the chip has paid it.
  if (told._tag === "Approved" && same?.recorded === true) same.pulled = false
}

export const upload = fc.record({
  n: fc.nat({ max: 999 }),
  posted: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  window: fc.constantFrom(undefined, undefined, undefined, "lunch", "other", "supper"),
  wrong: fc.constantFrom(
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    "after",
    "future",
    "early",
    "old" as const
  ),
  by: subjects
}).map((wish) =>
  does("upload", wish, async (model, life) => {
    const slip = pick(model.slips.filter(({ posted }) => posted === wish.posted), wish.n)
    if (slip === undefined) return
    const ats = {
      after: slip.at,
      future: model.now + 1,
      early: (slip.card.activatedAt ?? 0) - 1,
      old: model.now - 7 * dayMs - 1
    }
    await bring(model, life, slip, {
      ...wish,
      at: wish.wrong === undefined ? slip.at : ats[wish.wrong],
      chipAfter: slip.after + (wish.wrong === "after" ? 1 : 0)
    })
  })
)

export const alipayRecord = fc.record({
  amount: wanted,
  point: fc.constantFrom("canteen-1", "canteen-2", "shop-1"),
  back: fc.integer({ min: -1, max: 8 * 24 }),
  again: fc.integer({ min: 0, max: 4 }).map((n) => n === 0)
}).map((wish) =>
  does("alipayRecord", wish, async (model, life) => {
    const last = wish.again
      ? model.history.findLast(({ envelope }) => envelope.body._tag === "RecordAlipayPurchase")
      : undefined
    const body = last?.envelope.body ?? {
      _tag: "RecordAlipayPurchase",
      reference: life.name("a"),
      amount: Money.amount(fenOf(model, wish.amount, 1_000))
    }
    // A second copy says the same, under an id of its own.
    await life.send(wish.point, body, { at: last?.envelope.at ?? model.now - wish.back * hour })
  })
)
