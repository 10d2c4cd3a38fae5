/**
 * What may happen next in a life. Each command is drawn as an intention (which card, which slip, how much of what is left) and finds out what
 * it means when its turn comes, so that a life that is shortened still makes sense.
 */
import * as fc from "fast-check"
import * as Id from "../../src/Id.ts"
import { mintKey } from "../../src/internal/mint.ts"
import * as Money from "../../src/Money.ts"
import * as Recharge from "../../src/Recharge.ts"
import { fenOf, until, waits, wanted } from "./Amounts.ts"
import { dayMs, hour } from "./Dates.ts"
import { desk, replaceCard } from "./Desk.ts"
import type { Life } from "./Life.ts"
import { type Model, type Plastic, read, type Slip } from "./Model.ts"
import { type By, type Does, does, pick, subjects, way } from "./Step.ts"

const tills = fc.constantFrom("canteen-1", "canteen-1", "canteen-2", "canteen-3", "shop-1")
const links = fc.constantFrom("up", "up", "up", "up", "down" as const)
const passwords = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.constantFrom("right", "right", "wrong", "stale" as const) }
)

/** A purse that has to hold what was taken from it. */
const debit = (card: Plastic, amount: number): void => {
  card.balance -= amount
  card.purchases += 1
}

/** Mostly the card in use; now and then any that was ever in use, in whosever hands. */
const cardAtHand = ({ active, cards }: Model, n: number): Plastic | undefined =>
  active !== undefined && n % 5 < 4 ? active : pick(cards.filter(({ activatedAt }) => activatedAt !== undefined), n)

const payByCard = fc.record({
  n: fc.nat({ max: 99 }),
  amount: wanted,
  point: tills,
  link: links,
  password: passwords,
  next: fc.constantFrom(undefined, "right", "right", "wrong" as const),
  unread: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
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
    if (told._tag === "Approved") debit(card, amount)
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

const payByCode = (medium: "todayCampusCode" | "ecodePayCode" | "ecodeIdentityCode" | "alipayCode" | "keyRing") =>
  fc.record({
    amount: wanted,
    point: tills,
    link: medium === "alipayCode" ? fc.constantFrom("up", "down", "down" as const) : links,
    password: passwords,
    by: subjects
  }).map((wish) =>
    does(medium, wish, async (model, life) => {
      const { subsidy, transit, wallet } = model.pockets
      const inPockets = subsidy + wallet + (medium === "todayCampusCode" ? transit : 0)
      const amount = Money.amount(fenOf(model, wish.amount, inPockets))
      const body = { _tag: "PayByCode", medium, amount, link: wish.link } as const
      await life.send(wish.point, body, { subject: way(life, wish.by), password: atPad(wish) })
    })
  )

/** A terminal that is cut off asks the chip alone, whoever holds it; nobody hears of it until its slip is uploaded. */
const cutOff = (model: Model, card: Plastic | undefined, amount: number, point: string): Slip | undefined => {
  if (card === undefined || card.balance < amount) return undefined
  const before = card.balance
  debit(card, amount)
  const { balance: after, purchases: sequence } = card
  const slip = { card, amount, at: model.now, point, before, after, sequence, posted: false }
  model.slips.push(slip)
  return slip
}

const spendOffline = fc.record({ n: fc.nat({ max: 99 }), amount: wanted, point: tills }).map((wish) =>
  does("spendOffline", wish, async (model) => {
    const card = cardAtHand(model, wish.n)
    const balance = card?.balance ?? 0
    cutOff(model, card, Math.max(1, Math.min(balance, fenOf(model, wish.amount, balance))), wish.point)
  })
)

/** A slip arrives, as it is or with something else in it. */
const bring = async (
  life: Life,
  slip: Slip,
  { at = slip.at, by = "card", chipAfter = slip.after, window }: {
    readonly at?: number
    readonly by?: By
    readonly chipAfter?: number
    readonly window?: string | undefined
  } = {}
): Promise<void> => {
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
}

const upload = fc.record({
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
    await bring(life, slip, {
      ...wish,
      at: wish.wrong === undefined ? slip.at : ats[wish.wrong],
      chipAfter: slip.after + (wish.wrong === "after" ? 1 : 0)
    })
  })
)

const alipayRecord = fc.record({
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

/** The bank says that so much was paid. */
const credit = async (
  model: Model,
  life: Life,
  channel: string,
  fen: number,
  how: { readonly paid: boolean; readonly by: By } = { paid: true, by: "account" }
): Promise<void> => {
  const order = Id.OrderId.make(life.name("o"))
  const paidAt = model.now as Recharge.Paid["paidAt"]
  const paid = { order, channel, amount: Money.amount(fen), paidAt, reference: `bank-${order}` }
  const evidence = new Recharge.PaidEvidence(mintKey, how.paid ? paid : { ...paid, amount: Money.amount(fen + 1) })
  const body = { _tag: "CreditRecharge", ...paid } as const
  await life.send("card-centre", body, { id: `credit:${order}`, at: paidAt, evidence, subject: way(life, how.by) })
}

const recharge = fc.record({
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

const place = fc.record({
  channel: fc.constantFrom("todayCampus", "ccbApp", "ecode", "ecode", "nowhere"),
  source: fc.constantFrom("unionPayCard", "ccbCard", "ccbCard", "weChat", "alipay" as const),
  holder: fc.constantFrom("own", "own", "other" as const),
  fen: fc.constantFrom(0, 1, 999, 1_000, 50_000, 50_001, 100_000, 100_001),
  identity: fc.constantFrom(true, true, true, false)
}).map((wish) =>
  does("place", wish, async (_, life) => {
    const { channel, fen, holder, identity, source } = wish
    const order = Id.OrderId.make(life.name("o"))
    const body = { _tag: "PlaceRecharge", order, channel, source, holder, amount: Money.of(fen) } as const
    await life.send("today-campus", body, { identity })
  })
)

/** What becomes of a load. Whether the chip was written; and whether the terminal could read it afterwards, says that it could not, or fell silent. */
interface Writing {
  readonly written: boolean
  readonly told: "read" | "torn" | "silent"
}

const loadAt = async (life: Life, point: string, card: Plastic, { told, written }: Writing): Promise<void> => {
  const id = Id.CardId.make(card.id)
  const open = card.load
  const answer = await life.send(point, { _tag: "BeginLoad", card: id, chip: read(card) })
  const begun = card.load
  // A tap that only settled an older load writes nothing.
  if (answer._tag === "Declined" || begun === undefined || begun === open) return
  if (written) {
    card.balance += begun.own + begun.subsidy
    card.loads += 1
    begun.written = true
  }
  if (told === "silent") return
  const chip = told === "read" ? { chip: read(card) } : {}
  await life.send(point, { _tag: "SettleLoad", card: id, load: Id.CommandId.make(begun.id), ...chip })
}

const writings: fc.Arbitrary<Writing> = fc.record({
  written: fc.constantFrom(true, true, false),
  told: fc.constantFrom("read", "read", "torn", "silent" as const)
})

const load = fc.record({
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
const topUp = fc.constantFrom(5_000, 10_000, 20_000).map((fen) =>
  does("topUp", fen, async (model, life) => {
    await credit(model, life, "ccbApp", fen)
    if (model.active !== undefined) await loadAt(life, "canteen-1", model.active, { written: true, told: "read" })
  })
)

/** A terminal that comes back to a load of before: an open one, or one that is settled long since. */
const settleLater = fc.record({ n: fc.nat({ max: 99 }), open: fc.boolean(), reads: fc.boolean() }).map((wish) =>
  does("settleLater", wish, async (model, life) => {
    const card = wish.open ? model.cards.find((one) => one.load !== undefined) : cardAtHand(model, wish.n)
    if (card === undefined) return
    const chip = wish.reads ? { chip: read(card) } : {}
    const load = Id.CommandId.make(card.load?.id ?? "long-ago")
    await life.send("canteen-1", { _tag: "SettleLoad", card: Id.CardId.make(card.id), load, ...chip })
  })
)

const reverse = fc.record({
  back: fc.constantFrom(0, 0, 0, 1, 2, 5, 20),
  present: fc.boolean(),
  n: fc.nat({ max: 99 }),
  point: fc.constantFrom("same", "same", "same", "same", "canteen-2", "kiosk-1")
}).map((wish) =>
  does("reverse", wish, async (model, life) => {
    const purchase = model.purchases.at(-1 - wish.back)
    if (purchase === undefined) return
    const card = wish.present ? cardAtHand(model, wish.n) : undefined
    const point = wish.point === "same" ? purchase.point : wish.point
    const chip = card === undefined ? {} : { chip: read(card) }
    const told = await life.send(
      point,
      { _tag: "ReversePurchase", purchase: Id.CommandId.make(purchase.id), ...chip },
      {
        subject: way(life, "card", card?.id)
      }
    )
    if (told._tag === "Declined" || card === undefined) return
    // The terminal writes what the answer sends to the chip.
    const reversed = told.events.find((event) => event._tag === "PurchaseReversed")
    for (const { amount, to } of reversed?.transfers ?? []) if (to === "chip") card.balance += amount
  })
)

/** A load with an unknown outcome, then purchases offline; their slips come in any order, now and then after a loss report. */
const tornAndSpent = fc.record({
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

/** A slip that turns up when the frozen money has been claimed already: its holder owes it (A2). */
const tooLate = fc.integer({ min: 1, max: 900 }).map((amount) =>
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

const again = fc.nat({ max: 9_999 }).map((n) =>
  does("again", n, async (model, life) => {
    const sent = pick(model.history, n)
    if (sent !== undefined) await life.sendAgain(sent)
  })
)

const misuse = fc.nat({ max: 9_999 }).map((n) =>
  does("misuse", n, async (model, life) => {
    const sent = pick(model.history, n)
    if (sent !== undefined) await life.misuse(sent)
  })
)

const waiting = waits.map((wish) => does("wait", wish, async (model, life) => life.wait(until(model, wish))))

/** What happens next. The weights make lives in which people mostly eat, and everything else happens too. */
const next: fc.Arbitrary<Does> = fc.oneof(
  { weight: 28, arbitrary: waiting },
  { weight: 24, arbitrary: payByCard },
  { weight: 9, arbitrary: payByCode("todayCampusCode") },
  { weight: 6, arbitrary: payByCode("ecodePayCode") },
  { weight: 2, arbitrary: payByCode("alipayCode") },
  { weight: 1, arbitrary: payByCode("ecodeIdentityCode") },
  { weight: 1, arbitrary: payByCode("keyRing") },
  { weight: 12, arbitrary: spendOffline },
  { weight: 13, arbitrary: upload },
  { weight: 3, arbitrary: alipayRecord },
  { weight: 8, arbitrary: recharge },
  { weight: 3, arbitrary: place },
  { weight: 10, arbitrary: load },
  { weight: 3, arbitrary: settleLater },
  { weight: 6, arbitrary: reverse },
  { weight: 4, arbitrary: again },
  { weight: 2, arbitrary: misuse },
  { weight: 6, arbitrary: topUp },
  { weight: 2, arbitrary: tornAndSpent },
  { weight: 2, arbitrary: tooLate },
  { weight: 24, arbitrary: desk }
)

/** The commands of one life, up to so many. */
export const commands = (
  maxCommands: number,
  replayPath?: string
): fc.Arbitrary<Iterable<fc.AsyncCommand<Model, Life>>> =>
  fc.commands([next], { maxCommands, size: "max", ...(replayPath === undefined ? {} : { replayPath }) })
