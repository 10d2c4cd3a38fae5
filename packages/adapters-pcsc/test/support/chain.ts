// vitest's globalSetup of the project "chain": one private pcscd a run, with six virtual readers. A test reaches it by `inject("chain")`.
import type { TestProject } from "vitest/node"
import { impossible, obstacle } from "../../../../scripts/pcscd-obstacle.ts"
import * as Pcscd from "../../../../scripts/pcscd.ts"

declare module "vitest" {
  interface ProvidedContext {
    readonly chain: Pcscd.Chain
  }
}

export default async (project: TestProject): Promise<() => Promise<void>> => {
  const found = obstacle()
  if (found !== undefined) {
    // An error would be told with the stack of the runner, and nothing in the code is wrong.
    process.stderr.write(`${impossible(found)}\n`)
    process.exit(1)
  }
  const { chain, close } = await Pcscd.open()
  project.vitest.logger.log(
    `Readers for the tests: a pcscd of our own with vpcd on ports ${chain.ports[0]} to ${chain.ports.at(-1)}` +
      (chain.preload === undefined ? "; no gcc: 44 ms a command, and vpcd listens on all addresses" : "")
  )
  project.provide("chain", chain)
  return close
}
