// vitest's globalSetup of the project "server": one PostgreSQL server a run, for all test files. A test reaches it by `inject("postgres")`.
import type { TestProject } from "vitest/node"
import { type Connection, startPostgres } from "../../../scripts/postgres-server.ts"

declare module "vitest" {
  interface ProvidedContext {
    readonly postgres: Connection
  }
}

export default async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await startPostgres({
    settings: {
      // What a test kills are processes, and a commit survives those without fsync; only a machine that loses power needs it.
      fsync: "off",
      max_connections: "200"
    }
  })
  // Which server it was is part of what a run proves.
  project.vitest.logger.log(`PostgreSQL for the tests: ${server.source}`)
  project.provide("postgres", server.connection)
  return server.stop
}
