/**
 * An M1 card and its reader as a program 虚拟 M1 卡: it answers the pseudo-APDUs of a `ReaderProfile` as reader and
 * card would.
 *
 * After a refusal of the card nothing works but giving a key to the reader, until the card's power goes. What the
 * reader keeps, its keys, outlives that.
 */
import { Result } from "effect"
import * as Apdu from "./Apdu.ts"
import * as Bytes from "./Bytes.ts"
import type { CardProgram } from "./CardProgram.ts"
import * as MifareMap from "./MifareMap.ts"
import * as ReaderProfile from "./ReaderProfile.ts"
import * as StorageCommand from "./StorageCommand.ts"
import * as ValueBlock from "./ValueBlock.ts"
import * as VirtualMifareChip from "./VirtualMifareChip.ts"
import type { Memory } from "./VirtualMifareMemory.ts"

export { blank, Memory } from "./VirtualMifareMemory.ts"

export interface VirtualMifare extends CardProgram {
  /** The memory as it is now. */
  readonly memory: () => Memory
  /**
   * How many bytes of its memory this command would write if it came next: `interrupt` may stop it at any from 0 on.
   */
  readonly footprint: (command: Bytes.Bytes) => number
}

const { say, status } = VirtualMifareChip
const none = new Uint8Array()

/** Lays a card on a reader of this profile. The memory is copied. */
export const make = (start: Memory, profile: ReaderProfile.ReaderProfile = ReaderProfile.acs): VirtualMifare => {
  const chip = VirtualMifareChip.make(start)
  const keys = new Map<ReaderProfile.KeyKind, Bytes.Bytes>()

  const acsValue = (block: number, data: Bytes.Bytes): Bytes.Bytes => {
    const [operation] = data
    if (operation === 3 && data.length === 2) return chip.restore(block, data[1] ?? 0)
    if (data.length !== 5) return say(status.wrongLength)
    const value = Bytes.toNumber(data.subarray(1)) | 0
    if (operation === 1 || operation === 2) {
      return chip.change(block, operation === 1 ? "increment" : "decrement", value)
    }
    if (operation !== 0) return say(status.failed)
    return chip.update(block, ValueBlock.encode({ value, address: block }))
  }

  const scmValue = (block: number, data: Bytes.Bytes): Bytes.Bytes => {
    const [operation, again] = data
    if (data.length !== 6) return say(status.wrongLength)
    if (again !== block || (operation !== 0xc0 && operation !== 0xc1)) return say(status.failed)
    const value = Bytes.toNumber(data.slice(2).reverse()) | 0
    return chip.change(block, operation === 0xc0 ? "increment" : "decrement", value)
  }

  const loadKey = ({ data = none, p1, p2 }: Apdu.Command): Bytes.Bytes => {
    const kind = (["A", "B"] as const).find((kind) => profile.load[kind] === p2)
    if (p1 !== profile.structure || kind === undefined) return say(status.placeUnknown)
    if (data.length !== 6) return say(status.wrongLength)
    keys.set(kind, data)
    return say(status.done)
  }

  const generalAuthenticate = (data: Bytes.Bytes): Bytes.Bytes => {
    const [version, high, block = 0, kind = 0, place = 0] = data
    if (data.length !== 5) return say(status.wrongLength)
    return version === 1 && high === 0 ? authenticate(block, kind, place) : say(status.failed)
  }

  const authenticate = (block: number, kindByte: number, place: number): Bytes.Bytes => {
    const kind = kindByte === StorageCommand.kindByte.A ? "A" : "B"
    if (kindByte !== StorageCommand.kindByte[kind]) return say(status.kindUnknown)
    const { authenticate: places } = profile
    // Some readers have one place for each kind of key, some have places for any.
    const loaded = places.A === places.B ? kind : place === places.A ? "A" : "B"
    if (place !== places[loaded]) return say(status.placeUnknown)
    const key = keys.get(loaded)
    return key === undefined ? say(status.noKey) : chip.authenticate(block, kind, key)
  }

  const toCard = ({ data = none, expected = 0, ins, p2: block }: Apdu.Command): Bytes.Bytes => {
    if (ins === 0xb0) return expected === MifareMap.blockSize ? chip.read(block) : say(status.wrongLe)
    if (ins === 0xd6) return chip.update(block, data)
    if (ins === 0xd7 && profile.values === "acs") return acsValue(block, data)
    if (ins === 0xb1 && profile.values === "acs") return chip.readValue(block)
    if (ins === 0xf0 && profile.values === "scm") return scmValue(block, data)
    return say(status.unknownInstruction)
  }

  const answer = (bytes: Bytes.Bytes): Bytes.Bytes => {
    const [cla, ins, , block = 0, kind = 0, place = 0] = bytes
    if (profile.authentication === "obsolete" && cla === 0xff && ins === 0x88) {
      return bytes.length === 6 ? authenticate(block, kind, place) : say(status.wrongLength)
    }
    const decoded = Apdu.decode(bytes)
    if (Result.isFailure(decoded)) return say(status.wrongLength)
    const command = decoded.success
    if (command.cla !== 0xff) return say(status.unknownClass)
    if (command.ins === 0xca) return command.p1 === 0 ? chip.uid() : say(status.notSupported)
    if (command.ins === 0x82) return loadKey(command)
    if (command.ins === 0x86 && profile.authentication === "general") return generalAuthenticate(command.data ?? none)
    return toCard(command)
  }

  return {
    atr: MifareMap.atrOf(start.size),
    power: chip.power,
    answer,
    interrupt: (command, written) => chip.interrupt(written, () => answer(command)),
    footprint: (command) => {
      const before = [...keys]
      const bytes = chip.footprint(() => answer(command))
      keys.clear()
      for (const [kind, key] of before) keys.set(kind, key)
      return bytes
    },
    memory: chip.memory
  }
}
