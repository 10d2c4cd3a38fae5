/**
 * What a batch writes, column by column 批列: the parameters of its statement, in the order in which `BatchStatements` numbers them.
 */
import { AccountEvent, type Id } from "@yikatong/core"
import * as AccountRow from "./AccountRow.ts"
import { bigints, bytes, integers, texts } from "./Columns.ts"
import type * as JournalRow from "./JournalRow.ts"

/** The short numbers of accounts. */
export type Numbers = ReadonlyMap<Id.AccountId, bigint>

/** What is written. `before`: the versions of the kept rows that stand there now. */
export interface Written {
  readonly lines: ReadonlyArray<JournalRow.Written>
  readonly kept: ReadonlyArray<AccountRow.Written>
  readonly before: ReadonlyArray<number>
}

/** Of every batch. */
export const parameters = ({ before, kept, lines }: Written, numbers: Numbers): ReadonlyArray<unknown> => [
  AccountEvent.shape,
  ...linesOf(lines, numbers),
  ...transfersOf(lines, numbers),
  bigints(before),
  ...columnsOf(kept)
]

/** More, of a batch that opens accounts or issues cards. */
export const opening = (
  opened: ReadonlyArray<AccountRow.Written>,
  cards: ReadonlyMap<Id.CardId, Id.AccountId>,
  numbers: Numbers
): ReadonlyArray<unknown> => [
  bigints(opened.map(({ account }) => numberOf(account.id, numbers))),
  ...columnsOf(opened),
  texts([...cards.keys()]),
  texts([...cards.values()])
]

const numberOf = (id: Id.AccountId, numbers: Numbers): bigint => {
  const number = numbers.get(id)
  if (number === undefined) throw new Error("an account was written that has no number")
  return number
}

const columnsOf = (rows: ReadonlyArray<AccountRow.Written>) => [
  texts(rows.map(({ account }) => account.id)),
  bigints(rows.map(({ account }) => account.version)),
  ...AccountRow.pockets.map((pocket) => bigints(rows.map(({ account }) => account.pockets[pocket]))),
  texts(rows.map(({ counters }) => counters)),
  texts(rows.map(({ standing }) => standing))
]

const linesOf = (lines: ReadonlyArray<JournalRow.Written>, numbers: Numbers) => {
  const only = lines.map(({ transfers }) => transfers.length === 1 ? transfers[0] : undefined)
  return [
    bigints(lines.map(({ account }) => account === null ? null : numberOf(account, numbers))),
    bigints(lines.map(({ receivedAt }) => receivedAt)),
    bigints(only.map((transfer) => transfer?.amount ?? null)),
    integers(lines.map(({ day }) => day)),
    texts(lines.map(({ caller }) => caller)),
    texts(lines.map(({ id }) => id)),
    bytes(lines.map(({ fingerprint }) => fingerprint)),
    texts(lines.map(({ act }) => act)),
    texts(lines.map(({ decline }) => decline)),
    texts(lines.map(({ point }) => point)),
    texts(lines.map(({ merchant }) => merchant)),
    texts(only.map((transfer) => transfer?.from ?? null)),
    texts(only.map((transfer) => transfer?.to ?? null)),
    texts(lines.map(({ profile }) => profile)),
    texts(lines.map(({ line }) => line))
  ]
}

/** The transfers of lines that have several, by the place of the line in the batch. */
const transfersOf = (lines: ReadonlyArray<JournalRow.Written>, numbers: Numbers) => {
  const moves = lines.flatMap(({ account, caller, id, transfers }) =>
    transfers.length < 2 || account === null
      ? []
      : transfers.map((transfer, ordinal) => ({
        ...transfer,
        caller,
        id,
        account: numberOf(account, numbers),
        ordinal
      }))
  )
  return [
    texts(moves.map(({ caller }) => caller)),
    texts(moves.map(({ id }) => id)),
    integers(moves.map(({ ordinal }) => ordinal)),
    bigints(moves.map(({ account }) => account)),
    texts(moves.map(({ from }) => from)),
    texts(moves.map(({ to }) => to)),
    bigints(moves.map(({ amount }) => amount))
  ]
}
