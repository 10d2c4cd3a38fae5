/**
 * Who is connected and has not shown yet that he is the bank 未证实的连接: anybody can connect, so these have places of their own,
 * and are never more than those. When one more comes, the one who has waited longest is ended for him: a crowd that sends
 * nothing, or garbage, keeps the bank out no longer than its own next try takes.
 */
import { BlockList, isIPv6 } from "node:net"

/** One who is connected. `end`: ends the connection. */
export interface Stranger {
  readonly peer: string
  readonly end: () => void
}

/** Those whom a list of addresses and networks allows (`10.1.0.0/16`); everybody where there is none. Throws for what is no address. */
export const allowing = (allow: ReadonlyArray<string> | undefined): (peer: string) => boolean => {
  if (allow === undefined) return () => true
  const list = new BlockList()
  for (const one of allow) {
    const [address = "", bits] = one.split("/")
    const family = isIPv6(address) ? "ipv6" : "ipv4"
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (peer) => list.check(peer, isIPv6(peer) ? "ipv6" : "ipv4")
}

/** The places of one server. `places`: for those who have not shown who they are; `most`: for those who have. */
export class Strangers {
  readonly #waiting = new Set<Stranger>()
  readonly #proven = new Set<Stranger>()
  readonly #places: number
  readonly #most: number

  constructor(places: number, most: number) {
    this.#places = places
    this.#most = most
  }
  /** How many are connected. */
  get size(): number {
    return this.#waiting.size + this.#proven.size
  }
  /** Whether all the places of the bank are taken. */
  get isFull(): boolean {
    return this.#proven.size >= this.#most
  }
  /** One comes; who is ended for him, if anybody. A set keeps its order: the first has waited longest. */
  admit(stranger: Stranger): Stranger | undefined {
    const [oldest] = this.#waiting.size >= this.#places ? this.#waiting : []
    if (oldest !== undefined) {
      this.#waiting.delete(oldest)
      oldest.end()
    }
    this.#waiting.add(stranger)
    return oldest
  }
  /** One has shown who he is; whether there was a place. */
  prove(stranger: Stranger): boolean {
    if (this.#proven.has(stranger)) return true
    if (!this.#waiting.delete(stranger) || this.isFull) return false
    this.#proven.add(stranger)
    return true
  }
  leave(stranger: Stranger): void {
    this.#waiting.delete(stranger)
    this.#proven.delete(stranger)
  }
}
