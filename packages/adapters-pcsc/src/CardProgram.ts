/**
 * A card as a program 卡片程序: what lies on a virtual reader, in the process or behind a TCP socket.
 *
 * A real card loses its session when its power goes, and keeps its memory; power may go in the middle of a command.
 */
import type { Bytes } from "./Bytes.ts"

/** What happens to a card's power. */
export type Power = "on" | "off" | "reset"

export interface CardProgram {
  /** What it says as it wakes up. */
  readonly atr: Bytes
  /** Its power comes, goes, or it is reset: what was selected, proven and begun is forgotten. */
  readonly power: (change: Power) => void
  /** Answers a command, always with two bytes at least. */
  readonly answer: (command: Bytes) => Bytes
  /**
   * Begins to carry out a command and loses its power after so many bytes of its memory were written (0 for none): what a card
   * writes in one piece is then written or not, the rest stands half. There is no answer.
   */
  readonly interrupt: (command: Bytes, written: number) => void
}
