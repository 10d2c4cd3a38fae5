import { defineConfig } from "vitest/config"
import { sourceAliases } from "./scripts/packages.ts"

// For Stryker alone: it does not work with vitest's projects.
export default defineConfig({
  resolve: { alias: [...sourceAliases] },
  test: { include: ["packages/core/test/**/*.test.ts"] }
})
