/**
 * The books 账本: money moves only by a transfer, which takes whole fen from one book and gives them to another.
 *
 * A transfer is written from the view of one campus account: its own pockets and its debt have short names (`chip`,
 * `receivable`), everything outside has a kind and a name (`merchant:canteen-1`). What a book holds is what came in
 * minus what went out, so all books together always hold nothing (I1), and every balance can be computed again from the
 * transfers.
 *
 * Chart of accounts 科目: the pockets hold ≥ 0; `receivable` holds minus the debt (D10); `channel:*` is the clearing with
 * a bank or a cash desk and holds minus what it has paid in; `merchant:*` holds what it has earned; `fees:*` is income;
 * `school:*` is what the school bears, grants or keeps in suspense.
 */
import { Schema } from "effect"
import type { AccountId } from "./Id.ts"
import * as Money from "./Money.ts"

/** The pockets 口袋 of one account; what each is for stands in `Wallet`. */
export const Pocket = Schema.Literals(["chip", "transit", "wallet", "subsidy", "frozen", "held"])
export type Pocket = typeof Pocket.Type

/** A book outside the account: `merchant:NAME`, `channel:NAME`, `fees:NAME` or `school:NAME`. */
export const Outside = Schema.String.check(
  Schema.isPattern(/^(merchant|channel|fees|school):[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/u)
) as unknown as Schema.Codec<`${"merchant" | "channel" | "fees" | "school"}:${string}`, string>
export type Outside = typeof Outside.Type

/** Whether a book is a pocket of the account itself. */
export const isPocket = (book: Book): book is Pocket => !book.includes(":") && book !== "receivable"

/** One side of a transfer. */
export const Book = Schema.Union([Pocket, Schema.Literal("receivable"), Outside])
export type Book = Pocket | "receivable" | Outside

/** `amount` fen go `from` one book `to` another. The two differ and the amount is above zero. */
export const Transfer = Schema.Struct({
  from: Book,
  to: Book,
  amount: Money.Money.check(Schema.isGreaterThanOrEqualTo(1))
}).check(
  Schema.makeFilter(({ from, to }: { readonly from: Book; readonly to: Book }) => from !== to, {
    expected: "two different books"
  })
)
export interface Transfer extends Schema.Schema.Type<typeof Transfer> {}

/** A transfer of `amount` fen, as a list that is empty when there is nothing to move. */
export const transfer = (from: Book, to: Book, amount: Money.Money): ReadonlyArray<Transfer> =>
  amount === 0 ? [] : [{ from, to, amount: amount }]

/** How many fen these transfers give to a book. */
export const into = (book: Book, transfers: ReadonlyArray<Transfer>): Money.Money =>
  Money.sum(transfers.filter(({ to }) => to === book).map(({ amount }) => amount))

/** How many fen these transfers take from a book. */
export const outOf = (book: Book, transfers: ReadonlyArray<Transfer>): Money.Money =>
  Money.sum(transfers.filter(({ from }) => from === book).map(({ amount }) => amount))

/** The full name of a book in the books of the whole campus: own pockets carry the account before a slash. */
export const absolute = (account: AccountId, book: Book): string => book.includes(":") ? book : `${account}/${book}`

/** What every book holds, in fen: money in minus money out. Books outside the pockets may hold less than zero. */
export type Balances = ReadonlyMap<string, number>

/** A transfer under absolute names, as it stands in the books of the campus. */
export interface Posting {
  readonly from: string
  readonly to: string
  readonly amount: number
}

/** The transfers of one account as the books of the campus write them. */
export const postings = (account: AccountId, transfers: ReadonlyArray<Transfer>): ReadonlyArray<Posting> =>
  transfers.map(({ amount, from, to }) => ({ from: absolute(account, from), to: absolute(account, to), amount }))

/** Writes postings into balances, which are changed in place: folds are long. */
export const post = (balances: Map<string, number>, postings: Iterable<Posting>): void => {
  for (const { amount, from, to } of postings) {
    balances.set(from, (balances.get(from) ?? 0) - amount)
    balances.set(to, (balances.get(to) ?? 0) + amount)
  }
}

/** Balances computed again from nothing but postings. */
export const fold = (postings: Iterable<Posting>): Balances => {
  const balances = new Map<string, number>()
  post(balances, postings)
  return balances
}

/** The sum over all books, in fen. Anything but zero means that money was made or lost (I1). */
export const total = (balances: Balances): number => {
  let sum = 0
  for (const balance of balances.values()) sum += balance
  return sum
}
