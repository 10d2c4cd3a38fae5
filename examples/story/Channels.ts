/**
 * The school's side of its recharge channels, as a school wires them: WeChat Pay and UnionPay over HTTP, the deposits that the
 * bank's app begins and the debit of a bound bank card over TCP. Their settings are the sandbox's; in production they come
 * from the school's contracts.
 */
import {
  BankClient,
  CallbackServer,
  CcbApp,
  DepositServer,
  TransferChannel,
  TransferLink,
  UnionPay,
  WeChatPay
} from "@yikatong/adapters-bank"
import { DepositTerms, TransferTerms, UnionPayWire, WeChatWire } from "@yikatong/adapters-bank/sandbox"
import { Id, type Recharge, RechargeChannel } from "@yikatong/core"
import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type Bank, bankCard } from "./Bank.ts"
import { student } from "./Cast.ts"
import { account } from "./Stage.ts"

/** On whose behalf what was paid is credited. */
export const office = Id.PointId.make("card-centre")

const host = "127.0.0.1"

/** A port that nobody has; a school has one that it was given. */
const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, host, () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** Which sources of the profile's channels are paid through one of these. */
const serves = (source: Recharge.FundingSource, ...channels: ReadonlyArray<string>) =>
  channels.map((channel) => ({ channel, source }))

/** The channels and the servers that hear of payments, as long as the scope. */
export const layer = ({ box }: Bank) =>
  Layer.unwrap(Effect.gen(function*() {
    const terms = box.terms()
    const port = yield* freePort
    const told = (name: string) => ({ name, notifyUrl: `http://${host}:${port}/recharge/${name}` })

    const weChat = WeChatPay.make(WeChatWire.settingsOf(terms["wechat"] ?? {}, {
      ...told("weChatPay"),
      serves: serves("weChat", "todayCampus"),
      scene: "order",
      description: "校园卡充值"
    }))
    const unionPay = UnionPay.make(UnionPayWire.settingsOf(terms["unionpay"] ?? {}, {
      ...told("unionPay"),
      serves: serves("unionPayCard", "todayCampus", "ecode")
    }))

    // The kiosk bound the card: here nobody else looks who the holder of the contract is.
    const { document: { number: idNumber }, name } = student
    const { transferLink } = box.banks.terms
    const patience = { ...BankClient.patience, prefix: TransferTerms.link.prefix }
    const place = { host: transferLink["host"] ?? host, port: Number(transferLink["port"]) }
    const { ask } = yield* BankClient.client(BankClient.dial(place), patience)
    const holder = { name, idNumber, bankCard }
    const link = yield* TransferLink.make(
      TransferTerms.settingsOf(transferLink, { ask, holderOf: () => Effect.succeed(holder) })
    )
    // What holder and bank have signed; the account asks for the binding all the same.
    yield* link.contract(account, holder, Effect.succeed({ batch: 900_000, number: 1 }))
    const transfer = TransferChannel.make({
      name: "transfer",
      serves: serves("ccbCard", "todayCampus"),
      caller: Id.CallerId.make("kiosk"),
      terminal: "KIOSK1",
      contractOf: Effect.succeed
    }, link)

    const deposits = DepositTerms.settingsOf(box.banks.terms.ccbApp, {
      bank: Id.CallerId.make("ccb"),
      adapter: "ccbApp",
      channel: "ccbApp",
      source: "ccbCard",
      point: Id.PointId.make("today-campus")
    })
    const list = {
      layout: DepositTerms.list,
      of: (day: Parameters<typeof box.banks.app.list>[0]) => Effect.sync(() => box.banks.app.list(day))
    }
    const app = CcbApp.make({ ...deposits, name: "ccbApp", list })

    const made = yield* Effect.all([weChat, unionPay, transfer, app])
    const servers = Layer.effectDiscard(Effect.gen(function*() {
      yield* CallbackServer.listen({ port, point: office })
      const { port: depositPort } = yield* DepositServer.listen(deposits, { host, port: 0 })
      yield* box.banks.app.connect(depositPort)
    }))
    return Layer.provideMerge(servers, RechargeChannel.RechargeChannels.layer(made))
  })).pipe(Layer.provide(FetchHttpClient.layer))
