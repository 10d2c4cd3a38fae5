/**
 * Signed codes as the model tells them (R4, R5, A22, D13): a list of all that were ever burnt, and nothing crossed out.
 * One serves once, and none does after a later one of its phone.
 */
import type { Burned } from "../../src/BurnedCodes.ts"
import type * as Command from "../../src/Command.ts"
import { dayMs } from "./Dates.ts"
import type { Told } from "./Expected.ts"
import type { Model } from "./Model.ts"

/** The code that came with a command to be judged; a cut-off door has judged its own. */
const shownIn = (body: Command.Command) => body._tag === "PayByCode" || body._tag === "Identify" ? body : undefined

/** Whether this code, or a later one of the same phone, was seen before. */
export const isUsed = (model: Model, { counter, pseudonym }: Burned): boolean =>
  model.burnt.some((seen) => seen.pseudonym === pseudonym && seen.counter >= counter)

/**
 * Whether a cut-off door can have seen this code then: on a phone, whose authorisation lasts a day, by clocks that differ
 * by a day at most.
 */
export const isOfPhone = ({ notAfter }: Burned, medium: string, at: number): boolean =>
  !["physicalCard", "keyRing"].includes(medium) && notAfter <= at + 2 * dayMs

/** Why the code of this command does not serve, or nothing. The school says of which media it signs all codes. */
export const refuse = (model: Model, envelope: Command.Envelope): Told | undefined => {
  const shown = shownIn(envelope.body)
  if (shown === undefined) return undefined
  const { code, medium } = shown
  if (code === undefined ? model.school.signed.includes(medium) : !isJudged(envelope)) {
    return { _tag: "CodeRequired", medium }
  }
  return code !== undefined && isUsed(model, code) ? { _tag: "CodeAlreadyUsed" } : undefined
}

/** Burns the code of a command that reached its account, whatever it was told. */
export const show = (model: Model, envelope: Command.Envelope): void => {
  const code = shownIn(envelope.body)?.code
  if (code !== undefined && isJudged(envelope)) burn(model, code)
}

export const burn = (model: Model, { counter, notAfter, pseudonym }: Burned): void => {
  const code = { pseudonym, counter, notAfter }
  if (!isUsed(model, code)) model.burnt.push({ ...code, at: model.now })
}

/** Somebody has looked at just this code, for just this: to be paid, or to know who it is. */
const isJudged = ({ body, proofs }: Command.Envelope): boolean => {
  const shown = shownIn(body)
  if (shown?.code === undefined || proofs?.code === undefined) return false
  const { counter, kind, medium, notAfter, pseudonym } = proofs.code
  const said = [body._tag, shown.medium, shown.code.pseudonym, shown.code.counter, shown.code.notAfter]
  return [kind === "PAY" ? "PayByCode" : "Identify", medium, pseudonym, counter, notAfter].join() === said.join()
}

/**
 * Whether it must be known of this code that it was seen: for a day after its authorisation has ended, and until another
 * comes. Later nobody finds it good, and an account may have forgotten it.
 */
export const remembered = ({ burnt, now }: Model, { notAfter, pseudonym }: Burned): boolean =>
  now - notAfter <= dayMs || burnt.at(-1)?.pseudonym === pseudonym

/** What an account should have kept: one line for each pseudonym, but for those that it no longer needs. */
export const kept = ({ burnt }: Model): ReadonlyArray<Burned> => {
  const last = burnt.at(-1)
  const pseudonyms = new Set(burnt.map(({ pseudonym }) => pseudonym))
  return [...pseudonyms].flatMap((pseudonym) => {
    const codes = burnt.filter((code) => code.pseudonym === pseudonym)
    const notAfter = Math.max(...codes.map((code) => code.notAfter)) as Burned["notAfter"]
    // What was over for a day when a code was last burnt was crossed out then.
    return pseudonym === last?.pseudonym || (last?.at ?? 0) - notAfter <= dayMs
      ? [{ pseudonym, counter: Math.max(...codes.map(({ counter }) => counter)), notAfter }]
      : []
  })
}
