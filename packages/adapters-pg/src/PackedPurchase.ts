/**
 * A purchase as a line of the journal, packed 消费行: nine of ten lines are approved purchases, and most of what command, event
 * and answer say they say several times. What stands in columns or follows from them is left out; the rest is an array.
 *
 * Only a line of which nothing would be lost is packed; any other is kept as it is.
 */
import {
  type AccountEvent,
  type Answer,
  CivilTime,
  type Command,
  type Id,
  type LimitPolicy,
  Wallet
} from "@yikatong/core"
import { Struct } from "effect"
import * as Checks from "./Checks.ts"

/** What a line says beside its columns. */
export interface Said {
  readonly command: Command.Recorded
  readonly events: ReadonlyArray<AccountEvent.AccountEvent>
  readonly answer: Answer.Answer
}

/** What the columns of a line say. */
export interface Columns {
  readonly account: Id.AccountId
  readonly caller: string
  readonly id: string
  readonly receivedAt: number
  readonly point: string
  readonly merchant: string
  readonly act: string
  /** The only transfer, where the line has one. */
  readonly transfer: Transfer | undefined
}

interface Transfer {
  readonly from: string
  readonly to: string
  readonly amount: number
}

/** Compiles as long as every field of what is packed is named here: a new one must not be lost silently. */
type Named<Type, Fields extends string> = [Exclude<keyof Type, Fields>] extends [never] ? true : never
const named: {
  readonly command: Named<
    Command.Recorded,
    "caller" | "id" | "at" | "receivedAt" | "point" | "subject" | "body" | "retryOf" | "attendance"
  >
  readonly card: Named<Command.Of<"PayByCard">, "_tag" | "card" | "amount" | "link" | "chip">
  readonly code: Named<Command.Of<"PayByCode">, "_tag" | "medium" | "amount" | "link" | "code">
  readonly event: Named<
    AccountEvent.Of<"Purchased">,
    | "_tag"
    | "at"
    | "transfers"
    | "purchase"
    | "point"
    | "merchant"
    | "amount"
    | "cell"
    | "medium"
    | "link"
    | "card"
    | "chip"
  >
  readonly burned: Named<AccountEvent.Of<"CodeBurned">, "_tag" | "at" | "code">
  readonly answer: Named<Answer.Approved, "_tag" | "account" | "events" | "pockets" | "remaining" | "reports">
  readonly quota: Named<
    LimitPolicy.Quota,
    "limit" | "per" | "measure" | "tier" | "threshold" | "used" | "remaining" | "window"
  >
} = { command: true, card: true, code: true, event: true, burned: true, answer: true, quota: true }
void named

const version = 1
const pockets = Struct.keys(Wallet.empty)

const isBody = (body: Command.Command): body is Command.Of<"PayByCard"> | Command.Of<"PayByCode"> =>
  body._tag === "PayByCard" || body._tag === "PayByCode"

/** The array, or nothing where something would be lost. */
export const pack = ({ answer, command, events }: Said, columns: Columns): string | undefined => {
  const { attendance, body, retryOf, subject } = command
  const purchased = events.at(-1)
  if (
    !isBody(body) || purchased?._tag !== "Purchased" || answer._tag !== "Approved" || attendance !== undefined ||
    retryOf !== undefined || answer.reports.length > 0 || answer.account !== columns.account
  ) {
    return undefined
  }
  const { at, receivedAt } = command
  const { cell } = purchased
  const [medium, card, chip, code] = body._tag === "PayByCard"
    ? ["physicalCard", body.card, body.chip, undefined] as const
    : [body.medium, undefined, undefined, body.code] as const
  const isPlain = subject._tag === "Account"
    ? subject.account === columns.account
    : subject._tag === "Card" && subject.card === card
  const follows = purchased.at === receivedAt && purchased.purchase === `${columns.caller}:${columns.id}` &&
    purchased.point === columns.point && purchased.merchant === columns.merchant &&
    purchased.amount === body.amount && purchased.link === body.link && purchased.medium === medium &&
    purchased.card === card && isSameReading(purchased.chip, chip) && cell.medium === medium &&
    cell.day === CivilTime.dayOf(receivedAt)
  const burned = events.length === 1 ? undefined : events[0]
  const burns = events.length === (code === undefined ? 1 : 2) && (code === undefined ||
    (burned?._tag === "CodeBurned" && burned.at === receivedAt && burned.code === code))
  const { transfer } = columns
  if (!isPlain || !follows || !burns || (transfer !== undefined && transfer.amount !== body.amount)) return undefined
  const isMedium = (body._tag === "PayByCard") === (medium === "physicalCard") && Checks.isMedium(medium)
  if (!isMedium || !isSound({ ...body, at, receivedAt, card }, columns)) return undefined
  return JSON.stringify([
    version,
    at - receivedAt,
    subject._tag === "Card" ? 1 : 0,
    card ?? 0,
    chip === undefined ? 0 : [chip.balance, chip.loadSequence, chip.purchaseSequence],
    medium,
    body.link,
    transfer === undefined ? body.amount : 0,
    transfer === undefined ? purchased.transfers.map(({ amount, from, to }) => [from, to, amount]) : 0,
    cell.window,
    cell.mealDay - cell.day,
    cell.category,
    pockets.map((pocket) => answer.pockets[pocket]),
    answer.remaining.map((quota) => [
      quota.limit,
      quota.per,
      quota.measure,
      quota.tier,
      quota.threshold,
      quota.used,
      quota.remaining,
      ...(quota.window === undefined ? [] : [quota.window])
    ]),
    ...(code === undefined ? [] : [code])
  ])
}

/** What came in with the command can be read again. What was decided can, since the core has made it. */
const isSound = (
  { amount, at, card, chip, link, receivedAt }: {
    readonly amount: number
    readonly at: number
    readonly card: string | undefined
    readonly chip?: AccountEvent.Of<"Purchased">["chip"]
    readonly link: string
    readonly receivedAt: number
  },
  columns: Columns
): boolean =>
  Checks.isInstant(at) && Checks.isInstant(receivedAt) && Checks.isAmount(amount) && Checks.isLink(link) &&
  Checks.isCaller(columns.caller) && Checks.isCommandId(columns.id) && Checks.isId(columns.point) &&
  (card === undefined || Checks.isId(card)) &&
  (chip === undefined || (Checks.isMoney(chip.balance) && Checks.isSequence(chip.loadSequence) &&
    Checks.isSequence(chip.purchaseSequence)))

const isSameReading = (one: AccountEvent.Of<"Purchased">["chip"], other: AccountEvent.Of<"Purchased">["chip"]) =>
  one === other || (one !== undefined && other !== undefined && one.balance === other.balance &&
    one.loadSequence === other.loadSequence && one.purchaseSequence === other.purchaseSequence)

/**
 * What the array says, for the schemas to judge; throws where it is none of ours. `packed` is what `JSON.parse` made of it.
 */
export const unpack = (packed: ReadonlyArray<unknown>, columns: Columns): Record<keyof Said, unknown> => {
  const [
    by,
    lag,
    isCard,
    card,
    chip,
    medium,
    link,
    total,
    transfers,
    window,
    mealLag,
    category,
    held,
    remaining,
    code
  ] = packed as Fields
  if (by !== version) {
    const told = Number.isSafeInteger(by) ? `version ${by}` : "no version"
    throw new Error(`it is packed in ${told}, and this release knows ${version}`)
  }
  const { account, act, caller, id, merchant, point, receivedAt, transfer } = columns
  const amount = transfer === undefined ? total : transfer.amount
  const day = CivilTime.dayOf(receivedAt as CivilTime.Instant)
  const read = list(chip ?? 0)
  const reading = read === undefined
    ? {}
    : { chip: { balance: read[0], loadSequence: read[1], purchaseSequence: read[2] } }
  const burned = code === undefined ? {} : { code }
  const plastic = (card as unknown) === 0 ? {} : { card }
  const events = [
    ...(code === undefined ? [] : [{ _tag: "CodeBurned", at: receivedAt, code }]),
    {
      _tag: "Purchased",
      at: receivedAt,
      purchase: `${caller}:${id}`,
      point,
      merchant,
      medium,
      amount,
      cell: { day, window, mealDay: day + mealLag, category, medium },
      link,
      transfers: transfer === undefined
        ? list(transfers)?.map((one) => {
          const [from, to, amount] = list(one) ?? []
          return { from, to, amount }
        })
        : [transfer],
      ...plastic,
      ...reading
    }
  ]
  const quotas = (list(remaining) ?? []).map((one) => {
    const [limit, per, measure, tier, threshold, used, remaining, window] = list(one) ?? []
    return { limit, per, measure, tier, threshold, used, remaining, ...(window === undefined ? {} : { window }) }
  })
  return {
    command: {
      caller,
      id,
      at: receivedAt + lag,
      receivedAt,
      point,
      subject: isCard === 1 ? { _tag: "Card", card } : { _tag: "Account", account },
      body: act === "PayByCard"
        ? { _tag: act, card, amount, link, ...reading }
        : { _tag: act, medium, amount, link, ...burned }
    },
    events,
    answer: {
      _tag: "Approved",
      account,
      events,
      pockets: Object.fromEntries(pockets.map((pocket, at) => [pocket, list(held)?.[at]])),
      remaining: quotas,
      reports: []
    }
  }
}

/** The array as it was packed, or so it says. */
type Fields = readonly [...ReadonlyArray<never>] & Record<0 | 1 | 10, number>

const list = (value: unknown): ReadonlyArray<unknown> | undefined => Array.isArray(value) ? value : undefined
