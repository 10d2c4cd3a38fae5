/** What the server did meanwhile: its CPU time, its write-ahead log, how many payments shared a transaction, its files. */
import { CampusSchema } from "@yikatong/adapters-pg"
import * as Database from "./Database.ts"
import type { Measured } from "./Measured.ts"
import type { Server } from "./Server.ts"

const schema = CampusSchema.defaultName
const { account, answered, journal, transfer } = CampusSchema.names(schema)

const walBytes = async ({ admin }: Server): Promise<number> => {
  const [row] = await admin.rows<{ bytes: string }>("SELECT (pg_current_wal_insert_lsn() - '0/0')::text AS bytes")
  return Number(row?.bytes)
}

/** Measures what one contestant does, and what it costs the server. Nobody else runs meanwhile. */
export const around = async <M extends Measured>(server: Server, act: () => Promise<M>): Promise<M> => {
  const cpu = await server.cpuSeconds()
  const wal = await walBytes(server)
  const measured = await act()
  const written = await walBytes(server) - wal
  const spent = await server.cpuSeconds()
  return {
    ...measured,
    walBytes: written / measured.payments,
    ...(cpu === undefined || spent === undefined ? {} : { serverMicros: (spent - cpu) * 1_000_000 / measured.payments })
  }
}

/** The same of ours, with how many lines have one transaction. */
export const aroundOurs = async <M extends Measured>(
  server: Server,
  place: Database.Place,
  act: () => Promise<M>
): Promise<M> =>
  Database.using(place, async ({ rows }) => {
    const [before] = await rows<{ last: bigint }>(`SELECT coalesce(max(sequence), 0) AS last FROM ${journal}`)
    const measured = await around(server, act)
    const [row] = await rows<{ batch: number }>(
      `SELECT count(*)::float8 / greatest(count(DISTINCT xmin::text), 1) AS batch FROM ${journal} WHERE sequence > $1`,
      [before?.last ?? 0n]
    )
    return { ...measured, batch: row?.batch ?? Number.NaN }
  })

/** Bytes on disk with all indexes: what only grows, and the accounts, which are written over. */
export const disk = (place: Database.Place): Promise<{ readonly journal: number; readonly account: number }> =>
  Database.using(place, async ({ rows }) => {
    const [row] = await rows<{ journal: string; account: string }>(
      `SELECT (SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = $1::text::regclass)
           + pg_total_relation_size($2::text::regclass) + pg_total_relation_size($3::text::regclass) || '' AS journal,
         pg_total_relation_size($4::text::regclass)::text AS account`,
      [journal, answered, transfer, account]
    )
    return { journal: Number(row?.journal), account: Number(row?.account) }
  })
