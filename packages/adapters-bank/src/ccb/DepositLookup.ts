/**
 * The lookup before a deposit 查询核对: whether the bank means a holder whom there is, and whether the account takes
 * money.
 *
 * The account decides that, asked with the least amount that may be recharged: refused cards are refused here, before
 * any money moves. The holder's name is told with all but its first character hidden. Amounts are fen.
 */
import {
  type AccountState,
  AccountStore,
  type CivilTime,
  Id,
  IdentityDocument,
  Money,
  type Person,
  PersonRegister,
  Profiles,
  SchoolProfile,
  SubjectStore,
  Submit
} from "@yikatong/core"
import { Effect, Option, Redacted, Result } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"
import * as Gbk from "../Gbk.ts"
import * as BankDeposit from "./BankDeposit.ts"
import * as BankLookup from "./BankLookup.ts"
import type { DepositCode } from "./DepositMessages.ts"
import * as DepositRefusal from "./DepositRefusal.ts"
import type { Asked, Returned, Settings } from "./DepositSettings.ts"

/** What the answer says. */
export interface Said {
  readonly code: DepositCode
  readonly shownName?: string
  readonly account?: Id.AccountId
  readonly balance?: Money.Money
  readonly least?: Money.Amount
  readonly most?: Money.Amount
}

/** A holder with the account. */
export interface Holder {
  readonly account: AccountState.AccountState
  readonly person: Person.Person
}

/** 李*: the first character of a name. */
const shown = (name: Redacted.Redacted<string>): string => {
  const [first = "", ...rest] = Redacted.value(name).trim()
  return first + "*".repeat(Math.max(1, rest.length))
}

/** What is on the card and on its way there. */
export const balanceOf = (
  { chip, held, transit }: { readonly chip: number; readonly held: number; readonly transit: number }
) => Money.of(chip + held + transit)

/** Whether the payer has the holder's name, as far as that can be seen. */
export const isPayer = (name: Redacted.Redacted<string>, hash: string, how: Settings["payerName"]): boolean => {
  if (how === "none") return true
  const text = Redacted.value(name).trim()
  if (how === "gbk" && !Gbk.isWritable(text)) return false
  const digest = createHash("sha256").update(how === "gbk" ? Gbk.encode(text) : Buffer.from(text, "utf8")).digest()
  const told = Buffer.from(hash, "hex")
  return told.length === digest.length && timingSafeEqual(told, digest)
}

const subjectOf = (value: string) => ({ _tag: "Handle", handle: { kind: "number", value } } as const)

/** Who has this number, and the account that it leads to. */
export const holderOf = Effect.fnUntraced(function*(number: string): Returned<Holder | undefined> {
  const account = yield* (yield* AccountStore.AccountStore).find(subjectOf(number))
  if (Option.isNone(account)) return undefined
  const person = yield* (yield* PersonRegister.PersonRegister).find(account.value.person)
  return Option.isNone(person) ? undefined : { account: account.value, person: person.value }
})

/** What the account is asked, at the lookup as for the deposit. */
export const statement = (
  { bank, channel, point, source }: Settings,
  id: string,
  at: CivilTime.Instant,
  account: Id.AccountId,
  holder: "other" | "own",
  amount: Money.Money
) => ({
  caller: bank,
  id: Id.CommandId.make(id),
  at,
  point,
  subject: { _tag: "Account", account } as const,
  body: { _tag: "PlaceRecharge", channel, source, holder, amount } as const
})

/**
 * Asks the account whether it may be recharged at all, with the least amount that may be. The answer stands in its
 * journal, wrong claims are counted there, and the same lookup again gets the same answer.
 */
export const lookup = Effect.fnUntraced(function*(settings: Settings, asked: Asked<"Lookup">): Returned<Said> {
  const found = yield* holderOf(asked.studentNumber)
  if (found === undefined) return { code: "notFound" } as const
  const { account, person } = found
  const at = yield* Submit.arrival
  const channel = SchoolProfile.channelOf(SchoolProfile.inForce(yield* Profiles.Profiles, at), settings.channel)
  if (channel === undefined) return { code: "outOfOrder" } as const
  const document = asked.idNumber === undefined
    ? undefined
    : IdentityDocument.parse(person.document.kind, Redacted.value(asked.idNumber))
  if (document !== undefined && Result.isFailure(document)) return { code: "nameMismatch" } as const
  const claim: Person.Claim = {
    number: asked.studentNumber,
    name: asked.name,
    ...(document === undefined ? {} : { document: document.success })
  }
  const least = channel.choices?.[0] ?? channel.min
  const id = `lookup.${BankDeposit.idOf({ date: asked.bankDate, serial: asked.bankSerial })}`
  const answer = yield* Submit.submit(statement(settings, id, at, account.id, "own", least), { claim })
  if (answer._tag === "Declined") return { code: DepositRefusal.of(answer.decline) }
  const store = yield* SubjectStore.SubjectStore
  yield* store.transact(BankLookup.decider, {
    caller: settings.bank,
    id: Id.CommandId.make(`Match:${id}`),
    subject: BankLookup.subjectOf(settings.bank, account.id),
    receivedAt: at,
    body: { _tag: "Match" } as const
  })
  return {
    code: "accepted",
    shownName: shown(person.name),
    account: account.id,
    balance: balanceOf(account.pockets),
    least: channel.min,
    most: channel.max
  } as const
})

/** Whether the bank has shown lately whom it means. */
export const isLookedUp = Effect.fnUntraced(function*(
  { bank, lookupLife }: Settings,
  account: Id.AccountId
): Returned<boolean> {
  const store = yield* SubjectStore.SubjectStore
  const found = yield* store.find(BankLookup.decider, BankLookup.subjectOf(bank, account))
  return Option.isSome(found) && (yield* Submit.arrival) - found.value.matchedAt <= lookupLife
})
