// Holds packages/core/school-profile.schema.json against the schema that decodes a profile. `--write` writes it anew.
import { readFileSync, writeFileSync } from "node:fs"
import * as ProfileSchema from "../packages/core/src/ProfileSchema.ts"
import { root } from "./packages.ts"

const name = "packages/core/school-profile.schema.json"
const file = root + name
const made = `${JSON.stringify(ProfileSchema.jsonSchema(), null, 2)}\n`
if (process.argv.includes("--write")) writeFileSync(file, made)
if (readFileSync(file, "utf8") !== made) {
  console.error(
    `check-profile-schema: ${name} is not what the code says: node scripts/check-profile-schema.ts --write`
  )
  process.exit(1)
}
