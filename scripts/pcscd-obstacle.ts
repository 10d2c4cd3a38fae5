// Whether the chain Node -> pcsc-mini -> pcscd -> vpcd, and a card of somebody else's on it, can be had on this machine. Nothing is started to
// find out.
import { existsSync, readdirSync, readFileSync } from "node:fs"

export const pcscd = "/usr/sbin/pcscd"
export const driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
/** A card in Python by the makers of vpcd, and what it imports. */
export const vicc = "/usr/bin/vicc"
export const viccPackage = "/usr/lib/python3/site-packages/virtualsmartcard"
export const cryptodome = "/usr/lib/python3/dist-packages/Cryptodome"
/** Debian 12 has pcscd listen here, whatever its configuration. */
export const socketFolder = "/run/pcscd"

/** On a machine that has to have it, its absence is a failure. */
export const isRequired = (): boolean => process.env["YIKATONG_CHAIN"] === "required"

/** That the tests on the chain can not be run, in one sentence. */
export const impossible = (obstacle: string): string =>
  `The tests with a real pcscd (project "chain") can not be run${
    isRequired() ? ", and YIKATONG_CHAIN requires them" : ""
  }: ${obstacle}`

/** Whether the runner was called for these tests and no others: then there is nothing to run without them. */
export const isAskedAlone = (words: ReadonlyArray<string>): boolean => {
  const asked = words.flatMap((word, at) =>
    word === "--project" ? words.slice(at + 1, at + 2) : word.startsWith("--project=") ? [word.slice(10)] : []
  )
  return asked.length > 0 && asked.every((project) => project === "chain")
}

const packages = [[pcscd, "pcscd"], [driver, "vsmartcard-vpcd"]] as const
const viccPackages = [
  [vicc, "vsmartcard-vpicc"],
  [viccPackage, "python3-virtualsmartcard"],
  [cryptodome, "python3-pycryptodome"]
] as const

/** Why the tests on the chain can not be run, in one line. `root`: where the files are looked for. */
export const obstacle = (root = ""): string | undefined => obstacleTo([...packages, ...viccPackages], root)

/** Why there can be no pcscd with virtual readers, whatever lies on them. */
export const obstacleToReaders = (root = ""): string | undefined => obstacleTo(packages, root)

const obstacleTo = (needed: ReadonlyArray<readonly [path: string, name: string]>, root: string): string | undefined => {
  if (process.platform !== "linux") return "the virtual reader is set up on Linux only"
  const missing = needed.find(([path]) => !existsSync(root + path))
  if (missing !== undefined) return `${missing[0]} is missing (Debian: apt-get install ${missing[1]})`
  if (process.getuid?.() !== 0) return "pcscd is started by root alone"
  const running = processesNamed("pcscd")
  if (running.length > 0) return `a pcscd that is not ours runs already (process ${running.join(", ")}): end it first`
  return undefined
}

const processesNamed = (name: string): ReadonlyArray<string> =>
  readdirSync("/proc").filter((id) => {
    if (!/^[0-9]+$/.test(id)) return false
    try {
      // One that has ended and was not waited for yet runs no more.
      return readFileSync(`/proc/${id}/comm`, "utf8").trim() === name &&
        !/^State:\tZ/m.test(readFileSync(`/proc/${id}/status`, "utf8"))
    } catch {
      return false
    }
  })
