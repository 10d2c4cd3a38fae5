import { defineConfig, type Options } from "tsup"
import { packages } from "./scripts/packages.ts"

type Plugin = NonNullable<Options["plugins"]>[number]

// The sources import each other as "./X.ts", which is how Node and the type checker read them; in dist the file is X.js.
// The length stays the same, so the source map stays right.
const rewriteExtensions: Plugin = {
  name: "rewrite-extensions",
  renderChunk: (code, info) => ({
    code: code.replace(/(\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}\/[^"\n]+)\.ts"/g, "$1\"$2.js\""),
    map: info.map ?? null
  })
}

// JavaScript only, one file a module. Declarations come from `tsc -b` (TypeScript 7 has no compiler API that tsup could use).
// Bundling would inline devDependencies and make `export * as X` impossible to tree-shake.
export default defineConfig(
  packages.map(({ name, path }) => ({
    name,
    entry: [`${path}/src/**/*.ts`],
    outDir: `${path}/dist`,
    format: ["esm"],
    target: "es2022",
    platform: "neutral",
    bundle: false,
    dts: false,
    // The declarations are there already; scripts/build.ts has emptied dist before.
    clean: false,
    sourcemap: true,
    plugins: [rewriteExtensions]
  }))
)
