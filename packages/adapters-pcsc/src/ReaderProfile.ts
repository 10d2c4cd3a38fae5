/**
 * Which pseudo-APDUs a reader wants for storage cards 读卡器参数: PC/SC part 3 leaves the places for keys and all
 * value commands to the makers, so they are data here.
 *
 * Sources: PC/SC specification part 3, 3.2.2.1; ACS, API manuals of ACR122U, ACR1252U and ACR1281U-C1; Identiv,
 * reference manuals of uTrust 3700 F/3720 F and CLOUD 3700 F (6.2.3, 6.2.4), and of SCL3711 and SCL01x by SCM. What
 * could not be verified has no preset: for readers of the line OMNIKEY give `{ ...generic, structure: 0x20 }` a try,
 * for the older ACR128 `{ ...acs, load, authenticate }` with its only volatile place, 0x20,
 * for both keys.
 */

/** A number for key A and one for key B. */
export interface Places {
  readonly A: number
  readonly B: number
}

/** The two keys of a sector. */
export type KeyKind = keyof Places

/**
 * `structure`: P1 of LOAD KEY, 0 for volatile memory. `load`: P2 of LOAD KEY. `authenticate`: the number that names
 * the key in GENERAL AUTHENTICATE. `authentication`: `obsolete` is the FF 88 of old ACS readers. `values`: how value
 * blocks are changed; with `none` they are read, reckoned and written by the terminal.
 */
export interface ReaderProfile {
  readonly name: string
  readonly structure: number
  readonly load: Places
  readonly authenticate: Places
  readonly authentication: "general" | "obsolete"
  readonly values: "acs" | "scm" | "none"
}

/** ACR122U, ACR1252U, ACR1281U and their like: two volatile places 00 and 01, value commands FF D7 and FF B1. */
export const acs: ReaderProfile = {
  name: "ACS",
  structure: 0x00,
  load: { A: 0x00, B: 0x01 },
  authenticate: { A: 0x00, B: 0x01 },
  authentication: "general",
  values: "acs"
}

/**
 * Identiv, formerly SCM: a key is loaded to 60 or 61, after its kind, and named 01 afterwards; value commands FF F0.
 */
export const identiv: ReaderProfile = {
  name: "Identiv/SCM",
  structure: 0x00,
  load: { A: 0x60, B: 0x61 },
  authenticate: { A: 0x01, B: 0x01 },
  authentication: "general",
  values: "scm"
}

/** A reader of which no more is known than that it follows PC/SC part 3, which has no value commands. */
export const generic: ReaderProfile = {
  name: "PC/SC part 3",
  structure: 0x00,
  load: { A: 0x00, B: 0x01 },
  authenticate: { A: 0x00, B: 0x01 },
  authentication: "general",
  values: "none"
}

const makers: ReadonlyArray<readonly [name: RegExp, profile: ReaderProfile]> = [
  [/\bACS\b|\bACR ?\d/iu, acs],
  [/\bidentiv|\bSCM\b|\buTrust\b|\bSC[LM]\d|\bSDI\d|\bCLOUD \d/iu, identiv]
]

/**
 * The profile for a reader that PC/SC knows by this name, `generic` for names that are not known.
 *
 * @example
 * ```ts
 * import { ReaderProfile } from "@yikatong/adapters-pcsc"
 *
 * ReaderProfile.ofName("ACS ACR122U PICC Interface 00 00").name // => "ACS"
 * ```
 */
export const ofName = (reader: string): ReaderProfile => makers.find(([name]) => name.test(reader))?.[1] ?? generic
