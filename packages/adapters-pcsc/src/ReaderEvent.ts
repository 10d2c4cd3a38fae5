/**
 * What happens at the readers 读卡器事件: the service comes and goes, readers come and go, and so do cards.
 *
 * A subscriber is first told how things stand, in the same events; from these it always knows the present state. A reader that
 * is detached takes its card with it: no event of its own tells that.
 */
import * as Bytes from "./Bytes.ts"
import type { CardFault } from "./CardFault.ts"
import type { Text } from "./StatusWord.ts"

/** `insertion`: a number that grows with every card that comes, so that a card taken away and put back at once is not missed. */
export type ReaderEvent =
  /** The service of smart cards answers. */
  | { readonly _tag: "ServiceUp" }
  /** It does not run, has died, or refuses us; it is asked again and again. All its readers are gone. */
  | { readonly _tag: "ServiceDown"; readonly fault: CardFault }
  | { readonly _tag: "ReaderAttached"; readonly reader: string }
  | { readonly _tag: "ReaderDetached"; readonly reader: string }
  /** A card answers. `atr`: read from the card itself. */
  | {
    readonly _tag: "CardInserted"
    readonly reader: string
    readonly atr: Bytes.Bytes
    readonly insertion: number
  }
  /** Something lies there and gives no sign of life: upside down, of another kind, or broken. */
  | { readonly _tag: "CardUnreadable"; readonly reader: string; readonly insertion: number }
  /** Another program has the card alone; when it lets go, `CardInserted` follows. */
  | { readonly _tag: "CardHeld"; readonly reader: string; readonly insertion: number }
  | { readonly _tag: "CardRemoved"; readonly reader: string }
  /** The reader has not answered for so long, and is not asked any more until its answer comes or it is plugged in anew. */
  | { readonly _tag: "ReaderSetAside"; readonly reader: string; readonly milliseconds: number }
  | { readonly _tag: "ReaderBack"; readonly reader: string }
  /** More readers are there than can be seen; without `there`: it is not known whether there are. */
  | { readonly _tag: "ReadersHidden"; readonly seen: number; readonly there?: number }
  /** All readers can be seen again. */
  | { readonly _tag: "ReadersShown"; readonly seen: number }

export type Of<Tag extends ReaderEvent["_tag"]> = Extract<ReaderEvent, { readonly _tag: Tag }>

/** What it means, and what to do where something is to be done. */
export const explain = (event: ReaderEvent): Text => {
  switch (event._tag) {
    case "ServiceUp":
      return { zh: "智能卡服务已连接", en: "the smart card service answers" }
    case "ServiceDown": {
      const [zh = "", ...en] = event.fault.message.split(" / ")
      return { zh, en: en.join(" / ") }
    }
    case "ReaderAttached":
      return { zh: `读卡器已接入：${event.reader}`, en: `reader attached: ${event.reader}` }
    case "ReaderDetached":
      return { zh: `读卡器已断开：${event.reader}`, en: `reader detached: ${event.reader}` }
    case "CardInserted": {
      const atr = Bytes.hex(event.atr)
      return { zh: `放入卡片：${event.reader}（ATR ${atr}）`, en: `card inserted: ${event.reader} (ATR ${atr})` }
    }
    case "CardUnreadable":
      return {
        zh: `卡片无应答：${event.reader}，请翻面或放平`,
        en: `the card does not answer: ${event.reader}; turn it or lay it flat`
      }
    case "CardHeld":
      return {
        zh: `卡片被其他程序占用：${event.reader}`,
        en: `another program holds the card: ${event.reader}; end it (gpg-agent with scdaemon, a browser, opensc)`
      }
    case "CardRemoved":
      return { zh: `卡片已拿开：${event.reader}`, en: `card removed: ${event.reader}` }
    case "ReaderSetAside":
      return {
        zh: `读卡器 ${event.milliseconds} 毫秒无响应，已停用：${event.reader}，请拿开卡片或重新插拔`,
        en:
          `no answer for ${event.milliseconds} ms, set aside: ${event.reader}; take the card away or plug the reader in anew`
      }
    case "ReaderBack":
      return { zh: `读卡器已恢复：${event.reader}`, en: `the reader answers again: ${event.reader}` }
    case "ReadersHidden":
      return event.there === undefined
        ? {
          zh: `可见 ${event.seen} 个读卡器，已达上限，可能还有看不见的`,
          en: `${event.seen} readers are seen, which is the most there can be: others may be there unseen`
        }
        : {
          zh: `共有 ${event.there} 个读卡器，只能看见 ${event.seen} 个，请拔掉不用的`,
          en: `${event.there} readers are there, only ${event.seen} can be seen: unplug those that are not needed`
        }
    case "ReadersShown":
      return { zh: `${event.seen} 个读卡器全部可见`, en: `all ${event.seen} readers can be seen` }
  }
}

/** Both languages in one line, for logs. */
export const inWords = (event: ReaderEvent): string => {
  const { en, zh } = explain(event)
  return `${zh} / ${en}`
}
