/**
 * Somebody borrows a book 图书馆借书: the card on the library's reader says who it is, then lending goes on (R17, R18, R64).
 *
 * The library learns more of a person than any door, so this is the one flow about doors that reads the register (D24),
 * and only where the card is in the hands of its owner as far as anybody knows: of a card that was reported lost, or is
 * nobody's any more, it tells nothing but that.
 *
 * Giving a book back 还书 asks for nobody (A23). There is no command for it and no flow: a check-in names a book and no
 * patron, so whoever brings a book back is not looked at, and a card that is lost or dormant is no reason to keep it.
 */
import { Effect, Option, Redacted, Schema } from "effect"
import type * as Command from "../Command.ts"
import type { Decline } from "../Decline.ts"
import { type AccountId, type CallerId, CardId, type CommandId, type PersonId, type PointId } from "../Id.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { PersonRegister } from "../ports/PersonRegister.ts"
import { Profiles } from "../ports/Profiles.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import type * as Sip2 from "../Sip2.ts"
import * as Sip2Patron from "../Sip2Patron.ts"
import * as Standing from "../Standing.ts"
import * as Submit from "./Submit.ts"

/** Whose card it is. `known`: nothing where the register has forgotten the person, or the library may not ask. */
export interface Holder {
  readonly account: AccountId
  readonly person: PersonId
  readonly known: { readonly number: string; readonly name: Redacted.Redacted<string> } | undefined
}

/** A patron 读者. `standing`: good to borrow, or why not. `holder`: none where the card is nobody's. */
export interface Patron {
  readonly standing: "good" | Decline
  readonly holder: Holder | undefined
}

/** A card on the library's reader, as its host states it. */
export type Reading = Omit<Submit.Statement<Command.Of<"Identify">>, "body" | "subject"> & { readonly card: CardId }

/** Somebody wants to borrow: the card is identified at the library's point, and its attempt is logged as at any door. */
export const borrow = Effect.fn("Lending.borrow")(function*({ card, ...reading }: Reading) {
  const subject = { _tag: "Card", card } as const
  const body = { _tag: "Identify", medium: "physicalCard", card } as const
  const answer = yield* Submit.transact({ ...reading, subject, body }, {})
  const store = yield* AccountStore
  const found = yield* store.find(subject)
  if (Option.isNone(found)) return nobody
  const { id: account, person } = found.value
  // A library that lets lost cards through its door does not lend on them, nor learn whose they were.
  const standing = answer._tag === "Approved"
    ? Standing.ofShown(found.value, card) ?? "good"
    : answer.decline
  const known = isTold(standing) ? yield* knownOf(person) : undefined
  const patron: Patron = { standing, holder: { account, person, known } }
  return patron
})

/** A card that nobody has here, whatever else was the matter at the reader. */
const nobody: Patron = { standing: { _tag: "UnknownCard" }, holder: undefined }

/**
 * Whether the library may know who it is (D24): whose card is good, or whose own card does not let him borrow now. Any
 * other refusal, be it that nobody is identified here at all, tells nothing of the person.
 */
const isTold = (standing: Patron["standing"]): boolean => standing === "good" || told.has(standing._tag)
const told: ReadonlySet<Decline["_tag"]> = new Set([
  "CardFrozenDormant",
  "CardExpired",
  "DoorClosed",
  "NoGrantForDoor",
  "OutsideGrantWindow",
  "AntiPassback"
])

const knownOf = Effect.fnUntraced(function*(id: PersonId) {
  const register = yield* PersonRegister
  return Option.getOrUndefined(Option.map(yield* register.find(id), ({ name, number }) => ({ name, number })))
})

/** A library's terminal as its host knows it, and the id under which the host sends what it asks (D18). */
export interface Terminal {
  readonly caller: CallerId
  readonly id: CommandId
  readonly point: PointId
  /** What the library calls itself in its messages. */
  readonly institution: string
  /** Whether the patron's name stands on the screen. */
  readonly names: boolean
  /** The language for a terminal that asks for none, and what it can show. */
  readonly language: Sip2Patron.View["language"]
  readonly characters: Sip2Patron.View["characters"]
}

/**
 * Answers patron status (23) or patron information (63): the patron identifier is the id of the card. The host's clock
 * counts and the terminal's does not, whose date is for the library's own records (D16). A password is not looked at, so
 * nothing is said of it.
 */
export const answer = Effect.fn("Lending.answer")(function*(
  request: Sip2.PatronStatusRequest | Sip2.PatronInformation,
  terminal: Terminal
) {
  const { caller, characters, id, institution, language, names, point } = terminal
  const now = yield* Submit.arrival
  // What cannot be the id of a card is the card of nobody, and no command is made of it.
  const { holder, standing } = isCard(request.patron)
    ? yield* borrow({ caller, id, at: now, point, card: request.patron })
    : nobody
  const view: Sip2Patron.View = {
    institution,
    language,
    characters,
    standing,
    ...(names && holder?.known !== undefined ? { name: Redacted.value(holder.known.name) } : {})
  }
  const profile = SchoolProfile.inForce(yield* Profiles, now)
  return request._tag === "PatronStatusRequest"
    ? Sip2Patron.status(profile, request, view, now)
    : Sip2Patron.information(profile, request, view, now)
})

const isCard = Schema.is(CardId)
