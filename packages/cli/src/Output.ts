/**
 * What is printed 输出: for people on the terminal or for machines, and never a password of a database address, whatever
 * the text came from.
 */
import { Console } from "effect"

/** The text without the secrets of addresses in it: `postgres://user:secret@host` and `?password=secret`. */
export const redact = (text: string): string =>
  text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s"']*@/gi, "$1***@")
    .replace(/\b((?:ssl)?password|passfile)=[^\s&"']*/gi, "$1=***")

/** A console that redacts all that it is given. */
export const redacting = (console: Console.Console): Console.Console => {
  const through = (print: (...parts: ReadonlyArray<unknown>) => void) => (...parts: ReadonlyArray<unknown>): void =>
    print(...parts.map((part) => typeof part === "string" ? redact(part) : part))
  return Object.assign(Object.create(console), {
    error: through(console.error),
    info: through(console.info),
    log: through(console.log),
    warn: through(console.warn)
  })
}

/** Prints lines for a person. */
export const lines = (...texts: ReadonlyArray<string>) => Console.log(texts.join("\n"))

/** Prints a value on one line, for a machine. */
export const json = (value: unknown) => Console.log(JSON.stringify(value))

/** Columns: the first is set to the left, all others, which are numbers, to the right. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths: Array<number> = []
  for (const row of rows) row.forEach((cell, at) => widths[at] = Math.max(widths[at] ?? 0, width(cell)))
  return rows.map((row) =>
    row.map((cell, at) => {
      const space = " ".repeat((widths[at] ?? 0) - width(cell))
      return at === 0 ? cell + space : space + cell
    }).join("  ").trimEnd()
  )
}

/** How many columns of a terminal a text takes: a Chinese character takes two. */
const width = (text: string): number => [...text].length + (text.match(/[\u2E80-\uFFEF]/g)?.length ?? 0)
