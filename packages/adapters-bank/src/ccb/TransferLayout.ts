/**
 * A layout for the transfer that the school begins 圈存报文格式, to begin the talks with a branch: fixed widths in GBK behind
 * four digits of length, with the ECB MAC of 银联.
 *
 * It is a proposal and no bank's specification. What a branch wants otherwise is written down as another description.
 */
import * as Layout from "./Layout.ts"

const { of, text } = Layout

const answer = [text("code", 4), text("bankSerial", 16, true), text("words", 60, true)]
const holder = [text("account", 64), text("name", 64), text("idNumber", 20), text("bankCard", 19)]

/** The proposal. */
export const proposal: Layout.Link = {
  charset: "gbk",
  form: { _tag: "Fixed" },
  prefix: { form: "digits", size: 4, countsItself: false, largest: 4_096 },
  mac: "ecb",
  head: [
    of("digits", "kind", 6),
    of("date", "date", 8),
    of("time", "time", 6),
    text("channel", 2),
    text("organisation", 16),
    text("campusSerial", 32)
  ],
  kind: "kind",
  messages: {
    SignIn: { code: "100001", body: [] },
    SignInAnswer: { code: "200001", body: answer },
    SignOut: { code: "100002", body: [] },
    SignOutAnswer: { code: "200002", body: answer },
    Contract: { code: "100003", body: holder },
    ContractAnswer: { code: "200003", body: answer },
    Terminate: { code: "100004", body: [text("account", 64), text("bankCard", 19)] },
    TerminateAnswer: { code: "200004", body: answer },
    Transfer: { code: "100005", body: [...holder, of("fen", "amount", 12)] },
    TransferAnswer: { code: "200005", body: [...answer, of("date", "settlementDay", 8, true)] },
    Reversal: {
      code: "100006",
      body: [of("date", "originalDate", 8), text("originalSerial", 32), of("fen", "originalAmount", 12)]
    },
    ReversalAnswer: { code: "200006", body: answer },
    Download: { code: "100007", body: [of("date", "day", 8)] },
    DownloadAnswer: {
      code: "200007",
      body: [...answer, text("file", 64, true), of("digits", "count", 9, true), of("fen", "sum", 15, true)]
    }
  },
  words: {
    code: {
      accepted: "0000",
      noContract: "0001",
      notEnoughMoney: "0051",
      overLimit: "0061",
      cardRefused: "0014",
      nameMismatch: "0002",
      contractExists: "0003",
      duplicate: "0094",
      tooLate: "0025",
      malformed: "0030",
      outOfOrder: "0096"
    }
  }
}
