/**
 * The public file of the application 公共应用信息 (file 15, 30 bytes): who issued the card, its serial number, its
 * dates. Sources: JR/T 0025.1-2005, the manual of FMCOS 2.0.
 *
 * It is read from the card or comes with the answer to its selection, and is never signed: what is in it is believed as
 * far as the keys, which are diversified by the serial number, bear it out.
 */
import { type CivilTime, Id } from "@yikatong/core"
import { Result } from "effect"
import * as Bcd from "./Bcd.ts"
import * as Bytes from "./Bytes.ts"
import type { Of } from "./CardProblem.ts"

/** Its length in bytes. */
export const length = 30

/**
 * `serial`: the application serial number, 10 bytes; `starts`, `expires`: the first and the last day, where they are
 * set.
 */
export interface ApplicationFile {
  readonly issuer: Bytes.Bytes
  readonly kind: number
  readonly version: number
  readonly serial: Bytes.Bytes
  readonly starts: CivilTime.Day | undefined
  readonly expires: CivilTime.Day | undefined
  readonly own: Bytes.Bytes
}

const damaged = (problem: string): Result.Result<never, Of<"FileDamaged">> =>
  Result.fail({ _tag: "FileDamaged", file: "15", problem })

const isBlank = (bytes: Bytes.Bytes): boolean =>
  bytes.every((byte) => byte === 0) || bytes.every((byte) => byte === 0xff)

/** What thirty bytes say. A card without a serial number has no name, and no keys. */
export const decode = (bytes: Bytes.Bytes): Result.Result<ApplicationFile, Of<"FileDamaged">> => {
  if (bytes.length !== length) return damaged(`${bytes.length} bytes instead of ${length}`)
  const serial = bytes.slice(10, 20)
  if (isBlank(serial)) return damaged("no serial number")
  const starts = Bcd.dayIfSet(bytes.subarray(20, 24))
  if (Result.isFailure(starts)) return damaged(`first day: ${starts.failure.problem}`)
  const expires = Bcd.dayIfSet(bytes.subarray(24, 28))
  if (Result.isFailure(expires)) return damaged(`last day: ${expires.failure.problem}`)
  return Result.succeed({
    issuer: bytes.slice(0, 8),
    kind: bytes[8] ?? 0,
    version: bytes[9] ?? 0,
    serial,
    starts: starts.success,
    expires: expires.success,
    own: bytes.slice(28, 30)
  })
}

const noDay = new Uint8Array(4)

/** The bytes of it, as an issuer writes them. Days that are not set are zeros. */
export const encode = ({ expires, issuer, kind, own, serial, starts, version }: ApplicationFile): Bytes.Bytes =>
  Bytes.join(
    issuer,
    kind,
    version,
    serial,
    starts === undefined ? noDay : Bcd.ofDay(starts),
    expires === undefined ? noDay : Bcd.ofDay(expires),
    own
  )

/** How the core names this card: its serial number in hexadecimal, 20 small letters and digits. */
export const cardOf = (serial: Bytes.Bytes): Id.CardId => Id.CardId.make(Bytes.hex(serial).toLowerCase())
