/**
 * What leaves the house 报文: type, id, time, account, and the events that the endpoint was named for, each with the fields
 * below and no other.
 *
 * The account's opaque id is all that stands for a person (D24). An event names more inside the house than another system
 * needs (PIPL, article 6: no more than the purpose takes), so every field of every event is decided here, and a new one
 * does not compile until it is. Left out are: the name of the password's hash, the person's id, whatever is free text, the
 * payer's reference at a channel, pseudonyms and proofs of codes and chips, and the id of a card in all events but those about
 * the card, since some doors open for whoever shows it.
 */
import type { AccountEvent } from "@yikatong/core"
import type * as Notice from "./Notice.ts"

const told = true
const kept = false
const moved = { at: told, transfers: told } as const
const bought = { ...moved, purchase: told, point: told, merchant: told, amount: told, cell: told } as const
const ofCard = { at: told, card: told } as const

type Fields = {
  readonly [Tag in AccountEvent.AccountEvent["_tag"]]: {
    readonly [Field in Exclude<keyof AccountEvent.Of<Tag>, "_tag">]-?: boolean
  }
}

/** Which fields of an event are told. */
export const fields: Fields = {
  AccountOpened: {
    ...moved,
    account: kept,
    person: kept,
    kind: told,
    class: told,
    until: told,
    application: kept,
    credential: kept,
    mustChange: kept
  },
  CardIssued: { ...ofCard, transfers: told },
  CardActivated: { ...ofCard, day: told, replaces: told },
  CardCancelled: ofCard,
  CardReportedLost: { ...ofCard, transfers: told, reason: told },
  CardReportedFound: { ...ofCard, transfers: told },
  BankSideReportedLost: ofCard,
  ValidityExtended: { at: told, day: told },
  PasswordSet: { at: told, by: told, credential: kept, mustChange: kept },
  PasswordTried: { at: told, channel: told, right: told },
  WalletOpened: { at: told },
  BankCardBound: { at: told, purpose: told },
  AlipayBound: { at: told },
  Purchased: { ...bought, medium: told, link: told, card: kept, chip: kept },
  OfflinePurchaseRecorded: {
    ...bought,
    receivedAt: told,
    medium: told,
    record: kept,
    card: kept,
    chip: kept,
    tac: kept,
    borne: told,
    reports: told
  },
  PurchaseReversed: {
    ...moved,
    purchase: told,
    point: told,
    amount: told,
    cell: told,
    load: kept,
    undebited: kept
  },
  PurchaseConfirmed: { at: told, card: kept, purchase: told, record: kept, chip: kept },
  DebitDisproved: { ...moved, card: kept, purchase: told, amount: told },
  PurchaseRefunded: {
    ...moved,
    purchase: told,
    merchant: told,
    amount: told,
    reason: told,
    whole: told,
    cell: told
  },
  DebtRepaid: { ...moved, amount: told },
  DebtWrittenOff: { ...moved, amount: told, reason: kept },
  RechargePlaced: { at: told, order: told, channel: told, source: told, amount: told },
  CreditRecorded: { ...moved, order: told, channel: told, amount: told, paidAt: told, reference: kept },
  MovedToTransit: { ...moved, amount: told },
  SubsidyGranted: { ...moved, amount: told, batch: told, until: told },
  SubsidyExpired: { ...moved, amount: told, batch: told },
  LoadBegun: { ...moved, card: kept, load: told, point: told, transit: told, subsidy: told, before: kept },
  LoadTorn: { at: told, card: kept, load: told },
  LoadSettled: { ...moved, card: kept, load: told, outcome: told, by: told },
  FrozenClaimed: { ...moved, card: kept, from: kept, amount: told },
  AccountClosing: moved,
  AccountPaidOut: { ...moved, amount: told },
  CodeBurned: { at: told, code: kept },
  AccessGranted: { at: told, grant: told },
  AccessRevoked: { at: told, grant: told },
  Admitted: { at: told, door: told, medium: told, card: kept, area: told, side: told, passback: told },
  PassageRecorded: {
    at: told,
    receivedAt: told,
    door: told,
    medium: told,
    card: kept,
    code: kept,
    area: told,
    side: told,
    opened: told,
    record: kept,
    reports: told
  }
}

/** The kinds of events that an endpoint may be named for. */
export type EventName = AccountEvent.AccountEvent["_tag"]
export const isEventName = (name: string): name is EventName => Object.hasOwn(fields, name)

const outwards = (event: AccountEvent.AccountEvent): object => {
  const plan: Readonly<Record<string, boolean>> = fields[event._tag]
  return Object.fromEntries(Object.entries(event).filter(([field]) => field === "_tag" || plan[field] === told))
}

/**
 * The body of a notice, with the events of these names; none where it has none of them. Amounts are fen, times within
 * events milliseconds since 1970 UTC.
 */
export const of = (
  { account, at, events, id, point, sequence }: Notice.Notice,
  names: ReadonlySet<EventName>
): string | undefined => {
  const chosen = events.filter(({ _tag }) => names.has(_tag))
  if (chosen.length === 0) return undefined
  return JSON.stringify({
    type: "account.events",
    id,
    timestamp: new Date(at).toISOString(),
    data: { account, sequence, point, events: chosen.map(outwards) }
  })
}
