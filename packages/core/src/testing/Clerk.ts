/**
 * A clerk for every counter of a school 柜员, with all papers on the desk: for tests, examples and stories. A real host takes
 * the operator from its own sign-on (D24).
 */
import { procedureOf } from "../Account.ts"
import type { Attendance } from "../Attendance.ts"
import type { Command } from "../Command.ts"
import { OperatorId } from "../Id.ts"
import { isAttended } from "../Point.ts"
import { pointOf, type SchoolProfile } from "../SchoolProfile.ts"

/**
 * Who attends to a command at a point, as its field; nothing where nobody needs to. Without a command, whoever sits there.
 */
export const at = (
  profile: SchoolProfile,
  point: string,
  body?: Command
): { readonly attendance?: Attendance } => {
  const found = pointOf(profile, point)
  const procedure = body === undefined ? undefined : procedureOf(undefined, body)
  const supervised = procedure !== undefined && profile.supervised.includes(procedure)
  if (found === undefined || !(isAttended(found.category) || supervised)) return {}
  const here = profile.duties.filter(({ department }) =>
    found.department === undefined || department === found.department
  )
  const duty = here.find(({ procedures }) => procedure !== undefined && procedures.includes(procedure)) ?? here[0]
  if (duty === undefined) return {}
  const { department, role } = duty
  return {
    attendance: {
      operator: OperatorId.make(`operator-${department}`),
      role,
      department,
      presented: [{ _tag: "IdentityDocument", kind: "residentId" }, { _tag: "CampusCard" }]
    }
  }
}
