/**
 * What is wrong with a card 卡片问题: it refuses, it is none of ours, or what it says can not be. The reader works; the card was
 * left as it was.
 *
 * A problem is a value with its numbers and its remedy in two languages. It is no decline: the campus was not asked.
 */
import * as StatusWord from "./StatusWord.ts"
import type { Text } from "./StatusWord.ts"

/** What a command was for. */
export type Step =
  | "select"
  | "readFile"
  | "writeFile"
  | "challenge"
  | "verifyPin"
  | "balance"
  | "initialiseLoad"
  | "credit"
  | "initialisePurchase"
  | "debit"
  | "prove"
  | "log"
  | "authenticate"
  | "loadKey"
  | "readBlock"
  | "writeBlock"
  | "value"
  | "uid"
  | "psam"

export type CardProblem =
  /** The card answered with a status that ends the step. */
  | { readonly _tag: "CardRefused"; readonly step: Step; readonly status: StatusWord.StatusWord }
  /** An answer of a length that it can not have. */
  | { readonly _tag: "AnswerMalformed"; readonly step: Step; readonly bytes: number; readonly expected: number }
  /** The application of this campus is not on the card: it is of another system. */
  | { readonly _tag: "NotACampusCard" }
  /** The card has an answer to reset of no kind that is known here. */
  | { readonly _tag: "UnknownCardType"; readonly atr: string }
  /** What a file holds makes no sense: half written, damaged, or of another layout. */
  | { readonly _tag: "FileDamaged"; readonly file: string; readonly problem: string }
  /** The application or the card is blocked; only who issued it can open it again. */
  | { readonly _tag: "CardBlocked"; readonly forEver: boolean }
  /** The wrong PIN; `tries` are left. */
  | { readonly _tag: "PinWrong"; readonly tries: number }
  | { readonly _tag: "PinLocked" }
  /** The card's signature is wrong: it is a copy, its keys are others, or ours are. */
  | { readonly _tag: "MacWrong"; readonly step: Step }
  /** The balance on the card is too small. In fen. */
  | { readonly _tag: "BalanceShort"; readonly amount: number; readonly balance: number }
  /** It has counted to its end, and takes no more of these: the card must be replaced. */
  | { readonly _tag: "CounterFull"; readonly counter: "load" | "purchase" }
  /** Another card lies on the reader than the one that was begun with. */
  | { readonly _tag: "AnotherCard" }
  /** The chip reads otherwise than it did when this was decided: nothing was written. */
  | { readonly _tag: "CardChanged" }
  /** A purchase was made without its counters being written: what was bought today is not known from the chip alone. */
  | { readonly _tag: "CountersBehind"; readonly purchases: number }
  /** More than the chip has room for. */
  | { readonly _tag: "NoRoomOnCard"; readonly file: string; readonly problem: string }
  /** There is no key for this: the terminal's keys are of another campus or incomplete. */
  | { readonly _tag: "KeyMissing"; readonly key: string }
  /** A sector of an M1 card has another key: the card is of another system, or our keys are. */
  | { readonly _tag: "SectorKeyWrong"; readonly sector: number }
  /** The reader does not take this pseudo-APDU or this place for a key: it wants another `ReaderProfile`. */
  | { readonly _tag: "ReaderUnsuited"; readonly step: Step; readonly status: StatusWord.StatusWord }
  /** Block 0 and the sector trailers are never written as data is. */
  | { readonly _tag: "BlockReserved"; readonly block: number }
  /** Whoever has this key (a host, a PSAM) does not answer. */
  | { readonly _tag: "KeysUnreachable"; readonly key: string }
  /** A command or answer is longer than reader or card take. */
  | { readonly _tag: "TooLong"; readonly bytes: number; readonly longest: number }

export type Of<Tag extends CardProblem["_tag"]> = Extract<CardProblem, { readonly _tag: Tag }>

const refused = (step: Step, status: StatusWord.StatusWord): CardProblem => ({ _tag: "CardRefused", step, status })

/** What a status that is not success says, whatever the step. */
export const ofStatus = (step: Step, word: number): CardProblem => {
  const status = StatusWord.of(word)
  switch (status._tag) {
    case "ApplicationLocked":
      return { _tag: "CardBlocked", forEver: true }
    case "MacInvalid":
    case "WrongSecureMessage":
      return { _tag: "MacWrong", step }
    case "FileNotFound":
      return step === "select" ? { _tag: "NotACampusCard" } : refused(step, status)
    case "NotSupported":
      return step === "select" ? { _tag: "CardBlocked", forEver: false } : refused(step, status)
    case "Wrong":
      return step === "verifyPin" ? { _tag: "PinWrong", tries: status.tries } : refused(step, status)
    case "Locked":
      return step === "verifyPin" ? { _tag: "PinLocked" } : refused(step, status)
    default:
      return refused(step, status)
  }
}

const counter = (bytes: number, zh: string, en: string): Text => ({ zh: `${bytes} ${zh}`, en: `${bytes} ${en}` })
const yuan = (fen: number): string => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`
const desk: Text = { zh: "请到校园卡服务窗口处理", en: "take it to the card counter" }

/** What it is, and what helps. */
export const explain = (problem: CardProblem): { readonly what: Text; readonly remedy: Text } => {
  switch (problem._tag) {
    case "CardRefused": {
      const { en, zh } = StatusWord.explain(problem.status)
      const word = StatusWord.written(problem.status.word)
      return {
        what: {
          zh: `卡片拒绝：${zh}（${problem.step} ${word}）`,
          en: `the card refuses: ${en} (${problem.step} ${word})`
        },
        remedy: {
          zh: "请重试；仍不行请到校园卡服务窗口处理",
          en: "try again; if it lasts, take it to the card counter"
        }
      }
    }
    case "AnswerMalformed":
      return {
        what: {
          zh: `卡片应答长度为 ${problem.bytes}，应为 ${problem.expected}（${problem.step}）`,
          en: `the card answered ${
            counter(problem.bytes, "", "bytes").en
          } where ${problem.expected} are due (${problem.step})`
        },
        remedy: desk
      }
    case "NotACampusCard":
      return {
        what: { zh: "不是本校校园卡", en: "this is no card of this campus" },
        remedy: { zh: "请使用本校校园卡", en: "use the campus card" }
      }
    case "UnknownCardType":
      return {
        what: { zh: "未知的卡片类型", en: "a card of an unknown type" },
        remedy: { zh: "请使用本校校园卡", en: "use the campus card" }
      }
    case "FileDamaged":
      return {
        what: {
          zh: `卡内文件 ${problem.file} 已损坏`,
          en: `the file ${problem.file} on the card is damaged: ${problem.problem}`
        },
        remedy: desk
      }
    case "CardBlocked":
      return {
        what: problem.forEver
          ? { zh: "卡片应用已永久锁定", en: "the application on the card is locked for ever" }
          : { zh: "卡片已锁定", en: "the card is blocked" },
        remedy: problem.forEver ? { zh: "请换卡", en: "have the card replaced" } : desk
      }
    case "PinWrong":
      return {
        what: { zh: `密码不对，还可试 ${problem.tries} 次`, en: `wrong PIN, ${problem.tries} tries are left` },
        remedy: { zh: "请核对密码", en: "check the PIN" }
      }
    case "PinLocked":
      return { what: { zh: "密码已锁定", en: "the PIN is locked" }, remedy: desk }
    case "MacWrong":
      return {
        what: { zh: `卡片签名不对（${problem.step}）`, en: `the signature of the card is wrong (${problem.step})` },
        remedy: {
          zh: "请核对终端密钥；密钥无误时卡片可疑，请收卡",
          en: "check the keys of the terminal; if they are right, keep the card: it may be forged"
        }
      }
    case "BalanceShort":
      return {
        what: {
          zh: `卡内余额 ${yuan(problem.balance)} 元，不足 ${yuan(problem.amount)} 元`,
          en: `¥${yuan(problem.balance)} on the card, less than ¥${yuan(problem.amount)}`
        },
        remedy: { zh: "请充值后在食堂消费机圈存", en: "recharge, then load the card at a canteen terminal" }
      }
    case "CounterFull":
      return {
        what: { zh: "卡片交易次数已满", en: `the card has counted its last ${problem.counter}` },
        remedy: { zh: "请换卡", en: "have the card replaced" }
      }
    case "AnotherCard":
      return {
        what: { zh: "换了另一张卡", en: "another card lies on the reader now" },
        remedy: { zh: "请放回原来的卡", en: "put the first card back" }
      }
    case "CardChanged":
      return {
        what: { zh: "卡内数据与刚才读到的不同", en: "the chip reads otherwise than a moment ago" },
        remedy: { zh: "请重新刷卡", en: "tap again" }
      }
    case "CountersBehind":
      return {
        what: {
          zh: `卡内限额累计缺少 ${problem.purchases} 笔消费`,
          en: `the counters on the card miss ${problem.purchases} purchases`
        },
        remedy: { zh: "请在联网的消费机上刷卡", en: "tap at a terminal that is connected" }
      }
    case "NoRoomOnCard":
      return {
        what: {
          zh: `卡内文件 ${problem.file} 空间不足`,
          en: `no room in the file ${problem.file} of the card: ${problem.problem}`
        },
        remedy: desk
      }
    case "KeyMissing":
      return {
        what: { zh: `终端缺少密钥 ${problem.key}`, en: `the terminal has no key ${problem.key}` },
        remedy: { zh: "请装入本校密钥或 PSAM 卡", en: "give it the keys of this campus, or the PSAM" }
      }
    case "SectorKeyWrong":
      return {
        what: {
          zh: `第 ${problem.sector} 扇区密钥不对`,
          en: `sector ${problem.sector} of the card has another key`
        },
        remedy: {
          zh: "请核对终端密钥；密钥无误时不是本校校园卡",
          en: "check the keys of the terminal; if they are right, this is no card of this campus"
        }
      }
    case "ReaderUnsuited": {
      const word = StatusWord.written(problem.status.word)
      return {
        what: {
          zh: `读卡器不接受该指令（${problem.step} ${word}）`,
          en: `the reader does not take this command (${problem.step} ${word})`
        },
        remedy: {
          zh: "请为该读卡器选用正确的读卡器参数",
          en: "choose the reader profile that fits this reader"
        }
      }
    }
    case "BlockReserved":
      return {
        what: {
          zh: `第 ${problem.block} 块是厂商块或扇区尾块，不能作为数据写入`,
          en: `block ${problem.block} is the manufacturer's block or a sector trailer, and is not written as data`
        },
        remedy: { zh: "请核对卡片布局", en: "check the layout of the card" }
      }
    case "KeysUnreachable":
      return {
        what: { zh: `密钥 ${problem.key} 的保管方无应答`, en: `whoever has the key ${problem.key} does not answer` },
        remedy: { zh: "请稍后再刷卡", en: "tap again a little later" }
      }
    case "TooLong":
      return {
        what: {
          zh: `数据 ${problem.bytes} 字节，超过上限 ${problem.longest}`,
          en: `${problem.bytes} bytes, more than the ${problem.longest} that are possible here`
        },
        remedy: { zh: "请换支持扩展长度的读卡器", en: "use a reader that speaks extended lengths" }
      }
  }
}
