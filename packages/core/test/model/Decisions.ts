/**
 * Questions that are asked of the pure decision beside the store: what it would say, again, to somebody poorer, and
 * tonight (I11, I12, I17, I18); and with the same code once more (A22).
 */
import { Option } from "effect"
import * as Access from "../../src/Access.ts"
import * as Account from "../../src/Account.ts"
import type { AccountState } from "../../src/AccountState.ts"
import type { Day, Instant } from "../../src/CivilTime.ts"
import type * as Command from "../../src/Command.ts"
import * as Dormancy from "../../src/Dormancy.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { inForce } from "../../src/SchoolProfile.ts"
import * as Tally from "../../src/Tally.ts"
import { dayAt, written } from "./Dates.ts"
import { doors, keyRing } from "./Doors.ts"
import { same } from "./Expected.ts"
import type { Model } from "./Model.ts"
import { profiles } from "./School.ts"

const wrong = (what: string, told: unknown): Error => new Error(`${what}: ${JSON.stringify(told)}`)

/** I12: the same decision twice; what it is given is frozen, so that it throws where it writes. */
export const decideTwice = (state: AccountState | undefined, envelope: Command.Envelope): Account.Decision => {
  const decision = Account.decide(profiles, state, envelope)
  const again = Account.decide(profiles, state, envelope)
  if (!same(decision, again)) throw wrong("I12: decided differently", { envelope, decision, again })
  return decision
}

const ofAcceptance: ReadonlyArray<string> = [
  "MediumNotAcceptedHere",
  "AlipayOnlyWhenTerminalOffline",
  "NotAcceptedOffline",
  "WrongCodeKind"
]

/** I17: a medium that is not accepted is refused alike, whatever is in the pockets. Whether it was asked. */
export const refusesAlike = (
  state: AccountState | undefined,
  envelope: Command.Envelope,
  decision: Account.Decision
): boolean => {
  if (decision._tag === "Approved" || state === undefined || !ofAcceptance.includes(decision.decline._tag)) return false
  for (const fen of [0, 1_000_000]) {
    const pockets = Object.fromEntries(Object.keys(state.pockets).map((pocket) => [pocket, fen]))
    const other = { ...state, pockets, tallies: Tally.none } as unknown as AccountState
    const told = Account.decide(profiles, other, envelope)
    if (told._tag === "Approved" || !same(told.decline, decision.decline)) {
      throw wrong("I17: the refusal tells of money", { envelope, decision, told })
    }
  }
  return true
}

/** A22: whatever a code was told, the same code is told no from then on. Whether it was asked. */
export const servesOnce = (envelope: Command.Envelope, { account }: Account.Decision): boolean => {
  const { body, proofs } = envelope
  if (account === undefined || proofs?.code === undefined || body._tag === "RecordPassage") return false
  const again = Account.decide(profiles, account, envelope)
  if (again._tag === "Approved" || again.events.some(({ _tag }) => _tag === "CodeBurned")) {
    throw wrong("A22: a code serves twice", { envelope, account, again })
  }
  return true
}

/**
 * I11: the nightly sweep, a purchase that asks, and the dates on paper say the same, tonight and of the day to come.
 */
export const agreeOnDormancy = (model: Model, state: AccountState): void => {
  const now = model.now as Instant
  const profile = inForce(profiles, now)
  const dormant = model.isDormant(now)
  // The holder of a closed account is told nothing any more.
  const tonight = dormant && model.closing === undefined
  const swept = Dormancy.sweep(profile, [state], dayAt(now) as Day)
  const from = Option.getOrUndefined(Dormancy.dormantFrom(profile, state))
  const asked = Account.decide(profiles, state, {
    caller: Id.CallerId.make("lives"),
    id: Id.CommandId.make("probe"),
    at: now,
    receivedAt: now,
    point: Id.PointId.make("canteen-1"),
    subject: { _tag: "Account", account: state.id },
    body: { _tag: "PayByCode", medium: "todayCampusCode", amount: Money.amount(1), link: "up" }
  })
  const tag = asked._tag === "Declined" ? asked.decline._tag : "Approved"
  // Where something else is refused before, only the sweep can be asked.
  const hidden = ["AccountClosed", "CardLost", "CardNotActivated"].includes(tag)
  const lazily = hidden ? dormant : tag === "CardFrozenDormant"
  if ((swept.length > 0) !== tonight || lazily !== dormant || from !== model.dormantFrom(model.school)) {
    throw wrong(`I11 is broken at ${written(now)}`, {
      dormant,
      from: model.dormantFrom(model.school),
      swept,
      tag,
      state
    })
  }
}

/** I18: the doors on the key ring are those that open when they are picked, and those of the model. How many there are. */
export const agreeOnKeyRing = (model: Model, state: AccountState): number => {
  const now = model.now as Instant
  const listed = Access.keyRing(inForce(profiles, now), state, now)
  const opening = Object.keys(doors).filter((door) => {
    const asked = Account.decide(profiles, state, {
      caller: Id.CallerId.make("lives"),
      id: Id.CommandId.make("probe"),
      at: now,
      receivedAt: now,
      point: Id.PointId.make("today-campus"),
      subject: { _tag: "Account", account: state.id },
      body: { _tag: "OpenByKeyRing", door: Id.PointId.make(door), confirmed: true }
    })
    return asked._tag === "Approved"
  })
  if (!same([...listed].sort(), opening.sort()) || !same(opening, [...keyRing(model)].sort())) {
    throw wrong(`I18 is broken at ${written(now)}`, { listed, opening, model: keyRing(model), state })
  }
  return listed.length
}
