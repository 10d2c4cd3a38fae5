/**
 * Phones that show codes 扫码手机: authorised, ended, and told of to the terminals (R4, R5, R12, R13).
 */
import { Effect, Schema } from "effect"
import * as CodeIssuance from "../CodeIssuance.ts"
import * as CodeKeys from "../CodeKeys.ts"
import * as Command from "../Command.ts"
import * as Authorising from "../flows/Authorising.ts"
import * as Id from "../Id.ts"
import { Pseudonym } from "../Pseudonym.ts"
import type * as Revocations from "../Revocations.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import * as Told from "./Told.ts"

/** A phone that wants to show codes: of which medium, and its public key, 64 hexadecimal digits. */
export interface PhoneInput {
  readonly subject: Input.Subject
  readonly medium: (typeof CodeIssuance.CodeMedium)["Encoded"]
  readonly deviceKey: string
}

/** The phone that has this pseudonym is ended, or all phones of the account. */
export interface RevocationInput extends Input.Named {
  readonly account: string
  readonly pseudonym?: string
}

/** What a phone may show codes with, until `notAfter`. It is given `authorisation`; the host keeps `pseudonym`. */
export interface PhoneAuthorised {
  readonly _tag: "Authorised"
  readonly authorisation: string
  readonly account: string
  readonly pseudonym: string
  readonly notBefore: number
  readonly notAfter: number
}

/** What a terminal is told of the ended authorisations. */
export type RevocationUpdate =
  | { readonly _tag: "Whole"; readonly list: typeof Revocations.Revocations.Encoded }
  | { readonly _tag: "Changes"; readonly delta: typeof Revocations.Delta.Encoded }
  | { readonly _tag: "Current"; readonly version: number; readonly at: number }

const Phone = Schema.Struct({
  subject: Command.Subject,
  medium: CodeIssuance.CodeMedium,
  deviceKey: CodeKeys.PublicKey
})
const Revocation = Schema.Struct({
  ...Input.named,
  account: Id.AccountId,
  pseudonym: Schema.optionalKey(Pseudonym)
})
const Version = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** Authorises a phone, or renews that. */
export const authorise = (host: Host, phone: PhoneInput): Promise<PhoneAuthorised | Told.Declined> =>
  host.run(() => Authorising.authorise(Input.decode(Phone, phone)))

/** Ends phones. */
export const revoke = (host: Host, revocation: RevocationInput): Promise<Told.Done> =>
  host.run(() => Effect.map(Authorising.revoke(Input.decode(Revocation, revocation)), Told.done))

/** What has ended since a version of the list. */
export const revocations = (host: Host, since: number): Promise<RevocationUpdate> =>
  host.run(() => Authorising.revocationsSince(Input.decode(Version, since, "since")))
