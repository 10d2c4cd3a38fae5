/**
 * Commands that put a machine right 修复命令, as they are typed there: Debian and Ubuntu, Fedora and RHEL, Arch, Alpine,
 * macOS, Windows. Where the system is none of these, those of the first three, each under its name.
 *
 * Names of packages and units are those of the distributions. Who is root already needs no sudo, and often has none.
 */
import { chains } from "./KnownReader.ts"
import type { Binding, Driver, Family, Machine } from "./Machine.ts"

type Commands = ReadonlyArray<string>

/** The same purpose on each Linux. */
type Choice = Readonly<Record<"debian" | "fedora" | "arch" | "alpine", Commands>>

const unnamed: ReadonlyArray<readonly [title: string, family: keyof Choice]> = [
  ["# Debian, Ubuntu", "debian"],
  ["# Fedora, RHEL", "fedora"],
  ["# Arch", "arch"]
]

const isLinux = (family: Family): family is keyof Choice =>
  family === "debian" || family === "fedora" || family === "arch" || family === "alpine"

const chosen = (machine: Machine, choice: Choice): Commands => {
  const { family } = machine.system
  if (isLinux(family)) return forUser(machine, choice[family])
  return forUser(machine, unnamed.flatMap(([title, one]) => [title, ...choice[one]]))
}

/** Without sudo for who is root. */
export const forUser = ({ system }: Machine, commands: Commands): Commands =>
  system.isRoot === true ? commands.map((command) => command.replaceAll("sudo ", "")) : commands

/** Installs pcscd and the driver of readers that follow the standard. */
export const install = (machine: Machine): Commands =>
  chosen(machine, {
    debian: ["sudo apt-get install -y pcscd libccid"],
    fedora: ["sudo dnf install -y pcsc-lite pcsc-lite-ccid"],
    arch: ["sudo pacman -S --needed pcsclite ccid"],
    alpine: ["sudo apk add pcsc-lite ccid"]
  })

/** Installs libpcsclite.so.1 alone. */
export const library = (machine: Machine): Commands =>
  chosen(machine, {
    debian: ["sudo apt-get install -y libpcsclite1"],
    fedora: ["sudo dnf install -y pcsc-lite-libs"],
    arch: ["sudo pacman -S --needed pcsclite"],
    alpine: ["sudo apk add pcsc-lite-libs"]
  })

/** Installs drivers; `isAcs`: also the maker's own, which knows readers that the common one does not. */
export const drivers = (machine: Machine, isAcs: boolean): Commands => [
  ...chosen(machine, {
    debian: [`sudo apt-get install -y libccid${isAcs ? " libacsccid1" : ""}`],
    fedora: [`sudo dnf install -y pcsc-lite-ccid${isAcs ? " pcsc-lite-acsccid" : ""}`],
    arch: ["sudo pacman -S --needed ccid"],
    alpine: ["sudo apk add ccid"]
  }),
  ...restart(machine)
]

/** Starts pcscd, and with systemd from now on whenever it is asked for. */
export const start = (machine: Machine): Commands => {
  if (machine.system.family === "alpine") {
    return forUser(machine, ["sudo rc-update add pcscd", "sudo rc-service pcscd start"])
  }
  return forUser(machine, [
    machine.system.hasSystemd === false ? "sudo pcscd" : "sudo systemctl enable --now pcscd.socket"
  ])
}

/** Lets pcscd begin anew, so that it looks at drivers and USB again. */
export const restart = (machine: Machine): Commands => {
  if (machine.system.family === "alpine") return forUser(machine, ["sudo rc-service pcscd restart"])
  return forUser(
    machine,
    machine.system.hasSystemd === false ? ["sudo pkill -x pcscd", "sudo pcscd"] : ["sudo systemctl restart pcscd"]
  )
}

/** Opens the door of pcscd as its unit does: everybody may knock, polkit decides. */
export const door = (machine: Machine): Commands =>
  forUser(
    machine,
    machine.system.hasSystemd === false
      ? ["sudo chmod 755 /run/pcscd", "sudo chmod 666 /run/pcscd/pcscd.comm"]
      : ["sudo systemctl restart pcscd.socket"]
  )

/** Lets this user in. The shell puts the user's name in, so that none is printed here. */
export const allow = (machine: Machine): Commands =>
  forUser(machine, [
    "printf 'polkit.addRule(function (action, subject) { if (action.id.indexOf(\"org.debian.pcsc-lite.\") == 0 && " +
    "subject.user == \"%s\") return polkit.Result.YES })\\n' \"$(id -un)\" | " +
    "sudo tee /etc/polkit-1/rules.d/50-yikatong-pcsc.rules"
  ])

/**
 * Tells pcscd not to ask polkit, on the host of a container: polkit knows nothing of who is inside. pcscd 2.0 and
 * newer.
 */
export const withoutPolkit: Commands = [
  "sudo mkdir -p /etc/systemd/system/pcscd.service.d",
  "printf '[Service]\\nEnvironment=PCSCD_ARGS=--disable-polkit\\n' | " +
  "sudo tee /etc/systemd/system/pcscd.service.d/polkit.conf",
  "sudo systemctl daemon-reload",
  "sudo systemctl restart pcscd"
]

/** Takes modules of the kernel away, now and at the next start. */
export const unload = (machine: Machine, modules: Commands, isBlacklisted: boolean): Commands => {
  const all = [...new Set(modules.flatMap((module) => chains[module] ?? [module]))]
  const lines = all.map((module) => `blacklist ${module}\\n`).join("")
  return [
    ...forUser(machine, [
      ...(isBlacklisted ? [] : [`printf '${lines}' | sudo tee /etc/modprobe.d/blacklist-nfc.conf`]),
      `sudo modprobe -r ${all.join(" ")}`
    ]),
    ...restart(machine)
  ]
}

/** Installs what the binding needs here. */
export const binding = ({ name, needs, version }: Binding): Commands => [
  needs === null || needs === name
    ? `npm install ${name}`
    : `npm install ${needs}${version === "unknown" ? "" : `@${version}`}`
]

/** Builds a binding from its sources where none is prebuilt. */
export const build = (machine: Machine): Commands => [
  ...chosen(machine, {
    debian: ["sudo apt-get install -y build-essential python3 libpcsclite-dev"],
    fedora: ["sudo dnf install -y gcc-c++ make python3 pcsc-lite-devel"],
    arch: ["sudo pacman -S --needed base-devel python pcsclite"],
    alpine: ["sudo apk add build-base python3 pcsc-lite-dev"]
  }),
  "npm install smartcard"
]

/** Ends scdaemon, and has it use pcscd beside others from now on. GnuPG 2.2.28 and newer. */
export const share: Commands = [
  "gpgconf --kill scdaemon",
  "printf 'disable-ccid\\npcsc-shared\\n' >> ~/.gnupg/scdaemon.conf"
]

const written = (options: number): string => `0x${options.toString(16).toUpperCase().padStart(4, "0")}`

/** Lets escape commands through: its other options stay. */
export const escape = (machine: Machine, { options, plist }: Driver): Commands => {
  const before = options === "unknown" ? 0 : options
  return [
    ...forUser(machine, [
      `sudo sed -i '/<key>ifdDriverOptions</,/<string>/s/<string>.*</<string>${written(before | 1)}</' ${plist}`
    ]),
    ...restart(machine)
  ]
}

/** The service of Windows, in a PowerShell of an administrator. */
export const startWindows: Commands = ["Set-Service SCardSvr -StartupType Automatic", "Start-Service SCardSvr"]
