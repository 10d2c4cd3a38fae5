/**
 * The lists of deposits that the sandbox's bank writes 沙箱对账文件, as they are or as a rule of mischief for its operation "bill"
 * has them: with a row too few, too many, twice, of another amount, or in the list of the day after.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import * as DepositFile from "../ccb/DepositFile.ts"
import { type DepositCaller, wire } from "./DepositCaller.ts"
import * as DepositTerms from "./DepositTerms.ts"
import type { BillFlaw, Rules } from "./Mischief.ts"

type Rows = ReadonlyArray<DepositFile.DepositRow>

export class DepositLists {
  readonly #caller: DepositCaller
  readonly #rules: Rules
  /** Rows that a flaw has put into the list of the day after. */
  readonly #late = new Map<CivilTime.Day, Rows>()

  constructor(caller: DepositCaller, rules: Rules) {
    this.#caller = caller
    this.#rules = rules
  }

  /** The list of a day, as the bank lays it out for the school to fetch. */
  write(day: CivilTime.Day): Uint8Array {
    const does = this.#rules.take(wire, "bill", ({ does: { _tag } }) => _tag === "Bill")
    const late = this.#late.get(CivilTime.addDays(day, 1)) ?? []
    const own = this.#caller.list(day).filter((row) => !late.some(({ bankSerial }) => bankSerial === row.bankSerial))
    const whole = [...own, ...(this.#late.get(day) ?? [])]
    const rows = does?._tag === "Bill" ? this.#spoiled(whole, day, does.flaw) : whole
    return Result.getOrThrow(DepositFile.write(DepositTerms.list, { day, rows }))
  }

  #spoiled(rows: Rows, day: CivilTime.Day, flaw: BillFlaw): Rows {
    const last = rows.at(-1)
    if (last === undefined) return rows
    const others = rows.slice(0, -1)
    switch (flaw) {
      case "omitRow":
        return others
      case "duplicateRow":
        return [...rows, last]
      case "extraRow":
        return [...rows, { ...last, bankSerial: `${last.bankSerial}X` }]
      case "wrongAmount":
        return [...others, { ...last, amount: Money.amount(last.amount + 1) }]
      case "shiftDay": {
        const next = CivilTime.addDays(day, 1)
        this.#late.set(next, [...(this.#late.get(next) ?? []), { ...last, bankDate: next }])
        return others
      }
    }
  }
}
