// Whether the chain Node -> pcsc-mini -> pcscd -> vpcd can be had on this machine. Nothing is started to find out.
import { existsSync, readdirSync, readFileSync } from "node:fs"

export const pcscd = "/usr/sbin/pcscd"
export const driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
/** Debian 12 has pcscd listen here, whatever its configuration. */
export const socketFolder = "/run/pcscd"

/** On a machine that has to have it, its absence is a failure. */
export const isRequired = (): boolean => process.env["YIKATONG_CHAIN"] === "required"

/** Why the chain can not be had, in one line. */
export const obstacle = (): string | undefined => {
  if (process.platform !== "linux") return "the virtual reader is set up on Linux only"
  if (!existsSync(pcscd)) return `${pcscd} is missing (Debian: apt-get install pcscd)`
  if (!existsSync(driver)) return `${driver} is missing (Debian: apt-get install vsmartcard-vpcd)`
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
