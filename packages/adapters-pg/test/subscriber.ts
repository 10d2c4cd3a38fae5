// A subscriber in a process of its own: tells its parent of each notice, until it is killed.
import { PgClient } from "@effect/sql-pg"
import { PgOutbox } from "@yikatong/adapters-pg"
import { Effect, Layer, Redacted } from "effect"

const [schema = "", server = ""] = process.argv.slice(2)
const { host, database, kind, url, username } = JSON.parse(server)
const client = PgClient.layer(kind === "url" ? { url: Redacted.make(url) } : { host, database, username })

await Effect.runPromise(
  Effect.flatMap(PgOutbox.PgOutbox, ({ consume }) =>
    consume({
      name: "report",
      handler: (notices) => Effect.sync(() => notices.forEach(({ id }) => process.send?.(id)))
    })).pipe(Effect.provide(PgOutbox.layer({ schema, lease: "2 seconds" }).pipe(Layer.provide(client))))
)
