/**
 * `yikatong reader pay` 消费试验: takes money from the chip that lies on a reader, and gives it to nobody. No books move.
 */
import { dealing } from "./CardCommand.ts"
import { chipAlone, exitCodes } from "./CardFlags.ts"

export const pay = dealing(
  "pay",
  "debit",
  "从卡片芯片扣款，并更新卡上限额累计 / take money from the chip, and count it on the chip. " + chipAlone + ". " +
    exitCodes
)
