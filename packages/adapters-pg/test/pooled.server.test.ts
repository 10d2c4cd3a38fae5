// Through a pooler in transaction mode: what the store asks of a session it asks of each transaction. A real PgBouncer is asked by
// scripts/pgbouncer-check.ts; here the wire tells what one would see.
import { Effect, type Scope } from "effect"
import { connect } from "node:net"
import { Duplex } from "node:stream"
import { describe, expect, inject, it } from "vitest"
import { freshSchema, store } from "./clients.ts"
import { account } from "./commands.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

/** A wire that remembers, for each session, what was said first and what was said after that. */
const overheard = () => {
  const sessions: Array<{ startup: string; rest: string }> = []
  const stream = (): Duplex => {
    const server = inject("postgres")
    const { hostname, port } = server.kind === "url" ? new URL(server.url) : { hostname: "", port: "" }
    const socket = server.kind === "socket"
      ? connect({ path: `${server.host}/.s.PGSQL.5432` })
      : connect({ host: hostname, port: port === "" ? 5432 : Number(port) })
    const session = { startup: "", rest: "" }
    sessions.push(session)
    const wire: Duplex = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        if (session.startup === "") session.startup = chunk.toString("latin1")
        else session.rest += chunk.toString("latin1")
        socket.write(chunk, () => done())
      },
      destroy(error, done) {
        socket.end()
        done(error)
      }
    })
    socket.on("data", (chunk) => wire.push(chunk))
    socket.on("error", (error) => wire.destroy(error))
    socket.on("close", () => wire.destroy())
    return wire
  }
  return { stream, sessions }
}

const asked = /lock_timeout|statement_timeout|plan_cache_mode|enable_seqscan|jit/

/** The sessions in which payments were written, after some of them. */
const paying = (options: { readonly pooled?: boolean; readonly prepare?: boolean }) =>
  run(Effect.gen(function*() {
    const { sessions, stream } = overheard()
    const { pooled, prepare = true } = options
    const one = yield* store({
      schema: freshSchema(),
      lanes: 1,
      client: { stream, prepare },
      ...(pooled === undefined ? {} : { pooled })
    })
    const { funded, pay } = account("pooled")
    yield* Effect.forEach([...funded(1_000), pay(1), pay(1)], one.transact)
    return sessions.filter(({ rest }) => rest.includes("FOR UPDATE"))
  }))

describe("a store through a pooler", () => {
  it("sends nothing in its startup packet that a pooler refuses", async () => {
    const writing = await paying({ pooled: true })
    expect(writing.map(({ startup }) => asked.test(startup))).toEqual([false])
  })

  it("asks for its settings in each transaction, until its end only", async () => {
    const [writing] = await paying({ pooled: true, prepare: false })
    const said = writing?.rest ?? ""
    const settings = said.match(/BEGIN[^]*?set_config\('lock_timeout', '1000', true\)[^]*?FOR UPDATE/g) ?? []
    expect(settings).toHaveLength(6)
    expect(said).not.toMatch(/set_config\([^)]*false\)/)
  })

  it("names no statement where the client must not prepare any", async () => {
    const parsed = async (prepare: boolean) => {
      const [writing] = await paying({ pooled: true, prepare })
      // Parse: the letter, four bytes of length, the name, a zero.
      return [...(writing?.rest ?? "").matchAll(/P[^]{4}([\x20-\x7e]*)\0(?:BEGIN|SELECT|COMMIT)/g)].map(([, name]) =>
        name
      )
    }
    expect(new Set(await parsed(false))).toEqual(new Set([""]))
    const named = await parsed(true)
    expect([named.length > 0, named.includes("")]).toEqual([true, false])
  })

  it("without a pooler the settings are those of the session", async () => {
    const [writing] = await paying({})
    expect(writing?.startup).toMatch(asked)
    // Once, and only so that what is answered is durable.
    expect(writing?.rest.match(/set_config\('\w+/g)).toEqual(["set_config('synchronous_commit"])
  })
})
