/**
 * Records of cut-off terminals that are open 待处理流水 (D11, I15): what is the matter with each, and what the office does. Its
 * reader sits at a list in the evening; the holder at the till has his lunch and reads none of this.
 *
 * A record is never changed to make it pass: what is changed is another record. Who explains one closes the accounts to it.
 */
import type { Decline } from "../../Decline.ts"
import type { Refusal } from "../../Sequence.ts"
import type { Entry } from "./Entry.ts"
import { type Text, text } from "./Text.ts"

const byHand = text(
  "无法入账：请人工向商户付款，再说明该流水",
  "It cannot be posted: pay the merchant by hand, then explain the record"
)
const mended = text(
  "终端再次上传即自动入账，请勿改动该流水",
  "It posts when the terminal sends it again: do not change the record"
)
const found = text(
  "终端再次上传即自动入账；查无此人的，人工向商户付款，再说明该流水",
  "It posts when the terminal sends it again. If nobody is found, pay the merchant by hand, then explain the record"
)
const looked = text(
  "请检查终端和卡片；卡内已扣款而未入账的，人工向商户付款；再说明该流水",
  "Have terminal and card looked at. If the chip has paid and nothing was posted, pay the merchant by hand. Then explain the record"
)

/** What the office does about a record that its account has declined; any other decline is final. */
const remedies: Partial<Record<Decline["_tag"], Text>> = {
  UnknownPoint: text(
    "请在消费当时有效的学校配置中补登该设备；{}",
    "Add the device to the profile that was in force at that time. {}",
    mended
  ),
  UnknownMealWindow: text(
    "请在消费当时有效的学校配置中补登该餐次；{}",
    "Add the meal to the profile that was in force at that time. {}",
    mended
  ),
  MediumNotAcceptedHere: text(
    "请在消费当时有效的学校配置中补登该设备的收款方式；{}",
    "Add the way of paying to that device, in the profile that was in force at that time. {}",
    mended
  ),
  UnknownAccount: text("请为持卡人开户；{}", "Open the holder's account. {}", found),
  UnknownCard: text("请登记该卡；{}", "Enter the card for its holder. {}", found),
  UnknownHandle: text("请为付款人绑定付款方式；{}", "Bind the payer's code. {}", found),
  RecordDatedInFuture: text(
    "请校准终端时钟。到该时间后终端再次上传即自动入账；时间有误的，人工向商户付款，再说明该流水",
    "Set the terminal's clock. It posts when that time has come and the terminal sends it again. If that time is wrong, pay the merchant by hand, then explain the record"
  ),
  RecordContested: text(
    "请查明由谁付款：已入账的请勿手工付款；再说明该流水",
    "Find out who paid: pay nothing by hand that was posted. Then explain the record"
  ),
  RecordUnnumbered: looked,
  RecordAlreadyPosted: text(
    "请勿手工付款；已付的请收回",
    "Pay nothing for it by hand; what was paid that way, take back"
  )
}

/** What the office does about a suspended record. */
export const suspended = ({ _tag }: Decline): Text => remedies[_tag] ?? byHand

type Refusals = { readonly [Tag in Refusal["_tag"]]: (it: Extract<Refusal, { readonly _tag: Tag }>) => Entry }
const refusals: Refusals = {
  BeforeFirst: ({ first }) => [
    text("流水号早于该终端的首号 {}", "Its number is from before {}, the terminal's first", first),
    byHand
  ],
  JumpTooLarge: ({ missing, most }) => [
    text("流水号之前缺 {} 号，最多 {} 号", "{} numbers are missing before it, at most {} may be", missing, most),
    text(
      "流水号属实的，请说明之前的缺号，终端再次上传即可接收；流水号损坏的，人工向商户付款，再说明该流水",
      "If its number is right, explain those that are missing before it: it is taken when the terminal sends it again. If it is damaged, pay the merchant by hand, then explain the record"
    )
  ],
  TooManyGaps: ({ most }) => [
    text("该终端缺号已达 {} 处", "{} gaps are open at this terminal", most),
    text(
      "请先补传或说明已有的缺号；终端再次上传即可接收",
      "Have the gaps filled or explain them: it is taken when the terminal sends it again"
    )
  ],
  TooManyOpen: ({ most }) => [
    text("该终端未处理完的流水已达 {} 笔", "{} records of this terminal are open", most),
    text(
      "请让终端再次上传，并处理已列出的流水",
      "Have the terminal upload again, and see to the records that are listed"
    )
  ],
  Unnumbered: () => [text("该笔流水没有可用的流水号", "This record has no usable number"), looked]
}

/** Why a record was refused for its number, and what the office does. */
export const refused = (refusal: Refusal): Entry => (refusals[refusal._tag] as (it: Refusal) => Entry)(refusal)

/** Another record has its number. */
export const conflicting: Entry = [
  text("另有一笔不同的流水使用同一流水号", "Another record has the same number"),
  text(
    "两笔各自入账或待处理，请勿因此手工付款；请检查终端的存储和计数，再说明重号",
    "Each is posted or listed on its own: pay nothing by hand for this. Have the terminal's memory and counter looked at, then explain the conflict"
  )
]

/** It came, and no more is known of it. */
export const taken: Entry = [
  text("流水已收到，尚未处理完", "It came, and nothing more is known of it yet"),
  text(
    "请让终端再次上传；终端已无法上传的，请说明该流水：答复会告知是否已入账，未入账的再人工向商户付款",
    "Have the terminal send it again. Where it can no more, explain the record: the answer says whether it was posted, and what was not is paid to the merchant by hand"
  )
]
