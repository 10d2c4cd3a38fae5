import { defineConfig } from "vitest/config"
import { sourceAliases } from "./scripts/packages.ts"
import * as Pcscd from "./scripts/pcscd-obstacle.ts"

// A machine without a service of smart cards and its virtual reader runs the other tests, and says so.
const obstacle = Pcscd.isRequired() ? undefined : Pcscd.obstacle()
if (obstacle !== undefined) {
  if (Pcscd.isAskedAlone(process.argv)) {
    process.stderr.write(`${Pcscd.impossible(obstacle)}\n`)
    process.exit(1)
  }
  process.stderr.write(`Not run: the tests with a real pcscd (project "chain"), since ${obstacle}\n`)
}

// `*.server.test.ts` needs a real PostgreSQL server, `*.chain.test.ts` a real pcscd, every other test runs alone.
export default defineConfig({
  resolve: { alias: [...sourceAliases] },
  test: {
    // A forgotten `.only` would skip the rest silently.
    allowOnly: false,
    projects: [
      {
        extends: true,
        // A limit for what hangs, not for what is slow: the machine may be busy.
        test: { name: "core", include: ["packages/core/test/**/*.test.ts"], testTimeout: 120_000 }
      },
      {
        extends: true,
        test: {
          name: "adapters-pg",
          include: ["packages/adapters-pg/test/**/*.test.ts"],
          exclude: ["**/*.server.test.ts"],
          // PGlite takes 4 s to start on a slow core.
          testTimeout: 30_000,
          hookTimeout: 60_000
        }
      },
      {
        extends: true,
        test: {
          name: "adapters-pcsc",
          include: ["packages/adapters-pcsc/test/**/*.test.ts"],
          exclude: ["**/*.chain.test.ts"],
          testTimeout: 60_000
        }
      },
      {
        extends: true,
        test: {
          name: "adapters-bank",
          include: ["packages/adapters-bank/test/**/*.test.ts"],
          exclude: ["**/*.server.test.ts"],
          testTimeout: 60_000
        }
      },
      ...(obstacle === undefined
        ? [{
          extends: true as const,
          test: {
            name: "chain",
            include: ["packages/adapters-pcsc/test/**/*.chain.test.ts"],
            globalSetup: ["packages/adapters-pcsc/test/support/chain.ts"],
            // There is one pcscd, and some tests kill it.
            fileParallelism: false,
            testTimeout: 60_000,
            hookTimeout: 60_000
          }
        }]
        : []),
      {
        extends: true,
        test: {
          name: "cli",
          include: ["packages/cli/test/**/*.test.ts"],
          exclude: ["**/*.server.test.ts"],
          // Each call is a process of its own.
          testTimeout: 60_000,
          hookTimeout: 120_000
        }
      },
      {
        extends: true,
        test: {
          name: "server",
          include: ["adapters-pg", "adapters-bank", "cli"].map((name) => `packages/${name}/test/**/*.server.test.ts`),
          globalSetup: ["packages/adapters-pg/test/server.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000
        }
      }
    ]
  }
})
