/**
 * `yikatong reader balance` 卡余额: what is on the chip, on one line. It changes nothing on the card.
 */
import { looking } from "./CardCommand.ts"
import { exitCodes } from "./CardFlags.ts"

export const balance = looking(
  "balance",
  "卡内余额和交易次数，只读 / the balance of the chip and its counters; it only reads. " + exitCodes
)
