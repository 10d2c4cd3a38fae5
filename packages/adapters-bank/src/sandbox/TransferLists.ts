/**
 * The lists of debits that the sandbox's bank writes 沙箱圈存明细, as they are or as a rule of mischief for its operation "bill" has
 * them: with a row too few, too many, twice, of another amount, or in the list of the day after.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import * as ListFile from "../ccb/ListFile.ts"
import * as TransferFile from "../ccb/TransferFile.ts"
import type { BillFlaw, Rules } from "./Mischief.ts"
import * as TransferTerms from "./TransferTerms.ts"

type Rows = ReadonlyArray<TransferFile.TransferRow>

/** What the bank's answer says of a file. */
export interface Named {
  readonly file: string
  readonly count: string
  readonly sum: number
}

export class TransferLists {
  readonly #debits: (day: CivilTime.Day) => Rows
  readonly #rules: Rules
  readonly #files = new Map<string, Uint8Array>()
  /** Rows that a flaw has put into the list of the day after. */
  readonly #late = new Map<CivilTime.Day, Rows>()

  constructor(debits: (day: CivilTime.Day) => Rows, rules: Rules) {
    this.#debits = debits
    this.#rules = rules
  }

  /** Writes the list of a day; its file is there for the school from then on. */
  write(organisation: string, day: CivilTime.Day): Named {
    const does = this.#rules.take("transferLink", "bill", ({ does: { _tag } }) => _tag === "Bill")
    const late = this.#late.get(CivilTime.addDays(day, 1)) ?? []
    const own = this.#debits(day).filter(({ campusSerial }) => !late.some((row) => row.campusSerial === campusSerial))
    const whole = [...own, ...(this.#late.get(day) ?? [])]
    const rows = does?._tag === "Bill" ? this.#spoiled(whole, day, does.flaw) : whole
    const file = TransferTerms.fileOf(organisation, day)
    this.#files.set(file, Result.getOrThrow(TransferFile.write(TransferTerms.list, { day, rows })))
    return { file, count: String(rows.length), sum: ListFile.total(rows) }
  }

  /** A file by its name; nothing where the bank has named none so. */
  file(name: string): Uint8Array | undefined {
    return this.#files.get(name)
  }

  /** What is spoiled is the last row that stands. */
  #spoiled(rows: Rows, day: CivilTime.Day, flaw: BillFlaw): Rows {
    const last = rows.filter(({ state }) => state === "credited").at(-1)
    if (last === undefined) return rows
    const others = rows.filter((row) => row !== last)
    switch (flaw) {
      case "omitRow":
        return others
      case "duplicateRow":
        return [...rows, last]
      case "extraRow":
        return [...rows, { ...last, campusSerial: `${last.campusSerial}X`, bankSerial: `${last.bankSerial ?? ""}X` }]
      case "wrongAmount":
        return [...others, { ...last, amount: Money.amount(last.amount + 1) }]
      case "shiftDay": {
        const next = CivilTime.addDays(day, 1)
        this.#late.set(next, [...(this.#late.get(next) ?? []), { ...last, date: next }])
        return others
      }
    }
  }
}
