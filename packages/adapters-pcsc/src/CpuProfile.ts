/**
 * How the CPU cards of a school are set up 卡片参数: which application, which files, which keys by number. Cards of one maker differ
 * in this from school to school, so it is data.
 *
 * `fmcos`: the campus purse as FMCOS 2.0 cards (FM1208, FM1280) and their like have it: PBOC EP, JR/T 0025.1/.2-2005.
 */
import * as Bytes from "./Bytes.ts"

/** Short names of files: 1 to 30. */
export interface Files {
  /** 公共应用信息: issuer, serial number, dates. 30 bytes. */
  readonly application: number
  /** 持卡人基本信息: who holds it. 39 or 55 bytes. */
  readonly holder: number
  /** 交易明细: the last transactions, 23 bytes each, the newest first. */
  readonly log: number
  /** What a cut-off terminal needs, as `CampusFile` lays it out. */
  readonly campus: number
}

/** The indexes that the commands of the purse name. */
export interface KeyNumbers {
  readonly load: number
  readonly purchase: number
}

/**
 * `pin`: the number of the PIN that a load needs, where it needs one. `protection`: what a write to the campus file needs. `logged`:
 * which number a line of the log bears, the counter before the transaction (the standard) or after it (some cards).
 */
export interface CpuProfile {
  readonly application: Bytes.Bytes
  readonly files: Files
  readonly keys: KeyNumbers
  readonly pin?: number
  readonly protection: "none" | "mac"
  readonly logged: "before" | "after"
}

/** The PBOC application of ED and EP. */
export const pboc: Bytes.Bytes = Bytes.of("A0 00 00 00 03 86 98 07 01")

export const fmcos: CpuProfile = {
  application: pboc,
  files: { application: 0x15, holder: 0x16, log: 0x18, campus: 0x19 },
  keys: { load: 1, purchase: 1 },
  protection: "mac",
  logged: "after"
}
