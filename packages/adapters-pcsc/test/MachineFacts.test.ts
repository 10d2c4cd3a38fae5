// The facts of a machine from its files and commands: folders that stand for machines, and this machine itself.
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { chmodSync, truncateSync } from "node:fs"
import { createServer } from "node:net"
import { homedir } from "node:os"
import { afterAll, expect } from "vitest"
import * as Diagnosis from "../src/Diagnosis.ts"
import * as Machine from "../src/Machine.ts"
import * as BindingTrial from "../src/node/BindingTrial.ts"
import * as Inspection from "../src/node/Inspection.ts"
import * as MachineFacts from "../src/node/MachineFacts.ts"
import { MachineFolder } from "./support/MachineFolder.ts"

const folders: Array<MachineFolder> = []
const made = (files: Readonly<Record<string, string>> = {}): MachineFolder => {
  const folder = new MachineFolder().write(files)
  folders.push(folder)
  return folder
}
afterAll(() => Promise.all(folders.map((folder) => folder.remove())))

const plist = (options: string, ...devices: ReadonlyArray<readonly [vendor: string, product: string]>): string => {
  const array = (items: ReadonlyArray<string>) =>
    `<array>\n${items.map((item) => `<string>${item}</string>\n`).join("")}</array>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
  <!-- <key>ifdDriverOptions</key> <string>0x0002</string> -->
  <key>CFBundleShortVersionString</key> <string>1.5.2</string>
  <key>ifdDriverOptions</key>
  <string>${options}</string>
  <!-- Possible values for ifdDriverOptions <key>ifdDriverOptions</key> <string>0x0001</string> -->
  <key>ifdVendorID</key>
  ${array(devices.map(([vendor]) => vendor))}
  <key>ifdProductID</key>
  ${array(devices.map(([, product]) => product))}
</dict></plist>`
}

const version = (features: string): string =>
  `pcsc-lite version 2.3.3.\nCopyright (C) 1999-2002\nEnabled features: ${features}\n`

/** What commands say; any other is not there. The binding sees one reader. */
const saying =
  (answers: Readonly<Record<string, Inspection.Seen<Inspection.Told>>> = {}): Inspection.Ask => (command, args) =>
    Effect.sync(() => {
      const name = command === process.execPath ? "node" : command.split("/").at(-1) ?? ""
      if (Object.hasOwn(answers, name)) return answers[name] ?? "absent"
      if (name !== "node") return "absent"
      const seen = args.includes("readers") ? ["Reader 00 00"] : null
      return { code: 0, out: JSON.stringify({ state: "loads", detail: "", most: 4, refusal: "", seen }) }
    })

const terminal = {
  "etc/os-release": "PRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n",
  "usr/bin/ldd": "#!/bin/bash\n# This file is part of the GNU C Library.\necho 'ldd (GNU libc) 2.39 GLIBC'\n",
  "usr/sbin/pcscd": "",
  "usr/lib/x86_64-linux-gnu/libpcsclite.so.1": "",
  "proc/1/comm": "systemd\n",
  "proc/1/cgroup": "0::/init.scope\n",
  "proc/self": "",
  "proc/modules":
    "pn533_usb 24576 0 - Live 0x0\npn533 53248 1 pn533_usb, Live 0x0\nnfc 167936 1 pn533, Live 0x0\next4 1 1 - Live 0\n",
  "run/systemd/system/x": "",
  "etc/modprobe.d/mine.conf": "# blacklist nfc\nblacklist pn533-usb\n  blacklist floppy\ninstall pn533 /bin/false\n",
  "etc/modprobe.d/mine.conf.bak": "blacklist port100\n",
  "etc/libccid_Info.plist": plist("0x0004", ["0x072F", "0x2200"], ["0x076B", "0x5022"]),
  "sys/bus/usb/devices/1-1/idVendor": "072f\n",
  "sys/bus/usb/devices/1-1/idProduct": "2200\n",
  "sys/bus/usb/devices/1-1/product": "ACR122U PICC Interface\n",
  "sys/bus/usb/devices/1-1:1.0/bInterfaceClass": "0b\n",
  "sys/bus/usb/devices/1-2/idVendor": "046d\n",
  "sys/bus/usb/devices/1-2/idProduct": "c31c\n",
  "sys/bus/usb/devices/1-2/product": "Keyboard\n",
  "sys/bus/usb/devices/1-2:1.0/bInterfaceClass": "03\n",
  "sys/bus/usb/devices/2-1.4/idVendor": "1234\n",
  "sys/bus/usb/devices/2-1.4/idProduct": "ABCD\n",
  "sys/bus/usb/devices/2-1.4:1.0/bInterfaceClass": "03\n",
  "sys/bus/usb/devices/2-1.4:1.1/bInterfaceClass": "0b\n",
  "etc/reader.conf.d/mine": "#FRIENDLYNAME \"Sample\"\nFRIENDLYNAME \"Virtual PCD\"\nDEVICENAME x\nFRIENDLYNAME Other\n"
}

const withDaemon = { ...terminal, "proc/77/comm": "pcscd\n", "proc/77/cmdline": "/usr/sbin/pcscd\0--foreground\0" }

const facts = (folder: MachineFolder, source: MachineFacts.Source = {}) =>
  MachineFacts.gather({
    platform: "linux",
    architecture: "x64",
    root: folder.path,
    isRoot: false,
    ask: saying({ pcscd: { code: 0, out: version("Linux x86_64 libsystemd polkit usb libudev") } }),
    ...source
  })

/** Root may do everything, so it is somebody else meanwhile. */
const asNobody = <A>(effect: Effect.Effect<A>): Effect.Effect<A> =>
  process.geteuid?.() === 0
    ? Effect.acquireUseRelease(
      Effect.sync(() => process.seteuid?.(65_534)),
      () => effect,
      () => Effect.sync(() => process.seteuid?.(0))
    )
    : effect

describe("MachineFacts on Linux", () => {
  it.live("section 5: a terminal with an ACR122U that the kernel has taken", () =>
    Effect.gen(function*() {
      const folder = made(withDaemon).link(
        "usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist",
        "etc/libccid_Info.plist"
      )
      yield* Effect.promise(() => folder.listen("run/pcscd/pcscd.comm"))
      const machine = yield* facts(folder, { census: Effect.succeed(1) })
      expect(machine).toEqual({
        system: {
          family: "debian",
          name: "Ubuntu 24.04.1 LTS",
          platform: "linux",
          architecture: "x64",
          libc: "glibc",
          node: process.versions.node,
          isRoot: false,
          isContainer: false,
          hasSystemd: true
        },
        service: {
          isInstalled: true,
          version: "2.3.3",
          isRunning: true,
          door: "open",
          polkit: "asks",
          allows: "unknown"
        },
        hasLibrary: true,
        binding: {
          name: "pcsc-mini",
          version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
          needs: "@pcsc-mini/linux-x86_64-gnu",
          state: "loads",
          detail: "",
          most: 4
        },
        modules: ["pn533_usb", "pn533", "nfc"],
        blacklisted: ["pn533_usb", "pn533"],
        usb: [
          { id: "072f:2200", name: "ACR122U PICC Interface", isCcid: true },
          { id: "1234:abcd", name: "", isCcid: true }
        ],
        drivers: [{
          name: "ifd-ccid",
          version: "1.5.2",
          plist: "/etc/libccid_Info.plist",
          drives: ["072f:2200"],
          options: 4
        }],
        configured: ["Virtual PCD", "Other"],
        readers: { seen: ["Reader 00 00"], there: 1, refusal: "" },
        rivals: []
      })
    }))

  it.live.each<readonly [title: string, os: string, family: Machine.Family]>([
    ["Debian", "ID=debian", "debian"],
    ["Ubuntu's child", "ID=linuxmint\nID_LIKE=\"ubuntu debian\"", "debian"],
    ["Rocky", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"", "fedora"],
    ["Arch", "ID=arch", "arch"],
    ["Alpine", "ID=alpine", "alpine"],
    ["one that is not known", "ID=plan9", "other"],
    ["a file that says nothing", "", "other"]
  ])("knows the family: %s", ([, os, family]) =>
    Effect.gen(function*() {
      const machine = yield* facts(made({ "etc/os-release": os }))
      expect(machine.system.family).toBe(family)
    }))

  it.live("it leaves a socket alone that systemd waits at, since its first client would start pcscd", () =>
    Effect.gen(function*() {
      const folder = made(terminal)
      let knocks = 0
      const server = createServer(() => knocks++)
      yield* Effect.promise(() =>
        new Promise<void>((resolve) => server.listen(folder.place("run/pcscd/pcscd.comm"), resolve))
      )
      const machine = yield* facts(folder, { census: Effect.sync(() => knocks++) })
      yield* Effect.promise(() => new Promise((resolve) => server.close(resolve)))
      expect(machine.service).toMatchObject({ isRunning: false, door: "waits" })
      expect(machine.readers).toEqual({ seen: "unknown", there: "unknown", refusal: "" })
      expect(knocks).toBe(0)
    }))

  it.live("a socket that this user may not write to is forbidden", () =>
    Effect.gen(function*() {
      const folder = made(withDaemon)
      yield* Effect.promise(() => folder.listen("run/pcscd/pcscd.comm"))
      chmodSync(folder.path, 0o755)
      chmodSync(folder.place("run/pcscd/pcscd.comm"), 0o400)
      const { service } = yield* asNobody(facts(folder))
      expect(service).toMatchObject({ isRunning: true, door: "forbidden" })
    }))

  it.live("a socket that nobody listens at any more is dead, and one that is none too", () =>
    Effect.gen(function*() {
      const folder = made({ ...withDaemon, "run/pcscd/pcscd.comm": "" })
      expect((yield* facts(folder)).service.door).toBe("dead")
    }))

  it.live.each<
    readonly [
      title: string,
      files: Readonly<Record<string, string>>,
      said: Inspection.Seen<Inspection.Told>,
      polkit: string
    ]
  >([
    ["is not in it", withDaemon, { code: 0, out: version("Linux usb") }, "absent"],
    ["is asked", withDaemon, { code: 0, out: version("Linux polkit usb") }, "asks"],
    [
      "is switched off",
      { ...withDaemon, "proc/77/cmdline": "/usr/sbin/pcscd\0--disable-polkit\0" },
      { code: 0, out: version("Linux polkit usb") },
      "off"
    ],
    ["is not known where it does not say", withDaemon, { code: 1, out: "" }, "unknown"],
    ["is not known where it does not answer", withDaemon, "unknown", "unknown"]
  ])("section 5.5: polkit %s", ([, files, said, polkit]) =>
    Effect.gen(function*() {
      const machine = yield* facts(made(files), { ask: saying({ pcscd: said }) })
      expect(machine.service.polkit).toBe(polkit)
    }))

  it.live.each<readonly [code: number, allows: Machine.Known<boolean>]>([
    [0, true],
    [1, false],
    [2, false],
    [3, "unknown"],
    [127, "unknown"]
  ])("section 5.5: pkcheck ends with %s", ([code, allows]) =>
    Effect.gen(function*() {
      const ask = saying({ pcscd: { code: 0, out: version("polkit") }, pkcheck: { code, out: "" } })
      const machine = yield* facts(made({ ...withDaemon, "proc/78/comm": "polkitd\n" }), { ask })
      expect(machine.service.allows).toBe(allows)
      // Where polkit does not run, asking would start it.
      expect((yield* facts(made(withDaemon), { ask })).service.allows).toBe("unknown")
    }))

  it.live("what can not be read is unknown, and the diagnosis says so", () =>
    Effect.gen(function*() {
      const machine = yield* facts(made(), { ask: saying({ node: "unknown" }), isRoot: "unknown" })
      expect(Machine.unknowns(machine)).toEqual([
        "system.libc",
        "system.isRoot",
        "service.version",
        "service.isRunning",
        "service.polkit",
        "service.allows",
        "binding.state",
        "modules",
        "usb",
        "readers.seen",
        "readers.there",
        "rivals"
      ])
    }))

  it.live("a kernel without modules, or without USB, has none", () =>
    Effect.gen(function*() {
      const machine = yield* facts(made({ "proc/self": "" }).folder("sys/bus"))
      expect({ modules: machine.modules, usb: machine.usb }).toEqual({ modules: [], usb: [] })
    }))

  it.live.each<readonly [title: string, files: Readonly<Record<string, string>>]>([
    ["/.dockerenv", { ".dockerenv": "" }],
    ["podman's mark", { "run/.containerenv": "" }],
    ["the groups of Kubernetes", { "proc/1/cgroup": "0::/kubepods/besteffort/pod1\n" }]
  ])("it knows a container by %s", ([, files]) =>
    Effect.gen(function*() {
      expect((yield* facts(made(files))).system.isContainer).toBe(true)
    }))

  it.live("half a driver, a device without numbers, and names that are none are left out or unknown", () =>
    Effect.gen(function*() {
      const folder = made({
        "usr/lib/pcsc/drivers/ifd-half.bundle/Contents/Info.plist":
          "<plist><key>ifdVendorID</key><array><string>0x072F</string>",
        "usr/lib/pcsc/drivers/ifd-empty.bundle/x": "",
        "sys/bus/usb/devices/1-1/product": "nothing",
        "proc/99x/comm": "pcscd",
        "proc/modules": "\n\n \n"
      })
      const machine = yield* facts(folder)
      expect(machine.drivers).toEqual(["ifd-empty", "ifd-half"].map((name) => ({
        name,
        version: "unknown",
        plist: `/usr/lib/pcsc/drivers/${name}.bundle/Contents/Info.plist`,
        drives: [],
        options: "unknown"
      })))
      expect(machine).toMatchObject({ usb: [], modules: [] })
    }))

  it.live("scdaemon is seen by its process, and its user is not", () =>
    Effect.gen(function*() {
      const machine = yield* facts(made({ ...terminal, "proc/80/comm": "scdaemon\n", "proc/81/comm": "scdaemon\n" }))
      expect(machine.rivals).toEqual(["scdaemon"])
    }))
})

describe("MachineFacts on other systems", () => {
  const query = (state: string): Inspection.Told => ({
    code: 0,
    out:
      `\r\nSERVICE_NAME: SCardSvr\r\n        TYPE               : 20  WIN32_SHARE_PROCESS\r\n        STATE              : ${state}\r\n                                (STOPPABLE)\r\n`
  })
  const plugged =
    "Instance ID:                USB\\VID_072F&PID_2200\\6&1A2B\r\nDevice Description:         Microsoft Usbccid\r\n"

  it.live.each<
    readonly [
      title: string,
      sc: Inspection.Seen<Inspection.Told>,
      isInstalled: Machine.Known<boolean>,
      isRunning: Machine.Known<boolean>
    ]
  >([
    ["runs", query("4  RUNNING"), true, true],
    ["has stopped", query("1  STOPPED"), true, false],
    ["is not there", { code: 1060, out: "" }, false, false],
    ["does not answer", "unknown", "unknown", "unknown"]
  ])("Windows: the service %s", ([, sc, isInstalled, isRunning]) =>
    Effect.gen(function*() {
      const ask = saying({ "sc.exe": sc, "pnputil.exe": { code: 0, out: plugged } })
      const machine = yield* MachineFacts.gather({ platform: "win32", architecture: "x64", ask, isRoot: "unknown" })
      expect(machine.service).toMatchObject({ isInstalled, isRunning })
      expect(machine.usb).toEqual([{ id: "072f:2200", name: "", isCcid: true }])
      expect(machine.binding.needs).toBe("@pcsc-mini/windows-x86_64-node")
      expect(machine.readers.seen).toEqual(isRunning === false ? "unknown" : ["Reader 00 00"])
    }))

  it.live("macOS: readers that are known hang below hubs; others may be there", () =>
    Effect.gen(function*() {
      const tree = (vendor: string) => ({
        code: 0,
        out: JSON.stringify({
          SPUSBDataType: [{
            _name: "USB31Bus",
            _items: [{
              _name: "Hub",
              vendor_id: "0x05ac (Apple Inc.)",
              product_id: "0x1006",
              _items: [
                { _name: "ACR122U", vendor_id: vendor, product_id: "0x2200" }
              ]
            }]
          }]
        })
      })
      const on = (ask: Inspection.Ask) =>
        MachineFacts.gather({ platform: "darwin", architecture: "arm64", ask, root: made().path })
      const version = { code: 0, out: "15.1\n" }
      const known = yield* on(
        saying({ sw_vers: version, system_profiler: tree("0x072f  (Advanced Card Systems Ltd.)") })
      )
      expect(known.system).toMatchObject({ family: "macos", name: "macOS 15.1" })
      expect(known.usb).toEqual([{ id: "072f:2200", name: "ACR122U", isCcid: false }])
      expect(known.binding.needs).toBe("@pcsc-mini/macos-aarch64")
      expect((yield* on(saying({ system_profiler: tree("0x1234") }))).usb).toBe("unknown")
      expect((yield* on(saying({ system_profiler: { code: 0, out: "not JSON" } }))).usb).toBe("unknown")
    }))

  it.live("elsewhere nothing is known, and it says so", () =>
    Effect.gen(function*() {
      const machine = yield* MachineFacts.gather({ platform: "freebsd", ask: saying({ node: "unknown" }) })
      expect(Diagnosis.of(machine)).toMatchObject({ verdict: "unknown", findings: [{ cause: "NotKnown" }] })
    }))
})

describe("BindingTrial", () => {
  it.live.each<readonly [platform: string, architecture: string, libc: string, needs: string | null]>([
    ["linux", "x64", "glibc", "@pcsc-mini/linux-x86_64-gnu"],
    ["linux", "arm64", "musl", "@pcsc-mini/linux-aarch64-musl"],
    ["linux", "ia32", "glibc", "@pcsc-mini/linux-x86-gnu"],
    ["linux", "riscv64", "glibc", null],
    ["linux", "x64", "unknown", null],
    ["darwin", "x64", "none", "@pcsc-mini/macos-x86_64"],
    ["win32", "ia32", "none", null],
    ["freebsd", "x64", "none", null]
  ])(
    "section 5.3: %s %s %s",
    ([platform, architecture, libc, needs]) =>
      Effect.sync(() => expect(BindingTrial.packageFor(platform, architecture, libc)).toBe(needs))
  )

  const failing = (message: string): Inspection.Told => ({
    code: 0,
    out: JSON.stringify({ state: "failed", detail: message, most: 4, refusal: "", seen: null })
  })
  const notFound = (error: string) =>
    `Required addon dependency not found (@pcsc-mini/linux-x86_64-gnu):\nError: ${error}\n\n⚠ NOTE: If optional`

  it.live.each<
    readonly [title: string, told: Inspection.Seen<Inspection.Told>, state: Machine.Binding["state"], detail?: string]
  >([
    [
      "its package was left out",
      failing(notFound("Cannot find module '@pcsc-mini/linux-x86_64-gnu'\nRequire stack:\n- /home/li/x.js")),
      "missing"
    ],
    [
      "libpcsclite is missing",
      failing(notFound("libpcsclite.so.1: cannot open shared object file: No such file or directory")),
      "withoutLibrary"
    ],
    ["it is for another platform", failing("Unsupported platform: linux-riscv64-glibc"), "unsupported"],
    [
      "it is damaged",
      failing(notFound("/home/li/node_modules/@pcsc-mini/linux-x86_64-gnu/addon.node: invalid ELF header")),
      "broken",
      "invalid ELF header"
    ],
    ["its machine code crashes", { code: 139, out: "" }, "broken", "exit 139"],
    ["it hangs", "unknown", "unknown"]
  ])(
    "section 5.3: %s; the name of a user in a path is not repeated",
    ([, told, state, detail = ""]) =>
      Effect.gen(function*() {
        const { binding, readers } = yield* BindingTrial.run(
          () => Effect.succeed(told),
          "@pcsc-mini/linux-x86_64-gnu",
          true
        )
        expect(binding.state).toBe(state)
        expect(binding.detail).toContain(detail)
        expect(binding.detail).not.toContain("li/")
        expect(readers).toEqual({ seen: "unknown", there: "unknown", refusal: "" })
      })
  )

  it.live("section 5.5: the service's no is told", () =>
    Effect.gen(function*() {
      const out = JSON.stringify({ state: "loads", detail: "", most: 4, refusal: "SecurityViolation", seen: null })
      const { readers } = yield* BindingTrial.run(() => Effect.succeed({ code: 0, out }), "x", true)
      expect(readers).toEqual({ seen: "unknown", there: "unknown", refusal: "SecurityViolation" })
    }))

  it.live("section 5.8: the real one before a service that never answers", () =>
    Effect.gen(function*() {
      const folder = made()
      yield* Effect.promise(() => folder.listen("pcscd.comm"))
      const ask: Inspection.Ask = (command, args) =>
        Inspection.ask("env", [`PCSCLITE_CSOCK_NAME=${folder.place("pcscd.comm")}`, command, ...args])
      const { binding, readers } = yield* BindingTrial.run(ask, "@pcsc-mini/any", true)
      // Where there is no libpcsclite it does not come so far.
      expect([["loads", Machine.silence], ["withoutLibrary", ""], ["missing", ""]]).toContainEqual([
        binding.state,
        readers.refusal
      ])
    }))

  it.live("the real one is tried in a process of its own, and says a state that there is", () =>
    Effect.gen(function*() {
      const { binding } = yield* BindingTrial.run(Inspection.ask, "@pcsc-mini/any", false)
      expect(["loads", "missing", "withoutLibrary"]).toContain(binding.state)
    }))
})

describe("Inspection", () => {
  it.live("a command that hangs is ended, one that is not there is absent, and its code is told", () =>
    Effect.gen(function*() {
      const node = (script: string) => Inspection.ask(process.execPath, ["--eval", script])
      const all = yield* Effect.all([
        node("setInterval(() => {}, 1000)"),
        Inspection.ask("/nowhere/pcscd", ["--version"]),
        node("console.log('said'); process.exit(3)"),
        node("console.log(process.env.LC_ALL)")
      ], { concurrency: "unbounded" })
      expect(all).toEqual(["unknown", "absent", { code: 3, out: "said\n" }, { code: 0, out: "C\n" }])
    }))

  it.live("a pipe that nobody writes to and a file without an end are unknown; a process that looked at them can end", () =>
    Effect.gen(function*() {
      const folder = made().folder("proc")
      execFileSync("mkfifo", [folder.place("proc/modules")])
      const files = Inspection.files(folder.path)
      expect(yield* files.text("/proc/modules")).toBe("unknown")
      expect(yield* Inspection.files("/").text("/dev/zero")).toBe("unknown")
      expect(yield* files.text("/proc")).toBe("unknown")
      folder.write({ "etc/large": "" })
      truncateSync(folder.place("etc/large"), 5_000_000)
      expect(yield* files.text("/etc/large")).toBe("unknown")
      expect(yield* files.text("/proc/none")).toBe("absent")
    }))
})

describe("MachineFacts here", () => {
  it.live("it ends in seconds, and its facts hold no path of a user", () =>
    Effect.gen(function*() {
      const begun = performance.now()
      const text = JSON.stringify(yield* MachineFacts.gather())
      expect(performance.now() - begun).toBeLessThan(20_000)
      expect(text).not.toContain(`${homedir()}/`)
      expect(text).not.toContain("node_modules")
    }))
})
