/**
 * A clerk for every counter of a school 柜员, with all papers on the desk: for tests, examples and stories. A real host takes
 * the operator from its own sign-on (D24).
 */
import type { Attendance } from "../Attendance.ts"
import { OperatorId } from "../Id.ts"
import { isAttended } from "../Point.ts"
import { pointOf, type SchoolProfile } from "../SchoolProfile.ts"

/** Who attends at a point, as the field of a command; nothing where nobody sits. */
export const at = (profile: SchoolProfile, point: string): { readonly attendance?: Attendance } => {
  const found = pointOf(profile, point)
  if (found === undefined || !isAttended(found.category)) return {}
  const duty = profile.duties.find(({ department }) =>
    found.department === undefined || department === found.department
  )
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
