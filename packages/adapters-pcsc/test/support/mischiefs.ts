/** Where a tap can be torn: before each command, in it at the ends of what it writes, and after each byte of its answer. */
import type { VirtualCpuCard } from "../../src/VirtualCpuCard.ts"
import * as ProgramChannel from "./ProgramChannel.ts"

/** `tap`: one that nothing goes wrong with, of this card. */
export interface Probe {
  readonly card: VirtualCpuCard
  readonly tap: (channel: ProgramChannel.ProgramChannel) => Promise<unknown>
}

export const mischiefs = async ({ card, tap }: Probe): Promise<ReadonlyArray<ProgramChannel.Mischief>> => {
  const footprints: Array<number> = []
  const watched: VirtualCpuCard = {
    ...card,
    answer: (command) => {
      footprints.push(card.footprint(command))
      return card.answer(command)
    }
  }
  const channel = ProgramChannel.make(watched)
  await tap(channel)
  return channel.answered.flatMap((length, at): ReadonlyArray<ProgramChannel.Mischief> => [
    { at, how: "pulled" },
    ...[0, 0.5, 1].map((part) => ({ at, how: "halted", written: Math.floor((footprints[at] ?? 0) * part) }) as const),
    ...Array.from({ length: length + 1 }, (_, bytes) => ({ at, how: "lost", bytes }) as const),
    ...Array.from({ length: Math.max(0, length - 2) }, (_, bytes) => ({ at, how: "short", bytes: bytes + 2 }) as const)
  ])
}
