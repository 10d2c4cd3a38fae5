/**
 * Who may attend, and what must be on the desk (R30, R36, R37, R40, R43, R47, R72): the manual's lists,
 * written down once more.
 */
import type { Attendance } from "../../src/Attendance.ts"
import { type Told } from "./Expected.ts"

const duties: Readonly<Record<string, ReadonlyArray<string>>> = {
  "card-centre clerk": [
    "openAccount",
    "openTemporary",
    "issueTemporary",
    "activateCard",
    "cancelCard",
    "reportFound",
    "extendValidity",
    "changePassword",
    "resetPassword",
    "repayDebt",
    "closeAccount"
  ],
  "ccb teller": ["issueCard", "reportBankSideLost", "cancelCard"],
  "dormitories warden": ["grantAccess", "revokeAccess"],
  "finance accountant": ["creditRecharge", "refundPurchase", "writeOffDebt", "grantSubsidy", "expireSubsidy", "payOut"]
}
const supervised = ["refundPurchase", "writeOffDebt", "payOut"]
const withBoth = ["activateCard", "changePassword", "resetPassword", "reportFound", "extendValidity"]
const withIdentity = [...withBoth, "issueCard", "reportBankSideLost", "closeAccount"]
const withCard = [...withBoth, "cancelCard"]

/** Why this is not done there for this operator with these papers, or nothing. */
export const refuse = (procedure: string, category: string, attendance: Attendance | undefined): Told | undefined => {
  const sits = { counter: "card-centre", bankWindow: "ccb" }[category]
  if (attendance === undefined) {
    return sits !== undefined || supervised.includes(procedure) ? { _tag: "OperatorMissing" } : undefined
  }
  const { department, presented, role } = attendance
  const may = duties[`${department} ${role}`]?.includes(procedure) === true
  if (!may || (sits !== undefined && sits !== department)) return { _tag: "OperatorNotAllowed", procedure }
  // Papers are asked for where there is a desk to lay them on.
  if (sits === undefined) return undefined
  const has = (paper: string) => presented.some(({ _tag }) => _tag === paper)
  const missing = [
    ...(withIdentity.includes(procedure) && !has("IdentityDocument") ? ["identityDocument"] : []),
    ...(withCard.includes(procedure) && !has("CampusCard") ? ["campusCard"] : [])
  ]
  return missing.length === 0 ? undefined : { _tag: "DocumentMissing", missing }
}
