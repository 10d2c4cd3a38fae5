// What is wrong with a machine, and the very command that helps, as a table.
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Diagnosis from "../src/Diagnosis.ts"
import type * as Finding from "../src/Finding.ts"
import * as Machine from "../src/Machine.ts"
import {
  acr122u,
  ccid,
  type Change,
  changed,
  empty,
  good,
  newcomer,
  unasked,
  unknown,
  utrust
} from "./support/machines.ts"

const windows: Change = {
  system: { family: "windows", name: "Windows 10.0.26100", platform: "win32", libc: "none", hasSystemd: false },
  service: { version: "unknown", door: "unknown", polkit: "absent", allows: "unknown" },
  rest: { drivers: "unknown" }
}
const mac: Change = {
  system: {
    family: "macos",
    name: "macOS 15.1",
    platform: "darwin",
    architecture: "arm64",
    libc: "none",
    hasSystemd: false
  },
  service: { version: "unknown", isRunning: "unknown", door: "unknown", polkit: "absent", allows: "unknown" },
  rest: { drivers: [] }
}
const on = (base: Change, { binding, readers, rest, service, system }: Change): Machine.Machine =>
  changed({
    system: { ...base.system, ...system },
    service: { ...base.service, ...service },
    binding: { ...base.binding, ...binding },
    readers: { ...base.readers, ...readers },
    rest: { ...base.rest, ...rest }
  })

const gone: Change = {
  service: {
    isInstalled: false,
    version: "unknown",
    isRunning: false,
    door: "absent",
    polkit: "unknown",
    allows: "unknown"
  },
  binding: { state: "withoutLibrary" },
  readers: unasked,
  rest: { hasLibrary: false, drivers: [] }
}
const stopped: Change = { service: { isRunning: false, door: "absent" }, readers: unasked }
const refused: Change = {
  service: { allows: false },
  readers: { seen: "unknown", there: "unknown", refusal: "SecurityViolation" }
}
const blacklisting =
  "printf 'blacklist pn533_usb\\nblacklist pn533\\nblacklist nfc\\n' | sudo tee /etc/modprobe.d/blacklist-nfc.conf"
const unloading = "sudo modprobe -r pn533_usb pn533 nfc"

/** A situation, all that is found in it in this order, and what must be among the commands of the first. */
const table: ReadonlyArray<
  readonly [
    title: string,
    machine: Machine.Machine,
    verdict: "good" | "wrong" | "unknown",
    causes: ReadonlyArray<Finding.Cause>,
    commands?: ReadonlyArray<string>
  ]
> = [
  ["section 5: all is good", good, "good", []],

  // The service.
  [
    "section 1: pcscd is not installed, on Debian; its library and drivers come with it and are not told apart",
    changed(gone),
    "wrong",
    ["ServiceMissing"],
    ["sudo apt-get install -y pcscd libccid", "sudo systemctl enable --now pcscd.socket"]
  ],
  [
    "the same on Fedora",
    changed({ ...gone, system: { family: "fedora" } }),
    "wrong",
    ["ServiceMissing"],
    ["sudo dnf install -y pcsc-lite pcsc-lite-ccid"]
  ],
  [
    "the same on Arch",
    changed({ ...gone, system: { family: "arch" } }),
    "wrong",
    ["ServiceMissing"],
    ["sudo pacman -S --needed pcsclite ccid"]
  ],
  [
    "the same on Alpine, without systemd",
    changed({ ...gone, system: { family: "alpine", hasSystemd: false, libc: "musl" } }),
    "wrong",
    ["ServiceMissing"],
    ["sudo apk add pcsc-lite ccid", "sudo rc-update add pcscd", "sudo rc-service pcscd start"]
  ],
  [
    "the same on a Linux that is not known: the commands of each",
    changed({ ...gone, system: { family: "other" } }),
    "wrong",
    ["ServiceMissing"],
    ["# Debian, Ubuntu", "sudo apt-get install -y pcscd libccid", "# Arch", "sudo pacman -S --needed pcsclite ccid"]
  ],
  [
    "the same as root: no sudo",
    changed({ ...gone, system: { isRoot: true } }),
    "wrong",
    ["ServiceMissing"],
    ["apt-get install -y pcscd libccid", "systemctl enable --now pcscd.socket"]
  ],
  [
    "and no reader is plugged in either: two causes",
    changed({ ...gone, rest: { ...gone.rest, usb: [] } }),
    "wrong",
    ["ServiceMissing", "ReaderMissing"]
  ],
  [
    "section 1: pcscd is installed and does not run",
    changed(stopped),
    "wrong",
    ["ServiceStopped"],
    ["sudo systemctl enable --now pcscd.socket"]
  ],
  [
    "the same without systemd",
    changed({ ...stopped, system: { hasSystemd: false } }),
    "wrong",
    ["ServiceStopped"],
    ["sudo pcscd"]
  ],
  [
    "section 5.1: it has died and left its socket",
    changed({ ...stopped, service: { isRunning: false, door: "dead" } }),
    "wrong",
    ["ServiceStopped"],
    ["sudo systemctl enable --now pcscd.socket"]
  ],
  [
    "it runs with a socket elsewhere",
    changed({ service: { door: "absent" }, readers: unasked }),
    "wrong",
    ["ServiceStopped"],
    ["sudo systemctl restart pcscd"]
  ],
  [
    "systemd starts it with the first client: nothing is wrong",
    changed({ service: { isRunning: false, door: "waits" }, readers: unasked }),
    "good",
    ["ServiceWaits"],
    ["sudo systemctl start pcscd"]
  ],
  [
    "a container with the socket of its host needs no pcscd of its own",
    changed({
      system: { isContainer: true },
      service: { isInstalled: false, isRunning: false },
      rest: { drivers: [] }
    }),
    "good",
    []
  ],

  [
    "section 5.8: pcscd takes connections and does not answer",
    changed({ readers: { seen: "unknown", there: "unknown", refusal: Machine.silence } }),
    "wrong",
    ["ServiceSilent"],
    ["sudo systemctl restart pcscd"]
  ],

  // Who may use it.
  [
    "section 5.5: polkit refuses this user",
    changed(refused),
    "wrong",
    ["PolkitRefuses"],
    [expect.stringMatching(
      /org\.debian\.pcsc-lite\..*"\$\(id -un\)" \| sudo tee \/etc\/polkit-1\/rules\.d\/50-yikatong-pcsc\.rules$/
    )]
  ],
  [
    "section 5.5: polkit says so while pcscd still waits",
    changed({ service: { isRunning: false, door: "waits", allows: false }, readers: unasked }),
    "wrong",
    ["PolkitRefuses", "ServiceWaits"]
  ],
  [
    "section 5.5: polkit in front of a container",
    changed({ ...refused, system: { isContainer: true } }),
    "wrong",
    ["PolkitRefuses"],
    [expect.stringContaining("PCSCD_ARGS=--disable-polkit"), "sudo systemctl restart pcscd"]
  ],
  [
    "section 5.5: polkit could not be asked, nor could the readers",
    changed({ service: { isRunning: false, door: "waits", allows: "unknown" }, readers: unasked }),
    "good",
    ["PolkitMayRefuse", "ServiceWaits"]
  ],
  [
    "the socket is closed to this user",
    changed({ service: { door: "forbidden" }, readers: unasked }),
    "wrong",
    ["DoorForbidden"],
    ["sudo systemctl restart pcscd.socket"]
  ],
  [
    "the same without systemd",
    changed({ system: { hasSystemd: false }, service: { door: "forbidden" }, readers: unasked }),
    "wrong",
    ["DoorForbidden"],
    ["sudo chmod 666 /run/pcscd/pcscd.comm"]
  ],

  // The kernel.
  [
    "section 5.4: pn533_usb takes the ACR122U",
    changed({ readers: empty, rest: { modules: ["pn533_usb", "pn533", "nfc"] } }),
    "wrong",
    ["KernelTakesReader"],
    [blacklisting, unloading, "sudo systemctl restart pcscd"]
  ],
  [
    "section 5.4: and it is blacklisted already, but still loaded",
    changed({ readers: empty, rest: { modules: ["pn533_usb"], blacklisted: ["pn533_usb"] } }),
    "wrong",
    ["KernelTakesReader"],
    [unloading]
  ],
  [
    "section 5.4: it is loaded, and what is on USB is not known",
    changed({ readers: empty, rest: { modules: ["pn533_usb"], usb: "unknown" } }),
    "wrong",
    ["KernelTakesReader"],
    [blacklisting]
  ],
  [
    "section 5.4: it is loaded, and the reader is one that it leaves alone",
    changed({ rest: { modules: ["pn533_usb"], usb: [utrust] } }),
    "good",
    ["KernelMayTakeReader"],
    [blacklisting]
  ],
  [
    "section 5.4: it is loaded, and pcscd shows the ACR122U all the same",
    changed({ rest: { modules: ["pn533_usb"] } }),
    "good",
    ["KernelMayTakeReader"],
    [blacklisting]
  ],
  [
    "section 5.4: of two modules one is blacklisted",
    changed({ readers: empty, rest: { modules: ["pn533_usb", "port100"], blacklisted: ["port100"] } }),
    "wrong",
    ["KernelTakesReader"],
    [expect.stringMatching(/^printf 'blacklist pn533_usb/)]
  ],
  [
    "section 5.4: pn533 alone takes nothing from USB",
    changed({ rest: { modules: ["pn533", "nfc"] } }),
    "good",
    []
  ],
  [
    "section 5.4: one of two readers is taken",
    changed({ rest: { modules: ["pn533_usb"], usb: [acr122u, utrust] } }),
    "wrong",
    ["KernelTakesReader"],
    [blacklisting]
  ],
  [
    "port100 takes a PaSoRi",
    changed({
      readers: empty,
      rest: { modules: ["port100"], usb: [{ id: "054c:06c3", name: "RC-S380/P", isCcid: false }] }
    }),
    "wrong",
    ["KernelTakesReader", "DriverMissing"],
    ["sudo modprobe -r port100 nfc_digital nfc"]
  ],

  // Drivers and readers.
  [
    "an ACR122U, and no driver at all",
    changed({ readers: empty, rest: { drivers: [] } }),
    "wrong",
    ["DriverMissing"],
    ["sudo apt-get install -y libccid libacsccid1", "sudo systemctl restart pcscd"]
  ],
  [
    "a reader that no driver lists",
    changed({ readers: empty, rest: { usb: [newcomer] } }),
    "wrong",
    ["DriverMissing"],
    ["sudo apt-get install -y libccid"]
  ],
  [
    "of two readers one has no driver",
    changed({ rest: { usb: [acr122u, newcomer] } }),
    "wrong",
    ["DriverMissing"],
    ["sudo apt-get install -y libccid"]
  ],
  [
    "a reader that no driver of this container lists, and that its host shows",
    changed({ rest: { usb: [newcomer] } }),
    "good",
    []
  ],
  ["no reader at all", changed({ readers: empty, rest: { usb: [] } }), "wrong", ["ReaderMissing"], ["lsusb"]],
  [
    "no reader, and pcscd was not asked",
    changed({ service: { isRunning: false, door: "waits" }, readers: unasked, rest: { usb: [] } }),
    "wrong",
    ["ReaderMissing", "ServiceWaits"]
  ],
  [
    "a reader that is configured and is not on USB, as a virtual one",
    changed({ readers: { seen: ["Virtual PCD 00 00"], there: 1 }, rest: { usb: [], configured: ["Virtual PCD"] } }),
    "good",
    []
  ],
  [
    "a reader with its driver that pcscd does not show",
    changed({ readers: empty }),
    "wrong",
    ["ReaderNotTaken"],
    ["sudo systemctl restart pcscd"]
  ],
  [
    "section 5.6: scdaemon holds it",
    changed({ readers: empty, rest: { rivals: ["scdaemon"] } }),
    "wrong",
    ["ScdaemonHolds"],
    ["gpgconf --kill scdaemon", "printf 'disable-ccid\\npcsc-shared\\n' >> ~/.gnupg/scdaemon.conf"]
  ],
  [
    "section 5.6: scdaemon runs, and the reader is seen all the same",
    changed({ rest: { rivals: ["scdaemon"] } }),
    "good",
    ["ScdaemonRuns"],
    ["gpgconf --kill scdaemon"]
  ],
  [
    "trap 2: six readers, and a binding that sees four",
    changed({ readers: { seen: ["A 00", "A 01", "B 00", "B 01"], there: 6 } }),
    "wrong",
    ["ReadersUnseen"],
    ["npm install smartcard"]
  ],
  ["trap 2: four readers are all seen", changed({ readers: { seen: ["A", "B", "C", "D"], there: 4 } }), "good", []],
  [
    "trap 2: four are seen, and nobody can say how many there are",
    changed({ readers: { seen: ["A", "B", "C", "D"], there: "unknown" } }),
    "good",
    ["ReadersMayBeUnseen"],
    ["npm install smartcard"]
  ],
  [
    "section 5.7: escape commands are off",
    changed({ rest: { drivers: [{ ...ccid, options: 0x0006 }] } }),
    "good",
    ["EscapeOff"],
    ["sudo sed -i '/<key>ifdDriverOptions</,/<string>/s/<string>.*</<string>0x0007</' /etc/libccid_Info.plist"]
  ],

  // The binding.
  [
    "section 5.3: the package for musl was not installed",
    changed({
      system: { libc: "musl" },
      binding: { needs: "@pcsc-mini/linux-x86_64-musl", state: "missing" },
      readers: unasked
    }),
    "wrong",
    ["BindingMissing"],
    ["npm install @pcsc-mini/linux-x86_64-musl@0.1.3"]
  ],
  [
    "section 5.3: there is none for riscv64",
    changed({ system: { architecture: "riscv64" }, binding: { needs: null, state: "unsupported" }, readers: unasked }),
    "wrong",
    ["BindingUnsupported"],
    ["sudo apt-get install -y build-essential python3 libpcsclite-dev", "npm install smartcard"]
  ],
  [
    "libpcsclite is missing in a container with the socket of its host",
    changed({
      system: { isContainer: true },
      service: { isInstalled: false, isRunning: false },
      binding: { state: "withoutLibrary" },
      readers: unasked,
      rest: { hasLibrary: false }
    }),
    "wrong",
    ["LibraryMissing"],
    ["sudo apt-get install -y libpcsclite1"]
  ],
  [
    "section 5.3: it is damaged",
    changed({ binding: { state: "broken", detail: "invalid ELF header" }, readers: unasked }),
    "wrong",
    ["BindingBroken"],
    ["npm ci"]
  ],

  // Other systems.
  [
    "Windows: the service does not run",
    on(windows, { service: { isRunning: false }, readers: unasked }),
    "wrong",
    ["ServiceStopped"],
    ["Start-Service SCardSvr"]
  ],
  [
    "Windows: no reader",
    on(windows, { readers: empty, rest: { usb: [] } }),
    "wrong",
    ["ReaderMissing"],
    ["pnputil /enum-devices /class SmartCardReader /connected"]
  ],
  ["Windows: all is good", on(windows, {}), "good", []],
  [
    "macOS: no reader",
    on(mac, { readers: empty, rest: { usb: "unknown" } }),
    "wrong",
    ["ReaderMissing"],
    ["system_profiler SPUSBDataType"]
  ],
  ["macOS: all is good", on(mac, {}), "good", []],

  // Nothing to go by.
  [
    "pcscd waits, and the binding could not be tried",
    changed({ service: { isRunning: false, door: "waits" }, binding: { state: "unknown" }, readers: unasked }),
    "unknown",
    ["NotKnown", "ServiceWaits"]
  ],
  ["nothing can be known", unknown, "unknown", ["NotKnown"], ["npx yikatong reader doctor"]],
  [
    "Linux shows nothing to this user",
    changed({ system: { family: "debian", name: "Debian", platform: "linux" } }, unknown),
    "unknown",
    ["NotKnown"],
    ["sudo npx yikatong reader doctor"]
  ]
]

describe("Diagnosis", () => {
  const rows = table.map(([title, machine, verdict, causes, commands = []]) =>
    [title, machine, verdict, causes, commands] as const
  )
  it.each(rows)("%s", (_, machine, verdict, causes, commands) => {
    const diagnosis = Diagnosis.of(machine)
    expect(diagnosis.findings.map(({ cause }) => cause)).toEqual(causes)
    expect(diagnosis.verdict).toBe(verdict)
    const offered = diagnosis.findings[0]?.commands ?? []
    for (const command of commands) expect(offered).toContainEqual(command)
  })

  it.each([
    [
      "an ACR122U by its model and number",
      changed({ readers: empty, rest: { drivers: [] } }),
      "ACS ACR122U (072f:2200)"
    ],
    [
      "another reader by what it calls itself",
      changed({ readers: empty, rest: { usb: [newcomer] } }),
      "Reader of tomorrow (1234:5678)"
    ],
    [
      "the platform that has no binding",
      changed({ system: { architecture: "riscv64" }, binding: { state: "unsupported" } }),
      "linux riscv64 glibc"
    ],
    ["both numbers of readers", changed({ readers: { seen: ["A", "B", "C", "D"], there: 6 } }), "6"],
    ["what could not be found out", unknown, "service.isRunning"]
  ])("names %s", (_, machine, text) => {
    const [first] = Diagnosis.of(machine).findings
    expect(first?.what.zh).toContain(text)
    expect(first?.what.en).toContain(text)
  })

  it("section 5.4: what is blacklisted already is not blacklisted again", () => {
    const machine = changed({ readers: empty, rest: { modules: ["pn533_usb"], blacklisted: ["pn533_usb"] } })
    expect(Diagnosis.of(machine).findings[0]?.commands).toEqual([unloading, "sudo systemctl restart pcscd"])
  })

  it("offers root no sudo, whatever is wrong", () => {
    for (const [, machine] of table) {
      const asRoot = changed({ system: { isRoot: true, isContainer: false } }, machine)
      const commands = Diagnosis.of(asRoot).findings.filter(({ cause }) => cause !== "NotKnown").flatMap((
        { commands }
      ) => commands)
      expect(commands.filter((command) => command.includes("sudo"))).toEqual([])
    }
  })

  const known = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<Machine.Known<A>> =>
    fc.oneof(arbitrary, fc.constant("unknown" as const))
  const truth = known(fc.boolean())
  const machines: fc.Arbitrary<Machine.Machine> = fc.record({
    system: fc.record({
      family: fc.constantFrom<Machine.Family>("debian", "fedora", "arch", "alpine", "macos", "windows", "other"),
      name: fc.string(),
      platform: fc.constantFrom("linux", "darwin", "win32", "freebsd"),
      architecture: fc.constantFrom("x64", "arm64", "riscv64"),
      libc: known(fc.constantFrom("glibc" as const, "musl" as const, "none" as const)),
      node: fc.constant("24.21.0"),
      isRoot: truth,
      isContainer: truth,
      hasSystemd: truth
    }),
    service: fc.record({
      isInstalled: truth,
      version: known(fc.constant("2.3.3")),
      isRunning: truth,
      door: known(fc.constantFrom<Machine.Door>("open", "waits", "forbidden", "dead", "absent")),
      polkit: known(fc.constantFrom("asks" as const, "off" as const, "absent" as const)),
      allows: truth
    }),
    hasLibrary: truth,
    binding: fc.record({
      name: fc.constant("pcsc-mini"),
      version: known(fc.constant("0.1.3")),
      needs: fc.constantFrom("@pcsc-mini/linux-x86_64-gnu", null),
      state: known(
        fc.constantFrom(
          "loads" as const,
          "unsupported" as const,
          "missing" as const,
          "withoutLibrary" as const,
          "broken" as const
        )
      ),
      detail: fc.string(),
      most: fc.constant(4)
    }),
    modules: known(fc.subarray(["pn533_usb", "pn533", "nfc", "port100"])),
    blacklisted: known(fc.subarray(["pn533_usb", "pn533", "nfc", "port100"])),
    usb: known(fc.subarray([acr122u, utrust, newcomer])),
    drivers: known(fc.subarray([ccid])),
    configured: known(fc.subarray(["Virtual PCD"])),
    readers: fc.record({
      seen: known(fc.subarray(["A", "B", "C", "D"])),
      there: known(fc.nat(8)),
      refusal: fc.constantFrom("", "SecurityViolation", "NoService", Machine.silence)
    }),
    rivals: known(fc.subarray(["scdaemon"]))
  })

  it("tells each cause once and in two languages, and its verdict follows from what it found", () => {
    fc.assert(
      fc.property(machines, (machine) => {
        const { findings, verdict } = Diagnosis.of(machine)
        const causes = findings.map(({ cause }) => cause)
        expect(new Set(causes).size).toBe(causes.length)
        for (const { remedy, what } of findings) {
          for (const text of [what.zh, remedy.zh]) expect(text).toMatch(/[\u4E00-\u9FFF]/)
          for (const text of [what.en, remedy.en]) expect(text).toMatch(/^[a-z][^\u4E00-\u9FFF]*$/i)
        }
        const severities = findings.map(({ severity }) => severity)
        expect(severities.includes("wrong")).toBe(verdict === "wrong")
        expect(severities.includes("unknown")).toBe(verdict === "unknown")
        // Notes come after what is to be mended.
        expect(severities.lastIndexOf("wrong")).toBeLessThan(
          severities.includes("note") ? severities.indexOf("note") : severities.length
        )
        if (verdict === "good") {
          expect(machine.binding.state === "loads" || Machine.listed(machine.readers.seen).length > 0).toBe(true)
        }
      }),
      { numRuns: 500 }
    )
  })
})
