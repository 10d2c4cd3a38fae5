/**
 * Arbitrary lives: what students, terminals and windows might do in any order, sensible or not. The harness holds each step against the invariants,
 * so that a property over lives need only say what it adds.
 */
import * as fc from "fast-check"
import * as CivilTime from "../../src/CivilTime.ts"
import * as Money from "../../src/Money.ts"
import type { SchoolProfile } from "../../src/SchoolProfile.ts"
import { Life } from "./Life.ts"

/** One thing that happens in a life. `told`: how a failed property names it. */
export class Step {
  readonly #told: string
  readonly take: (life: Life) => unknown
  constructor(told: string, take: (life: Life) => unknown) {
    this.#told = told
    this.take = take
  }
  toString(): string {
    return this.#told
  }
}

const step = (told: string, take: (life: Life) => unknown): Step => new Step(told, take)

/** Amounts of meals and of recharges, in yuan. */
export const meals = fc.integer({ min: 1, max: 3_500 }).map((fen) => Money.format(Money.of(fen)))
const recharges = fc.constantFrom("10.00", "20.00", "50.00", "100.00", "200.00", "500.00")
const tills = fc.constantFrom("canteen-1", "canteen-2", "canteen-3", "shop-1")
const links = fc.constantFrom("up", "up", "up", "down" as const)
const cards = fc.constantFrom("card-1", "card-2", "card-3", "card-4")
const slips = fc.constantFrom("a", "b", "c", "d", "e")
const passwords = fc.constantFrom("right", "right", "wrong", "stale" as const)
const torn = fc.constantFrom("written", "notWritten" as const)

/** Time goes on: minutes within a meal, hours within a day, days, or months. */
export const pauses = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 90 }).map((n) => n * CivilTime.minute) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 30 }).map((n) => n * CivilTime.hour) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 12 }).map((n) => n * CivilTime.dayLength) },
  { weight: 1, arbitrary: fc.integer({ min: 50, max: 120 }).map((n) => n * CivilTime.dayLength) }
)
const pausing = pauses.map((ms) => step(`later(${ms})`, (life) => life.later(ms)))

const paying = fc.record({
  shown: fc.constantFrom("card", "card", "card", "today", "ecode", "alipay", "identity", "keyRing" as const),
  amount: meals,
  point: tills,
  link: links,
  password: fc.option(passwords, { nil: undefined })
}).map(({ amount, link, password, point, shown }) =>
  step(
    `pay(${shown}, ${amount}, ${point} ${link} ${password ?? ""})`,
    (life) => life.pay(shown, amount, { point, link, ...(password === undefined ? {} : { password }) })
  )
)

const loading = fc.oneof(
  fc.constant(step("load", (life) => life.load())),
  fc.constant(step("load at the kiosk", (life) => life.load({ point: "kiosk-1" }))),
  torn.map((really) =>
    step(`tear(${really})`, (life) => {
      life.beginLoad()
      if (life.decision._tag === "Approved") life.letGo(really)
    })
  ),
  fc.constant(step("settleLoad", (life) => life.settleLoad())),
  cards.map((card) => step(`load(${card})`, (life) => life.beginLoad({ card }).settleLoad({ card }))),
  fc.record({
    balance: fc.nat({ max: 20_000 }).map(Money.of),
    loadSequence: fc.nat({ max: 3 }),
    purchaseSequence: fc.nat({ max: 6 })
  }).map((chip) => step(`a strange chip ${JSON.stringify(chip)}`, (life) => life.beginLoad({ chip: { ...chip } })))
)

const offline = fc.oneof(
  fc.record({ slip: slips, amount: meals, point: tills }).map(({ amount, point, slip }) =>
    step(`cutOff(${slip}, ${amount})`, (life) => {
      const enough = life.account !== undefined && life.chip().balance >= Money.yuan(amount)
      if (enough && !life.slips.has(slip)) life.cutOff(slip, amount, { point })
    })
  ),
  slips.map((slip) =>
    step(`arrives(${slip})`, (life) => {
      if (life.slips.has(slip)) life.arrives(slip)
    })
  ),
  // Records that no honest terminal writes.
  fc.record({
    card: cards,
    amount: meals,
    chipBefore: fc.nat({ max: 20_000 }).map(Money.of),
    purchaseSequence: fc.integer({ min: 1, max: 12 }),
    back: fc.integer({ min: -1, max: 8 * 24 })
  }).map(({ back, ...slip }) =>
    step(
      `record(${JSON.stringify(slip)} ${back} h ago)`,
      (life) => life.record({ ...slip, at: CivilTime.format(CivilTime.later(life.now, -back * CivilTime.hour)) })
    )
  ),
  fc.record({ amount: meals, point: tills }).map(({ amount, point }) =>
    step(`recordAlipay(${amount})`, (life) => life.recordAlipay(amount, { point }))
  )
)

const desk = fc.oneof(
  fc.constantFrom("lost", "damaged" as const).map((why) => step(`reportLost(${why})`, (life) => life.reportLost(why))),
  cards.map((card) => step(`reportFound(${card})`, (life) => life.reportFound(card))),
  cards.map((card) => step(`issue(${card})`, (life) => life.issue(card))),
  cards.map((card) => step(`activate(${card})`, (life) => life.activate(card))),
  cards.map((card) => step(`cancel(${card})`, (life) => life.cancel(card))),
  cards.map((card) => step(`claim(${card})`, (life) => life.claim(card))),
  fc.constant(step("claim", (life) => life.claim())),
  fc.constant(step("extend", (life) => life.extend())),
  cards.map((card) => step(`replace(${card})`, (life) => life.reportLost().issue(card).activate(card))),
  fc.constant(step("resetPassword", (life) => life.resetPassword())),
  passwords.map((password) => step(`changePassword(${password})`, (life) => life.changePassword({ password }))),
  passwords.map((password) => step(`openWallet(${password})`, (life) => life.openWallet({ password }))),
  fc.constant(step("bindWallet", (life) => life.bindWallet())),
  fc.constant(step("bindAlipay", (life) => life.bindAlipay()))
)

const money = fc.oneof(
  fc.record({ channel: fc.constantFrom("ccbApp", "todayCampus", "ecode" as const), amount: recharges }).map((
    { amount, channel }
  ) => step(`recharge(${channel}, ${amount})`, (life) => life.recharge(channel, amount))),
  recharges.map((amount) => step(`credit(${amount})`, (life) => life.credit("ccbApp", amount))),
  meals.map((amount) => step(`grantSubsidy(${amount})`, (life) => life.grantSubsidy(amount))),
  fc.constant(step("expireSubsidy", (life) => life.expireSubsidy())),
  meals.map((amount) => step(`moveToTransit(${amount})`, (life) => life.moveToTransit(amount))),
  fc.record({
    present: fc.boolean(),
    torn: fc.boolean(),
    back: fc.integer({ min: 0, max: 3 })
  }).map(({ back, present, torn }) =>
    step(`reverse(${back} back${present ? torn ? ", with the card, torn" : ", with the card" : ""})`, (life) => {
      const purchase = life.state.recent.at(-1 - back)
      if (purchase !== undefined) {
        life.reverse({ purchase: purchase.purchase, present, torn, point: purchase.point })
      }
    })
  )
)

/** What may happen next. */
export const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: pausing },
  { weight: 6, arbitrary: paying },
  { weight: 4, arbitrary: loading },
  { weight: 5, arbitrary: offline },
  { weight: 4, arbitrary: desk },
  { weight: 5, arbitrary: money }
)

const closing = fc.constantFrom(
  step("close", (life) => life.close()),
  step("payOut", (life) => life.payOut())
)

/** The steps of a life that may also end. */
export const wholeStories = (maxLength = 30): fc.Arbitrary<ReadonlyArray<Step>> =>
  fc.array(
    fc.oneof({ weight: 20, arbitrary: steps }, { weight: 1, arbitrary: closing }),
    { minLength: 1, maxLength }
  )

/** The steps of a life, up to so many. */
export const stories = (maxLength = 30): fc.Arbitrary<ReadonlyArray<Step>> =>
  fc.array(steps, { minLength: 1, maxLength })

/** A life with some money on its card and in its wallet, through which a story goes. */
export const lived = (profile: SchoolProfile, story: ReadonlyArray<Step>): Life => {
  const life = Life.of(profile, { chip: "100.00" }).withWallet("50.00").at("2025-11-03 11:00")
  for (const { take } of story) take(life)
  return life
}
