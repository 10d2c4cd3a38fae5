// What the tests with a real pcscd need: whatever is missing is told in one line, with what to install. `Vicc.chain.test.ts` needs the last ones.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import {
  cryptodome,
  driver,
  impossible,
  isAskedAlone,
  obstacle,
  obstacleToReaders,
  pcscd,
  vicc,
  viccPackage
} from "../../../scripts/pcscd-obstacle.ts"

const needed = [
  [pcscd, "pcscd"],
  [driver, "vsmartcard-vpcd"],
  [vicc, "vsmartcard-vpicc"],
  [viccPackage, "python3-virtualsmartcard"],
  [cryptodome, "python3-pycryptodome"]
] as const

const roots: Array<string> = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

/** A machine that has all of it but one. */
const without = (missing: string): string => {
  const root = mkdtempSync(join(tmpdir(), "yikatong-obstacle-"))
  roots.push(root)
  for (const [path] of needed) {
    if (path === missing) continue
    mkdirSync(dirname(root + path), { recursive: true })
    writeFileSync(root + path, "")
  }
  return root
}

describe.runIf(process.platform === "linux")("the chain to a virtual reader can not be had", () => {
  it.each(needed)("without %s: install %s", (path, name) => {
    expect(obstacle(without(path))).toBe(`${path} is missing (Debian: apt-get install ${name})`)
  })

  it("with everything there, only for another reason", () => {
    expect(obstacle(without("nothing")) ?? "").not.toContain("is missing")
  })

  it.each(needed.slice(2))("readers alone can be had without %s", (path) => {
    expect(obstacleToReaders(without(path)) ?? "").not.toContain("is missing")
  })
})

describe("the tests on the chain can not be run", () => {
  it.each<[words: ReadonlyArray<string>, alone: boolean]>([
    [["vitest", "run", "--project", "chain"], true],
    [["vitest", "run", "--project=chain", "Vicc"], true],
    [["vitest", "run", "--project", "chain", "--project", "core"], false],
    [["vitest", "run", "chain"], false],
    [["vitest", "run"], false]
  ])("%j: asked for alone: %s", (words, alone) => expect(isAskedAlone(words)).toBe(alone))

  it("is one sentence with its cause", () => {
    expect(impossible("a pcscd that is not ours runs already (process 7): end it first")).toMatch(
      /^The tests with a real pcscd .* can not be run.*: a pcscd that is not ours runs already \(process 7\): end it first$/
    )
  })
})
