/** What one contestant did in one round. */
export interface Measured {
  readonly payments: number
  readonly seconds: number
  /** Milliseconds from asking to the answer. */
  readonly p50: number
  readonly p99: number
  /** CPU time of the processes that ask and of the server's, in microseconds a payment. */
  readonly clientMicros?: number
  readonly serverMicros?: number
  /** Payments that shared a transaction, on average. */
  readonly batch?: number
  /** Bytes of write-ahead log a payment. */
  readonly walBytes?: number
  /** Resident memory of one of our processes at the end, in bytes. */
  readonly memory?: number
}

export const perSecond = ({ payments, seconds }: Measured): number => payments / seconds

/** CPU time of both sides, in microseconds a payment; nothing where the system does not tell. */
export const cpuMicros = ({ clientMicros, serverMicros }: Measured): number | undefined =>
  clientMicros === undefined || serverMicros === undefined ? undefined : clientMicros + serverMicros

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

/** The round in the middle: its figures belong together. */
export const middle = (rounds: ReadonlyArray<Measured>): Measured => {
  const sorted = [...rounds].sort((one, other) => perSecond(one) - perSecond(other))
  const found = sorted[sorted.length >> 1]
  if (found === undefined) throw new Error("nothing was measured")
  return found
}

/** The value below which this part of the sorted values lies. */
export const quantile = (sorted: ArrayLike<number>, part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN

/** How long each payment took: numbers only, so that a million of them cost four megabytes. */
export class Latencies {
  #milliseconds = new Float32Array(1_048_576)
  #count = 0

  add(milliseconds: number): void {
    if (this.#count === this.#milliseconds.length) {
      const wider = new Float32Array(2 * this.#count)
      wider.set(this.#milliseconds)
      this.#milliseconds = wider
    }
    this.#milliseconds[this.#count++] = milliseconds
  }

  get count(): number {
    return this.#count
  }

  quantiles(): { readonly p50: number; readonly p99: number } {
    const sorted = this.#milliseconds.subarray(0, this.#count).sort()
    return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
  }
}
