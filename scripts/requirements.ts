// The numbers of docs/requirements.md (R1, A1, D1, I1, golden trace 1): where they stand on the page, and which tests name them.
import { globSync, readFileSync } from "node:fs"
import { root } from "./packages.ts"
import { titlesIn } from "./test-titles.ts"

export const page = "docs/requirements.md"
export const text = readFileSync(root + page, "utf8")

/**
 * The numbers in a text: `R49`, ranges as `R58-R61` or `R58–61`, and golden traces; written "r49", "golden trace 1". They have two digits at most:
 * what is longer are bytes, as the names of applications on cards (A000000003).
 */
export const numbersIn = (text: string): ReadonlyArray<string> => {
  const numbers = [...text.matchAll(/\b([RADI])(\d{1,2})(?:[–-]\1?(\d{1,2}))?\b/g)]
  const traces = [...text.matchAll(/\b(golden trace )(\d+)(?:[–-](\d+))?\b/gi)]
  return [...numbers, ...traces].flatMap(([, letter = "", from, to = from]) =>
    Array.from({ length: Number(to) - Number(from) + 1 }, (_, n) => letter.toLowerCase() + String(Number(from) + n))
  )
}

/** A title that names more at once holds none of them. */
const most = 12

/** The numbers that a test names one by one, or by a short range. */
const heldIn = (source: string): ReadonlyArray<string> =>
  numbersIn(
    titlesIn(source).replaceAll(
      /\b[RADI](\d+)[–-][RADI]?(\d+)\b/g,
      (range, from, to) => Number(to) - Number(from) < most ? range : ""
    )
  )

/** By number, the files of tests whose titles or tables name it, in order. */
export const tests: ReadonlyMap<string, ReadonlyArray<string>> = (() => {
  const named = new Map<string, Array<string>>()
  for (
    const file of globSync("packages/*/test/**/*.ts", { cwd: root }).map((one) => one.replaceAll("\\", "/")).sort()
  ) {
    const source = readFileSync(root + file, "utf8")
    // What only helps a test holds nothing: an assertion there says which number it would break.
    if (!/\bit(?:\.(?:each|effect|live))*[(<]/.test(source)) continue
    for (const number of new Set(heldIn(source))) {
      named.set(number, [...named.get(number) ?? [], file])
    }
  }
  return named
})()

/** One row of a table of the page whose first cell is a number. */
export interface Row {
  readonly number: string
  /** The heading under which it stands. */
  readonly heading: string
  readonly cells: ReadonlyArray<string>
}

/** All rows of the page, in its order. A number may stand in two of them by mistake. */
export const rows: ReadonlyArray<Row> = (() => {
  const found: Array<Row> = []
  let heading = ""
  for (const line of text.split("\n")) {
    heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading
    const cells = /^\| (.*) \|$/.exec(line)?.[1]?.split(" | ") ?? []
    const number = /^(?:[RADI]|golden trace )\d+$/i.exec(cells[0] ?? "")?.[0]
    if (number !== undefined) found.push({ number: number.toLowerCase(), heading, cells })
  }
  return found
})()
