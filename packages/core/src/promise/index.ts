/**
 * The promise door of `@yikatong/core`: no Effect type stands in its signatures.
 */
export type { Backend, Channel } from "../ports/Backend.ts"
export { csmzxy } from "../presets/Csmzxy.ts"
export {
  type Account,
  type Answer,
  type Approved,
  Campus,
  type ChipReading,
  type Decline,
  type Declined,
  type Foreign,
  type Passage,
  type PhoneAuthorised,
  type RevocationUpdate
} from "./Campus.ts"
export { type Options, type Order, type Payment, ProfileRejected } from "./Campus.ts"
export type { Body, ClaimInput, DocumentInput, IssuerInput, PersonInput, PhoneInput } from "./Input.ts"
export type { RevocationInput, ScanInput, Stated, Subject } from "./Input.ts"
export { memory, simulatedChannel } from "./Memory.ts"
