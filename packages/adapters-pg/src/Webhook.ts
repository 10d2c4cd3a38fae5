/**
 * Tells other systems over the network 回调通知: each message is signed, goes by https to a public address and nowhere else,
 * names nobody, and is driven until it is taken or a person was called.
 *
 * A message is a line of the journal, see `PgOutbox`: it comes once or more, under the same `webhook-id` each time, and those
 * of one account in order, also while one of them is tried again. Headers and signature are those of Standard Webhooks 1.0,
 * so a receiver may use any library for it, or `verify`. What it says is in `WebhookBody`.
 *
 * @example
 * ```ts
 * import { Webhook } from "@yikatong/adapters-pg"
 * import * as Embedded from "@yikatong/adapters-pg/embedded"
 * import { Effect, Layer, Redacted } from "effect"
 *
 * const library = Effect.gen(function*() {
 *   const { deliver } = yield* Webhook.Webhook
 *   return yield* deliver({
 *     name: "library",
 *     url: "http://library.example/hooks/campus",
 *     secrets: [Redacted.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
 *     events: ["CardIssued", "CardCancelled"]
 *   })
 * })
 * const webhooks = Webhook.layer().pipe(Layer.provide(Embedded.layerClient()))
 * const refused = await Effect.runPromise(Effect.flip(Effect.provide(library, webhooks)))
 * refused.message // => "The webhook library is refused: `url` is not https:"
 * ```
 */
import type { Fault, Id } from "@yikatong/core"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as HeldBack from "./HeldBack.ts"
import * as Migrations from "./Migrations.ts"
import * as PgOutbox from "./PgOutbox.ts"
import * as WebhookAddress from "./WebhookAddress.ts"
import * as WebhookEndpoint from "./WebhookEndpoint.ts"
import * as WebhookSender from "./WebhookSender.ts"

export type { Letter } from "./HeldBack.ts"
export { type EventName, fields } from "./WebhookBody.ts"
export { type Endpoint, EndpointRefused } from "./WebhookEndpoint.ts"
export * from "./WebhookSignature.ts"

/** The webhooks of one campus. */
export class Webhook extends Context.Service<Webhook, {
  /**
   * Delivers to an endpoint, for as long as it is run, from as many processes as like: one does. Faults of the database and of
   * the endpoint are logged, counted and overcome. A name that was never seen before is told the whole journal, from its
   * first line, unless the endpoint says `from: "now"`. It fails at once where the endpoint is refused, or its name
   * (`StoreBroken`), and as `SubscriberForgotten` where somebody forgets that name meanwhile (`PgOutbox.forget`).
   */
  readonly deliver: (
    endpoint: WebhookEndpoint.Endpoint
  ) => Effect.Effect<never, WebhookEndpoint.EndpointRefused | Fault.StoreBroken | PgOutbox.SubscriberForgotten>
  /** What was not delivered yet, the dead letters 死信 first: those have no `due`. One for each account; later ones wait. */
  readonly letters: (name: string) => Effect.Effect<ReadonlyArray<HeldBack.Letter>, Fault.StoreFault>
  /** Tries the dead letters again, that of one account or all, with as many attempts as new ones have: how many they were. */
  readonly retry: (name: string, account?: Id.AccountId) => Effect.Effect<number, Fault.StoreFault>
  /** Drops a dead letter: it is never delivered, those behind it are. Whether it was there. */
  readonly drop: (
    name: string,
    letter: Pick<HeldBack.Letter, "account" | "sequence">
  ) => Effect.Effect<boolean, Fault.StoreFault>
}>()("@yikatong/adapters-pg/Webhook") {}

/** Webhooks over the client. Their tables are created or completed first. An option that is refused is `StoreBroken`. */
export const make: (
  options?: PgOutbox.Options
) => Effect.Effect<Webhook["Service"], Fault.StoreFault, SqlClient.SqlClient> = Effect.fnUntraced(
  function*(options = {}) {
    const { lease, schema, waking } = yield* PgOutbox.settings(options)
    yield* Migrations.migrate(schema)
    const client = yield* Effect.context<SqlClient.SqlClient>()
    const sql = Context.get(client, SqlClient.SqlClient).withoutTransforms()
    const held = (name: string) => HeldBack.make(sql, schema, name)
    return {
      deliver: Effect.fnUntraced(function*(endpoint) {
        const checked = yield* WebhookEndpoint.check(endpoint)
        yield* PgOutbox.checkName(checked.name)
        const rule = WebhookAddress.ruleOf(checked)
        return yield* Effect.provideContext(WebhookSender.run({ schema, lease, waking, rule }, checked), client)
      }),
      letters: (name) => held(name).letters,
      retry: (name, account) => held(name).retry(account),
      drop: (name, { account, sequence }) => held(name).drop(account, sequence)
    }
  }
)

/** Webhooks over the client of the running system. */
export const layer = (
  options?: PgOutbox.Options
): Layer.Layer<Webhook, Fault.StoreFault, SqlClient.SqlClient> => Layer.effect(Webhook, make(options))
