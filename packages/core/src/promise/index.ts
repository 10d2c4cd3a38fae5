/**
 * The promise door of `@yikatong/core`: no Effect type stands in its signatures.
 */
export type { Explanation } from "../Explanation.ts"
export type { Backend, Channel } from "../ports/Backend.ts"
export { csmzxy } from "../presets/Csmzxy.ts"
export type { ApplicationInput, Issued, OpeningInput, PasswordInput, PersonInput } from "./Accounts.ts"
export { type BooksReport, Campus, OptionsRejected } from "./Campus.ts"
export type { ChipReading, Write, WriteOutcome } from "./Chips.ts"
export type { Attempt, DoorPick, Doors, Passage, PassageRecord, RefusedScan, Shown } from "./Doors.ts"
export type { BreakInput, ConflictInput, GapInput, Gaps, OpenGaps, RecordToExplain, UnlistedInput } from "./Gaps.ts"
export type { HallStatus } from "./Hall.ts"
export type { Holder, Holdings, Line, Page, PageInput, Quota, Spending } from "./Holder.ts"
export type {
  AttendanceInput,
  Body,
  ClaimInput,
  DocumentInput,
  Named,
  Presented,
  SecretInput,
  Stated,
  Subject,
  Which
} from "./Input.ts"
export type { IssuerInput } from "./Issuer.ts"
export type { BorrowInput, Library, Line as LibraryLine, LineInput, Patron } from "./Library.ts"
export { memory, simulatedChannel } from "./Memory.ts"
export type { AuditEntry, DayClosing, Dormant, Office, Over, Receivables } from "./Office.ts"
export type { Settlement, SettlementBreak } from "./Office.ts"
export { type Options, profileOf, ProfileRejected } from "./Options.ts"
export type { CallbackInput, PayerInput } from "./Payers.ts"
export type { Foreign, Payment, Reversal, Reversed, ScanInput, ScanPayment } from "./Payments.ts"
export type { PhoneAuthorised, PhoneInput, RevocationInput, RevocationUpdate } from "./Phones.ts"
export type { Confirmed, Driven, Heard, Instruction, Loaded, LoadInput, Placed, RechargeAttempt } from "./Recharges.ts"
export type { RechargeInput, RechargeNews, Reply, StuckRecharge, Turned } from "./Recharges.ts"
export type { Carried, Corrected, DayCompared, Reconciled, ReconcileInput } from "./Reconciliations.ts"
export type { Suspended, Terms } from "./Reconciliations.ts"
export type { Batch, BatchInput, BatchOutcome, BatchReport, DraftInput, Subsidies } from "./Subsidies.ts"
export type { BlockedUpdate, RecordInput, RecordOutcome } from "./Terminals.ts"
export type { SignedIn, SignInInput, Terminals, Uploaded, UploadInput } from "./Terminals.ts"
export { day, dayOf, instant } from "./Time.ts"
export type { Account, Answer, Approved, Decline, Declined, Done, Fault, Misuse, Order } from "./Told.ts"
