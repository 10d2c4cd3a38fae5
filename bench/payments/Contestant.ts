/** One of those who run: prepared and warmed up before the first round, measured in each. */
import type { Measured } from "./Measured.ts"

export interface Contestant {
  readonly name: string
  readonly warmUp: () => Promise<unknown>
  readonly measure: () => Promise<Measured>
  readonly stop: () => Promise<unknown>
}
