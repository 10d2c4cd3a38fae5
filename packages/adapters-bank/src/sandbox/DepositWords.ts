/** What the bank's app tells a person 充值结果说明: a school's reasons and a deposit's end, each with what helps. */
import type { DepositCode } from "../ccb/DepositMessages.ts"
import type { Dealing } from "./DepositCaller.ts"
import type { Said } from "./PageFrame.ts"

/** What a school answers. */
export const ofCode: Readonly<Record<DepositCode, Said>> = {
  accepted: ["学校已受理", "The school accepts it"],
  notFound: ["学校查无此人，请核对学号", "The school knows no such person: check the student number"],
  nameMismatch: ["姓名或证件号与学号不符，请核对", "Name or document do not fit the number: check them"],
  lost: ["该卡已挂失，请先到校园卡中心解挂", "That card is reported lost: have it released at the card centre first"],
  frozen: ["该卡未激活或已冻结，请联系校园卡中心", "That card is frozen or not active yet: ask the card centre"],
  closed: ["该账户已注销，不能充值", "That account is closed and takes no money"],
  overLimit: ["金额超出学校限额，请换一个金额", "The school does not allow this amount: choose another"],
  duplicateMismatch: ["流水号重复而金额不同，请重新充值", "The number was used with another amount: begin again"],
  reversedBefore: ["该笔已被撤销，请重新充值", "It was taken back before: begin again"],
  spent: ["款项已使用或已写卡，不能撤销，以当日对账为准", "It is spent or on the card: the books of the day settle it"],
  notOwnCard: ["只能用本人的银行卡充值，请换付款人", "Only the holder's own bank card may pay: choose another payer"],
  outOfOrder: ["学校系统暂不可用，请稍后再试", "The school's side is out of order: try again later"],
  malformed: ["学校不接受这份报文，请核对所填内容", "The school does not take the message: check what you wrote"]
}

/** No answer came that is to be believed. */
export const silent: Said = [
  "学校没有应答，请检查学校的充值服务是否在运行、密钥是否为本次启动的",
  "The school gave no answer: see whether its deposit server runs, with the key of this start"
]

/** No school has said where it listens. */
export const noSchool: Said = [
  "还没有学校告知在哪个端口监听，请先 POST banks/school",
  "No school has told where it listens: POST banks/school first"
]

/** What became of a deposit. */
export const ofDealing = ({ code, state }: Pick<Dealing, "code" | "state">): Said => {
  switch (state) {
    case "credited":
      return ["充值成功", "The money is credited"]
    case "refused":
      return code === undefined ? silent : ofCode[code]
    case "reversed":
      return ["已撤销，款项已退回付款人", "It was taken back, and the payer has the money again"]
    case "disputed":
      return code === undefined ? silent : ofCode[code]
    case "asked":
      return [
        "结果未知，款项暂由银行保管；请要求撤销",
        "Nobody knows yet, and the bank holds the money: have it taken back"
      ]
  }
}
