/**
 * What is the matter with the smart card service 服务问题: pcscd is not installed, does not run, does not answer, or does
 * not let this user in.
 */
import * as Finding from "./Finding.ts"
import { listed, type Machine, silence } from "./Machine.ts"
import * as Remedy from "./Remedy.ts"

export const isLinux = ({ system }: Machine): boolean => system.platform === "linux"
export const isWindows = ({ system }: Machine): boolean => system.platform === "win32"

/**
 * The door took a connection, or systemd stands behind it: pcscd is there, on this machine or on the host of this
 * container.
 */
const isReachable = ({ readers, service }: Machine): boolean =>
  service.door === "open" || service.door === "waits" || listed(readers.seen).length > 0

export const isServiceMissing = (machine: Machine): boolean =>
  isLinux(machine) && machine.service.isInstalled === false && machine.service.door === "absent"

/** The service can not be reached, or does not answer. */
export const service = (machine: Machine): ReadonlyArray<Finding.Finding> => {
  if (isWindows(machine)) return windows(machine)
  if (!isLinux(machine)) return []
  const { service: { door, isInstalled, isRunning }, system } = machine
  if (door === "forbidden") {
    return [Finding.make(
      "DoorForbidden",
      ["当前用户无权写入 /run/pcscd/pcscd.comm", "this user may not write to /run/pcscd/pcscd.comm"],
      ["请恢复套接字的权限 0666", "give the socket its mode 0666 back"],
      Remedy.door(machine)
    )]
  }
  if (isServiceMissing(machine)) {
    return [Finding.make(
      "ServiceMissing",
      ["未安装智能卡服务 pcscd", "the smart card service pcscd is not installed"],
      system.isContainer === true
        ? [
          "在容器内安装，或把宿主机的 /run/pcscd 挂载进来（docker run -v /run/pcscd:/run/pcscd）",
          "install it in the container, or mount that of the host: docker run -v /run/pcscd:/run/pcscd"
        ]
        : ["请安装并启动", "install and start it"],
      [...Remedy.install(machine), ...Remedy.start(machine)]
    )]
  }
  if (door === "dead" || (door === "absent" && isRunning !== true)) {
    return [Finding.make(
      "ServiceStopped",
      ["智能卡服务 pcscd 未运行", "the smart card service pcscd does not run"],
      ["请启动", "start it"],
      isInstalled === false ? [...Remedy.install(machine), ...Remedy.start(machine)] : Remedy.start(machine)
    )]
  }
  if (door === "absent") {
    return [Finding.make(
      "ServiceStopped",
      [
        "pcscd 在运行，但 /run/pcscd/pcscd.comm 不存在",
        "pcscd runs, but not at /run/pcscd/pcscd.comm"
      ],
      ["请重新启动", "start it anew"],
      Remedy.restart(machine)
    )]
  }
  return machine.readers.refusal !== silence ? [] : [Finding.make(
    "ServiceSilent",
    [
      "pcscd 接受连接但不答复，可能卡在某个读卡器上",
      "pcscd takes connections and does not answer: it may hang at a reader"
    ],
    ["请拔下读卡器，重新启动服务，再插上", "unplug the readers, start it anew, and plug them in again"],
    Remedy.restart(machine)
  )]
}

const windows = ({ service }: Machine): ReadonlyArray<Finding.Finding> =>
  service.isRunning !== false ? [] : [Finding.make(
    "ServiceStopped",
    ["智能卡服务 SCardSvr 未运行", "the smart card service SCardSvr does not run"],
    [
      "它通常在插入读卡器后启动；否则请在管理员 PowerShell 中启动",
      "it starts when a reader is plugged in; otherwise start it in a PowerShell of an administrator"
    ],
    Remedy.startWindows
  )]

const refusals = new Set(["SecurityViolation", "AccessDenied", "NoAccess"])

/** Polkit does not let this user in, or may not. Who sees a reader was let in. */
export const polkit = (machine: Machine): ReadonlyArray<Finding.Finding> => {
  const { readers: { refusal, seen }, service: { allows, polkit }, system: { isContainer, isRoot } } = machine
  if (!isLinux(machine) || listed(seen).length > 0) return []
  if (refusals.has(refusal) || (polkit === "asks" && allows === false)) {
    return [Finding.make(
      "PolkitRefuses",
      ["polkit 不允许当前用户使用读卡器", "polkit does not let this user use readers"],
      isContainer === true
        ? [
          "polkit 无法识别容器内的进程，请在宿主机上让 pcscd 不询问 polkit（pcscd 2.0 起）",
          "polkit can not know who is inside a container: on the host, tell pcscd not to ask it (pcscd 2.0 and newer)"
        ]
        : [
          "ssh、系统服务没有图形会话，须加一条 polkit 规则",
          "ssh and services have no session at a seat: give polkit a rule"
        ],
      isContainer === true ? Remedy.withoutPolkit : Remedy.allow(machine)
    )]
  }
  if (polkit !== "asks" || allows === true || isRoot === true || !isReachable(machine) || refusal === silence) return []
  return seen !== "unknown" ? [] : [Finding.make(
    "PolkitMayRefuse",
    [
      "pcscd 会询问 polkit，可能拒绝没有图形会话的用户（ssh、系统服务）",
      "pcscd asks polkit, which may refuse users without a session at a seat, as by ssh or in services"
    ],
    ["若被拒绝，加一条 polkit 规则", "if it does, give polkit a rule"],
    Remedy.allow(machine),
    "note"
  )]
}

/** Systemd has not started it yet. */
export const waiting = (machine: Machine): ReadonlyArray<Finding.Finding> =>
  machine.service.door !== "waits" ? [] : [Finding.make(
    "ServiceWaits",
    [
      "pcscd 由 systemd 按需启动，现在没有运行，因此没有询问读卡器",
      "systemd starts pcscd with the first program that asks; it does not run now, so readers were not asked for"
    ],
    ["要连读卡器一起检查，请先启动它", "to have readers looked at as well, start it first"],
    [...Remedy.forUser(machine, ["sudo systemctl start pcscd"]), "npx yikatong reader doctor"],
    "note"
  )]
