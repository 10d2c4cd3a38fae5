/**
 * What a card says about a command 状态字: two bytes after every answer, as a union with its meaning in Chinese and English.
 *
 * Sources: ISO/IEC 7816-4 table 5, JR/T 0025.1/.2 (PBOC), the manual of FMCOS 2.0. Cards differ in rare ones: what is not
 * listed is `Unlisted` with its number, never guessed at.
 */

/** A meaning. `tries`: how often a PIN or key may still be wrong; `available`: bytes to be fetched; `exact`: the length to ask for. */
export type StatusWord =
  | { readonly _tag: Known; readonly word: number }
  | { readonly _tag: "MoreAvailable"; readonly word: number; readonly available: number }
  | { readonly _tag: "WrongExpectedLength"; readonly word: number; readonly exact: number }
  | { readonly _tag: "Wrong"; readonly word: number; readonly tries: number }
  | { readonly _tag: "Unlisted"; readonly word: number }

/** A text in the two languages of the house. */
export interface Text {
  readonly zh: string
  readonly en: string
}

const known = {
  Success: [0x9000, "成功", "done"],
  DataDamaged: [0x6281, "返回的数据可能有错", "the data that came may be damaged"],
  EndOfFile: [0x6282, "文件在所要的长度之前结束", "the file ends before the length that was asked for"],
  ChecksumWrong: [0x6283, "文件无效或校验和不对", "the file is invalid, or its checksum is wrong"],
  Failed: [0x6300, "操作失败", "the operation failed"],
  MemoryFailure: [0x6581, "卡片存储器写入失败", "the memory of the card could not be written"],
  WrongLength: [0x6700, "长度错误", "wrong length"],
  NotPossible: [0x6900, "不能处理", "it can not be handled"],
  WrongState: [0x6901, "命令在此状态下无效", "the command is invalid in this state"],
  WrongFileKind: [0x6981, "命令与文件结构不符", "the command does not fit this kind of file"],
  NotAuthorised: [0x6982, "安全状态不满足", "the security status is not satisfied"],
  Locked: [0x6983, "密码或密钥已锁定", "the PIN or key is locked"],
  NoChallenge: [
    0x6984,
    "未取随机数，或所引用的数据无效",
    "no challenge was asked for, or the data referred to is invalid"
  ],
  ConditionsUnmet: [0x6985, "使用条件不满足", "the conditions of use are not satisfied"],
  NoFile: [0x6986, "没有选择文件", "no file is selected"],
  NoMac: [0x6987, "缺少安全报文数据", "secure messaging data is missing"],
  WrongSecureMessage: [0x6988, "安全报文数据不正确", "secure messaging data is wrong"],
  WrongData: [0x6a80, "数据域参数错误", "a parameter in the data is wrong"],
  NotSupported: [0x6a81, "功能不支持，或应用、卡片已锁定", "not supported, or the application or card is blocked"],
  FileNotFound: [0x6a82, "未找到文件或应用", "there is no such file or application"],
  RecordNotFound: [0x6a83, "未找到记录", "there is no such record"],
  NoRoom: [0x6a84, "文件空间不足", "there is no room in the file"],
  WrongParameters: [0x6a86, "参数 P1 P2 错误", "P1 or P2 is wrong"],
  KeyNotFound: [0x6a88, "未找到所引用的数据或密钥", "the data or key that was referred to is not there"],
  WrongOffset: [0x6b00, "偏移量超出文件", "the offset lies outside the file"],
  UnknownInstruction: [0x6d00, "命令不支持", "the instruction is not known"],
  UnknownClass: [0x6e00, "类别不支持", "the class is not known"],
  NoAnswerNamed: [0x6f00, "卡片未说明原因", "the card gives no reason"],
  MacInvalid: [0x9302, "MAC 无效", "the MAC is wrong"],
  ApplicationLocked: [0x9303, "应用永久锁定", "the application is locked for ever"],
  BalanceShort: [0x9401, "余额不足", "the balance is too small"],
  CounterFull: [0x9402, "交易计数器达到最大值", "the transaction counter has reached its end"],
  KeyIndexUnknown: [0x9403, "密钥索引不支持", "there is no key of this index"],
  ProofNotAvailable: [0x9406, "所需的 MAC 或 TAC 不可用", "the MAC or TAC that was asked for is not available"]
} as const satisfies Readonly<Record<string, readonly [word: number, zh: string, en: string]>>

type Known = keyof typeof known

const byWord: ReadonlyMap<number, Known> = new Map(
  Object.entries(known).map(([tag, [word]]) => [word, tag as Known])
)

/** What a status word means. */
export const of = (word: number): StatusWord => {
  const first = word >> 8
  const second = word & 0xff
  if (first === 0x61) return { _tag: "MoreAvailable", word, available: second === 0 ? 0x100 : second }
  if (first === 0x6c) return { _tag: "WrongExpectedLength", word, exact: second === 0 ? 0x100 : second }
  if (first === 0x63 && second >> 4 === 0xc) return { _tag: "Wrong", word, tries: second & 0xf }
  const tag = byWord.get(word)
  return tag === undefined ? { _tag: "Unlisted", word } : { _tag: tag, word }
}

/** Four hexadecimal digits: "9000". */
export const written = (word: number): string => word.toString(16).toUpperCase().padStart(4, "0")

/** "1 try is left", "2 tries are left". */
export const triesLeft = (tries: number): string => tries === 1 ? "1 try is left" : `${tries} tries are left`

const bytes = (count: number): string => count === 1 ? "1 byte" : `${count} bytes`

/** What it means, in words. */
export const explain = (status: StatusWord): Text => {
  switch (status._tag) {
    case "MoreAvailable":
      return {
        zh: `还有 ${status.available} 字节可取`,
        en: `${bytes(status.available)} more ${status.available === 1 ? "is" : "are"} available`
      }
    case "WrongExpectedLength":
      return { zh: `长度应为 ${status.exact} 字节`, en: `the length must be ${bytes(status.exact)}` }
    case "Wrong":
      return { zh: `密码或密钥不对，还可试 ${status.tries} 次`, en: `wrong PIN or key, ${triesLeft(status.tries)}` }
    case "Unlisted":
      return { zh: `未知状态 ${written(status.word)}`, en: `unknown status ${written(status.word)}` }
    default: {
      const [, zh, en] = known[status._tag]
      return { zh, en }
    }
  }
}
