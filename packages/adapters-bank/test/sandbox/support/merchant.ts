/** A merchant's end: where notices arrive, and a sandbox with a till. */
import { CivilTime } from "@yikatong/core"
import { Effect, Redacted, type Scope } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as Sandbox from "../../../src/sandbox/Sandbox.ts"
import * as TillWire from "./TillWire.ts"

export interface Heard {
  readonly what: string
  readonly number: string
  readonly sign: string
  readonly at: number
}

export interface Merchant {
  readonly to: string
  /** What arrived, as it stood there; what was no JSON as text. */
  readonly heard: Array<Heard | string>
  /** What is answered; nothing at all where that is undefined. */
  reply: string | undefined
}

export const merchant: Effect.Effect<Merchant, never, Scope.Scope> = Effect.gen(function*() {
  const own: Merchant = { to: "", heard: [], reply: "ok" }
  const server = createServer((request, response) => {
    let text = ""
    request.on("data", (piece) => text += piece)
    request.on("end", () => {
      try {
        own.heard.push(JSON.parse(text))
      } catch {
        own.heard.push(text)
      }
      if (own.reply !== undefined) response.end(own.reply)
      else response.destroy()
    })
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  return Object.assign(own, { to: `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify` })
})

export const began = CivilTime.instant("2026-03-02 08:00:00")

export const sandbox = (options: Sandbox.Options = {}) =>
  Sandbox.start({ wires: [TillWire.make()], now: began, payers: { 小明: 50_000, 小红: 50 }, ...options })

/** Calls the sandbox. `control`: its control API, with the token. */
export const calling = ({ origin, token }: Sandbox.Sandbox) => {
  const call = (path: string, body?: unknown, init: RequestInit = {}) =>
    Effect.promise(async () => {
      const method = body === undefined ? "GET" : "POST"
      const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }
      const response = await fetch(origin + path, { method, ...sent, redirect: "manual", ...init })
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        text,
        // oxlint-disable-next-line typescript/no-explicit-any -- what it is, the test says
        json: (): any => JSON.parse(text)
      }
    })
  const authorization = `Bearer ${Redacted.value(token)}`
  return {
    call,
    control: (path: string, body?: unknown, init: RequestInit = {}) =>
      call(`/__sandbox/${path}`, body, { ...init, headers: { authorization } }),
    open: (number: string, more: object = {}) =>
      Effect.map(call("/till/orders", { number, amount: 1_250, ...more }), ({ json }) => json().token as string)
  }
}
