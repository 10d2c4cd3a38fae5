/**
 * Why a reader is not seen 读卡器问题: no driver, none plugged in, somebody else has it, or the binding sees no more.
 */
import * as DriverBundle from "./DriverBundle.ts"
import * as Finding from "./Finding.ts"
import { isHarmless, named, taken } from "./KernelFindings.ts"
import { type Driver, listed, type Machine, type UsbDevice } from "./Machine.ts"
import * as Remedy from "./Remedy.ts"
import { isLinux, isServiceMissing, isWindows } from "./ServiceFindings.ts"

const isDriven = (drivers: ReadonlyArray<Driver>, { id }: UsbDevice): boolean =>
  drivers.some(({ drives }) => drives.includes(id))

/** Readers on USB that a driver lists and the kernel leaves alone. */
export const driven = (machine: Machine): ReadonlyArray<UsbDevice> => {
  const victims = taken(machine)
  return listed(machine.usb).filter((device) =>
    !victims.includes(device) && (machine.drivers === "unknown" || isDriven(machine.drivers, device))
  )
}

/** Readers that no driver lists. */
export const drivers = (machine: Machine): ReadonlyArray<Finding.Finding> => {
  const { drivers, readers: { seen }, usb } = machine
  if (!isLinux(machine) || drivers === "unknown" || isServiceMissing(machine)) return []
  // The pcscd of a container's host has its drivers there: what it shows, it drives.
  const without = listed(usb).filter((device) => !isDriven(drivers, device))
  if (without.length === 0 || listed(seen).length >= listed(usb).length) return []
  return [Finding.make(
    "DriverMissing",
    drivers.length === 0
      ? [`没有安装读卡器驱动：${named(without)}`, `no driver of readers is installed: ${named(without)}`]
      : [`没有驱动支持 ${named(without)}`, `no driver that is installed lists ${named(without)}`],
    [
      "请安装驱动；仍不支持时向厂商索取",
      "install the driver; if that does not list it either, ask the maker of the reader for one"
    ],
    Remedy.drivers(machine, without.some(({ id }) => id.startsWith("072f:")))
  )]
}

/** The service shows no reader, and neither driver nor kernel are why. */
export const readers = (machine: Machine): ReadonlyArray<Finding.Finding> => {
  const { configured, readers: { seen }, rivals, usb } = machine
  if (listed(seen).length > 0) return []
  if (usb !== "unknown" && usb.length === 0 && listed(configured).length === 0) {
    // Only Linux shows all of USB; elsewhere it takes the service's word as well.
    return isLinux(machine) || seen !== "unknown" ? [noReader(machine)] : []
  }
  if (seen === "unknown") return []
  const free = driven(machine)
  if (usb === "unknown") {
    return taken(machine).length === 0 && listed(machine.modules).every(isHarmless)
      ? [noReader(machine)]
      : []
  }
  if (free.length === 0) return usb.length === 0 ? [noReader(machine)] : []
  if (listed(rivals).includes("scdaemon")) {
    return [Finding.make(
      "ScdaemonHolds",
      [`GnuPG 的 scdaemon 占用了读卡器：${named(free)}`, `scdaemon of GnuPG holds the reader: ${named(free)}`],
      ["请结束它，并让它以后与 pcscd 共用", "end it, and have it share with pcscd from now on"],
      [...Remedy.share, ...(isLinux(machine) ? Remedy.restart(machine) : [])]
    )]
  }
  return [Finding.make(
    "ReaderNotTaken",
    [
      `读卡器已插在 USB 上，但智能卡服务没有认出：${named(free)}`,
      `a reader is on USB, but the smart card service does not show it: ${named(free)}`
    ],
    [
      "请拔下重插，再重启服务；虚拟机须把 USB 设备交给它",
      "unplug it, plug it in, and start the service anew; a virtual machine has to be given the device"
    ],
    isLinux(machine) ? Remedy.restart(machine) : isWindows(machine) ? ["Restart-Service SCardSvr"] : []
  )]
}

const noReader = ({ system: { family, isContainer } }: Machine): Finding.Finding =>
  Finding.make(
    "ReaderMissing",
    ["没有找到读卡器", "there is no reader"],
    family === "windows"
      ? [
        "请插入读卡器；远程桌面中只能看到转接过来的读卡器",
        "plug one in; in a remote desktop only those are seen that it passes on"
      ]
      : isContainer === true
      ? [
        "请插入读卡器；容器内最好挂载宿主机的 /run/pcscd",
        "plug one in; in a container, best mount /run/pcscd of the host: docker run -v /run/pcscd:/run/pcscd"
      ]
      : ["请插入读卡器；虚拟机须把 USB 设备交给它", "plug one in; a virtual machine has to be given the device"],
    family === "windows"
      ? ["pnputil /enum-devices /class SmartCardReader /connected"]
      : family === "macos"
      ? ["system_profiler SPUSBDataType"]
      : ["lsusb"]
  )

/** There are more readers than the binding sees, or there may be. */
export const unseen = (
  { binding: { most, name }, readers: { seen, there } }: Machine
): ReadonlyArray<Finding.Finding> => {
  const isCounted = there !== "unknown"
  if (isCounted ? there <= most || listed(seen).length >= there : listed(seen).length < most) return []
  return [Finding.make(
    isCounted ? "ReadersUnseen" : "ReadersMayBeUnseen",
    isCounted
      ? [
        `服务有 ${there} 个读卡器，${name} 只能看到 ${most} 个`,
        `the service has ${there} readers, ${name} sees ${most} of them`
      ]
      : [
        `${name} 至多看到 ${most} 个读卡器，现已看到 ${most} 个，可能还有看不到的`,
        `${name} sees ${most} readers at most, and does: there may be more`
      ],
    [
      "请拔下不用的读卡器（有几个卡槽就算几个）；或以 smartcard 实现 PcscBinding",
      "unplug those that are not needed (each slot counts as one), or implement PcscBinding over smartcard"
    ],
    ["npm install smartcard"],
    isCounted ? "wrong" : "note"
  )]
}

/** `isTold`: that it holds a reader was found already. */
export const scdaemon = (machine: Machine, wrong: ReadonlyArray<Finding.Finding>): ReadonlyArray<Finding.Finding> => {
  const isTold = wrong.some(({ cause }) => cause === "ScdaemonHolds")
  if (isTold || !listed(machine.rivals).includes("scdaemon")) return []
  return [Finding.make(
    "ScdaemonRuns",
    ["GnuPG 的 scdaemon 正在运行，可能独占卡片", "scdaemon of GnuPG runs, and may hold a card for itself"],
    ["出现“卡片被占用”时请结束它", "end it if a card is said to be in use"],
    Remedy.share,
    "note"
  )]
}

/** Drivers of readers that are here and let no escape commands through. */
export const escapes = (machine: Machine): ReadonlyArray<Finding.Finding> => {
  if (!isLinux(machine)) return []
  const off = listed(machine.drivers).filter(({ drives, options }) =>
    options !== "unknown" && (options & DriverBundle.escapes) === 0 && drives.length > 0
  )
  return off.map((driver) =>
    Finding.make(
      "EscapeOff",
      [
        `驱动 ${driver.name} 未开放控制命令，程序不能控制蜂鸣器和指示灯`,
        `the driver ${driver.name} lets no escape commands through, so programs can not control buzzer and lights`
      ],
      ["需要时请开放", "let them through if that is wanted"],
      Remedy.escape(machine, driver),
      "note"
    )
  )
}
