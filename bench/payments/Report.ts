/** What the run says: one table of figures, one of ratios, the same as JSON; printed, and kept as files in `reports/`. */
import { mkdirSync, writeFileSync } from "node:fs"
import { cpuMicros, type Measured, median, middle, perSecond } from "./Measured.ts"

/** A contestant with its rounds, in their order. */
export interface Figures {
  readonly name: string
  readonly rounds: ReadonlyArray<Measured>
}

/** One contestant beside another: the ratio of each round, then the one in the middle. */
export interface Ratio {
  readonly name: string
  readonly value: number
  readonly aim?: string
}

/** So many payments a second as a multiple of another contestant's, round by round. */
export const ratioOf = (name: string, one: Figures, other: Figures, aim?: string): Ratio => ({
  name,
  value: median(one.rounds.map((measured, at) => {
    const beside = other.rounds[at]
    return beside === undefined ? Number.NaN : perSecond(measured) / perSecond(beside)
  })),
  ...(aim === undefined ? {} : { aim })
})

/**
 * How many times the CPU time of one the other needs. Where others work on the machine as well, this says more than payments
 * a second; nothing where the system does not tell.
 */
export const cpuRatioOf = (name: string, one: Figures, other: Figures): ReadonlyArray<Ratio> => {
  const values = one.rounds.flatMap((measured, at) => {
    const beside = other.rounds[at]
    const [mine, theirs] = [cpuMicros(measured), beside === undefined ? undefined : cpuMicros(beside)]
    return mine === undefined || theirs === undefined ? [] : [theirs / mine]
  })
  return values.length === 0 ? [] : [{ name, value: median(values) }]
}

export interface Report {
  readonly size: string
  readonly surroundings: Readonly<Record<string, string | number>>
  readonly remarks: ReadonlyArray<string>
  /** Whose payments a second are 1.0. */
  readonly unit: Figures
  readonly figures: ReadonlyArray<Figures>
  readonly ratios: ReadonlyArray<Ratio>
  /** What a payment and a process cost, by name. */
  readonly costs: Readonly<Record<string, string>>
}

const whole = (value: number): string => Math.round(value).toLocaleString("en")
const fixed = (digits: number) => (value: number): string => value.toFixed(digits)
const optional = (value: number | undefined, said: (value: number) => string): string =>
  value === undefined ? "" : said(value)

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>) =>
    `| ${
      cells.map((cell, at) => at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)).join(" | ")
    } |`
  const rule = `| ${
    widths.map((width, at) => at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`).join(" | ")
  } |`
  return [line(head), rule, ...rows.map(line)].join("\n")
}

const text = ({ costs, figures, ratios, remarks, size, surroundings, unit }: Report): string => {
  const one = perSecond(middle(unit.rounds))
  return [
    `Payments, each durable before it is answered (${size})`,
    "",
    ...Object.entries(surroundings).map(([name, value]) =>
      `${name}: ${typeof value === "number" ? whole(value) : value}`
    ),
    "",
    table(
      ["", "payments/s", "x", "p50 ms", "p99 ms", "batch", "client us", "server us", "WAL B", "RSS MB"],
      figures.map(({ name, rounds }) => {
        const measured = middle(rounds)
        const { batch, memory, clientMicros, p50, p99, serverMicros, walBytes } = measured
        return [
          name,
          whole(perSecond(measured)),
          fixed(2)(perSecond(measured) / one),
          fixed(2)(p50),
          fixed(2)(p99),
          optional(batch, fixed(1)),
          optional(clientMicros, fixed(1)),
          optional(serverMicros, fixed(1)),
          optional(walBytes, whole),
          optional(memory, (bytes) => whole(bytes / 2 ** 20))
        ]
      })
    ),
    "",
    `x: multiples of ${unit.name}. client us, server us: CPU time a payment, of those who ask and of the server.`,
    "p50, p99: from asking to the answer; at the ceiling of a whole transaction.",
    "",
    table(["", "ratio", "aim"], ratios.map(({ aim = "", name, value }) => [name, fixed(2)(value), aim])),
    "",
    ...Object.entries(costs).map(([name, value]) => `${name}: ${value}`),
    ...(remarks.length === 0 ? [] : ["", ...remarks]),
    ""
  ].join("\n")
}

/** Prints the report and keeps it. */
export const tell = (report: Report): void => {
  const said = text(report)
  const folder = new URL("../../reports/", import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL("bench.txt", folder), said)
  writeFileSync(new URL("bench.json", folder), `${JSON.stringify(report, undefined, 2)}\n`)
  console.log(`\n${said}`)
}
