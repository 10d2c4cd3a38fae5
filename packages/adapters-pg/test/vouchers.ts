// Commands to a batch of vouchers: the small subject of the laws, at work between crashes and locks.
import { CivilTime, Id, type SubjectStore } from "@yikatong/core"
import { Option } from "effect"
import * as Vouchers from "../../core/src/testing/Vouchers.ts"

const receivedAt = CivilTime.instant("2026-03-02 10:00")
const caller = Id.CallerId.make("tests")
let made = 0

export const kind = "vouchers"
export const merchant = "merchant:vouchers"
export const batches = Vouchers.decider(kind, { from: "school:vouchers", to: merchant })

/** The commands to the batch with this name: each call is a new command, unless it is given an id. */
export const batch = (subject: string) => {
  const say = (body: Vouchers.Command, id = `${subject}.${++made}`): SubjectStore.Submitted<Vouchers.Command> => ({
    caller,
    id: Id.CommandId.make(id),
    subject,
    receivedAt,
    body
  })
  return {
    issue: (vouchers: number, id?: string) => say({ _tag: "Issue", vouchers }, id),
    redeem: (vouchers: number, id?: string) => say({ _tag: "Redeem", vouchers, note: Option.none() }, id)
  }
}
