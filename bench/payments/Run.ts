/** One run of the benchmark: its server, its size, and what it says meanwhile. */
import { performance } from "node:perf_hooks"
import type { Place } from "./Database.ts"
import * as Server from "./Server.ts"
import * as Size from "./Size.ts"

export interface Run {
  readonly server: Server.Server
  readonly size: Size.Size
  readonly say: (line: string) => void
  readonly seconds: () => number
  /** A new database, empty or equal to another one that nobody uses at the moment. */
  readonly create: (name: string, template?: string) => Promise<Place>
}

export const start = async (): Promise<Run> => {
  const size = Size.asked()
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1_000
  const server = await Server.start()
  return {
    server,
    size,
    say: (line) => console.log(`${seconds().toFixed(0).padStart(5)} s  ${line}`),
    seconds,
    create: async (name, template = "template1") => {
      await server.admin.rows(`CREATE DATABASE ${name} TEMPLATE ${template}`)
      return server.database(name)
    }
  }
}
