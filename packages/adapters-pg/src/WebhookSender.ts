/**
 * Delivers the journal to one endpoint 推送: what comes new, and beside it what was held back.
 *
 * The accounts of a page are delivered side by side, the messages of one account one after the other. Where one fails, it
 * and those behind it are held back (`HeldBack`), and the page goes on: nobody waits for another's failure. It is tried
 * again with growing pauses, and after so many attempts it is a dead letter, which is logged as an error and counted, and
 * waits for a person to retry or drop it. Its account's later messages wait with it.
 *
 * Where too many wait for another attempt, the endpoint is away altogether, and the webhook reads on no more: the journal
 * keeps the rest.
 */
import type { Fault, Id } from "@yikatong/core"
import { Clock, type Duration, Effect, Metric, Random, Result } from "effect"
import { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as HeldBack from "./HeldBack.ts"
import * as JournalRow from "./JournalRow.ts"
import type * as Lease from "./Lease.ts"
import * as Notice from "./Notice.ts"
import * as Reader from "./SubscriptionReader.ts"
import type * as Wakeup from "./Wakeup.ts"
import type * as WebhookAddress from "./WebhookAddress.ts"
import * as WebhookBody from "./WebhookBody.ts"
import * as WebhookEndpoint from "./WebhookEndpoint.ts"
import * as WebhookRequest from "./WebhookRequest.ts"
import * as WebhookSignature from "./WebhookSignature.ts"

export interface Options {
  readonly schema: string
  readonly lease: Duration.Duration
  readonly waking: Wakeup.Waking
  readonly rule: WebhookAddress.Rule
}

/** Attributes: `schema`, `subscriber`. */
export const delivered = Metric.counter("yikatong.webhook.delivered", {
  description: "Messages that an endpoint has taken",
  attributes: { unit: "{message}" },
  incremental: true
})
/** Attributes: `schema`, `subscriber`, `reason`. */
export const refusals = Metric.counter("yikatong.webhook.failures", {
  description: "Attempts that failed",
  attributes: { unit: "{attempt}" },
  incremental: true
})
/** Attributes: `schema`, `subscriber`. An alarm belongs on it. */
export const dead = Metric.counter("yikatong.webhook.dead_letters", {
  description: "Messages that were given up until a person retries or drops them",
  attributes: { unit: "{message}" },
  incremental: true
})

/** How many lines of one account are read at a time when they are delivered later. */
const stretch = 50
/** How often it looks for accounts whose turn has come. */
const look = "200 millis"

interface Message {
  readonly account: Id.AccountId
  readonly sequence: bigint
  readonly id: string
  readonly body: string
}

/** Delivers for ever, or until the name of the endpoint is forgotten. */
export const run = (
  { lease, rule, schema, waking }: Options,
  endpoint: WebhookEndpoint.Checked
): Effect.Effect<never, Reader.SubscriberForgotten, SqlClient.SqlClient> =>
  Effect.scoped(Effect.gen(function*() {
    const { ca, concurrency, events, from, holds, keys, name, timeout, url } = endpoint
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const { account: accounts, journal } = CampusSchema.tables(sql, schema)
    const held = HeldBack.make(sql, schema, name)
    const post = yield* WebhookRequest.make({
      url,
      rule,
      timeout,
      connections: 2 * concurrency,
      ...(ca === undefined ? {} : { ca })
    })
    const labels = { schema, subscriber: name }

    const message = (notice: Notice.Notice): ReadonlyArray<Message> => {
      const body = WebhookBody.of(notice, events)
      const { account, id, sequence } = notice
      return body === undefined ? [] : [{ account, id, sequence: BigInt(sequence), body }]
    }

    /** One attempt. It is signed anew each time, since a receiver refuses what is old. */
    const attempt = ({ body, id }: Message) =>
      Effect.gen(function*() {
        const timestamp = Math.floor((yield* Clock.currentTimeMillis) / 1_000)
        yield* post(WebhookSignature.sign({ id, timestamp, body }, keys), body)
        yield* Metric.update(Metric.withAttributes(delivered, labels), 1)
      })

    /** What is noted of an attempt that failed, and told to whoever watches. `tried`: how many there were with this one. */
    const note = Effect.fnUntraced(function*(
      { account, id, sequence }: Message,
      { code, reason, retryAfter, status }: WebhookRequest.Failure,
      tried: number
    ) {
      const delay = WebhookEndpoint.pauseAfter(endpoint, tried, retryAfter, yield* Random.next)
      const failure = {
        subscriber: name,
        message: id,
        sequence: Number(sequence),
        reason,
        status,
        code,
        attempts: tried
      }
      yield* Metric.update(Metric.withAttributes(refusals, { ...labels, reason }), 1)
      if (delay === undefined) {
        yield* Metric.update(Metric.withAttributes(dead, labels), 1)
        yield* Effect.logError("A webhook's message is a dead letter: mend the endpoint, then retry it or drop it", {
          _tag: "WebhookLetterDead",
          ...failure
        })
      } else {
        yield* Effect.logWarning("A webhook's message was not delivered and will be tried again", {
          _tag: "WebhookAttemptFailed",
          ...failure
        })
      }
      return { account, sequence, attempts: tried, reason, status, delay }
    })

    /** The messages of one account, until one fails: that one and the others are held back. */
    const deliver = Effect.fnUntraced(function*(messages: ReadonlyArray<Message>) {
      const until = messages.at(-1)?.sequence ?? 0n
      for (const one of messages) {
        const outcome = yield* Effect.result(attempt(one))
        if (Result.isFailure(outcome)) return yield* held.hold(yield* note(one, outcome.failure, 1), until)
      }
    })

    const room = Effect.gen(function*() {
      while ((yield* held.waiting) >= holds) yield* Effect.sleep(look)
    })

    const page: Reader.Page<Fault.StoreFault, never> = Effect.fnUntraced(function*(notices) {
      const messages = notices.flatMap(message)
      if (messages.length === 0) return
      yield* room
      const byAccount = new Map<Id.AccountId, Array<Message>>()
      for (const one of messages) {
        const already = byAccount.get(one.account)
        if (already === undefined) byAccount.set(one.account, [one])
        else already.push(one)
      }
      const back = yield* held.among([...byAccount.keys()])
      const behind = new Map(
        [...byAccount].filter(([account]) => back.has(account)).map(([account, all]) =>
          [account, all.at(-1)?.sequence ?? 0n] as const
        )
      )
      // One that was released between the two questions is delivered like the others.
      const waits = yield* held.extend(behind)
      const free = [...byAccount].filter(([account]) => !waits.has(account)).map(([, all]) => all)
      yield* Effect.forEach(free, deliver, { concurrency, discard: true })
    })

    const linesOf = ({ account, next, until }: HeldBack.Due) =>
      sql<JournalRow.JournalRow>`SELECT ${sql.literal(JournalRow.columns)}
        FROM ${journal} AS line JOIN ${accounts} AS account ON account.number = line.account
        WHERE line.account = (SELECT number FROM ${accounts} WHERE id = ${account})
          AND line.sequence >= ${next} AND line.sequence <= ${until} ORDER BY line.sequence LIMIT ${stretch}`.pipe(
        Attempts.repeat("read what is held back"),
        Effect.flatMap((rows) => Effect.fromResult(Result.all(rows.map(JournalRow.entry))))
      )

    /** What an account's turn is: on from where it stopped, as far as it goes. */
    const again = Effect.fnUntraced(function*(due: HeldBack.Due, lease: Lease.Held) {
      const entries = yield* linesOf(due)
      let tried = due.attempts
      for (const one of entries.flatMap((entry) => Notice.of(schema, entry) ?? []).flatMap(message)) {
        if (!lease.isOurs()) return
        const outcome = yield* Effect.result(attempt(one))
        if (Result.isFailure(outcome)) return yield* held.failed(yield* note(one, outcome.failure, tried + 1))
        if (!(yield* held.done(due.account, one.sequence))) return
        tried = 0
      }
      const last = entries.length < stretch ? due.until : BigInt(entries.at(-1)?.sequence ?? due.until)
      yield* held.done(due.account, last)
    })

    const beside = (lease: Lease.Held): Effect.Effect<never, Fault.StoreFault> =>
      Effect.forever(Effect.gen(function*() {
        const due = lease.isOurs() ? yield* held.due(concurrency) : []
        if (due.length === 0) return yield* Effect.sleep(look)
        yield* Effect.forEach(due, (one) => again(one, lease), { concurrency, discard: true })
      }))

    return yield* Reader.run({ schema, name, page: 100, begin: from, lease, waking, beside }, page)
  }))
