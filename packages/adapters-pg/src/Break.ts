/**
 * What may be found that does not agree 差错: in a line, a key, a transfer, an account, a card, a seal; and what the core
 * finds in the books. Each names the place exactly. Values that stand in it are fen, books, points, times and opaque ids.
 */
import type { Books, Id } from "@yikatong/core"
import type { Journal } from "./Horizon.ts"

/** A transfer as a row has it, books as the row names them. */
export interface Moved {
  readonly from: string
  readonly to: string
  readonly amount: number
}

/** A line: which journal, its number, and whose it is. */
export interface Place {
  readonly journal: Journal
  readonly sequence: number
  /** The account; of other subjects the kind and the name. */
  readonly of?: string | undefined
}

export type Break =
  | Books.Break
  /** `problem`: the places that can not be read, never what stands there. */
  | Place & { readonly _tag: "LineUnreadable"; readonly problem: string }
  | Place & { readonly _tag: "LineTwice" }
  /** Its account is none that there is. */
  | Place & { readonly _tag: "LineOfNobody" }
  /** It lies in the table of another month. */
  | Place & { readonly _tag: "LineElsewhere"; readonly table: string }
  /** A column that is not what the line says. */
  | Place & {
    readonly _tag: "ColumnDiffers"
    readonly column: string
    readonly stored: string | null
    readonly said: string | null
  }
  /** A purchase was paid to another merchant than that of its point; `said`: by the profile, none where it names none. */
  | Place & {
    readonly _tag: "MerchantDiffers"
    readonly point: string
    readonly stored: string
    readonly said: string | null
  }
  /** A transfer that is not what the events say; none where there is none. */
  | Place & {
    readonly _tag: "TransferDiffers"
    readonly ordinal: number
    readonly stored: Moved | null
    readonly said: Moved | null
  }
  /** The fingerprint is not that of the command. */
  | Place & { readonly _tag: "FingerprintDiffers" }
  /** The line's key is not known as answered, so it could be answered again. */
  | Place & { readonly _tag: "KeyMissing" }
  /** The line's key leads to another line, or to none. */
  | Place & { readonly _tag: "KeyDiffers"; readonly stored: number | null }
  /** A key leads to a line which is not there, or not its own. */
  | Place & { readonly _tag: "KeyWithoutLine"; readonly caller: string; readonly id: string }
  /** The transfer of a line that is not there. */
  | Place & { readonly _tag: "TransferWithoutLine" }
  | { readonly _tag: "AccountUnreadable"; readonly account: Id.AccountId; readonly problem: string }
  /** The account's card does not lead to it; `stored`: to which it leads. */
  | {
    readonly _tag: "CardDiffers"
    readonly card: string
    readonly stored: string | null
    readonly said: string | null
  }
  | {
    readonly _tag: "SubjectUnreadable"
    readonly kind: string
    readonly subject: string
    readonly problem: string
  }
  /** How many events made the subject. */
  | {
    readonly _tag: "SubjectVersionDiffers"
    readonly kind: string
    readonly subject: string
    readonly stored: number
    readonly byEvents: number
  }
  /** The lines from `from` to `to` are not those that were sealed. */
  | {
    readonly _tag: "SealDiffers"
    readonly seal: number
    readonly journal: Journal
    readonly from: number
    readonly to: number
    readonly sealed: number
    readonly lines: number
  }
  /** The seal does not follow the one before it. */
  | { readonly _tag: "SealUnchained"; readonly seal: number; readonly column: "number" | "from_line" | "previous" }
  /** No seal has the digest that was kept elsewhere. */
  | { readonly _tag: "AnchorMissing" }

/** The line that a break stands at; none for what stands at none. */
const lineOf = (one: Break): { readonly journal: Journal; readonly sequence: number } | undefined => {
  if (!("sequence" in one)) return undefined
  if ("journal" in one) return one
  return { journal: one._tag === "SubjectReplayFailed" ? "subject_journal" : "journal", sequence: one.sequence }
}

/**
 * From the cause to its consequences: lines in their order, what no line is to blame for (accounts, cards, subjects,
 * seals), and the sums over all of them last.
 */
export const inOrder = (breaks: ReadonlyArray<Break>): ReadonlyArray<Break> => {
  const rank = (one: Break): readonly [number, number] => {
    const line = lineOf(one)
    if (line !== undefined) return [line.journal === "journal" ? 0 : 1, line.sequence]
    return [one._tag === "BookDiffers" || one._tag === "MoneyMadeOrLost" ? 3 : 2, 0]
  }
  return breaks.map((one) => [one, rank(one)] as const)
    .sort(([, [one, at]], [, [other, where]]) => one - other || at - where)
    .map(([one]) => one)
}
