/**
 * What is printed 输出: for people on the terminal or for machines. Whatever the text came from, it holds no password of a
 * database address, and nothing that a terminal obeys: a name in a file can not move the cursor or forge a line.
 */
import { Console } from "effect"
import { type CliError, CliOutput } from "effect/cli"

/** How an address is written, as the help and an error say it. It is nobody's, so it is not redacted. */
export const addressSample = "postgres://user:password@host:5432/name"

const [, sampleRest = ""] = addressSample.split("://")
/** What stands before the host; the sample is let through where it is a word of its own, and nowhere within an address. */
const userinfo = new RegExp(`([a-z][a-z0-9+.-]*://)(?!${sampleRest}[;,]?(?:\\s|$))[^\\s"']*@`, "gi")

/** The text without the secrets of addresses in it: `postgres://user:secret@host` and `?password=secret`. */
export const redact = (text: string): string =>
  text
    .replace(userinfo, "$1***@")
    .replace(/\b((?:ssl)?password|passfile)=[^\s&"']*/gi, "$1=***")

/**
 * What a terminal obeys and does not show: control characters, separators of lines, and what turns the direction of
 * writing or takes no room.
 */
const obeyed = /[\p{Cc}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu

/** The text on one line, with all that is obeyed as JSON escapes it: `\u001b`. So JSON stays the same JSON. */
export const visible = (text: string): string =>
  text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Line breaks between our own lines, and the colours of the help. They can hide nothing and move nothing back. */
const layout = new RegExp(`(\n|${String.fromCharCode(0x1b)}\\[(?:[0-3]|3[0-7])m)`)

/** The same for a text of many lines, whose parts were made visible before. */
const laidOut = (text: string): string =>
  text.split(layout).map((part, at) => at % 2 === 1 ? part : visible(part)).join("")

/** A console that tells no secrets, and shows what it is given. */
export const guarding = (console: Console.Console): Console.Console => {
  const through = (print: (...parts: ReadonlyArray<unknown>) => void) => (...parts: ReadonlyArray<unknown>): void =>
    print(...parts.map((part) => typeof part === "string" ? redact(laidOut(part)) : part))
  return Object.assign(Object.create(console), {
    error: through(console.error),
    info: through(console.info),
    log: through(console.log),
    warn: through(console.warn)
  })
}

/** What the parser of the call says. It quotes arguments as they are: of these none begins a line of its own. */
export const presenter: CliOutput.Presenter = {
  present: (event) =>
    CliOutput.defaultPresenter.present(
      event._tag === "InvalidInvocation" ? { ...event, errors: event.errors.map(quoted) } : event
    )
}

/** Line breaks of the parser itself stand before spaces. */
const quoted = <E extends CliError.CliError>(error: E): E =>
  Object.create(error, { message: { value: error.message.replace(/\n(?!\n? )/g, visible) } })

/** Prints lines for a person. */
export const lines = (...texts: ReadonlyArray<string>) => Console.log(texts.map(visible).join("\n"))

/** Prints lines for a person on the standard error. */
export const errors = (...texts: ReadonlyArray<string>) => Console.error(texts.map(visible).join("\n"))

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
