import { defineConfig } from "vitest/config"
import { sourceAliases } from "./scripts/packages.ts"

// For Stryker alone: it does not work with vitest's projects.
export default defineConfig({
  resolve: { alias: [...sourceAliases] },
  // Random lives take half a minute and cover every mutant: the tables and properties beside each rule must kill it.
  test: { include: ["packages/core/test/**/*.test.ts"], exclude: ["**/lives.test.ts"], testTimeout: 120_000 }
})
