/**
 * Something is broken between terminal and card 读卡故障: the service, the reader, or the contact. It says nothing about the
 * card's money, and it is never a refusal of the card (that is a `CardProblem`) nor a decline of the campus.
 *
 * After any fault of a command that writes it is open whether the card carried it out: `Outcome` finds out, nobody guesses.
 */
import { Schema } from "effect"

const at = { reader: Schema.String }

/** The service of smart cards (pcscd, the Windows service) does not run, or has died. It is asked again until it is back. */
export class ServiceGone extends Schema.TaggedError<ServiceGone>()("ServiceGone", { code: Schema.String }) {
  override get message() {
    return `智能卡服务未运行 / the smart card service does not run (${this.code}): start pcscd; \`yikatong reader doctor\` tells more`
  }
}

/** The service does not let this user in, as polkit does for users without a seat. */
export class AccessDenied extends Schema.TaggedError<AccessDenied>()("AccessDenied", { code: Schema.String }) {
  override get message() {
    return `无权访问智能卡服务 / the smart card service refuses this user (${this.code}): allow org.debian.pcsc-lite in polkit; ` +
      "`yikatong reader doctor` prints the rule"
  }
}

/** There is no reader of this name, or it was unplugged. */
export class ReaderGone extends Schema.TaggedError<ReaderGone>()("ReaderGone", at) {
  override get message() {
    return `读卡器已断开 / the reader is gone: ${this.reader}`
  }
}

/** The reader has not answered for so long that it was set aside. It is tried again from time to time, or after it was plugged in anew. */
export class ReaderStuck extends Schema.TaggedError<ReaderStuck>()("ReaderStuck", {
  ...at,
  milliseconds: Schema.Finite
}) {
  override get message() {
    return `读卡器无响应，已停用 / the reader has not answered for ${this.milliseconds} ms and is set aside: ${this.reader}; unplug it and plug it in`
  }
}

/** No card lies on the reader, or it was taken away before this command was sent. */
export class CardGone extends Schema.TaggedError<CardGone>()("CardGone", at) {
  override get message() {
    return `卡片已拿开 / there is no card on the reader: ${this.reader}`
  }
}

/**
 * A command was sent and no answer came: the card was pulled away or reset in between, or the contact was lost. `how`: what the
 * reader said. The command may have been carried out.
 */
export class AnswerLost extends Schema.TaggedError<AnswerLost>()("AnswerLost", {
  ...at,
  how: Schema.Literals(["empty", "removed", "reset", "link", "late"])
}) {
  override get message() {
    return `卡片应答丢失 / the answer of the card was lost (${this.how}): ${this.reader}; put the card on the reader again`
  }
}

/** Another program holds the card. `tries`: how often it was asked for. */
export class CardBusy extends Schema.TaggedError<CardBusy>()("CardBusy", { ...at, tries: Schema.Int }) {
  override get message() {
    return `卡片被其他程序占用 / another program holds the card: ${this.reader}; end it (gpg-agent with scdaemon, a browser, opensc)`
  }
}

/** The card gives no sign of life: it lies askew, is upside down, is none that this reader speaks to, or is broken. */
export class CardMute extends Schema.TaggedError<CardMute>()("CardMute", at) {
  override get message() {
    return `卡片无应答 / the card does not answer: ${this.reader}; turn it or lay it flat`
  }
}

/** The binding or the driver failed in a way that is none of the others. `code`: its own word for it. */
export class ReaderFailed extends Schema.TaggedError<ReaderFailed>()("ReaderFailed", {
  ...at,
  operation: Schema.String,
  code: Schema.String
}) {
  override get message() {
    return `读卡器操作失败 / ${this.operation} failed at the reader ${this.reader} (${this.code})`
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
