/**
 * Something is broken between terminal and card 读卡故障: the service, the reader, or the contact. It says nothing about the
 * card's money, and it is never a refusal of the card (that is a `CardProblem`) nor a decline of the campus.
 *
 * After any fault of a command that writes it is open whether the card carried it out: `Outcome` finds out, nobody guesses.
 *
 * Its message says the same in Chinese and English: at which reader, what happened, and what to do.
 */
import { Schema } from "effect"

const at = { reader: Schema.String }
const doctor = { zh: "运行 yikatong reader doctor 查看原因", en: "`yikatong reader doctor` tells more" }

/** What became of the service, by its code. */
const became = (code: string): { readonly zh: string; readonly en: string } => {
  switch (code) {
    case "NoService":
    case "ServiceStopped":
    case "CommError":
    case "died":
      return {
        zh: `智能卡服务未运行（${code}）：请启动 pcscd；${doctor.zh}`,
        en: `the smart card service does not run (${code}): start pcscd; ${doctor.en}`
      }
    case "Timeout":
      return {
        zh: `智能卡服务无响应（${code}）：请重新启动 pcscd；${doctor.zh}`,
        en: `the smart card service does not answer (${code}): start pcscd anew; ${doctor.en}`
      }
    case "HandlesExhausted":
      return {
        zh: `读卡连接已用尽（${code}），正在重新连接智能卡服务：请稍后重新刷卡`,
        en:
          `the connections to cards are used up (${code}), and the smart card service is connected to anew: tap again in a moment`
      }
    case "Closed":
      return {
        zh: `读卡程序已结束（${code}）：请重新启动终端`,
        en: `the program has closed its readers (${code}): start the terminal anew`
      }
    default:
      return {
        zh: `无法连接智能卡服务（${code}）：${doctor.zh}`,
        en: `the smart card service can not be connected to (${code}): ${doctor.en}`
      }
  }
}

/**
 * There is no service of smart cards (pcscd, the Windows service): it does not run, has died, does not answer or can not be reached.
 * `code` says which. It is asked again until it is back.
 */
export class ServiceGone extends Schema.TaggedError<ServiceGone>()("ServiceGone", { code: Schema.String }) {
  override get message() {
    const { en, zh } = became(this.code)
    return `${zh} / ${en}`
  }
}

/** The service does not let this user in, as polkit does for users without a seat. */
export class AccessDenied extends Schema.TaggedError<AccessDenied>()("AccessDenied", { code: Schema.String }) {
  override get message() {
    return `无权访问智能卡服务（${this.code}）：请在 polkit 中允许 org.debian.pcsc-lite；yikatong reader doctor 会给出规则 / ` +
      `the smart card service refuses this user (${this.code}): allow org.debian.pcsc-lite in polkit; ` +
      "`yikatong reader doctor` prints the rule"
  }
}

/** There is no reader of this name, or it was unplugged. */
export class ReaderGone extends Schema.TaggedError<ReaderGone>()("ReaderGone", at) {
  override get message() {
    return `读卡器已断开：${this.reader}；请重新插好 / the reader is gone: ${this.reader}; plug it in`
  }
}

/** The reader has not answered for so long that it was set aside. It is tried again from time to time, or after it was plugged in anew. */
export class ReaderStuck extends Schema.TaggedError<ReaderStuck>()("ReaderStuck", {
  ...at,
  milliseconds: Schema.Finite
}) {
  override get message() {
    return `读卡器 ${this.milliseconds} 毫秒无响应，已停用：${this.reader}；请拔下后重新插入 / ` +
      `the reader has not answered for ${this.milliseconds} ms and is set aside: ${this.reader}; unplug it and plug it in`
  }
}

/** No card lies on the reader, or it was taken away before this command was sent. */
export class CardGone extends Schema.TaggedError<CardGone>()("CardGone", at) {
  override get message() {
    return `读卡器上没有卡片：${this.reader}；请放卡 / there is no card on the reader: ${this.reader}; put the card on it`
  }
}

const lost = { empty: "应答为空", removed: "卡片已拿开", reset: "卡片被复位", link: "连接中断", late: "超时" }

/**
 * A command was sent and no answer came: the card was pulled away or reset in between, or the contact was lost. `how`: what the
 * reader said. The command may have been carried out.
 */
export class AnswerLost extends Schema.TaggedError<AnswerLost>()("AnswerLost", {
  ...at,
  how: Schema.Literals(["empty", "removed", "reset", "link", "late"])
}) {
  override get message() {
    return `卡片应答丢失（${lost[this.how]}）：${this.reader}；请把卡片放回读卡器 / ` +
      `the answer of the card was lost (${this.how}): ${this.reader}; put the card on the reader again`
  }
}

/** Another program holds the card. `tries`: how often it was asked for. */
export class CardBusy extends Schema.TaggedError<CardBusy>()("CardBusy", { ...at, tries: Schema.Int }) {
  override get message() {
    return `卡片被其他程序占用：${this.reader}；请结束该程序（gpg-agent 及 scdaemon、浏览器、opensc） / ` +
      `another program holds the card: ${this.reader}; end it (gpg-agent with scdaemon, a browser, opensc)`
  }
}

/** The card gives no sign of life: it lies askew, is upside down, is none that this reader speaks to, or is broken. */
export class CardMute extends Schema.TaggedError<CardMute>()("CardMute", at) {
  override get message() {
    return `卡片无应答：${this.reader}；请翻面或放平 / the card does not answer: ${this.reader}; turn it or lay it flat`
  }
}

/** The binding or the driver failed in a way that is none of the others. `code`: its own word for it. */
export class ReaderFailed extends Schema.TaggedError<ReaderFailed>()("ReaderFailed", {
  ...at,
  operation: Schema.String,
  code: Schema.String
}) {
  override get message() {
    const failed = `${this.operation}, ${this.code}`
    return `读卡器操作失败（${failed}）：${this.reader}；请重新刷卡，仍不行请重新插拔读卡器；${doctor.zh} / ` +
      `the reader has failed (${failed}): ${this.reader}; tap again, and if it lasts plug the reader in anew; ${doctor.en}`
  }
}

/** What may happen to a card in use. */
export type CardFault =
  | ServiceGone
  | AccessDenied
  | ReaderGone
  | ReaderStuck
  | CardGone
  | AnswerLost
  | CardBusy
  | CardMute
  | ReaderFailed

/** The card was taken away, or its answer was: it may lie there again, and can be asked once it was woken up. */
export const isLost = (failure: { readonly _tag: string }): failure is AnswerLost | CardGone =>
  failure._tag === "AnswerLost" || failure._tag === "CardGone"
