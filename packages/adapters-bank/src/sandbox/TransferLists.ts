/** The lists of debits that the sandbox's bank writes 沙箱圈存明细, with the flaws that it is told. */
import type { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as ListFile from "../ccb/ListFile.ts"
import * as TransferFile from "../ccb/TransferFile.ts"
import { FlawedLists } from "./FlawedLists.ts"
import type { Rules } from "./Mischief.ts"
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
  readonly #files = new Map<string, Uint8Array>()
  readonly #lists: FlawedLists<TransferFile.TransferRow>

  constructor(debits: (day: CivilTime.Day) => Rows, rules: Rules) {
    this.#debits = debits
    this.#lists = new FlawedLists(rules, {
      wire: "transferLink",
      nameOf: ({ campusSerial }) => campusSerial,
      isFit: ({ state }) => state === "credited",
      foreign: (row) => ({ ...row, campusSerial: `${row.campusSerial}X`, bankSerial: `${row.bankSerial ?? ""}X` }),
      onDay: (row, date) => ({ ...row, date })
    })
  }

  /** Writes the list of a day; its file is there for the school from then on. */
  write(organisation: string, day: CivilTime.Day): Named {
    const rows = this.#lists.of(day, this.#debits(day))
    const file = TransferTerms.fileOf(organisation, day)
    this.#files.set(file, Result.getOrThrow(TransferFile.write(TransferTerms.list, { day, rows })))
    return { file, count: String(rows.length), sum: ListFile.total(rows) }
  }

  /** A file by its name; nothing where the bank has named none so. */
  file(name: string): Uint8Array | undefined {
    return this.#files.get(name)
  }
}
