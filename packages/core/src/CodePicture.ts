/**
 * The QR code 二维码 of a text, as a picture for a page or for a terminal. Sources: R4, R5; ISO/IEC 18004.
 *
 * Text is written in the alphanumeric mode at error correction level M, of which a code of ours needs version 10: 57
 * modules a side. A module is one light or dark square; around the modules there are four light ones on each side, the
 * quiet zone that readers need.
 */
import { Result } from "effect"
import encodeQR from "qr"

/** Light modules on each side, as ISO/IEC 18004 wants them. */
export const quietZone = 4

/** The most characters that the largest QR code holds in this mode and at this level. */
export const maxLength = 3_391

/** A drawn code. `modules`: on each side, without the quiet zone. `rows`: from above, `true` is dark. */
export interface CodePicture {
  readonly version: number
  readonly modules: number
  readonly rows: ReadonlyArray<ReadonlyArray<boolean>>
}

/** A text that cannot be drawn so. It does not repeat the text. */
export interface NotDrawable {
  readonly _tag: "NotDrawable"
  readonly problem: "Empty" | "Characters" | "TooLong"
}

/**
 * Draws a text of `0-9 A-Z $%*+-./:` and blanks.
 *
 * @example
 * ```ts
 * import { CodePicture } from "@yikatong/core"
 * import { Result } from "effect"
 *
 * const picture = Result.getOrThrow(CodePicture.draw("YK:".padEnd(311, "0")))
 * picture.version // => 10
 * picture.modules // => 57
 * ```
 */
export const draw = (text: string): Result.Result<CodePicture, NotDrawable> => {
  if (text.length === 0) return Result.fail({ _tag: "NotDrawable", problem: "Empty" })
  if (text.length > maxLength) return Result.fail({ _tag: "NotDrawable", problem: "TooLong" })
  if (!/^[0-9A-Z $%*+\-./:]*$/.test(text)) return Result.fail({ _tag: "NotDrawable", problem: "Characters" })
  // The library draws no code without a border, so its narrowest is cut off again.
  const rows = encodeQR(text, "raw", { ecc: "medium", encoding: "alphanumeric", border: 1 })
    .slice(1, -1)
    .map((row) => row.slice(1, -1))
  return Result.succeed({ version: (rows.length - 17) / 4, modules: rows.length, rows })
}

/**
 * An SVG element to put into a page as it stands: two paths of digits, black on white, without a script, a style, an id,
 * a link or the text itself. It has no size of its own, so the page gives it one; let a module be two pixels at least.
 */
export const svg = ({ modules, rows }: CodePicture): string => {
  const side = modules + 2 * quietZone
  let path = ""
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue
      const from = x
      while (row[x + 1]) x++
      const run = x + 1 - from
      path += `M${from + quietZone} ${y + quietZone}h${run}v1h-${run}z`
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges" role="img">` +
    `<path fill="#fff" d="M0 0h${side}v${side}h-${side}z"/><path fill="#000" d="${path}"/></svg>`
}

/**
 * Lines of half blocks, two modules a character, for a terminal that writes light on dark, or dark on a light
 * `background`.
 */
export const halfBlocks = ({ modules, rows }: CodePicture, background: "dark" | "light" = "dark"): string => {
  const inked = (x: number, y: number): boolean => {
    const dark = rows[y - quietZone]?.[x - quietZone] === true
    return dark === (background === "light")
  }
  const side = modules + 2 * quietZone
  const lines: Array<string> = []
  for (let y = 0; y < side; y += 2) {
    let line = ""
    for (let x = 0; x < side; x++) {
      // The side is odd: below the last row there is one more of the quiet zone.
      line += inked(x, y) ? inked(x, y + 1) ? "█" : "▀" : inked(x, y + 1) ? "▄" : " "
    }
    lines.push(line)
  }
  return lines.join("\n")
}
