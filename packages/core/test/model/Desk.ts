/**
 * What happens at windows, kiosks and in apps: cards lost and found, new ones, claims, passwords, bindings, subsidies;
 * and what people get wrong.
 */
import * as fc from "fast-check"
import type * as Command from "../../src/Command.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { fenOf, wanted } from "./Amounts.ts"
import type { Life } from "./Life.ts"
import type { Model, Plastic } from "./Model.ts"
import { show, type Showing } from "./Phones.ts"
import { type Does, does, pick, subjects, way } from "./Step.ts"

const cardId = (card: Plastic | undefined): Id.CardId => Id.CardId.make(card?.id ?? "nobodys-card")

const lose = fc.record({ reason: fc.constantFrom("lost", "damaged" as const), by: subjects }).map((wish) =>
  does(
    "reportLost",
    wish,
    async (model, life) =>
      life.send("today-campus", { _tag: "ReportLost", reason: wish.reason }, {
        subject: way(life, wish.by, model.active?.id)
      })
  )
)

/** Something at a place with a card: mostly the one it makes sense with, else any. */
const withCard = (
  name: string,
  point: string,
  tag: "ActivateCard" | "CancelCard" | "ReportFound" | "ReportBankSideLost" | "ExtendValidity" | "ClaimFrozen",
  standing: Plastic["standing"]
) =>
  fc.record({ n: fc.nat({ max: 99 }), sense: fc.integer({ min: 0, max: 4 }).map((n) => n > 0), by: subjects }).map((
    wish
  ) =>
    does(name, wish, async ({ cards }, life) => {
      const card = wish.sense ? cards.findLast((one) => one.standing === standing) : pick(cards, wish.n)
      if (card === undefined && wish.n > 9) return
      await life.send(point, { _tag: tag, card: cardId(card) }, { subject: way(life, wish.by, card?.id) })
    })
  )

const issueTo = async (model: Model, life: Life, paid: boolean, known?: Plastic): Promise<Id.CardId> => {
  const card = Id.CardId.make(known?.id ?? life.name("k"))
  const due = model.cards.some(({ standing }) => standing === "lost") ? model.school.fee : 0
  const fee = paid && due > 0 ? { fee: { amount: Money.of(due), desk: "window-ccb" } } : {}
  await life.send("window-ccb", { _tag: "IssueCard", card, ...fee })
  return card
}

const issue = fc.record({
  n: fc.nat({ max: 99 }),
  known: fc.integer({ min: 0, max: 6 }).map((n) => n === 0),
  paid: fc.constantFrom(true, true, true, false)
}).map((wish) =>
  does(
    "issue",
    wish,
    (model, life) => issueTo(model, life, wish.paid, wish.known ? pick(model.cards, wish.n) : undefined)
  )
)

/** The whole way to a new card at once. */
export const replaceCard = async (model: Model, life: Life): Promise<void> => {
  await life.send("today-campus", { _tag: "ReportLost", reason: "lost" })
  const waiting = model.cards.find(({ standing }) => standing === "issued")
  const card = waiting === undefined ? await issueTo(model, life, true) : cardId(waiting)
  await life.send("window-3", { _tag: "ActivateCard", card })
}

const replace = fc.constant(does("replace", undefined, replaceCard))

const moveToTransit = wanted.map((wish) =>
  does(
    "moveToTransit",
    wish,
    (model, life) =>
      life.send("ecode", { _tag: "MoveToTransit", amount: Money.amount(fenOf(model, wish, model.pockets.wallet)) })
  )
)

const subsidy = fc.record({ fen: fc.integer({ min: 1, max: 4_000 }), expires: fc.integer({ min: 0, max: 3 }) }).map((
  wish
) =>
  does("subsidy", wish, (_, life) =>
    life.send(
      "card-centre",
      wish.expires === 0
        ? { _tag: "ExpireSubsidy" }
        : { _tag: "GrantSubsidy", amount: Money.amount(wish.fen) }
    ))
)

const passwords = fc.constantFrom("right", "right", "wrong", "stale", undefined)

const openWallet = fc.record({
  password: passwords,
  identity: fc.constantFrom("both", "name", "both", "name", "document", "wrong" as const)
}).map((wish) => does("openWallet", wish, (_, life) => life.send("ecode", { _tag: "OpenWallet" }, wish)))

const bind = fc.record({
  purpose: fc.constantFrom("wallet", "transfer", "alipay", "alipay" as const),
  identity: fc.constantFrom("both", "both", "both", "both", "both", "name", "document", "wrong" as const)
}).map(({ identity, purpose }) =>
  does("bind", { identity, purpose }, (_, life) => {
    if (purpose === "alipay") return life.send("alipay", { _tag: "BindAlipay" }, { identity })
    return life.send(purpose === "wallet" ? "ecode" : "kiosk-1", { _tag: "BindBankCard", purpose })
  })
)

/** The card that is brought to the window: mostly the one in use, else any. */
const brought = fc.record({ sense: fc.integer({ min: 0, max: 5 }).map((n) => n > 0), n: fc.nat({ max: 99 }) })
type Brought = typeof brought extends fc.Arbitrary<infer Wish> ? Wish : never

const bring = ({ active, cards }: Model, { n, sense }: Brought): Id.CardId =>
  cardId(sense && active !== undefined ? active : pick(cards, n))

const password = fc.record({
  card: brought,
  what: fc.constantFrom("kiosk-1", "kiosk-1", "window-3", "reset" as const),
  password: passwords,
  fresh: fc.constantFrom({}, {}, {}, { weakness: "sequence" } as const, undefined)
}).map(({ what, ...wish }) =>
  does("password", { what, ...wish }, (model, life) =>
    what === "reset"
      ? life.send("window-3", { _tag: "ResetPassword", card: bring(model, wish.card) }, { fresh: {} })
      : life.send(what, { _tag: "ChangePassword", card: bring(model, wish.card) }, {
        password: wish.password,
        ...(wish.fresh === undefined ? {} : { fresh: wish.fresh })
      }))
)

/** The end of an account: closed, paid out too early, in time, and once more (D7). Slips may still come. */
const close = fc.record({ early: fc.boolean(), paid: fc.boolean() }).map((wish) =>
  does("close", wish, async (model, life) => {
    const { now } = model
    await life.send("window-3", { _tag: "CloseAccount" })
    const availableAt = model.school.claimableFrom(now)
    if (wish.early) {
      life.wait(availableAt - 1)
      await life.send("card-centre", { _tag: "PayOut", desk: "bank" })
    }
    if (!wish.paid) return
    life.wait(availableAt)
    await life.send("card-centre", { _tag: "PayOut", desk: "bank" })
    await life.send("card-centre", { _tag: "PayOut", desk: "bank" })
  })
)

/** Somebody tries passwords, many times in a row; then the holder comes with the right one. */
const guess = fc.record({
  times: fc.integer({ min: 1, max: 6 }),
  where: fc.constantFrom("till", "kiosk", "app" as const)
}).map((
  wish
) =>
  does("guess", wish, async ({ active }, life) => {
    const change = { _tag: "ChangePassword", card: cardId(active) } as const
    for (const password of [...Array.from({ length: wish.times }, () => "wrong" as const), "right" as const]) {
      if (wish.where === "till") await life.send("canteen-1", small, { password })
      else if (wish.where === "kiosk") await life.send("kiosk-1", change, { password, fresh: {} })
      else await life.send("ecode", { _tag: "OpenWallet" }, { password, identity: "name" })
    }
  })
)

/**
 * Somebody guesses at a name, a document or both, at once or as soon as it is looked at again; meanwhile the holder is
 * known elsewhere.
 */
const guessWho = fc.record({
  times: fc.integer({ min: 1, max: 6 }),
  where: fc.constantFrom("wallet", "bank", "alipay" as const),
  known: fc.constantFrom("wallet", "bank", undefined),
  wait: fc.constantFrom(0, 0, 29_999, 30_000, 60_000)
}).map(({ known, times, wait, where }) => {
  const claim = (life: Life, at: "wallet" | "bank" | "alipay", fits: boolean): Promise<unknown> => {
    if (at === "alipay") return life.send("alipay", { _tag: "BindAlipay" }, { identity: fits ? "both" : "wrong" })
    return at === "wallet"
      ? life.send("ecode", { _tag: "OpenWallet" }, { password: "right", identity: fits ? "name" : "wrongName" })
      : life.send("today-campus", byBank, { identity: fits ? "document" : "wrongDocument" })
  }
  return does("guessWho", { known, times, wait, where }, async (model, life) => {
    for (let n = 0; n < times; n++) {
      await claim(life, where, false)
      if (known !== undefined) await claim(life, known, true)
      if (wait > 0) life.wait(model.now + wait)
    }
    await claim(life, where, true)
  })
})

const byBank: Command.Command = {
  _tag: "PlaceRecharge",
  channel: "ccbApp",
  source: "ccbCard",
  holder: "own",
  amount: Money.of(1)
}

const small = {
  _tag: "PayByCode",
  medium: "todayCampusCode",
  amount: Money.amount(1),
  link: "up"
} as const

/** With a new code, wherever it is shown: it is burnt. */
const smallSigned = (model: Model, life: Life, point: string, at = model.now): Promise<unknown> => {
  const { code, proof } = show(model, "todayCampusCode", "till", good)
  return life.send(point, { ...small, code }, { at, code: proof })
}

const enterSigned = (model: Model, life: Life, point: string): Promise<unknown> => {
  const { code, proof } = show(model, "ecodeIdentityCode", "door", good)
  return life.send(point, { _tag: "Identify", medium: "ecodeIdentityCode", code }, { code: proof })
}

const good: Showing = { what: "next", n: 1, over: "renews", judged: "this" }

/** What people and programs get wrong: clocks, places, accounts and points that nobody knows. */
const oddities: ReadonlyArray<readonly [string, (model: Model, life: Life) => Promise<unknown>]> = [
  ["no such point", (_, life) => life.send("nowhere-1", small)],
  ["clock 60 s behind", ({ now }, life) => life.send("canteen-1", small, { at: now - 60_000 })],
  ["clock 60 s ahead", ({ now }, life) => life.send("canteen-1", small, { at: now + 60_000 })],
  ["clock too far behind", ({ now }, life) => life.send("canteen-1", small, { at: now - 60_001 })],
  ["clock too far ahead", ({ now }, life) => life.send("canteen-1", small, { at: now + 60_001 })],
  [
    "no such account",
    (_, life) => life.send("canteen-1", small, { subject: { _tag: "Account", account: Id.AccountId.make("nobody") } })
  ],
  [
    "no such number",
    (_, life) =>
      life.send("canteen-1", small, { subject: { _tag: "Handle", handle: { kind: "number", value: "nobody's" } } })
  ],
  ["a code at no such point", (model, life) => smallSigned(model, life, "nowhere-1")],
  ["a code at a clock that is behind", (model, life) => smallSigned(model, life, "canteen-1", model.now - 60_001)],
  ["a code at the window", (model, life) => enterSigned(model, life, "window-3")],
  ["no such card", (_, life) => {
    const card = Id.CardId.make("nobodys-card")
    const body = { _tag: "PayByCard", card, amount: Money.amount(1), link: "up" } as const
    return life.send("canteen-1", body, { subject: { _tag: "Card", card } })
  }],
  ["found in the app", ({ cards }, life) => life.send("ecode", { _tag: "ReportFound", card: cardId(cards.at(-1)) })],
  ["claimed at a till", ({ active }, life) => life.send("canteen-1", { _tag: "ClaimFrozen", card: cardId(active) })],
  ["lost at the window", (_, life) => life.send("window-3", { _tag: "ReportLost", reason: "lost" })],
  [
    "password in the app",
    ({ active }, life) => life.send("today-campus", { _tag: "ChangePassword", card: cardId(active) }, { fresh: {} })
  ],
  ["paid out while open", (_, life) => life.send("card-centre", { _tag: "PayOut", desk: "bank" })],
  [
    "opened twice",
    (_, life) =>
      life.send("card-centre", {
        _tag: "OpenAccount",
        person: Id.PersonId.make("somebody"),
        kind: "student",
        class: "regular"
      }, { fresh: {} })
  ]
]

const odd = fc.nat({ max: oddities.length - 1 }).map((n) => {
  const [name, act] = oddities[n] ?? ["", async () => {}]
  return does(name, undefined, act)
})

export const desk: fc.Arbitrary<Does> = fc.oneof(
  { weight: 5, arbitrary: lose },
  { weight: 12, arbitrary: withCard("found", "window-3", "ReportFound", "lost") },
  { weight: 6, arbitrary: issue },
  { weight: 8, arbitrary: withCard("activate", "window-3", "ActivateCard", "issued") },
  { weight: 4, arbitrary: withCard("cancel", "window-ccb", "CancelCard", "issued") },
  { weight: 1, arbitrary: withCard("bankSideLost", "window-ccb", "ReportBankSideLost", "active") },
  { weight: 4, arbitrary: replace },
  { weight: 14, arbitrary: withCard("claim", "kiosk-1", "ClaimFrozen", "active") },
  { weight: 6, arbitrary: withCard("extend", "window-3", "ExtendValidity", "active") },
  { weight: 6, arbitrary: moveToTransit },
  { weight: 6, arbitrary: subsidy },
  { weight: 5, arbitrary: openWallet },
  { weight: 8, arbitrary: bind },
  { weight: 6, arbitrary: password },
  { weight: 1, arbitrary: close },
  { weight: 3, arbitrary: guess },
  { weight: 2, arbitrary: guessWho },
  { weight: 6, arbitrary: odd }
)
