/**
 * `yikatong reader balance` 卡余额: what is on the chip, on one line. It changes nothing on the card.
 */
import { looking } from "./CardCommand.ts"
import { exitCodes } from "./CardFlags.ts"

export const balance = looking(
  "balance",
  "卡内余额和交易次数，只读，CPU 卡不用密钥，M1 卡需要 --cards / the balance of the chip and its counters; it only reads, without keys on a " +
    "CPU card, and with those of --cards on an M1 card. " + exitCodes
)
