/**
 * The names that problems of cards are told with 卡片问题用语: of commands, files, reasons and keys, in Chinese and English. What is
 * not listed is told as it is, never hidden.
 */
import type { Step } from "./CardProblem.ts"
import type { Text } from "./StatusWord.ts"

const steps: Readonly<Record<Step, string>> = {
  select: "选择应用",
  readFile: "读文件",
  writeFile: "写文件",
  challenge: "取随机数",
  verifyPin: "校验密码",
  balance: "读余额",
  initialiseLoad: "圈存初始化",
  credit: "圈存",
  initialisePurchase: "消费初始化",
  debit: "消费",
  prove: "取交易认证",
  log: "读交易明细",
  authenticate: "认证",
  loadKey: "装载密钥",
  readBlock: "读块",
  writeBlock: "写块",
  value: "值块操作",
  uid: "读卡号",
  psam: "消费签名"
}

/** A command. In English it bears the name that the code gives it. */
export const step = (name: Step): Text => ({ zh: steps[name], en: name })

/** Who has answered. A PSAM is no card of a holder. */
export const who = (step: Step): Text =>
  step === "psam" ? { zh: "销售点终端安全存取模块（PSAM）", en: "the PSAM" } : { zh: "卡片", en: "the card" }

const files: Readonly<Record<string, Text>> = {
  "15": { zh: "应用信息文件", en: "the application file" },
  "16": { zh: "持卡人文件", en: "the holder file" },
  "18": { zh: "交易明细文件", en: "the log file" },
  application: { zh: "应用信息文件", en: "the application file" },
  campus: { zh: "校园文件", en: "the campus file" },
  counters: { zh: "限额累计", en: "the counters" },
  holder: { zh: "持卡人文件", en: "the holder file" },
  log: { zh: "交易明细文件", en: "the log file" },
  purse: { zh: "电子钱包", en: "the purse" }
}

/** A file or a block of the card. */
export const file = (name: string): Text => {
  const block = /^block (\d+)$/.exec(name)?.[1]
  return files[name] ??
    (block === undefined ? { zh: `文件 ${name} `, en: `the file ${name}` } : { zh: `第 ${block} 块`, en: name })
}

/** Why a file is damaged or has no room. `$1`, `$2`: the numbers and names in it. */
const reasons: ReadonlyArray<readonly [en: RegExp, zh: string]> = [
  [/^(\d+) bytes instead of ([\d or]+)$/, "应为 $2 字节，实为 $1 字节"],
  [/^no serial number$/, "没有序列号"],
  [/^no slot is whole$/, "没有一份数据完好"],
  [/^main and backup are of one generation and differ$/, "主块与备份块为同一代而内容不同"],
  [/^it is ahead of the purse$/, "累计超前于电子钱包"],
  [/^the checksum is wrong$/, "校验和不对"],
  [/^layout (\S+) is not known$/, "版式 $1 未知"],
  [/^standing (\S+) is not known$/, "卡状态 $1 未知"],
  [/^meal window (\S+) is not known$/, "餐次 $1 未知"],
  [/^place (\S+) is not known$/, "场所 $1 未知"],
  [/^a day that does not exist$/, "日期不存在"],
  [/^(\d+) sums$/, "累计项过多（$1 项）"],
  [/^(\d+) sums, and room for (\d+)$/, "有 $1 项累计，只能放 $2 项"],
  [/^stamped too often without a purchase$/, "没有消费而改写次数过多"],
  [/^the meal window (.+) has no code$/, "餐次 $1 没有编号"],
  [/^the days lie too far apart$/, "日期相隔太远"],
  [/^a sum or a count is too large$/, "累计金额或次数过大"],
  [/^the name is no text in GBK$/, "姓名不是 GBK 文字"],
  [/^the number of the document is no text$/, "证件号码不是文字"],
  [/^a document of the unknown kind (\d+)$/, "证件类型 $1 未知"],
  [/^it is too short$/, "长度不足"],
  [/^a value that is none of ours$/, "数值不是本系统写入的"],
  [/^(\d+) counters$/, "累计项过多（$1 项）"],
  [/^a meal window that has no number there$/, "餐次没有编号"],
  [/^a kind of place or medium that has no number there$/, "场所或介质没有编号"],
  [/^counters of days too far apart$/, "累计的日期相隔太远"],
  [/^a day after 2171-06-06$/, "日期晚于 2171-06-06"],
  [/^a counter that is too high$/, "累计值过大"],
  [/^a balance above ([\d.]+)$/, "余额超过 $1 元"],
  [/^its numbers$/, "余额或次数过大"],
  [/^more than the purse can hold$/, "超过电子钱包上限"],
  [/^the card has fewer sectors than its layout$/, "卡片扇区少于布局所需"],
  [/^it was written as often as it can be$/, "已达写入次数上限"],
  [/^value block: it has no room for the sum$/, "值块放不下该金额"],
  [/^it does not read as it was written$/, "读回的内容与写入的不同"],
  [/^no record of ours$/, "不是本系统的记录"],
  [/^blocks are missing$/, "缺少数据块"],
  [/^its seal is wrong$/, "校验封印不对"]
]

/** What stands before a reason, as in "main: its seal is wrong". */
const places: Readonly<Record<string, string>> = {
  main: "主块",
  backup: "备份块",
  "value block": "值块",
  "first day": "启用日期",
  "last day": "有效期",
  "date or time": "日期或时间"
}
const codes: Readonly<Record<string, string>> = {
  Length: "长度不对",
  Digits: "不是数字",
  NoSuchDate: "日期不存在",
  NoSuchTime: "时间不存在",
  OutOfRange: "超出范围",
  Value: "数值与反码不符",
  Address: "地址字节不符"
}

/** A reason in Chinese; in English it is as it was given. */
export const reason = (given: string): string => {
  const found = reasons.find(([en]) => en.test(given))
  if (found !== undefined) return given.replace(found[0], found[1]).replace(" or ", " 或 ")
  const parts = given.split("; ")
  if (parts.length > 1) return parts.map(reason).join("；")
  const [, place, rest] = /^([a-z ]+): (.+)$/.exec(given) ?? []
  const zh = places[place ?? ""]
  return zh === undefined || rest === undefined ? codes[given] ?? given : `${zh}：${reason(rest)}`
}

interface KeyName {
  readonly name: Text
  readonly helps: Text
}

const ours: Text = { zh: "请装入本校密钥", en: "give it the keys of this campus" }

/** Keys that a problem can name, and what helps where they are missing. A PSAM signs purchases, and nothing else. */
const keys: Readonly<Record<string, KeyName>> = {
  purchase: {
    name: { zh: "消费密钥", en: "key purchase" },
    helps: {
      zh: "请装入消费密钥，或插入销售点终端安全存取模块（PSAM）",
      en: "give it the key that signs purchases, or the PSAM"
    }
  },
  load: {
    name: { zh: "圈存密钥", en: "key load" },
    helps: {
      zh: "请连接学校圈存主机，或装入圈存密钥",
      en: "connect it to the host that signs loads, or give it the key load"
    }
  },
  tac: {
    name: { zh: "TAC 密钥", en: "key tac" },
    helps: { zh: "请装入 TAC 密钥", en: "give it the key tac" }
  },
  file: {
    name: { zh: "应用维护密钥", en: "key file" },
    helps: {
      zh: "请装入应用维护密钥（校园文件）",
      en: "give it the key that signs writes to the campus file; a PSAM does not have it"
    }
  },
  PIN: {
    name: { zh: "卡片密码", en: "PIN of the cards" },
    helps: { zh: "请在终端设置卡片密码（PIN）", en: "give it the PIN that the cards ask for" }
  },
  M1: {
    name: { zh: "M1 卡密钥", en: "keys of M1 cards" },
    helps: { zh: "请装入本校 M1 卡密钥", en: "give it the M1 keys of this campus" }
  }
}

/** A key. */
export const key = (name: string): KeyName =>
  keys[name] ??
    (name.startsWith("M1 ")
      ? { name: { zh: ` ${m1(name)}`, en: `key ${name}` }, helps: keys["M1"]?.helps ?? ours }
      : { name: { zh: `密钥 ${name}`, en: `key ${name}` }, helps: ours })

const m1 = (name: string): string =>
  name.replace(" master ", " 主密钥 ").replace(" key ", " 密钥 ").replace("seal", "封印")
