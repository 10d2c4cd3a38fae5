import { CivilTime, Money, type RechargeChannel } from "@yikatong/core"
import { AlipaySdk } from "alipay-sdk"
import { Effect, Logger, Result } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "vitest"
import * as Alipay from "../../src/alipay/Alipay.ts"
import * as AlipayCertificates from "../../src/alipay/AlipayCertificates.ts"
import * as AlipayWire from "../../src/sandbox/AlipayWire.ts"
import { orderOf, pockets } from "../support/campus.ts"
import { InProcess } from "../support/inProcess.ts"
import { furnished, quick, wire } from "./counter.ts"

const now = CivilTime.instant("2026-03-02 12:00")

describe("Alipay's own library believes the sandbox in the certificate mode", () => {
  it("and is refused with certificates that were not handed out", async () => {
    const net = new InProcess(wire)
    const server = createServer((request, response) => {
      const parts: Array<Buffer> = []
      request.on("data", (part: Buffer) => void parts.push(part))
      request.on("end", () => {
        const raw = { method: request.method ?? "", url: request.url ?? "", headers: {}, body: Buffer.concat(parts) }
        const answer = wire.route(raw)?.run(net.here(now))
        response.writeHead(answer?.status ?? 404, answer?.headers).end(answer?.body)
      })
    })
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
    try {
      const terms = wire.terms(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const sdkOf = (more: Partial<ConstructorParameters<typeof AlipaySdk>[0]> = {}) =>
        new AlipaySdk({
          appId: terms["app_id"] ?? "",
          privateKey: terms["app_private_key"] ?? "",
          keyType: "PKCS8",
          gateway: terms["gateway"] ?? "",
          appCertContent: terms["app_certificate"] ?? "",
          alipayPublicCertContent: terms["alipay_certificate"] ?? "",
          alipayRootCertContent: terms["alipay_root_certificate"] ?? "",
          camelcase: false,
          ...more
        })
      const asked = { bizContent: { out_trade_no: "certified1", total_amount: "50.00", subject: "校园卡充值" } }
      const created = await sdkOf().exec("alipay.trade.precreate", asked, { validateSign: true })
      expect(created).toMatchObject({ code: "10000", out_trade_no: "certified1" })
      const other = AlipayWire.make().terms("http://127.0.0.1:1")
      for (
        const more of [
          { appCertContent: other["app_certificate"] ?? "" },
          { alipayRootCertContent: other["alipay_root_certificate"] ?? "" }
        ]
      ) {
        expect(await sdkOf(more).exec("alipay.trade.precreate", asked)).toMatchObject({
          sub_code: "isv.invalid-app-cert-sn"
        })
      }
      const forged = sdkOf({ alipayPublicCertContent: other["alipay_certificate"] ?? "" })
      await expect(forged.exec("alipay.trade.precreate", asked, { validateSign: true })).rejects.toThrow("验签失败")
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})

describe("a channel in the certificate mode", () => {
  it("names its certificates in every request, and is paid and credited as any other", async () => {
    const { campus, deliver, net, pay, whole } = furnished("credit", { mode: "certificates" })
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("alipay", 5_000)
      pay(attempt)
      yield* deliver()
      expect((yield* orderOf(order.id))._tag).toBe("Credited")
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
      for (const { raw } of net.seen) {
        const query = new URL(raw.url, net.origin).searchParams
        expect(query.get("app_cert_sn")).toMatch(/^[0-9a-f]{32}$/)
        expect(query.get("alipay_root_cert_sn")).toMatch(/^[0-9a-f]{32}$/)
      }
      expect(yield* whole).toBe(5_000)
    }))
  })

  it("does not believe a new certificate because an answer names it, says what helps, and believes it once it is given", async () => {
    const changing = AlipayWire.make()
    const net = new InProcess(changing)
    const settings = AlipayWire.settingsOf(changing.terms(net.origin), {
      name: "alipay",
      title: "校园卡充值",
      policy: { ...quick, attempts: 1 },
      mode: "certificates"
    })
    const old = changing.terms(net.origin)
    changing.rotate?.(now)
    const fresh = changing.terms(net.origin)
    const made = (more: Partial<Alipay.Settings> = {}) =>
      Effect.runSync(Effect.provide(Alipay.make({ ...settings, ...more }), net.layer))
    const attempt = { number: "20260302ABCDEFGHJKMNPQRSTV01", expiresAt: CivilTime.later(now, 10 ** 12) } as never
    const lines: Array<string> = []
    const log = Logger.make<unknown, void>(({ message }) => void lines.push(String([message].flat().join(" "))))
    const ask = (channel: RechargeChannel.RechargeChannel) =>
      Effect.runPromise(Effect.result(channel.query(attempt)).pipe(Effect.provide(Logger.layer([log]))))
    expect(await ask(made())).toMatchObject({ failure: { _tag: "ChannelFailed", operation: "query" } })
    expect(lines.join("\n")).toContain("take it from its console 支付宝公钥证书")
    const files = {
      application: fresh["app_certificate"] ?? "",
      alipay: [old["alipay_certificate"] ?? "", fresh["alipay_certificate"] ?? ""],
      root: fresh["alipay_root_certificate"] ?? ""
    }
    const { trust } = Result.getOrThrow(AlipayCertificates.read(files, settings.application, now))
    expect(await ask(made({ trust }))).toMatchObject({ success: { _tag: "Waiting" } })
  })

  it("with the certificate of another application is refused, and the payer pays nothing", async () => {
    const other = { application: "0".repeat(32), root: "0".repeat(32) }
    const { campus, net } = furnished("credit", { mode: "certificates" })
    const settings = AlipayWire.settingsOf(wire.terms(net.origin), {
      name: "alipay",
      title: "充值",
      mode: "certificates"
    })
    const channel = Effect.runSync(Effect.provide(
      Alipay.make({ ...settings, application: { ...settings.application, certificates: other } }),
      net.layer
    ))
    net.house.purses.put("bob", Money.amount(1))
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* campus.place("alipay", 5_000)
      const refused = yield* Effect.flip(channel.create(attempt, { _tag: "Scan" }))
      expect(refused).toMatchObject({ _tag: "ChannelRefused", code: "isv.invalid-app-cert-sn" })
    }))
  })
})
