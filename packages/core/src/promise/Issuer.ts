/**
 * Who issues the school's codes 发码方: its keys, as they are handed in when the campus is opened (R4, R5).
 */
import { Schema } from "effect"
import * as CodeKeys from "../CodeKeys.ts"
import { type CodeIssuer, fromKeys, none as noIssuer } from "../ports/CodeIssuer.ts"
import * as Input from "./Input.ts"

/**
 * Secret keys of 32 bytes by their numbers in the profile, and so many random bytes that nobody can guess, such as
 * `randomBytes` of `node:crypto`.
 */
export interface IssuerInput {
  readonly secretKeys: Readonly<Record<number, Uint8Array>>
  readonly random: (length: number) => Uint8Array
}

const Kid = Schema.FiniteFromString.pipe(Schema.decodeTo(CodeKeys.Kid))

/** Who issues codes; nobody, if left out. A key that is none throws before the campus opens, and is not repeated. */
export const issuerOf = (input: IssuerInput | undefined): CodeIssuer["Service"] =>
  input === undefined
    ? noIssuer
    : fromKeys(
      new Map(Object.entries(input.secretKeys).map(([kid, key]) => [Input.decode(Kid, kid), CodeKeys.secretKey(key)])),
      input.random
    )
