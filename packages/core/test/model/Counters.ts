/**
 * Who may attend at a counter, and what must be on the desk (R30, R36, R37, R40, R43, R47, R72): the manual's lists,
 * written down once more.
 */
import type { Attendance } from "../../src/Attendance.ts"
import { type Told } from "./Expected.ts"

const clerks = [
  "activateCard",
  "cancelCard",
  "reportFound",
  "extendValidity",
  "changePassword",
  "resetPassword",
  "repayDebt",
  "closeAccount"
]
const tellers = ["issueCard", "reportBankSideLost", "cancelCard"]
const withBoth = ["activateCard", "changePassword", "resetPassword", "reportFound", "extendValidity"]
const withIdentity = [...withBoth, "issueCard", "reportBankSideLost", "closeAccount"]
const withCard = [...withBoth, "cancelCard"]

/** Why a counter does not do this for this operator with these papers, or nothing. */
export const refuse = (procedure: string, category: string, attendance: Attendance | undefined): Told | undefined => {
  const attended = category === "counter" || category === "bankWindow"
  if (attendance === undefined) return attended ? { _tag: "OperatorMissing" } : undefined
  const { department, presented, role } = attendance
  const mine = category === "counter" ? "card-centre clerk" : "ccb teller"
  const does = category === "counter" ? clerks : tellers
  if (`${department} ${role}` !== mine || !does.includes(procedure)) return { _tag: "OperatorNotAllowed", procedure }
  const has = (paper: string) => presented.some(({ _tag }) => _tag === paper)
  const missing = [
    ...(withIdentity.includes(procedure) && !has("IdentityDocument") ? ["identityDocument"] : []),
    ...(withCard.includes(procedure) && !has("CampusCard") ? ["campusCard"] : [])
  ]
  return missing.length === 0 ? undefined : { _tag: "DocumentMissing", missing }
}
