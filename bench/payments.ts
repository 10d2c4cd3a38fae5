/**
 * How many payments a second (`npm run bench`), as multiples of pgbench on the same server in the same run: the server is
 * private and durable, each payment is a card at a till, debited, credited to the merchant, held against the limits, its
 * answer kept; and every answer must be an approval.
 *
 * Each contestant of ours has a process of its own. They run one after the other, in several rounds, and the round in the
 * middle counts: trust the ratios, not the figures. YIKATONG_BENCH=small takes about a minute and a half.
 */
import { cpus } from "node:os"
import * as Campus from "./payments/Campus.ts"
import type { Contestant } from "./payments/Contestant.ts"
import * as Database from "./payments/Database.ts"
import { type Measured, median, middle, perSecond } from "./payments/Measured.ts"
import * as OldJournal from "./payments/OldJournal.ts"
import * as Others from "./payments/Others.ts"
import * as Report from "./payments/Report.ts"
import * as Run from "./payments/Run.ts"

const run = await Run.start()
const { create, say, server, size } = run
const { admin } = server

const checkpoints = async (): Promise<unknown> =>
  (await admin.rows("SELECT checkpoint_lsn::text AS lsn FROM pg_control_checkpoint()"))[0]?.["lsn"]

try {
  say(server.source)
  const fsyncs = server.fsyncsPerSecond(size.name === "small" ? 0.3 : 1)
  const remarks: Array<string> = []

  const uniform = await Campus.live(run, "campus")
  const copy = async (name: string): Promise<Campus.Campus> => ({ ...uniform, place: await create(name, "campus") })
  const few = await copy("few")
  const old = await copy("old")
  const pair = { ...await copy("ceiling"), source: await create("ceiling_source", "campus") }
  await OldJournal.fill(old.place, size.oldLines, size.days)
  say(`${size.oldLines} lines are in the old journal, and a sample of them was read`)

  // What comes after a checkpoint writes whole pages to the log first: that falls into trials and warm-up.
  for (const name of ["campus", "few", "old", "ceiling", "ceiling_source"]) {
    await Database.using(server.database(name), ({ rows }) => rows("VACUUM (ANALYZE)"))
  }
  await admin.rows("CHECKPOINT")

  const pgbench = await Others.pgbench(run)
  if (pgbench.length === 0) remarks.push("There is no pgbench beside this server: 1.0 is ours at 64 callers.")
  const emmett = await Others.emmett(run)
  if (emmett === undefined) {
    remarks.push("emmett-postgresql is not installed: npm run bench:emmett, see bench/payments/Emmett.ts.")
  }
  const lines = size.oldLines.toLocaleString("en")
  const ours = (name: string, campus: Campus.Campus, load: Campus.Load) => Campus.contestant(run, name, campus, load)
  const one = ours("ours, 1 caller", uniform, { callers: 1, crowd: "uniform" })
  const some = ours("ours, 64 callers", uniform, { callers: 64, crowd: "uniform" })
  const many = ours("ours, 1,024 callers", uniform, { callers: 1_024, crowd: "uniform" })
  const oneMerchant = ours("80 % at one merchant, 1,024 callers", uniform, { callers: 1_024, crowd: "oneMerchant" })
  const fewAccounts = ours("half by 1 % of accounts, 1,024 callers", few, { callers: 1_024, crowd: "fewAccounts" })
  const oldSome = ours(`${lines} old lines, 64 callers`, old, { callers: 64, crowd: "uniform" })
  const oldMany = ours(`${lines} old lines, 1,024 callers`, old, { callers: 1_024, crowd: "uniform" })
  const two = ours("two processes, 1,024 callers", uniform, { callers: 1_024, crowd: "uniform", processes: 2 })
  const ceilingOf = Others.ceiling(run, pair)
  const ceilingSome = ceilingOf(32)
  const ceilingMany = ceilingOf(128)
  const contestants: ReadonlyArray<Contestant> = [
    ...pgbench,
    one,
    some,
    many,
    oneMerchant,
    fewAccounts,
    oldSome,
    oldMany,
    two,
    ceilingSome,
    ceilingMany,
    ...(emmett === undefined ? [] : [emmett])
  ]
  for (const { warmUp } of contestants) await warmUp()
  say("all are warm")
  const checkpointed = await checkpoints()

  const rounds = new Map(contestants.map((one) => [one, new Array<Measured>()]))
  for (let round = 0; round < size.rounds; round++) {
    for (const one of contestants) {
      const measured = await one.measure()
      rounds.get(one)?.push(measured)
      say(`round ${round + 1}, ${one.name}: ${Math.round(perSecond(measured))}`)
    }
  }
  if (await checkpoints() !== checkpointed) remarks.push("A checkpoint fell into the rounds.")
  for (const { stop } of contestants) await stop()

  const figuresOf = (one: Contestant): Report.Figures => ({ name: one.name, rounds: rounds.get(one) ?? [] })
  const typical = (one: Contestant): number => median((rounds.get(one) ?? []).map(perSecond))
  const usual = middle(rounds.get(many) ?? [])
  const whole = (value: number): string => Math.round(value).toLocaleString("en")
  const alone = pgbench.at(-1)
  const best = [...pgbench].sort((first, second) => typical(second) - typical(first))[0] ?? some
  const ratio = (name: string, left: Contestant, right: Contestant, aim?: string): Report.Ratio =>
    Report.ratioOf(name, figuresOf(left), figuresOf(right), aim)
  Report.tell({
    size: size.name,
    surroundings: {
      server: server.source,
      settings: Object.entries(server.settings).map(([name, value]) => `${name}=${value}`).join(" "),
      machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? "?"}, Node ${process.version}`,
      "writes to the disk a second (8 kB, fdatasync)": Math.round(fsyncs),
      "1.0 is": best.name
    },
    remarks,
    unit: figuresOf(best),
    figures: contestants.map(figuresOf),
    ratios: [
      ...(best === some ? [] : [
        ratio("ours at 64 : pgbench's best", some, best, ">= 8"),
        ratio("ours at 1,024 : pgbench's best", many, best, ">= 12")
      ]),
      ...(alone === undefined ? [] : [ratio("ours alone : pgbench, 1 client", one, alone, ">= 1")]),
      { name: "p99 at 1,024 callers, ms", value: usual.p99, aim: "< 150" },
      ratio("80 % at one merchant : uniform", oneMerchant, many, ">= 0.8"),
      ratio("half by 1 % of accounts : uniform", fewAccounts, many),
      ratio("old journal : young, 64", oldSome, some, ">= 0.8"),
      ratio("old journal : young, 1,024", oldMany, many, ">= 0.8"),
      ratio("ours at 64 : its ceiling", some, ceilingSome, ">= 0.6"),
      ratio("ours at 1,024 : its ceiling", many, ceilingMany, ">= 0.6"),
      ratio("two processes : one", two, many),
      ...(best === some ? [] : [
        ...Report.cpuRatioOf("by CPU time: ours at 64 : pgbench's best", figuresOf(some), figuresOf(best)),
        ...Report.cpuRatioOf("by CPU time: ours at 1,024 : pgbench's best", figuresOf(many), figuresOf(best))
      ]),
      ...(alone === undefined
        ? []
        : Report.cpuRatioOf("by CPU time: ours alone : pgbench, 1 client", figuresOf(one), figuresOf(alone))),
      ...Report.cpuRatioOf("by CPU time: ours at 64 : its ceiling", figuresOf(some), figuresOf(ceilingSome)),
      ...Report.cpuRatioOf("by CPU time: ours at 1,024 : its ceiling", figuresOf(many), figuresOf(ceilingMany)),
      ...(emmett === undefined ? [] : [ratio("ours at 1,024 : emmett-postgresql", many, emmett)])
    ],
    costs: {
      "bytes of journal on disk a payment, with indexes": whole(uniform.disk.journal),
      "bytes of an account on disk, with indexes": whole(uniform.disk.account),
      "write-ahead log a payment at 1,024 callers, bytes": whole(usual.walBytes ?? 0),
      "resident memory of a process at 1,024 callers, MB": whole((usual.memory ?? 0) / 2 ** 20),
      "the run took, seconds": whole(run.seconds())
    }
  })
} finally {
  await server.stop()
}
