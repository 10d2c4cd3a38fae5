/**
 * One thing that is the matter with a machine 检查结果: what it is, what helps, and the commands for this system.
 */
import type { Text } from "./StatusWord.ts"

/** What may be the matter. */
export type Cause =
  | "BindingUnsupported"
  | "BindingMissing"
  | "BindingBroken"
  | "LibraryMissing"
  | "ServiceMissing"
  | "ServiceStopped"
  | "ServiceSilent"
  | "DoorForbidden"
  | "PolkitRefuses"
  | "PolkitMayRefuse"
  | "KernelTakesReader"
  | "KernelMayTakeReader"
  | "DriverMissing"
  | "ScdaemonHolds"
  | "ScdaemonRuns"
  | "ReaderNotTaken"
  | "ReaderMissing"
  | "ReadersUnseen"
  | "ReadersMayBeUnseen"
  | "EscapeOff"
  | "ServiceWaits"
  | "NotKnown"

/** `wrong`: no card can be read before it is mended. `note`: good to know. `unknown`: it could not be found out. */
export type Severity = "wrong" | "note" | "unknown"

/** One cause, what it is, what helps, and the commands for this system, in their order. */
export interface Finding {
  readonly cause: Cause
  readonly severity: Severity
  readonly what: Text
  readonly remedy: Text
  readonly commands: ReadonlyArray<string>
}

/** A finding from its words in Chinese and English. */
export const make = (
  cause: Cause,
  what: readonly [zh: string, en: string],
  remedy: readonly [zh: string, en: string],
  commands: ReadonlyArray<string> = [],
  severity: Severity = "wrong"
): Finding => ({
  cause,
  severity,
  what: { zh: what[0], en: what[1] },
  remedy: { zh: remedy[0], en: remedy[1] },
  commands
})
