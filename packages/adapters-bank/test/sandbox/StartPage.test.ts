// The first page of a sandbox: what is there and where, and no secret.
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Control from "../../src/sandbox/Control.ts"
import { escaped } from "../../src/sandbox/PageFrame.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { calling, sandbox } from "./support/merchant.ts"

describe("the first page", () => {
  it.live("names every wire's address, the banks' ports, the pages and every request of the control desk", () =>
    Effect.gen(function*() {
      const box = yield* sandbox({ wires: Sandbox.everyWire })
      const { headers, status, text } = yield* calling(box).call("/")
      expect(status).toBe(200)
      const { iso8583, transferLink } = box.banks.terms
      const parts = [
        "微信支付",
        `${box.origin}/unionpay/gateway/api/backTransReq.do`,
        `${box.origin}/alipay/gateway.do`,
        `${box.origin}/ccb/CCBIS/ccbMain`,
        `127.0.0.1:${iso8583["port"]}`,
        `127.0.0.1:${transferLink["port"]}`,
        `<a href="/app/">`,
        `${box.origin}/pay/TOKEN`,
        "不是真钱",
        "no real money",
        "启动时打印的令牌",
        "the token that was printed at the start",
        ...Control.doings.flatMap((
          { en, example, method, path, zh }
        ) => [`${method} ${path}`, ...[zh, en, example].map(escaped)])
      ]
      for (const part of parts) expect(text).toContain(part)
      expect(text).not.toContain("<script")
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-.+frame-ancestors/)
    }))

  it.live("shows neither the token nor anything of the terms that is no address", () =>
    Effect.gen(function*() {
      const box = yield* sandbox({ wires: Sandbox.everyWire })
      const { status, text } = yield* calling(box).call("/")
      expect(status).toBe(200)
      expect(text).not.toContain(Redacted.value(box.token))
      const secrets = Object.values(box.terms()).flatMap((terms) =>
        Object.entries(terms).filter(([name]) => /key|secret|certificate|master/i.test(name)).map(([, value]) => value)
      )
      expect(secrets.length).toBeGreaterThan(10)
      for (const secret of secrets) expect(text).not.toContain(secret)
      expect(text).not.toMatch(/PRIVATE KEY|53414E44424F58/i)
    }))

  it.live("tells whether a school listens", () =>
    Effect.gen(function*() {
      const { call, control } = calling(yield* sandbox())
      expect((yield* call("/")).text).toContain("由学校监听；用 POST banks/school 告知端口")
      yield* control("banks/school", { port: 7_001 })
      expect((yield* call("/?x=1")).text).toContain("学校已告知监听端口")
    }))

  it.live.each<[method: string, path: string, status: number]>([
    ["HEAD", "/", 200],
    ["POST", "/", 405],
    ["DELETE", "/", 405],
    ["GET", "/other", 404]
  ])("%s %s is %i", ([method, path, status]) =>
    Effect.gen(function*() {
      const { call } = calling(yield* sandbox())
      expect((yield* call(path, undefined, { method })).status).toBe(status)
    }))
})
