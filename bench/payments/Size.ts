/** How much is measured: all of it, or as much as fits into a minute (`YIKATONG_BENCH=small`). */
export interface Size {
  readonly name: "full" | "small"
  /** Accounts that pay. */
  readonly accounts: number
  /** Days that each of them has eaten three times a day before anything is measured: the counters are full then. */
  readonly days: number
  /** Lines of the old journal. */
  readonly oldLines: number
  readonly rounds: number
  /** How long each contestant pays in each round. */
  readonly seconds: number
  /** How many payments each process of ours makes before the first round: a compiler learns by number, not by time. */
  readonly warmUp: number
  /** How long each way to run pgbench or emmett is tried, to find its best. */
  readonly trialSeconds: number
  readonly pgbenchClients: ReadonlyArray<number>
  /** Not less than the most clients, or they wait for each other's branches. */
  readonly pgbenchScale: number
  readonly emmettAccounts: number
  readonly emmettSessions: ReadonlyArray<number>
  /** Payments that are recorded and written again in each round, to see the ceiling. */
  readonly recorded: number
}

const full: Size = {
  name: "full",
  accounts: 20_000,
  days: 8,
  oldLines: 5_000_000,
  rounds: 3,
  seconds: 4,
  warmUp: 20_000,
  trialSeconds: 2.5,
  pgbenchClients: [1, 4, 8, 16, 32, 64],
  pgbenchScale: 64,
  emmettAccounts: 4_000,
  emmettSessions: [4, 8, 16],
  recorded: 40_000
}

const small: Size = {
  name: "small",
  accounts: 1_000,
  days: 8,
  oldLines: 100_000,
  rounds: 1,
  seconds: 1,
  warmUp: 3_000,
  trialSeconds: 1,
  pgbenchClients: [1, 8, 16],
  pgbenchScale: 16,
  emmettAccounts: 200,
  emmettSessions: [8],
  recorded: 5_000
}

/** The size that the environment asks for; a word that is no size is refused. */
export const asked = (word = process.env["YIKATONG_BENCH"]): Size => {
  if (word === undefined || word === "" || word === "full") return full
  if (word === "small") return small
  throw new Error("YIKATONG_BENCH is full or small")
}
