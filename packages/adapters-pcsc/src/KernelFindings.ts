/**
 * What the kernel takes away 内核占用: its modules for NFC claim readers such as the ACR122U before pcscd can.
 */
import * as Finding from "./Finding.ts"
import * as KnownReader from "./KnownReader.ts"
import { listed, type Machine, type UsbDevice } from "./Machine.ts"
import * as Remedy from "./Remedy.ts"

/** Devices that a module which is loaded takes. */
export const taken = (machine: Machine): ReadonlyArray<UsbDevice> => {
  const ids = listed(machine.modules).flatMap((module) => KnownReader.takenBy[module] ?? [])
  return listed(machine.usb).filter(({ id }) => ids.includes(id))
}

/** Readers as they are told to people. */
export const named = (devices: ReadonlyArray<UsbDevice>): string => devices.map(KnownReader.written).join(", ")

/** A module is loaded that takes readers away: it has, or it may. */
export const kernel = (machine: Machine): ReadonlyArray<Finding.Finding> => {
  const { blacklisted, modules, readers: { seen }, system: { isContainer }, usb } = machine
  const takers = listed(modules).filter((module) => Object.hasOwn(KnownReader.takenBy, module))
  if (takers.length === 0) return []
  const victims = taken(machine)
  const isBlacklisted = takers.every((module) => listed(blacklisted).includes(module))
  const isHarmed = usb === "unknown"
    ? listed(seen).length === 0
    : victims.length > 0 && listed(seen).length < usb.length
  if (!isHarmed && isBlacklisted) return []
  const whom: readonly [string, string] = victims.length === 0
    ? ["", ""]
    : [`：${named(victims)}`, `: ${named(victims)}`]
  return [Finding.make(
    isHarmed ? "KernelTakesReader" : "KernelMayTakeReader",
    isHarmed
      ? [
        `内核模块 ${takers.join(", ")} 占用了读卡器${whom[0]}`,
        `the kernel's ${takers.join(", ")} takes the reader${whom[1]}`
      ]
      : [
        `内核已加载 ${takers.join(", ")}，会占用 ACR122U 一类的读卡器`,
        `the kernel has loaded ${takers.join(", ")}, which takes readers such as the ACR122U`
      ],
    isContainer === true
      ? ["请在宿主机上卸载并列入黑名单", "on the host, unload it and keep it from being loaded"]
      : ["请卸载并列入黑名单，再重新插入读卡器", "unload it, keep it from being loaded, and plug the reader in again"],
    Remedy.unload(machine, takers, isBlacklisted),
    isHarmed ? "wrong" : "note"
  )]
}

/** Whether a module takes no reader away. */
export const isHarmless = (module: string): boolean => !Object.hasOwn(KnownReader.takenBy, module)
