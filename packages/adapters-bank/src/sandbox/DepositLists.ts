/** The lists of deposits that the sandbox's bank writes 沙箱对账文件, with the flaws that it is told. */
import type { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as DepositFile from "../ccb/DepositFile.ts"
import { type DepositCaller, wire } from "./DepositCaller.ts"
import * as DepositTerms from "./DepositTerms.ts"
import { FlawedLists } from "./FlawedLists.ts"
import type { Rules } from "./Mischief.ts"

export class DepositLists {
  readonly #caller: DepositCaller
  readonly #lists: FlawedLists<DepositFile.DepositRow>

  constructor(caller: DepositCaller, rules: Rules) {
    this.#caller = caller
    this.#lists = new FlawedLists(rules, {
      wire,
      nameOf: ({ bankSerial }) => bankSerial,
      foreign: (row) => ({ ...row, bankSerial: `${row.bankSerial}X` }),
      onDay: (row, bankDate) => ({ ...row, bankDate })
    })
  }

  /** The list of a day, as the bank lays it out for the school to fetch. */
  write(day: CivilTime.Day): Uint8Array {
    const rows = this.#lists.of(day, this.#caller.list(day))
    return Result.getOrThrow(DepositFile.write(DepositTerms.list, { day, rows }))
  }
}
