/**
 * What the core's schemas ask of single values 校验, as plain functions. A payment reads and writes dozens of values, and the
 * schemas themselves would take longer than all the rest of it; the tests hold both against each other.
 */
import { CivilTime, Medium, Money, Point } from "@yikatong/core"

type Check<Value> = (value: Value) => boolean

const within = (least: number, most: number): Check<number> => (value) =>
  Number.isSafeInteger(value) && value >= least && value <= most

export const isInstant = within(CivilTime.firstInstant, CivilTime.lastInstant)
export const isDay = within(CivilTime.firstDay, CivilTime.lastDay)
/** Fen, 0 or more. */
export const isMoney: Check<number> = (value) => Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)
/** Fen of one dealing. */
export const isAmount = within(1, Money.largestAmount)
/** Fen that a transfer moves. */
export const isMoved = within(1, Number.MAX_SAFE_INTEGER)
/** What a chip counts. */
export const isSequence = within(0, 0xffff_fffe)
/** Any whole number. */
export const isWhole: Check<number> = Number.isSafeInteger

const matching = (pattern: RegExp): Check<string> => (value) => typeof value === "string" && pattern.test(value)

/** The name of an account, a card or a point. */
export const isId = matching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/)
export const isCommandId = matching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,259}$/)
export const isCaller = matching(/^(?!yikatong$)(yikatong:)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
export const isPurchaseId = matching(/^(yikatong:)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}:[A-Za-z0-9][A-Za-z0-9._:-]{0,259}$/)
export const isBook = matching(
  /^(?:chip|transit|wallet|subsidy|frozen|held|receivable|(?:merchant|channel|fees|school):[A-Za-z0-9][A-Za-z0-9._:-]{0,63})$/
)
export const isText: Check<string> = (value) => typeof value === "string"

const oneOf = (known: Iterable<string>): Check<string> => {
  const all: ReadonlySet<string> = new Set(known)
  return (value) => all.has(value)
}

export const isCategory = oneOf(Point.Category.literals)
export const isLink = oneOf(Point.Link.literals)
export const isMedium = oneOf(Medium.Medium.literals)
