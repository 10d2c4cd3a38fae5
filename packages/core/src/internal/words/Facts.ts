/**
 * Declines on requests and records 请求与脱机流水: clocks, records that cannot be, terminals that are cut off (D11, D16).
 */
import { format, formatMinute } from "../../CivilTime.ts"
import type { Declines } from "./Entry.ts"
import { duration, fullSecond, yuan } from "./Figures.ts"
import { text } from "./Text.ts"

const checkClock = text("请工作人员核对消费机时间和该笔流水", "Staff: check the terminal's clock and this record")
const goOnline = text(
  "请改用联网的消费机；请工作人员恢复网络",
  "Use a terminal that is online. Staff: bring this one online again"
)

/** Requests and records. */
export const facts = {
  ClockUntrusted: ({ skew, tolerance }) => [
    text(
      "设备时间相差 {}，最多允许 {}",
      "The clock of this device is off by {}, at most {} is allowed",
      duration(skew),
      duration(tolerance)
    ),
    text("请校准设备时间后重新操作", "Set the clock of this device, then begin again")
  ],
  RecordDatedInFuture: ({ at, receivedAt }) => [
    text(
      "流水时间 {} 晚于收到时间 {}",
      "Record dated {}, yet it arrived before that, at {}",
      format(at),
      format(receivedAt)
    ),
    checkClock
  ],
  RecordBeforeActivation: ({ activatedAt, at }) => [
    activatedAt === undefined
      ? text("流水时间 {}，该卡尚未激活", "Record dated {}: the card is not activated yet", format(at))
      : text(
        "流水时间 {} 早于校园卡激活时间 {}",
        "Record dated {}: the card was activated later, at {}",
        format(at),
        format(activatedAt)
      ),
    checkClock
  ],
  RecordTooOld: ({ at, days }) => [
    text("流水时间 {}，已超过 {} 天", "Record dated {}: more than {} days old", formatMinute(at), days),
    text("请工作人员人工核对该笔流水", "Staff: look at this record")
  ],
  RecordAlreadyPosted: () => [
    text("该笔流水已入账", "This record is posted already"),
    text("请勿手工付款；已付的请收回", "Pay nothing for it by hand; what was paid that way, take back")
  ],
  ReadingOutdated: () => [
    text("读到的卡片信息已过时", "What was read from the card is out of date"),
    text("请重新刷卡", "Tap the card again")
  ],
  PaymentAlreadyRecorded: ({ amount }) => [
    text(
      "本次消费 {}，已按脱机流水收款",
      "These {} have been paid already, by a record of this terminal",
      yuan(amount)
    ),
    text("无需再次付款", "There is nothing to pay again")
  ],
  RecordContested: () => [
    text("该笔流水的编号已被占用，不能入账", "This record cannot be posted: its name is taken"),
    text("请工作人员人工核对该笔流水", "Staff: look at this record")
  ],
  RecordUnnumbered: () => [
    text("该笔流水的号码、时间或金额已损坏", "A number, the time or an amount of this record is damaged"),
    text("请工作人员人工核对该笔流水", "Staff: look at this record")
  ],
  RepeatTap: ({ waitUntil }) => [
    text("同一张卡刚刚刷过", "The same card has just been tapped"),
    text(
      "无需重复刷卡；如要再付一笔，请在 {} 之后刷卡",
      "No need to tap again. To pay once more, tap after {}",
      fullSecond(waitUntil)
    )
  ],
  OfflineCapExceeded: ({ amount, cap }) => [
    text("断网时单笔最多 {}，本次 {}", "While cut off at most {} at once, this payment {}", yuan(cap), yuan(amount)),
    text("请改用联网的消费机，或等网络恢复后再付款", "Use a terminal that is online, or pay when the network is back")
  ],
  OfflineTooLong: ({ allowed, days }) => [
    text("消费机已断网 {} 天，最多允许 {} 天", "Terminal cut off for {} days, at most {} are allowed", days, allowed),
    goOnline
  ],
  TerminalRecordFull: ({ allowed, unsent }) => [
    text(
      "消费机未上传流水 {} 笔，最多 {} 笔",
      "Records not uploaded from this terminal: {}, at most {}",
      unsent,
      allowed
    ),
    goOnline
  ]
} satisfies Partial<Declines>
