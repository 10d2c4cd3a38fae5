/**
 * `yikatong reader read` 读卡: all that is on a card but who holds it, and where something is wrong what is. It changes
 * nothing on the card.
 */
import { looking } from "./CardCommand.ts"
import { exitCodes } from "./CardFlags.ts"

export const read = looking(
  "read",
  "读卡：种类、卡号、有效期、状态、休眠日、限额累计、余额、明细；不显示姓名证件，只读；CPU 卡不用密钥，M1 卡需要 --cards；--cards 中有密码时校验密码，错误会计次 / " +
    "what is on a card: kind, id, dates, standing, day of dormancy, counters, purse, log; neither name nor number of its holder is told. " +
    "It only reads, without keys on a CPU card, and with those of --cards on an M1 card; a PIN in --cards is given to the card, which counts a wrong one. " +
    exitCodes
)
