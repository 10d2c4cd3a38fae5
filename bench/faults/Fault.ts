/** A way in which a campus is broken, again and again. */
import type { Campus } from "./Campus.ts"
import type { Chance } from "./Chance.ts"
import type { Cluster } from "./Cluster.ts"
import type { Load } from "./Load.ts"
import type { Told } from "./payer.ts"

export interface Fault {
  readonly name: string
  /** How often it is done: in CI, and by whoever has time. */
  readonly rounds: { readonly small: number; readonly full: number }
  /** The server that it needs; by default one that is as durable as PostgreSQL ships it. */
  readonly cluster?: () => Promise<Cluster>
  /** What people should know of how it is done here, if that is not the same everywhere. */
  readonly note?: () => string
  /** One round: payments run, things break, payments go on or not. Afterwards all of it is looked at. */
  readonly round: (scene: Scene) => Promise<Struck>
}

export interface Scene {
  readonly cluster: Cluster
  readonly campus: Campus
  readonly chance: Chance
  /** The number of this round, from 1 on. */
  readonly number: number
  /** Starts a paying process on the accounts of the campus. */
  readonly load: (more?: Partial<Told>) => Load
}

/** What a round did. */
export interface Struck {
  /** How many faults really struck: one that found nothing to strike is none. */
  readonly faults: number
  /** The payments that were under way when they did, each of them once, however many faults met it. */
  readonly inFlight: ReadonlySet<string>
  /** What is not as it must be, seen by the round itself. */
  readonly violations?: ReadonlyArray<string>
}
