/**
 * A layout for the deposit that a bank begins 银行发起充值报文格式, to begin the talks with a branch: fixed widths in GBK behind
 * four digits of length, with the ECB MAC of 银联.
 *
 * It is a proposal and no bank's specification. What a branch wants otherwise is written down as another description.
 */
import * as Layout from "./Layout.ts"

const { of, text } = Layout

const answer = text("code", 2)
const campusSerial = text("campusSerial", 32, true)
const original = [text("originalSerial", 32), of("date", "originalDate", 8)]

/** The proposal. */
export const proposal: Layout.Link = {
  charset: "gbk",
  form: { _tag: "Fixed" },
  prefix: { form: "digits", size: 4, countsItself: false, largest: 4_096 },
  mac: "ecb",
  head: [
    of("digits", "kind", 4),
    text("bankSerial", 32),
    of("date", "bankDate", 8),
    of("time", "bankTime", 6),
    text("school", 16)
  ],
  kind: "kind",
  messages: {
    Lookup: { code: "1001", body: [text("studentNumber", 20), text("name", 64), text("idNumber", 20, true)] },
    LookupAnswer: {
      code: "1002",
      body: [
        answer,
        text("shownName", 64, true),
        text("account", 64, true),
        of("fen", "balance", 12, true),
        of("fen", "least", 12, true),
        of("fen", "most", 12, true)
      ]
    },
    Deposit: {
      code: "1003",
      body: [
        text("studentNumber", 20),
        text("account", 64),
        of("fen", "amount", 12),
        of("digits", "payerTail", 4),
        text("payerNameHash", 64),
        of("flag", "ownCard", 1)
      ]
    },
    DepositAnswer: { code: "1004", body: [answer, campusSerial, of("fen", "balance", 12, true)] },
    Reverse: { code: "1005", body: [...original, of("fen", "amount", 12)] },
    ReverseAnswer: { code: "1006", body: [answer, campusSerial] },
    Inquiry: { code: "1007", body: original },
    InquiryAnswer: {
      code: "1008",
      body: [answer, text("state", 1, true), campusSerial, of("fen", "amount", 12, true)]
    },
    SignIn: { code: "9001", body: [] },
    SignInAnswer: { code: "9002", body: [answer] },
    SignOut: { code: "9003", body: [] },
    SignOutAnswer: { code: "9004", body: [answer] },
    Heartbeat: { code: "9005", body: [] },
    HeartbeatAnswer: { code: "9006", body: [answer] }
  },
  words: {
    code: {
      accepted: "00",
      notFound: "01",
      nameMismatch: "02",
      lost: "03",
      frozen: "04",
      closed: "05",
      overLimit: "06",
      duplicateMismatch: "07",
      reversedBefore: "08",
      spent: "09",
      notOwnCard: "10",
      outOfOrder: "96",
      malformed: "30"
    },
    state: { none: "N", credited: "C", refused: "F", reversed: "R" }
  }
}
