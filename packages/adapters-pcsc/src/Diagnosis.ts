/**
 * What is wrong with a machine for reading cards 诊断, and the commands that put it right: facts in, findings out,
 * nothing else.
 *
 * One finding for each cause, in the order in which they are mended: a reader that is not seen since its driver is
 * missing is told of once, as a missing driver. Sources: the threads of pcsc-lite, libccid, acsccid, libnfc, nfc-pcsc
 * and pyscard in which people met these.
 */
import { binding } from "./BindingFindings.ts"
import * as Finding from "./Finding.ts"
import { kernel } from "./KernelFindings.ts"
import { listed, type Machine, unknowns } from "./Machine.ts"
import { driven, drivers, escapes, readers, scdaemon, unseen } from "./ReaderFindings.ts"
import { isLinux, polkit, service, waiting } from "./ServiceFindings.ts"

/**
 * `good`: a reader can be used, as far as can be seen. `unknown`: nothing is wrong that was seen, but no reader was
 * either.
 */
export interface Diagnosis {
  readonly verdict: "good" | "wrong" | "unknown"
  readonly findings: ReadonlyArray<Finding.Finding>
}

/** Looks at the facts in the order in which a command travels: from the binding to the reader. */
export const of = (machine: Machine): Diagnosis => {
  const wrong = [
    ...binding(machine),
    ...service(machine),
    ...polkit(machine),
    ...kernel(machine),
    ...drivers(machine),
    ...readers(machine),
    ...unseen(machine)
  ]
  const notes = [...waiting(machine), ...scdaemon(machine, wrong), ...escapes(machine)]
  const found = [...wrong.filter(({ severity }) => severity === "wrong"), ...wrong.filter(isNote), ...notes]
  if (found.some(({ severity }) => severity === "wrong")) return { verdict: "wrong", findings: found }
  if (isUsable(machine)) return { verdict: "good", findings: found }
  return { verdict: "unknown", findings: [notKnown(machine), ...found] }
}

const isNote = ({ severity }: Finding.Finding): boolean => severity === "note"

/**
 * Whether a card could be read: a reader was seen, or all is there that it takes and only pcscd was not woken to ask
 * it.
 */
const isUsable = (machine: Machine): boolean =>
  listed(machine.readers.seen).length > 0 ||
  (machine.binding.state === "loads" && machine.service.door === "waits" && driven(machine).length > 0)

const notKnown = (machine: Machine): Finding.Finding => {
  const missing = unknowns(machine).join(", ")
  return Finding.make(
    "NotKnown",
    [
      `无法判断能否读卡；没有查到：${missing}`,
      `it could not be found out whether cards can be read here; unknown: ${missing}`
    ],
    isLinux(machine)
      ? ["请以管理员身份再试", "try again as an administrator"]
      : ["请插入读卡器后再试", "plug a reader in and try again"],
    [isLinux(machine) ? "sudo npx yikatong reader doctor" : "npx yikatong reader doctor"],
    "unknown"
  )
}
