// What the main entry loads, followed from import to import: cards, purse and virtual cards are to run in a browser as well, so no module of
// Node and no native binding may be on the way (decision 0027).
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const src = fileURLToPath(new URL("../src", import.meta.url))

/** A source without its comments, whose examples import as well. */
const codeOf = (file: string): string =>
  readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "")

/** What a module loads at run time: types are erased. */
const importsOf = (file: string): ReadonlyArray<string> => {
  const code = codeOf(file)
  const stated = [...code.matchAll(/^(?:import|export)\s(?!type\s)(?:[^"']*?\sfrom\s)?\s*"([^"]+)"/gm)]
  const called = [...code.matchAll(/\b(?:import|require)\(\s*"([^"]+)"/g)]
  return [...stated, ...called].map(([, specifier = ""]) => specifier)
}

/** Every module that is loaded from here, and every package with who asks for it. */
const reached = (entry: string) => {
  const modules = new Set<string>()
  const packages = new Map<string, Array<string>>()
  const visit = (file: string): void => {
    if (modules.has(file)) return
    modules.add(file)
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith(".")) visit(join(dirname(file), specifier))
      else packages.set(specifier, [...packages.get(specifier) ?? [], relative(src, file)])
    }
  }
  visit(entry)
  return { modules, packages }
}

/** What only Node has, wherever it is neither a member, nor a name in quotes or of a property. */
const global = /(?<![.\w"])(?:Buffer|process|require|global|__dirname|__filename|setImmediate)\b(?!"|:)/g

const globalsIn = (modules: ReadonlySet<string>): ReadonlyArray<string> =>
  [...modules].flatMap((file) => [...codeOf(file).matchAll(global)].map(([name]) => `${relative(src, file)}: ${name}`))

describe("the main entry in a browser", () => {
  const { modules, packages } = reached(join(src, "index.ts"))

  it("loads these packages and no others", () => {
    expect(modules.size).toBeGreaterThan(80)
    expect([...modules].filter((file) => !existsSync(file))).toEqual([])
    expect([...packages.keys()].sort()).toEqual(["@yikatong/core", "des.js", "effect"])
  })

  it("goes nowhere near src/node, which does load Node and the binding", () => {
    expect([...modules].map((file) => relative(src, file)).filter((file) => file.startsWith("node"))).toEqual([])
    const { packages } = reached(join(src, "node/index.ts"))
    expect([...packages.keys()]).toEqual(expect.arrayContaining(["node:net", "pcsc-mini"]))
  })

  it("uses nothing that only Node has as a global", () => {
    expect(globalsIn(modules)).toEqual([])
    expect(globalsIn(reached(join(src, "node/index.ts")).modules)).toContain("node/PcscMini.ts: process")
  })
})
