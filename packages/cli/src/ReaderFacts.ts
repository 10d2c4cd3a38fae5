/**
 * What was found on a machine, line by line 环境概要: enough for somebody else to say what is the matter.
 */
import type { KnownReader, Machine } from "@yikatong/adapters-pcsc"

type Known<A> = Machine.Known<A>

const unknown = "不明 unknown"
const none = "无 none"

const truth = (fact: Known<boolean>): string => fact === "unknown" ? unknown : fact ? "是 yes" : "否 no"

const list = <A>(facts: Known<ReadonlyArray<A>>, write: (fact: A) => string): string => {
  if (facts === "unknown") return unknown
  return facts.length === 0 ? none : `${facts.length}: ${facts.map(write).join(", ")}`
}

const same = (text: string): string => text

const doors = {
  open: "可连接 open",
  waits: "由 systemd 按需启动 waits for its first client",
  forbidden: "无权连接 forbidden",
  dead: "无人监听 dead",
  absent: none
} satisfies Record<Machine.Door, string>

const polkits = { asks: "询问 asks", off: "已停用 off", absent: none }

const states = {
  loads: "可加载 loads",
  unsupported: "不支持本平台 not made for this platform",
  missing: "缺少安装包 package missing",
  withoutLibrary: "缺少 libpcsclite without libpcsclite",
  broken: "无法加载 broken",
  unknown
}

const system = ({ architecture, isContainer, libc, name, node, platform }: Machine.System): string =>
  [
    name,
    platform,
    architecture,
    ...(libc === "none" || libc === "unknown" ? [] : [libc]),
    `Node ${node}`,
    ...(isContainer === true ? ["容器 container"] : [])
  ].join(", ")

const service = ({ allows, door, isInstalled, isRunning, polkit, version }: Machine.Service): ReadonlyArray<Row> => [
  ["服务已安装 service installed", isInstalled === true && version !== "unknown" ? version : truth(isInstalled)],
  ["服务在运行 service runs", truth(isRunning)],
  ["套接字 socket", door === "unknown" ? unknown : doors[door]],
  ["polkit", polkit === "unknown" ? unknown : polkits[polkit]],
  ...(polkit === "asks" ? [["polkit 允许 polkit allows", truth(allows)] as const] : [])
]

type Row = readonly [name: string, value: string]

/** A few lines of names and versions. `written`: how a reader on USB is called. */
export const lines = (machine: Machine.Machine, written: typeof KnownReader.written): ReadonlyArray<string> => {
  const { binding, readers: { refusal, seen, there } } = machine
  const rows: ReadonlyArray<Row> = [
    ["系统 system", system(machine.system)],
    ...service(machine.service),
    ["libpcsclite", truth(machine.hasLibrary)],
    [
      "绑定 binding",
      `${binding.name} ${binding.version === "unknown" ? "" : binding.version}: ${states[binding.state]}`
    ],
    ["驱动 drivers", list(machine.drivers, ({ name, version }) => version === "unknown" ? name : `${name} ${version}`)],
    ["USB 读卡器 readers on USB", list(machine.usb, written)],
    ["配置的读卡器 configured readers", list(machine.configured, same)],
    ["内核模块 kernel modules", list(machine.modules, same)],
    ["模块黑名单 blacklisted", list(machine.blacklisted, same)],
    ["占卡程序 programs that hold cards", list(machine.rivals, same)],
    ["服务中的读卡器 readers of the service", there === "unknown" ? unknown : String(there)],
    ["可用读卡器 readers seen", list(seen, same)],
    ...(refusal === "" ? [] : [["服务答复 the service said", refusal] as const])
  ]
  return rows.map(([name, value]) => `  ${name}: ${value}`)
}
