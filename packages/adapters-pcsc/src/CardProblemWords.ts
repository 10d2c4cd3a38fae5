/**
 * What is wrong with a card, in words 卡片问题说明: one entry for each problem, in the order of `CardProblem`, with what it is
 * and what helps.
 */
import { Money } from "@yikatong/core"
import type { CardProblem, Of, Step } from "./CardProblem.ts"
import * as Names from "./CardProblemNames.ts"
import * as StatusWord from "./StatusWord.ts"
import type { Text } from "./StatusWord.ts"

interface Words {
  readonly what: Text
  readonly remedy: Text
}

const words = (what: Text, remedy: Text): Words => ({ what, remedy })
const text = (zh: string, en: string): Text => ({ zh, en })

const yuan = (fen: number): string => Money.format(Money.of(fen))
const several = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`
const coded = (step: Step, { word }: StatusWord.StatusWord): Text => {
  const { en, zh } = Names.step(step)
  return text(`${zh} ${StatusWord.written(word)}`, `${en} ${StatusWord.written(word)}`)
}

const desk = text("请到校园卡服务窗口处理", "take it to the card counter")
const replaced = text("请换卡", "have the card replaced")
const campusCard = text("请使用本校校园卡", "use the campus card")
const psam = text("请检查终端的 PSAM 及其参数", "check the PSAM of the terminal and how it is set up")

const table: { readonly [Tag in CardProblem["_tag"]]: (problem: Of<Tag>) => Words } = {
  CardRefused: ({ status, step }) => {
    const { en, zh } = StatusWord.explain(status)
    const code = coded(step, status)
    const who = Names.who(step)
    return words(
      text(`${who.zh}拒绝：${zh}（${code.zh}）`, `${who.en} refuses: ${en} (${code.en})`),
      step === "psam"
        ? psam
        : text("请重试；仍不行请到校园卡服务窗口处理", "try again; if it lasts, take it to the card counter")
    )
  },
  AnswerMalformed: ({ bytes, expected, step }) =>
    words(
      text(
        `${Names.who(step).zh}应答长度为 ${bytes}，应为 ${expected}（${Names.step(step).zh}）`,
        `${Names.who(step).en} answered ${several(bytes, "byte")} where ${expected} are due (${Names.step(step).en})`
      ),
      step === "psam" ? psam : desk
    ),
  NotACampusCard: () => words(text("不是本校校园卡", "this is no card of this campus"), campusCard),
  UnknownCardType: () => words(text("未知的卡片类型", "a card of an unknown type"), campusCard),
  FileDamaged: ({ file, problem }) =>
    words(
      text(
        `卡内${Names.file(file).zh}已损坏：${Names.reason(problem)}`,
        `${Names.file(file).en} on the card is damaged: ${problem}`
      ),
      desk
    ),
  CardBlocked: ({ forEver }) =>
    forEver
      ? words(text("卡片应用已永久锁定", "the application on the card is locked for ever"), replaced)
      : words(text("卡片已锁定", "the card is blocked"), desk),
  PinWrong: ({ tries }) =>
    words(
      text(`密码不对，还可试 ${tries} 次`, `wrong PIN, ${StatusWord.triesLeft(tries)}`),
      text("请核对密码", "check the PIN")
    ),
  PinLocked: () => words(text("密码已锁定", "the PIN is locked"), desk),
  PinNeeded: () =>
    words(
      text("卡片要求先校验密码", "the card wants its PIN first"),
      text(
        "请持卡人输入卡片密码，或在终端卡片设置中填写密码",
        "have the PIN of the card typed, or put it into the card setup of the terminal"
      )
    ),
  PinSuspended: () =>
    words(
      text(
        "卡片拒绝终端设置的卡片密码，为防锁卡已停用",
        "a card has refused the PIN that is set up in the terminal: it is not shown any more, or it would lock the cards"
      ),
      text(
        "请持卡人输入卡片密码；请核对终端卡片设置中的密码后重新启动终端",
        "have the PIN of the card typed; check the one in the card setup of the terminal and start it anew"
      )
    ),
  MacWrong: ({ step }) =>
    words(
      text(
        `卡片的 MAC 校验失败（${Names.step(step).zh}）`,
        `the signature of the card is wrong (${Names.step(step).en})`
      ),
      text(
        "请核对终端密钥；密钥无误时卡片可疑，请收卡",
        "check the keys of the terminal; if they are right, keep the card: it may be forged"
      )
    ),
  MacRefused: ({ step }) =>
    words(
      text(
        `卡片拒绝终端的 MAC（${Names.step(step).zh}）`,
        `the card refuses the terminal's MAC (${Names.step(step).en})`
      ),
      text("请核对终端密钥", "check the keys of the terminal")
    ),
  BalanceShort: ({ amount, balance }) =>
    words(
      text(
        `卡内余额 ${yuan(balance)} 元，不足 ${yuan(amount)} 元`,
        `¥${yuan(balance)} on the card, less than ¥${yuan(amount)}`
      ),
      text("请充值后在食堂消费机圈存", "recharge, then load the card at a canteen terminal")
    ),
  CounterFull: ({ counter }) => words(text("卡片交易次数已满", `the card has counted its last ${counter}`), replaced),
  AnotherCard: () =>
    words(
      text("换了另一张卡", "another card lies on the reader now"),
      text("请放回原来的卡", "put the first card back")
    ),
  PaymentUnproven: () => words(text("无法确定芯片是否已扣款", "nothing shows whether the chip has paid"), desk),
  CardChanged: () =>
    words(
      text("卡内数据与刚才读到的不同", "the chip reads otherwise than a moment ago"),
      text("请重新刷卡", "tap again")
    ),
  CountersBehind: ({ purchases }) =>
    words(
      text(`卡内累计少记 ${purchases} 笔消费`, `the counters on the card miss ${several(purchases, "purchase")}`),
      text("请在联网的消费机上刷卡", "tap at a terminal that is connected")
    ),
  NoRoomOnCard: ({ file, problem }) =>
    words(
      text(
        `卡内${Names.file(file).zh}空间不足：${Names.reason(problem)}`,
        `no room in ${Names.file(file).en} of the card: ${problem}`
      ),
      desk
    ),
  KeyMissing: ({ key }) => {
    const { helps, name } = Names.key(key)
    return words(text(`终端没有${name.zh}`, `the terminal has no ${name.en}`), helps)
  },
  KeyNotOnCard: ({ index, step }) =>
    words(
      text(
        `卡片没有索引为 ${index} 的密钥（${Names.step(step).zh}）`,
        `the card has no key of index ${index} (${Names.step(step).en})`
      ),
      text("请核对终端的卡片参数（密钥索引）", "check the key indices in the terminal's profile of the cards")
    ),
  SectorKeyWrong: ({ sector }) =>
    words(
      text(`第 ${sector} 扇区密钥不对`, `sector ${sector} of the card has another key`),
      text(
        "请核对终端密钥；密钥无误时不是本校校园卡",
        "check the keys of the terminal; if they are right, this is no card of this campus"
      )
    ),
  ReaderUnsuited: ({ status, step }) =>
    words(
      text(
        `读卡器不接受该指令（${coded(step, status).zh}）`,
        `the reader does not take this command (${coded(step, status).en})`
      ),
      text("请为该读卡器选用正确的读卡器参数", "choose the reader profile that fits this reader")
    ),
  BlockReserved: ({ block }) =>
    words(
      text(
        `第 ${block} 块是厂商块或扇区尾块，不能作为数据写入`,
        `block ${block} is the manufacturer's block or a sector trailer, and is not written as data`
      ),
      text("请核对卡片布局", "check the layout of the card")
    ),
  KeysUnreachable: ({ key }) =>
    words(
      text(`${Names.key(key).name.zh}的保管方无应答`, `whoever has the ${Names.key(key).name.en} does not answer`),
      key === "purchase"
        ? text(
          "请检查 PSAM 是否插好，稍后再刷卡",
          "see that the PSAM sits in its slot, and tap again a little later"
        )
        : text("请稍后再刷卡", "tap again a little later")
    ),
  KeysSuspended: ({ key }) =>
    words(
      text(
        `卡片拒绝终端的${Names.key(key).name.zh}，为防锁卡已停用`,
        `cards have refused the terminal's ${Names.key(key).name.en}: it is not used any more, or it would lock them`
      ),
      text(
        "请核对终端密钥后重新启动终端；若只有这张卡如此，请到校园卡服务窗口处理",
        "check the keys of the terminal and start it anew; if it is this card alone, take it to the card counter"
      )
    ),
  TooLong: ({ bytes, longest }) =>
    words(
      text(
        `数据 ${bytes} 字节，超过上限 ${longest}`,
        `${bytes} bytes, more than the ${longest} that are possible here`
      ),
      text("请换支持扩展长度的读卡器", "use a reader that speaks extended lengths")
    )
}

/** What it is, and what helps. */
export const explain = (problem: CardProblem): Words =>
  (table[problem._tag] as (problem: CardProblem) => Words)(problem)
