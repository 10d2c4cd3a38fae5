// What can not work is found when it is made, and a sandbox's key opens no real bank.
import { CivilTime, Id, Money } from "@yikatong/core"
import { Cause, Effect, Exit, Result } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"
import { describe, expect, it } from "vitest"
import * as Alipay from "../src/alipay/Alipay.ts"
import * as BlockCipher from "../src/BlockCipher.ts"
import * as DepositLayout from "../src/ccb/DepositLayout.ts"
import * as DepositServer from "../src/ccb/DepositServer.ts"
import type * as DepositSettings from "../src/ccb/DepositSettings.ts"
import type * as Layout from "../src/ccb/Layout.ts"
import * as Loongpay from "../src/ccb/Loongpay.ts"
import * as TransferLayout from "../src/ccb/TransferLayout.ts"
import * as TransferLink from "../src/ccb/TransferLink.ts"
import * as IsoFrame from "../src/iso8583/IsoFrame.ts"
import * as IsoLink from "../src/iso8583/IsoLink.ts"
import * as IsoProfile from "../src/iso8583/IsoProfile.ts"
import * as WorkingKeys from "../src/iso8583/WorkingKeys.ts"
import * as LinkUnfit from "../src/LinkUnfit.ts"
import * as AlipayWire from "../src/sandbox/AlipayWire.ts"
import * as CcbWire from "../src/sandbox/CcbWire.ts"
import * as Sandbox from "../src/sandbox/Sandbox.ts"
import * as UnionPayWire from "../src/sandbox/UnionPayWire.ts"
import * as WeChatWire from "../src/sandbox/WeChatWire.ts"
import * as SandboxMark from "../src/SandboxMark.ts"
import * as UnionPay from "../src/unionpay/UnionPay.ts"
import * as WeChatPay from "../src/wechat/WeChatPay.ts"
import { catching } from "./support/caught.ts"

const hex = "0123456789ABCDEFFEDCBA9876543210"
const of = (algorithm: BlockCipher.Algorithm, length: number) =>
  BlockCipher.key(algorithm, Buffer.from(hex + hex, "hex").subarray(0, length))
const des16 = of("des", 16)

const deposits: DepositSettings.Settings = {
  bank: Id.CallerId.make("ccb"),
  school: "S01",
  channel: "ccbApp",
  adapter: "ccbApp",
  source: "ccbCard",
  point: Id.PointId.make("today-campus"),
  link: DepositLayout.proposal,
  key: des16,
  lookupLife: 3_600_000,
  payerName: "utf-8",
  signIn: "optional"
}
const transfers: TransferLink.Settings = {
  link: TransferLayout.proposal,
  key: des16,
  channel: "01",
  organisation: "S01",
  ask: () => Effect.never,
  holderOf: () => Effect.undefined
}
const iso: IsoLink.Settings = {
  profile: IsoProfile.unionPayPos,
  framing: IsoFrame.unionPayPos,
  terminal: "00000001",
  merchant: "000000000000001",
  operator: "01",
  master: des16,
  keys: WorkingKeys.doubleLength,
  keysWanted: "003",
  mac: "ecb",
  ask: () => Effect.never,
  cardOf: () => Effect.undefined
}
const without = (link: Layout.Link, ...kinds: ReadonlyArray<string>): Layout.Link => ({
  ...link,
  messages: Object.fromEntries(Object.entries(link.messages).filter(([kind]) => !kinds.includes(kind)))
})
const thin = (link: Layout.Link, kind: string, field: string): Layout.Link => {
  const { body = [], code = "" } = link.messages[kind] ?? {}
  return { ...link, messages: { ...link.messages, [kind]: { code, body: body.filter(({ name }) => name !== field) } } }
}
const { 62: _, ...without62 } = IsoProfile.unionPayPos.fields
const { 37: __, ...without37 } = IsoProfile.unionPayPos.fields

type Made = Effect.Effect<unknown, LinkUnfit.LinkUnfit | SandboxMark.SandboxKeys>
const depositing = (own: Partial<DepositSettings.Settings>): Made => DepositServer.check({ ...deposits, ...own })
const transferring = (own: Partial<TransferLink.Settings>): Made => TransferLink.make({ ...transfers, ...own })
const terminal = (own: Partial<IsoLink.Settings>): Made => IsoLink.make({ ...iso, ...own })
const keyless = <A extends { readonly key?: unknown }>({ key: _, ...rest }: A) => rest

describe("a link that can not carry its dialogue is not made", () => {
  const { words } = DepositLayout.proposal
  const { accepted: ___, ...unsaid } = TransferLayout.proposal.words["code"] ?? {}
  const { spent: ____, ...unspent } = words["code"] ?? {}
  const cases: ReadonlyArray<readonly [string, Made, problem: string]> = [
    [
      "deposits without a reversal",
      depositing({ link: without(DepositLayout.proposal, "Reverse") }),
      "no message Reverse"
    ],
    [
      "deposits without an answer",
      depositing({ link: without(DepositLayout.proposal, "DepositAnswer") }),
      "no message DepositAnswer"
    ],
    [
      "deposits without an amount",
      depositing({ link: thin(DepositLayout.proposal, "Deposit", "amount") }),
      "Deposit has no amount"
    ],
    [
      "deposits that want a sign-in which is not there",
      depositing({ signIn: "wanted", link: without(DepositLayout.proposal, "SignIn") }),
      "no message SignIn"
    ],
    [
      "deposits without a word",
      depositing({ link: { ...DepositLayout.proposal, words: { ...words, code: unspent } } }),
      "code has no word for spent"
    ],
    [
      "deposits with a word that is too long",
      depositing({
        link: { ...DepositLayout.proposal, words: { ...words, code: { ...words["code"], spent: "999" } } }
      }),
      "the word for spent does not fit into code"
    ],
    [
      "deposits with two messages of one code",
      depositing({
        link: {
          ...DepositLayout.proposal,
          messages: { ...DepositLayout.proposal.messages, Lookup: { code: "1003", body: [] } }
        }
      }),
      "another code for every kind of message"
    ],
    ["deposits without a key", DepositServer.check(keyless(deposits)), "no key for the MAC (ecb)"],
    ["deposits with a key of another cipher", depositing({ key: of("sm4", 16) }), "the key is not one of the MAC ecb"],
    [
      "a transfer without its reversal",
      transferring({ link: without(TransferLayout.proposal, "Reversal") }),
      "no message Reversal"
    ],
    [
      "a transfer whose reversal names nothing",
      transferring({ link: thin(TransferLayout.proposal, "Reversal", "originalSerial") }),
      "Reversal has no originalSerial"
    ],
    [
      "a transfer without a word for done",
      transferring({ link: { ...TransferLayout.proposal, words: { code: unsaid } } }),
      "code has no word for accepted"
    ],
    ["a transfer without a key", TransferLink.make(keyless(transfers)), "no key for the MAC (ecb)"],
    [
      "a transfer with a key too short",
      transferring({ link: { ...TransferLayout.proposal, mac: "x919" }, key: of("des", 8) }),
      "the key is not one of the MAC x919"
    ],
    [
      "a terminal without field 62",
      terminal({ profile: { ...IsoProfile.unionPayPos, fields: without62 } }),
      "0200: field 62: not in the profile"
    ],
    [
      "a terminal without field 37",
      terminal({ profile: { ...IsoProfile.unionPayPos, fields: without37 } }),
      "an answer: field 37"
    ],
    ["a terminal of seven characters", terminal({ terminal: "0000001" }), "0800: field 41: its length"],
    [
      "a merchant in Chinese",
      terminal({ merchant: "校园一卡通" }),
      "0800: field 42: a character that it does not have"
    ],
    [
      "a terminal whose MAC field is too short",
      terminal({
        profile: {
          ...IsoProfile.unionPayPos,
          fields: { ...IsoProfile.unionPayPos.fields, 64: { content: "b", size: "fixed", largest: 4 } }
        }
      }),
      "0200: field 64: its length"
    ],
    [
      "a master key shorter than the day's",
      terminal({ master: of("des", 8) }),
      "master: shorter than the working keys"
    ],
    ["a master key of another cipher", terminal({ master: of("sm4", 16) }), "master: of another cipher"],
    ["a MAC of another cipher", terminal({ mac: "sm4" }), "keys: no MAC sm4 with such a MAK"],
    ["a MAC that wants a longer key", terminal({ mac: "x919" }), "keys: no MAC x919 with such a MAK"],
    [
      "a TPDU of four bytes",
      terminal({ framing: { ...iso.framing, tpdu: new Uint8Array(4) } }),
      "framing: a TPDU has five bytes"
    ]
  ]
  it.each(cases)("%s", async (_, made, problem) => {
    const exit = await Effect.runPromiseExit(made)
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    expect(error).toBeInstanceOf(LinkUnfit.LinkUnfit)
    expect((error as LinkUnfit.LinkUnfit).problems.join("; ")).toContain(problem)
    for (const told of [String(error), JSON.stringify(error), Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""]) {
      expect(told.toUpperCase()).not.toContain(hex.slice(0, 8))
    }
  })
  const fit: ReadonlyArray<readonly [string, Made]> = [
    ["the proposal of deposits", depositing({})],
    ["the proposal of transfers", transferring({})],
    [
      "transfers of a branch that has no file and no contracts over the line",
      transferring({
        link: without(
          TransferLayout.proposal,
          "Download",
          "DownloadAnswer",
          "Contract",
          "ContractAnswer",
          "SignOut",
          "SignOutAnswer"
        )
      })
    ],
    ["a terminal of 银联", terminal({})],
    [
      "a terminal with SM4",
      terminal({ profile: IsoProfile.withSm4(iso.profile), master: of("sm4", 16), keys: WorkingKeys.sm4, mac: "sm4" })
    ]
  ]
  it.each(fit)("%s is made", (_, made) => Effect.runPromise(Effect.asVoid(made)))
  it.each(
    [
      ["deposits", depositing({ link: { ...DepositLayout.proposal, mac: "none" } })],
      ["transfers", transferring({ link: { ...TransferLayout.proposal, mac: "none" } })]
    ] as const
  )("%s without a MAC are made, and that is told in one line", async (what, made) => {
    const lines: Array<string> = []
    await Effect.runPromise(catching(lines)(made))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`Warn The link of ${what} has no MAC`)
  })
})

describe("a sandbox's keys open no real bank", () => {
  const marked = { des: SandboxMark.blockKey("des", 16), sm4: SandboxMark.blockKey("sm4", 16) }
  it("a key of a block cipher bears the mark, whatever its parity, and no other does", () => {
    expect([SandboxMark.isSandboxKey(marked.des.secret), SandboxMark.isSandboxKey(marked.sm4.secret)]).toEqual([
      true,
      true
    ])
    const flipped = BlockCipher.bytes(marked.des).map((byte) => byte ^ 1)
    expect(SandboxMark.isSandboxKey(BlockCipher.key("des", flipped).secret)).toBe(true)
    expect(SandboxMark.isSandboxKey(des16.secret)).toBe(false)
    expect(BlockCipher.bytes(SandboxMark.blockKey("des", 16))).not.toEqual(BlockCipher.bytes(marked.des))
  })
  const links: ReadonlyArray<readonly [string, (isSandbox: boolean) => Made]> = [
    ["the server of deposits", (isSandbox) => depositing({ key: marked.des, isSandbox })],
    ["a described link", (isSandbox) => transferring({ key: marked.des, isSandbox })],
    ["a terminal of ISO 8583", (isSandbox) => terminal({ master: marked.des, isSandbox })],
    [
      "a terminal of ISO 8583 with SM4",
      (isSandbox) =>
        terminal({
          profile: IsoProfile.withSm4(iso.profile),
          master: marked.sm4,
          keys: WorkingKeys.sm4,
          mac: "sm4",
          isSandbox
        })
    ]
  ]
  it.each(links)("nor does %s take them, unless it is told that it works for a sandbox", async (_, made) => {
    const refused = Result.getOrThrow(Result.flip(await Effect.runPromise(Effect.result(made(false)))))
    expect(refused).toBeInstanceOf(SandboxMark.SandboxKeys)
    expect(JSON.stringify(refused)).not.toContain(BlockCipher.bytes(marked.des).toString())
    await Effect.runPromise(Effect.asVoid(made(true)))
  })
  it.each(["WeChat Pay", "UnionPay", "Alipay", "Loongpay"] as const)(
    "nor does %s, at its real address",
    (name) =>
      Effect.gen(function*() {
        const box = yield* Sandbox.start({ now: CivilTime.instant("2026-03-02 12:00"), payers: { alice: Money.of(1) } })
        const { alipay = {}, ccb = {}, unionpay = {}, wechat = {} } = box.terms()
        const common = { name: "one", notifyUrl: "https://school.example.edu.cn/recharge/one" }
        const title = "校园卡充值"
        const settings = {
          wechat: WeChatWire.settingsOf(wechat, { ...common, scene: "order", description: title }),
          unionpay: UnionPayWire.settingsOf(unionpay, common),
          alipay: AlipayWire.settingsOf(alipay, { ...common, title }),
          ccb: CcbWire.settingsOf(ccb, { name: "one", title })
        }
        type Making = () => Effect.Effect<unknown, { readonly _tag: string }, HttpClient.HttpClient>
        const there: Record<typeof name, Making> = {
          "WeChat Pay": () => WeChatPay.make({ ...settings.wechat, hosts: WeChatPay.production }),
          UnionPay: () => UnionPay.make({ ...settings.unionpay, gateway: undefined as never }),
          Alipay: () => Alipay.make({ ...settings.alipay, gateway: undefined as never } as Alipay.Settings),
          Loongpay: () => Loongpay.make({ ...settings.ccb, bank: undefined as never })
        }
        const here: Record<typeof name, Making> = {
          "WeChat Pay": () => WeChatPay.make(settings.wechat),
          UnionPay: () => UnionPay.make(settings.unionpay),
          Alipay: () => Alipay.make(settings.alipay),
          Loongpay: () => Loongpay.make(settings.ccb)
        }
        yield* Effect.asVoid(here[name]())
        const refused = yield* Effect.result(there[name]())
        expect(Result.getOrThrow(Result.flip(refused))._tag).toBe("SandboxKeys")
      }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer), Effect.runPromise)
  )
})
