/**
 * How many callbacks of payments are verified and read in a second of one core (`npm run bench:callbacks`): WeChat Pay's, UnionPay's and
 * Alipay's, each beside the bare RSA verification of node:crypto of the same bytes by the same key, in the same run.
 *
 * What is counted is the time of the processor that this process used, the collector's threads included: a neighbour on the machine
 * takes none of it. Bare and whole take turns in many short rounds, and the round in the middle counts: trust the ratios, not the
 * figures. The callbacks are made before by the sandbox's own code, with keys that are made at the start; each has its own body and
 * signature, and none comes again before all the others did.
 */
import {
  AlipayNotice,
  AlipaySignature,
  FormBody,
  UnionPayCertificate,
  UnionPayMessage,
  UnionPayNotice,
  WeChatKeys,
  WeChatNotice,
  WeChatResource,
  WeChatSignature
} from "@yikatong/adapters-bank"
import { House, UnionPayWire } from "@yikatong/adapters-bank/sandbox"
import { CivilTime, Money } from "@yikatong/core"
import { Redacted, Result } from "effect"
import { generateKeyPairSync, hash, type KeyObject, verify, X509Certificate } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"

const size = process.env["YIKATONG_BENCH"] === "small"
  ? { warming: 10_000, rounds: 25, callbacks: 500 }
  : { warming: 10_000, rounds: 101, callbacks: 1_000 }
const aim = 0.5
/** How many different callbacks there are. */
const different = 500

const now = CivilTime.instant("2026-03-02 12:00")
const amount = Money.amount(5_000)
const pair = () => generateKeyPairSync("rsa", { modulusLength: 2_048 })
const numberOf = (at: number) => `20260302${String(at).padStart(20, "0")}`
const many = <A>(make: (at: number) => A): ReadonlyArray<A> => Array.from({ length: different }, (_, at) => make(at))

/** What is signed, by whom, and the callback around it. `read`: whether it is believed. */
interface Side<A> {
  readonly name: string
  readonly callbacks: ReadonlyArray<A>
  readonly signed: (callback: A) => { readonly text: Uint8Array; readonly signature: string; readonly key: KeyObject }
  readonly read: (callback: A) => boolean
}

const weChat = () => {
  const { privateKey, publicKey } = pair()
  const serial = "PUB_KEY_ID_0112345678902026030200000000000001"
  const apiKey = Result.getOrThrow(WeChatResource.apiKey(Redacted.make("0123456789abcdef0123456789ABCDEF")))
  const known = Result.getOrThrow(WeChatKeys.publicKey(serial, publicKey))
  const payee = { mchid: "1900000001", appids: ["wx0123456789abcdef"] }
  const trust = { apiKey, payee, keys: Result.getOrThrow(WeChatKeys.ring([known])) }
  const side: Side<ReturnType<typeof WeChatNotice.write>> = {
    name: "WeChat Pay",
    callbacks: many((at) =>
      WeChatNotice.write(
        {
          type: "TRANSACTION.SUCCESS",
          transaction: {
            appid: "wx0123456789abcdef",
            mchid: payee.mchid,
            out_trade_no: numberOf(at),
            transaction_id: `42${numberOf(at)}`.slice(0, 28),
            trade_type: "NATIVE",
            trade_state: "SUCCESS",
            trade_state_desc: "支付成功",
            bank_type: "OTHERS",
            success_time: "2026-03-02T12:00:00+08:00",
            payer: { openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
            amount: { total: amount, payer_total: amount, currency: "CNY", payer_currency: "CNY" }
          }
        },
        { apiKey, id: `EV-${numberOf(at)}`, resourceNonce: "0123456789ab", signer: { serial, key: privateKey } },
        {
          now,
          nonce: `nonce${at}`
        }
      )
    ),
    signed: ({ body, headers }) => ({
      text: WeChatSignature.message([headers["wechatpay-timestamp"] ?? "", headers["wechatpay-nonce"] ?? ""], body),
      signature: headers["wechatpay-signature"] ?? "",
      key: publicKey
    }),
    read: (callback) => Result.isSuccess(WeChatNotice.read(callback, trust, now))
  }
  return side
}

const unionPay = () => {
  const wire = UnionPayWire.make((size) => new Uint8Array(size).fill(1), now)
  const { merId, pinned } = UnionPayWire.settingsOf(wire.terms("https://sandbox.test"), {
    name: "unionpay",
    notifyUrl: "https://school.test/callbacks/unionpay"
  })
  let named = 0
  const house = new House.House((prefix) => `${prefix}${String(++named).padStart(18, "0")}`)
  const callbacks: Array<Uint8Array> = []
  house.listen((happening) => {
    const here = { house, now, origin: "https://sandbox.test", forgery: undefined, flaw: undefined, name: () => "" }
    const notice = wire.notice(happening, here)
    if (notice !== undefined) callbacks.push(notice.body)
  })
  house.purses.put("payer", Money.of(different * amount))
  many((at) => {
    const { token } = Result.getOrThrow(house.open({
      wire: wire.name,
      merchant: merId,
      number: numberOf(at),
      amount,
      description: "qr",
      expiresAt: now,
      notifyTo: "https://school.test/callbacks/unionpay",
      extra: { orderId: numberOf(at), txnTime: "20260302120000" }
    }, now))
    return Result.getOrThrow(house.pay(token, "payer", now))
  })
  const verifier = UnionPayCertificate.verifier(UnionPayCertificate.trust(pinned), now)
  let key: KeyObject | undefined
  const side: Side<Uint8Array> = {
    name: "UnionPay",
    callbacks,
    signed: (body) => {
      const message = Result.getOrThrow(UnionPayMessage.parseForm(body))
      // One key for all, as the verifier has it: several of one content take longer.
      key ??= new X509Certificate(message.get("signPubKeyCert") ?? "").publicKey
      return {
        text: Buffer.from(hash("sha256", UnionPayMessage.canonical(message), "hex")),
        signature: message.get("signature") ?? "",
        key
      }
    },
    read: (body) => Result.isSuccess(UnionPayNotice.receive(body, verifier, merId))
  }
  return side
}

const alipay = () => {
  const { privateKey, publicKey } = pair()
  const receiver = { application: "2021000000000001", seller: "2088000000000001" }
  const side: Side<Uint8Array> = {
    name: "Alipay",
    callbacks: many((at) => {
      const told = { id: numberOf(at), sentAt: now, number: numberOf(at), reference: numberOf(at), amount, paidAt: now }
      return Buffer.from(AlipayNotice.write({ ...told, _tag: "Paid", isFinished: false }, receiver, privateKey))
    }),
    signed: (body) => {
      const form = Result.getOrThrow(FormBody.parse(body))
      return {
        text: Buffer.from(AlipaySignature.noticeText(form)),
        signature: form.get("sign") ?? "",
        key: publicKey
      }
    },
    read: (body) => Result.isSuccess(AlipayNotice.read(body, [{ key: publicKey }], receiver, now))
  }
  return side
}

const middle = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** How many in a second of the processor; each of them has to hold. */
const perSecond = <A>(all: ReadonlyArray<A>, holds: (one: A) => boolean, count = size.callbacks): number => {
  const start = process.cpuUsage()
  for (let at = 0; at < count; at++) {
    if (!holds(all[at % all.length] as A)) throw new Error("A callback was not believed")
  }
  const { system, user } = process.cpuUsage(start)
  return 1e6 * count / (system + user)
}

const measured = <A>({ callbacks, name, read, signed }: Side<A>) => {
  const bare = callbacks.map((callback) => {
    const { signature, ...rest } = signed(callback)
    return { ...rest, signature: Buffer.from(signature, "base64") }
  })
  const round = (count?: number) => {
    const rsa = perSecond(bare, ({ key, signature, text }) => verify("sha256", text, key, signature), count)
    const ours = perSecond(callbacks, read, count)
    return { rsa, ours, ratio: ours / rsa }
  }
  round(size.warming)
  const rounds = Array.from({ length: size.rounds }, () => round())
  const of = (field: "ours" | "ratio" | "rsa") => middle(rounds.map((each) => each[field]))
  return { name, rsa: of("rsa"), ours: of("ours"), ratio: of("ratio") }
}

const report = [measured(weChat()), measured(unionPay()), measured(alipay())]
const shown = (value: number) => Math.round(value).toLocaleString("en-US").padStart(9)
const lines = [
  `Callbacks verified and read in a second of one core, ${size.rounds} rounds of ${
    size.callbacks.toLocaleString("en-US")
  } (aim: at least ${aim} of bare RSA):`,
  ...report.map(({ name, ours, ratio, rsa }) =>
    `  ${name.padEnd(11)} ${shown(ours)}/s   bare RSA ${shown(rsa)}/s   ratio ${ratio.toFixed(2)}`
  )
]
console.log(lines.join("\n"))
mkdirSync("reports", { recursive: true })
writeFileSync("reports/callbacks.json", `${JSON.stringify({ aim, report }, null, 2)}\n`)
