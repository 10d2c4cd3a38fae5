/** A channel that no bank has, of a few lines: orders in JSON under `/till/`, a word for a signature, a front and a bill. */
import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import type { Trade } from "../../../src/sandbox/Trade.ts"
import type { Answer, Here, Wire } from "../../../src/sandbox/Wire.ts"

const merchant = "SANDBOX-SHOP"

const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: Buffer.from(JSON.stringify(value))
})

const shown = (trade: Trade, { flaw, forgery }: Here) => ({
  number: trade.number,
  amount: trade.amount,
  state: trade.state,
  token: trade.token,
  sign: forgery ?? "genuine",
  flaw
})

export const make = (name = "till") => (): Wire => {
  let serial = 1
  return {
    name,
    nameZh: "收银台演示",
    route: ({ body, method, url }) => {
      const [path = ""] = url.split("?")
      if (path === `/${name}/thrown`) throw new Error("a wire that is broken")
      if (path === `/${name}/orders` && method === "POST") {
        return {
          operation: "create",
          run: (here) => {
            const { amount, front, notifyTo, number } = JSON.parse(Buffer.from(body).toString())
            const opened = here.house.open({
              wire: name,
              merchant,
              number,
              amount: Money.amount(amount),
              description: "校园卡充值 <b>12</b>",
              expiresAt: CivilTime.later(here.now, CivilTime.hour),
              notifyTo,
              extra: front === undefined ? {} : { front }
            }, here.now)
            return Result.isSuccess(opened) ? json(shown(opened.success, here)) : json(opened.failure._tag, 409)
          }
        }
      }
      if (path === `/${name}/bill`) return { operation: "bill", run: ({ flaw }) => json({ flaw: flaw ?? null }) }
      if (path === `/${name}/broken`) {
        return {
          operation: "broken",
          run: () => {
            throw new Error("a wire that is broken")
          }
        }
      }
      const number = path.startsWith(`/${name}/orders/`) ? path.slice(name.length + 9) : undefined
      if (number === undefined) return undefined
      return {
        operation: "query",
        run: (here) => {
          const trade = here.house.find({ wire: name, merchant, number })
          return trade === undefined ? json("NotThere", 404) : json(shown(trade, here))
        }
      }
    },
    notice: ({ trade, what }, here) =>
      trade.notifyTo === undefined ? undefined : {
        to: trade.notifyTo,
        method: "POST",
        headers: { "content-type": "application/json" },
        body: Buffer.from(JSON.stringify({ what, at: here.now, ...shown(trade, here) }))
      },
    resends: [1_000, 5_000],
    isTaken: ({ body, status }) => status === 200 && Buffer.from(body).toString() === "ok",
    terms: (origin) => ({ origin, merchant, serial: String(serial) }),
    front: ({ extra: { front }, number }) =>
      front === undefined ? undefined : { to: front, method: "POST", fields: { number, quote: "\"<>" } },
    bill: (day, { flaw }) => json({ day: CivilTime.formatDay(day), flaw: flaw ?? null }),
    rotate: () => {
      serial++
    }
  }
}
