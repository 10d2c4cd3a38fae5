/**
 * Who may do something at all, as the model tells it: the standing of cards and codes, dormancy, passwords (R31, R38,
 * R44, R46, A11, D15).
 */
import type * as Password from "../../src/Password.ts"
import { dayAt, dayMs, mealAt } from "./Dates.ts"
import { anyOf, type Told } from "./Expected.ts"
import type { Model, Plastic } from "./Model.ts"
import { type Category, schoolAt } from "./School.ts"

/** Why the account is dormant at that time, or nothing (R46, A3, A4). */
export const dormant = (model: Model, at: number): Told | undefined => {
  const { dormantAfterMonths: months } = schoolAt(at)
  return model.isDormant(at)
    ? { _tag: "CardFrozenDormant", since: model.dormantFrom(schoolAt(at)), months }
    : undefined
}

/** Why a card that is not active is not. */
export const standing = (card: Plastic | undefined): Told => {
  switch (card?.standing) {
    case "issued":
      return { _tag: "CardNotActivated" }
    case "active":
      return { _tag: "ActiveCardExists" }
    case "lost":
      return { _tag: "CardLost", reportedAt: card.lost.at(-1)?.from }
    case "replaced":
      return { _tag: "CardSuperseded" }
    case "cancelled":
    case "returned":
      return { _tag: "CardCancelled" }
    case undefined:
      return { _tag: "UnknownCard" }
  }
}

/** That the account is being closed, or was (D7). */
export const closed = ({ closing }: Model): Told | undefined =>
  closing === undefined ? undefined : { _tag: "AccountClosed", since: closing.since }

/** Why this card may not be used, or nothing. */
export const refuseCard = (model: Model, card: Plastic | undefined): Told | undefined => {
  if (card !== undefined && model.closing !== undefined) return closed(model)
  return card?.standing === "active" ? dormant(model, model.now) : standing(card)
}

/**
 * Why codes may not be used, or nothing: they need an account with validity, and in some schools no lost card (A11,
 * R6).
 */
export const refuseCode = (model: Model, medium: string): Told | undefined => {
  if (model.closing !== undefined) return closed(model)
  if (model.validFrom === undefined) return { _tag: "CardNotActivated" }
  const lost = model.cards.find(({ standing }) => standing === "lost")
  if (lost !== undefined && model.school.lossStopsCodes) return standing(lost)
  if (medium === "alipayCode" && !model.alipayBound) return { _tag: "AlipayNotBound" }
  return dormant(model, model.now)
}

/** That the account was being closed by then. */
const closedThen = (model: Model, at: number): Told | undefined =>
  model.closing !== undefined && model.closing.since <= at ? closed(model) : undefined

/**
 * Why this card was not to be used at that time, or nothing: a loss and a closing count from when they were told, and that
 * a card was replaced or handed in later is no reproach.
 */
export const refuseCardThen = (model: Model, card: Plastic | undefined, at: number): Told | undefined => {
  if (card !== undefined && card.standing !== "cancelled" && (card.activatedAt ?? Infinity) > at) {
    return { _tag: "CardNotActivated" }
  }
  const lost = card?.lost.find(({ from, until }) => from <= at && (until === undefined || at < until))
  if (lost !== undefined) return { _tag: "CardLost", reportedAt: lost.from }
  if (model.closing !== undefined) return closedThen(model, at) ?? dormant(model, at)
  if (card === undefined || card.activatedAt === undefined) return standing(card)
  return dormant(model, at)
}

/** Why codes were not to be used at that time, or nothing. */
export const refuseCodeThen = (model: Model, at: number): Told | undefined => {
  if (!model.cards.some(({ activatedAt = Infinity }) => activatedAt <= at)) return { _tag: "CardNotActivated" }
  if (model.closing !== undefined) return closedThen(model, at)
  const lost = model.cards.find(({ standing }) => standing === "lost")?.lost.at(-1)
  if (lost !== undefined && lost.from <= at && schoolAt(at).lossStopsCodes) {
    return { _tag: "CardLost", reportedAt: lost.from }
  }
  return dormant(model, at)
}

/** The place of a password try: tills, kiosks and windows count for themselves, apps together. */
export const channelAt = (category: Category): string => {
  if (category === "canteen" || category === "shop") return "till"
  if (category === "kiosk") return "kiosk"
  return category === "app" ? "remote" : "counter"
}

/**
 * When the next try is taken after so many wrong ones: five lock a place, from afar the fourth waits 30 s, then twice
 * as long (D15).
 */
const opens = (channel: string, times: number, last: number): number | "never" | "now" => {
  if (channel !== "remote") return times >= 5 ? "never" : "now"
  return times < 3 ? "now" : last + Math.min(dayMs, 30_000 * 2 ** (times - 3))
}

/** Why this proof does not do, or nothing. A wrong one is counted; nothing else is. */
export const tryPassword = (model: Model, proof: Password.Proof, category: Category): Told | undefined => {
  const channel = channelAt(category)
  const { last, times } = model.wrong.get(channel) ?? { last: 0, times: 0 }
  const open = opens(channel, times, last)
  if (open === "never") return { _tag: "PasswordLocked" }
  if (open !== "now" && model.now < open) return { _tag: "PasswordLocked", until: open }
  if (proof.version !== model.password.version) return { _tag: "PasswordStale" }
  if (!proof.ok) {
    model.wrong.set(channel, { times: times + 1, last: model.now })
    const next = opens(channel, times + 1, model.now)
    if (next === "never") return { _tag: "PasswordWrong", left: 0 }
    return next === "now"
      ? { _tag: "PasswordWrong", left: (channel === "remote" ? 3 : 5) - times - 1 }
      : { _tag: "PasswordWrong", waitUntil: next }
  }
  return model.password.mustChange ? { _tag: "PasswordMustChange" } : undefined
}

/**
 * Until when nobody looks at a claim of these parts, or nothing. A wrong one is counted for each of its parts, where it
 * was looked at, and waits as a password from afar does (A14, D15).
 */
export const tryClaim = (
  model: Model,
  { document, name, ok }: { readonly document: boolean; readonly name: boolean; readonly ok: boolean }
): number | undefined => {
  const parts = [...(name ? ["claimedName"] : []), ...(document ? ["claimedDocument"] : [])]
  const locked = parts.flatMap((part) => {
    const { last, times } = model.wrong.get(part) ?? { last: 0, times: 0 }
    const open = opens("remote", times, last)
    return typeof open === "number" && model.now < open ? [open] : []
  })
  if (locked.length > 0) return Math.max(...locked)
  if (!ok) {
    for (const part of parts) {
      model.wrong.set(part, { times: (model.wrong.get(part)?.times ?? 0) + 1, last: model.now })
    }
  }
  return undefined
}

/**
 * The limit that is passed with the smallest remainder, the day's on a tie (D14), and whether a password would help.
 * Where both tiers of it leave the same, either may be named.
 */
export const passedLimit = (
  model: Model,
  at: number,
  { amount, category, medium }: { readonly amount: number; readonly category: string; readonly medium: string },
  soft: "acts hard" | "asks" | "is passed"
): { readonly limit: "day" | "meal"; readonly asks: boolean; readonly quota: unknown } | undefined => {
  const school = schoolAt(at)
  const today = dayAt(at)
  const passed: Array<{ readonly asks: boolean; readonly limit: "day" | "meal"; readonly remaining: number } & Told> =
    []
  const look = (limit: "day" | "meal", tier: string, threshold: number | undefined, used: number) => {
    if (threshold === undefined || used + amount <= threshold || (tier === "password" && soft === "is passed")) return
    const asks = tier === "password" && soft === "asks"
    passed.push({ asks, limit, tier, threshold, used, remaining: Math.max(0, threshold - used) })
  }
  look("day", "hard", school.dayHard, model.spent(today))
  look("day", "password", school.daySoft, model.spent(today))
  if (category === "canteen" && medium !== "alipayCode") {
    look("meal", "hard", school.mealHard, model.eaten(today, mealAt(at)))
    look("meal", "password", school.mealSoft, model.eaten(today, mealAt(at)))
  }
  const hard = passed.filter(({ asks }) => !asks)
  const deciding = hard.length > 0 ? hard : passed
  const least = Math.min(...deciding.map(({ remaining }) => remaining))
  const tightest = deciding.filter(({ remaining }) => remaining === least)
  const first = tightest[0]
  if (first === undefined) return undefined
  const named = tightest.filter(({ limit }) => limit === first.limit).map(({ asks: _, ...quota }) => quota)
  return { limit: first.limit, asks: first.asks, quota: anyOf(...named) }
}

/** What is left of every limit that counts for a purchase that has just been made. */
export const remaining = (
  model: Model,
  { at, category, day, meal, medium }: {
    readonly at: number
    readonly day: number
    readonly meal: string
    readonly category: string
    readonly medium: string
  }
): ReadonlyArray<Told> => {
  const school = schoolAt(at)
  const quotas: Array<Told> = []
  const look = (limit: string, tier: string, threshold: number | undefined, used: number) => {
    if (threshold !== undefined) quotas.push({ limit, tier, used, remaining: Math.max(0, threshold - used) })
  }
  if (category === "canteen" && medium !== "alipayCode") {
    look("meal", "password", school.mealSoft, model.eaten(day, meal))
    look("meal", "hard", school.mealHard, model.eaten(day, meal))
  }
  look("day", "password", school.daySoft, model.spent(day))
  look("day", "hard", school.dayHard, model.spent(day))
  return quotas
}
