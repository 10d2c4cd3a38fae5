/**
 * `yikatong reader read` 读卡: all that is on a card but who holds it, and where something is wrong what is. It changes
 * nothing on the card.
 */
import { looking } from "./CardCommand.ts"
import { exitCodes } from "./CardFlags.ts"

export const read = looking(
  "read",
  "读卡：种类、卡号、有效期、状态、限额累计、余额、明细；不读姓名证件，只读 / what is on a card: kind, id, dates, standing, counters, purse, log; " +
    "neither name nor number of its holder is told, and nothing is changed. " + exitCodes
)
