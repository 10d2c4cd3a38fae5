/**
 * Who comes in where, as the model tells it (R10-R16, R62-R64, I18): the matrix of the manual, the standing of card or
 * holder, and for rooms a grant that holds.
 */
import type * as Command from "../../src/Command.ts"
import * as Codes from "./Codes.ts"
import { type Expected, no, yes } from "./Expected.ts"
import type { Grant, Model } from "./Model.ts"
import { clockTolerance, recordAge } from "./School.ts"
import * as Standing from "./Standing.ts"

/** What opens each door, and whether it takes a grant. */
export const doors: Readonly<Record<string, { readonly media: ReadonlyArray<string>; readonly granted: boolean }>> = {
  "dorm-1": { media: ["physicalCard", "todayCampusCode", "ecodeIdentityCode"], granted: false },
  "room-1-101": { media: ["physicalCard", "keyRing"], granted: true },
  "room-1-102": { media: ["physicalCard", "keyRing"], granted: true },
  "library-1": { media: ["physicalCard"], granted: false }
}

export const identify = (model: Model, body: Command.Of<"Identify">, door: string): Expected =>
  body.medium === "physicalCard" && body.card === undefined
    ? no("UnknownCard")
    : enter(model, door, body.medium, false, body.card)

export const openByKeyRing = (model: Model, { confirmed, door }: Command.Of<"OpenByKeyRing">): Expected =>
  doors[door] === undefined ? no("NotAnAccessPoint") : enter(model, door, "keyRing", confirmed, undefined)

/** What a cut-off door did is written down once, whatever it was; that it opened against the rules is reported (D11). */
export const record = (
  model: Model,
  { card, code, medium, opened, sequence }: Command.Of<"RecordPassage">,
  { at, category, point }: { readonly at: number; readonly category: string; readonly point: string }
): Expected => {
  if (doors[point] === undefined) return no("NotAnAccessPoint", { category })
  if (at - model.now > clockTolerance) return no("RecordDatedInFuture", { at, receivedAt: model.now })
  if (model.now - at > recordAge) return no("RecordTooOld", { at, days: 7 })
  if (medium === "physicalCard" && (card === undefined || model.card(card) === undefined)) return no("UnknownCard")
  if (code !== undefined && !Codes.isOfPhone(code, medium, Math.min(at, model.now))) return no("CodeMalformed")
  const key = `${point}/${sequence}`
  if (model.posted.has(key)) return no("RecordAlreadyPosted")
  model.posted.set(key, { amount: 0, at: 0, point: "" })
  const entered = code !== undefined && Codes.isUsed(model, code)
    ? no("CodeAlreadyUsed")
    // By a clock that is ahead, but trusted, it was now (D16).
    : enter(model, point, medium, true, card, Math.min(at, model.now))
  if (code !== undefined) Codes.burn(model, code)
  return opened && entered._tag === "Declined"
    ? { _tag: "Approved", reports: [{ _tag: "OpenedAgainstRule", reason: entered.decline._tag }] }
    : yes
}

/** `past`: when it was, where the door was cut off; else it is now. */
const enter = (
  model: Model,
  door: string,
  medium: string,
  confirmed: boolean,
  card: string | undefined,
  past?: number
): Expected => {
  const { granted, media } = doors[door] ?? { granted: false, media: [] }
  if (!media.includes(medium)) {
    return medium === "ecodePayCode" && media.includes("ecodeIdentityCode")
      ? no("WrongCodeKind", { medium })
      : no("MediumNotForDoor", { medium })
  }
  if (medium === "keyRing" && !confirmed) return no("NotConfirmed")
  const shown = medium === "physicalCard" ? card : undefined
  const refused = past === undefined
    ? shown === undefined ? Standing.refuseCode(model, medium) : Standing.refuseCard(model, model.card(shown))
    : shown === undefined
    ? Standing.refuseCodeThen(model, past)
    : Standing.refuseCardThen(model, model.card(shown), past)
  if (refused !== undefined) return { _tag: "Declined", decline: refused }
  if (!granted) return yes
  const grants = model.grants.filter((grant) => grant.door === door && (shown === undefined || grant.card === shown))
  if (grants.length === 0) return no("NoGrantForDoor")
  return grants.some((grant) => holds(grant, past ?? model.now)) ? yes : no("OutsideGrantWindow")
}

const holds = ({ from = -Infinity, until = Infinity }: Grant, now: number): boolean => from <= now && now < until

export const grant = (model: Model, body: Command.Of<"GrantAccess">, id: string): Expected => {
  const { card, door, from, until } = body
  if (doors[door] === undefined) return no("NotAnAccessPoint")
  const plastic = card === undefined ? undefined : model.card(card)
  // A card that waits or is lost may get rights; one that is gone for good may not.
  const gone = plastic !== undefined && ["replaced", "returned", "cancelled"].includes(plastic.standing)
  if (card !== undefined && (plastic === undefined || gone)) {
    return { _tag: "Declined", decline: Standing.standing(plastic) }
  }
  model.grants = model.grants.filter((one) => (one.until ?? Infinity) > model.now)
  model.grants.push({ id, door, card, from, until })
  return yes
}

export const revoke = (model: Model, body: Command.Of<"RevokeAccess">): Expected => {
  if (!model.grants.some(({ id }) => id === body.grant)) return no("UnknownGrant")
  model.grants = model.grants.filter(({ id }) => id !== body.grant)
  return yes
}

/** The doors on the key ring: those that the model would open (I18). */
export const keyRing = (model: Model): ReadonlyArray<string> =>
  Object.keys(doors).filter((door) => enter(model, door, "keyRing", true, undefined)._tag === "Approved")
