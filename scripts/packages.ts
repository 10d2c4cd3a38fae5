// The packages and their entry points, read from their own package.json: one list, so that no copy of it can be wrong.
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))

/** The export condition under which a package shows its sources, for Node without a build. */
export const sourceCondition = "yikatong-source"

export interface EntryPoint {
  /** What an importer writes: "@yikatong/core/testing". */
  readonly specifier: string
  /** The source file behind it, absolute. */
  readonly source: string
}

export interface Package {
  readonly name: string
  /** The folder's name under packages/. */
  readonly folder: string
  /** The folder, absolute. */
  readonly path: string
  readonly entryPoints: ReadonlyArray<EntryPoint>
}

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

const read = (folder: string): Package => {
  const path = `${root}packages/${folder}`
  const manifest: Manifest = JSON.parse(readFileSync(`${path}/package.json`, "utf8"))
  const entryPoints: Array<EntryPoint> = []
  for (const [subpath, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue
    const source = target[sourceCondition]
    if (source === undefined) throw new Error(`${manifest.name}: the export "${subpath}" has no "${sourceCondition}"`)
    entryPoints.push({ specifier: manifest.name + subpath.slice(1), source: `${path}/${source.slice(2)}` })
  }
  return { name: manifest.name, folder, path, entryPoints }
}

/** In the order in which they depend on each other: the core first. */
export const packages: ReadonlyArray<Package> = readdirSync(`${root}packages`, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .toSorted((a, b) => Number(b === "core") - Number(a === "core") || a.localeCompare(b))
  .map(read)

/** For vitest: every entry point leads to its source, so that tests need no build. Exact matches only. */
export const sourceAliases: ReadonlyArray<{ readonly find: RegExp; readonly replacement: string }> = packages
  .flatMap((package_) => package_.entryPoints)
  .map(({ specifier, source }) => ({ find: new RegExp(`^${specifier}$`), replacement: source }))
