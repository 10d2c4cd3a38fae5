/**
 * `yikatong reader load` 圈存试验: writes money to the chip that lies on a reader, and nowhere else. No books move.
 */
import { dealing } from "./CardCommand.ts"
import { chipAlone, exitCodes } from "./CardFlags.ts"

export const load = dealing(
  "load",
  "load",
  "向卡片芯片写入金额 / write money to the chip. " + chipAlone + ". " + exitCodes
)
