/**
 * What the model expects to be told, and how an answer is held against it.
 */

/**
 * A decline, a report or a quota with the numbers that matter. A number the requirements leave open is not named, or is
 * `anyOf`.
 */
export interface Told {
  readonly [name: string]: unknown
}

export type Expected =
  /** `remaining`: the quotas after a purchase; not looked at where it is left out. */
  | { readonly _tag: "Approved"; readonly reports: ReadonlyArray<Told>; readonly remaining?: ReadonlyArray<Told> }
  | { readonly _tag: "Declined"; readonly decline: Told }

export const yes: Expected = { _tag: "Approved", reports: [] }
export const no = (tag: string, numbers: Told = {}): Expected => ({
  _tag: "Declined",
  decline: { ...numbers, _tag: tag }
})

class AnyOf {
  readonly values: ReadonlyArray<unknown>
  constructor(values: ReadonlyArray<unknown>) {
    this.values = values
  }
}

/** One of several values that the requirements allow. */
export const anyOf = (...values: ReadonlyArray<unknown>): unknown => new AnyOf(values)

/** Whether the actual value has all that is told of it. */
export const fits = (told: unknown, actual: unknown): boolean => {
  if (told instanceof AnyOf) return told.values.some((value) => fits(value, actual))
  if (Array.isArray(told)) {
    return Array.isArray(actual) && told.length === actual.length && told.every((one, at) => fits(one, actual[at]))
  }
  if (typeof told !== "object" || told === null) return Object.is(told, actual)
  if (typeof actual !== "object" || actual === null) return false
  for (const name of Object.keys(told)) {
    if (!fits((told as Told)[name], (actual as Told)[name])) return false
  }
  return true
}

/** Whether two values are built alike, to the last field: what a store reads back must be what was written. */
export const same = (one: unknown, other: unknown): boolean => {
  if (Object.is(one, other)) return true
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  for (const name of names) {
    if (!Object.hasOwn(other, name) || !same((one as Told)[name], (other as Told)[name])) return false
  }
  return true
}

/**
 * Freezes a value through and through, so that whoever writes into it throws. What is frozen already is not walked
 * again.
 */
export const frozen = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) frozen(part)
  }
  return value
}
