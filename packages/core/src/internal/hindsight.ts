/**
 * How a recorded command is answered in the other life of its account 重判: the part of {@link WhatIf} that decides. It holds
 * evidence that was made again, so it is internal; what leaves it are answers.
 */
import * as Account from "../Account.ts"
import type { AccountEvent } from "../AccountEvent.ts"
import { type AccountState, evolve, openLoad } from "../AccountState.ts"
import * as CardLoad from "../CardLoad.ts"
import type * as Chip from "../Chip.ts"
import type { Command, Recorded } from "../Command.ts"
import type { Decline } from "../Decline.ts"
import { AccountId, type PurchaseId } from "../Id.ts"
import * as Money from "../Money.ts"
import * as OpenLoad from "../OpenLoad.ts"
import type { History } from "../SchoolProfile.ts"
import { envelope, type Told, typed } from "./reconstruction.ts"

/** What of a line of the journal is looked at; `AccountStore.Entry` is one. */
export interface Line extends Told {
  readonly sequence: number
  readonly account?: AccountId
}

/** How a command is answered, or that it would not have been sent. */
export type Verdict = "Approved" | "NotSent" | Decline["_tag"]

/**
 * One account, twice. `diverted`: commands that were answered otherwise and on which others follow, each with the command
 * under which it happened instead, if it did.
 */
export interface Life {
  was: AccountState | undefined
  would: AccountState | undefined
  readonly diverted: Map<string, string | undefined>
  changed: boolean
}

/** How one line is answered in the other life. `account`: the state afterwards. */
export interface Judged {
  readonly verdict: Verdict
  readonly asked: boolean
  readonly events: ReadonlyArray<AccountEvent>
  readonly account: AccountState | undefined
  /** The command that would have happened in its place. */
  readonly instead?: string | undefined
}

/** The answer to a line in the other life, or that it would not have been sent. */
export const judge = (profiles: History, life: Life, line: Line): Judged => {
  const { command } = line
  const follows = basisOf(command)
  if (follows === undefined || !life.diverted.has(follows)) {
    return answer(profiles, life.would, line, shifted(command.body, life.was, life.would))
  }
  const instead = life.diverted.get(follows)
  if ((command.body._tag === "ReversePurchase" || command.body._tag === "RefundPurchase") && instead !== undefined) {
    const body = { ...command.body, purchase: instead as PurchaseId }
    return answer(profiles, life.would, line, shifted(body, life.was, life.would))
  }
  return { verdict: "NotSent", asked: false, events: [], account: life.would, instead }
}

/** The earlier command, by its name, without whose answer this one would not have been sent. */
const basisOf = ({ body, caller, retryOf }: Recorded): string | undefined => {
  if (retryOf !== undefined) return `${caller}:${retryOf}`
  switch (body._tag) {
    case "SettleLoad":
      return body.load
    case "ReversePurchase":
    case "RefundPurchase":
      return body.purchase
    case "RevokeAccess":
      return body.grant
    case "CreditRecharge":
      return body.order
    default:
      return undefined
  }
}

/** Whether the state as it was would have been answered otherwise, too. */
export const isDirect = (profiles: History, { was }: Life, line: Line): boolean => {
  const { asked, verdict } = answer(profiles, was, line, line.command.body)
  return asked || verdict !== verdictOf(line.answer)
}

/** Decides a command in a state of its account. */
const answer = (
  profiles: History,
  account: AccountState | undefined,
  line: Line,
  body: Command
): Judged => {
  const said = typed(line)
  const decide = (password: Exclude<typeof said, "unsaid">): Account.Decision => {
    return Account.decide(profiles, account, envelope(line, account, password, body), holderOf(line))
  }
  const buys = body._tag === "PayByCard" || body._tag === "PayByCode"
  let decision = decide(said === "unsaid" ? buys ? "none" : "right" : said)
  let asked = false
  // Nothing shows that a password came: one is typed only where it is asked for, or where the answer came after it (D14).
  if (said === "unsaid" && decision._tag === "Declined" && needsPassword(decision.decline)) {
    const passed = passedPassword(line)
    if (passed || decision.decline._tag === "PasswordRequired") {
      asked = !passed
      decision = decide("right")
    }
  }
  if (decision._tag === "Declined") {
    return { verdict: decision.decline._tag, asked: false, events: decision.events, account: decision.account }
  }
  const { events } = decision
  return { verdict: "Approved", asked, events, account: written(decision.account, events, line.events) }
}

const needsPassword = (decline: Decline): boolean => "quota" in decline && decline.quota.tier === "password"

/** The refusals of a purchase that come after the password (D14). */
const afterPassword: ReadonlySet<Decline["_tag"]> = new Set([
  "InsufficientChipPurse",
  "InsufficientWallet",
  "RepeatTap"
])

/** Whether the answer shows that a password tier was passed: it comes later, or is of a hard limit. */
const passedPassword = ({ answer }: Line): boolean =>
  answer._tag === "Declined" && (
    afterPassword.has(answer.decline._tag) || ("quota" in answer.decline && answer.decline.quota.tier === "hard")
  )

/** Whom the store knew to hold the card that was to be handed out (D20): only that somebody else did is in the journal. */
const holderOf = ({ answer }: Line): AccountId | undefined =>
  answer._tag === "Declined" && answer.decline._tag === "CardTaken" ? AccountId.make("somebody-else") : undefined

/** A load that was opened only now is written at once: nobody was there to say what became of it. */
const written = (
  account: AccountState,
  events: ReadonlyArray<AccountEvent>,
  recorded: ReadonlyArray<AccountEvent>
): AccountState => {
  const begun = CardLoad.opened(events)
  if (begun === undefined || CardLoad.opened(recorded) !== undefined) return account
  const at = openLoad(account, begun.card)?.begunAt
  return at === undefined
    ? account
    : CardLoad.settleAs(account, begun.card, "written", "reading", at).reduce(evolve, account)
}

/** A forged reading may say the most that there is, and no sum goes beyond it. */
const atMost = (fen: number): Money.Money => Money.of(Math.min(fen, Number.MAX_SAFE_INTEGER))

/** The command with its reading of the chip as it would have been. */
const shifted = (body: Command, was: AccountState | undefined, would: AccountState | undefined): Command => {
  if (was === undefined || would === undefined || was === would) return body
  const more = would.pockets.chip - was.pockets.chip
  const heldMore = would.pockets.held - was.pockets.held
  if (more === 0 && heldMore === 0) return body
  if (body._tag === "RecordCardPurchase") {
    const load = openLoad(was, body.card)
    const by = load !== undefined && OpenLoad.proveByRecord(load, body) === "written" ? more + heldMore : more
    if (body.chipBefore + by < 0 || body.chipAfter + by < 0) return body
    return { ...body, chipBefore: atMost(body.chipBefore + by), chipAfter: atMost(body.chipAfter + by) }
  }
  if (!("chip" in body) || body.chip === undefined) return body
  const card = "card" in body ? body.card : was.cards.find(({ _tag }) => _tag === "Active")?.id
  const load = card === undefined ? undefined : openLoad(was, card)
  const isWritten = load !== undefined && OpenLoad.proveByReading(load, body.chip) === "written"
  const balance = atMost(Math.max(0, body.chip.balance + (isWritten ? more + heldMore : more)))
  const chip: Chip.Reading = { ...body.chip, balance }
  return { ...body, chip }
}

/** Remembers what became of a command on which others may follow. */
export const divert = (life: Life, { command, events }: Line, before: Verdict, judged: Judged): void => {
  const { caller, id } = command
  const { verdict } = judged
  const opened = CardLoad.opened(events)
  if (opened !== undefined && CardLoad.opened(judged.events) === undefined) {
    life.diverted.set(opened.load, judged.instead)
  }
  const lost = before === "Approved" && verdict !== "Approved"
  const unasked = before === "PasswordRequired" && verdict !== "PasswordRequired"
  if (!lost && !unasked) return
  const key = `${caller}:${id}`
  const instead = verdict === "Approved" ? key : judged.instead
  life.diverted.set(key, instead)
}

/** How a line was answered. */
export const verdictOf = (answer: Line["answer"]): Verdict =>
  answer._tag === "Approved" ? "Approved" : answer.decline._tag

/** The fen that a command is about: what it says, or what it moved. */
export const amountOf = (body: Command, events: ReadonlyArray<AccountEvent>): Money.Money | undefined => {
  if ("amount" in body) return body.amount
  for (const event of events) {
    if (event._tag === "LoadBegun") return Money.plus(event.transit, event.subsidy)
    if ("amount" in event) return event.amount
  }
  return undefined
}
