// `yikatong reader read`, `balance`, `load` and `pay` over a virtual card that is kept in a file: what is told, what is
// written, and what never comes out.
import { Bytes, CampusSlot, CardSetup, type VirtualMemory } from "@yikatong/adapters-pcsc"
import { Money } from "@yikatong/core"
import { Console, Effect, Option, Result } from "effect"
import { spawnSync } from "node:child_process"
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { basename, join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import * as CardDealing from "../src/CardDealing.ts"
import * as CardPlace from "../src/CardPlace.ts"
import { Failed } from "../src/Failure.ts"
import * as FileHold from "../src/FileHold.ts"
import * as Holder from "../src/Holder.ts"
import * as VirtualCard from "../src/VirtualCard.ts"
import { leaks, memory, pin, remembered, serial, slot, soon, strangersKeys, windows } from "./support/cards.ts"
import { called } from "./support/inProcess.ts"
import { type Ended, Folder, yikatong } from "./support/yikatong.ts"

const folder = new Folder()
afterAll(() => folder.remove())
let files = 0
/** A card in a file of its own. */
const laid = (card: VirtualMemory.VirtualMemory = memory()): string => folder.file(`${++files}.card`, card)
const set = (setup: unknown): string => folder.file(`${++files}.setup`, setup)
/** What of ours lies beside it. */
const besides = (file: string): ReadonlyArray<string> =>
  readdirSync(folder.path).filter((name) => name.startsWith(`.${basename(file)}`))
const unseen = /[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/u

/** Sees that a call has told no secret and no stack, whatever happened. */
const calm = (ended: Ended): Ended => {
  expect(leaks(ended)).toEqual([])
  expect(ended.out + ended.err).not.toMatch(unseen)
  expect(ended.out + ended.err).not.toMatch(/\n\s+at |undefined|\[object|NaN/)
  return ended
}
const words = (args: ReadonlyArray<string>, file: string, more: ReadonlyArray<string>): ReadonlyArray<string> => [
  "reader",
  ...args,
  "--virtual",
  file,
  "--wait",
  "5",
  ...more
]

/** Calls a command of the reader. */
const reader = async (args: ReadonlyArray<string>, file: string, ...more: ReadonlyArray<string>): Promise<Ended> =>
  calm(await called(words(args, file, more)))
/** The same as a process. */
const spawned = async (args: ReadonlyArray<string>, file: string, ...more: ReadonlyArray<string>): Promise<Ended> =>
  calm(await yikatong(words(args, file, more)))

describe("a virtual card in a file", () => {
  it("is made where there is none, is told to be a test card, and belongs to its owner alone", async () => {
    const file = join(folder.path, "new.card")
    const made = await spawned(["balance"], file)
    expect(made).toMatchObject({
      code: 0,
      out: `余额 balance: 50.00，圈存次数 loads: 0，消费次数 purchases: 0，卡 card: ${serial}\n`
    })
    expect(made.err).toMatch(/new\.card: 已新建虚拟测试卡.* \/ a virtual test card was made, with 50\.00.*test keys/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await spawned(["balance"], file)).toEqual({ ...made, err: "" })
  })

  it("keeps what is paid and loaded from one call to the next, with both counters and the counters of the day (D12)", async () => {
    const file = laid()
    const paid = await reader(["pay", "12.50"], file)
    expect(paid.out).toMatch(
      /^已从芯片扣款 paid: 12\.50，卡 card [0-9]+\n {2}余额 balance: 37\.50，.*\n {2}TAC: [0-9A-F]{8}\n/
    )
    expect(paid.out).toContain("只写卡片芯片，账目未动 / this was the chip alone: no books have moved")
    const loaded = await reader(["load", "20"], file)
    expect(loaded.out).toMatch(/^已写入芯片 loaded: 20\.00，.*\n {2}余额 balance: 57\.50，.*\n {2}TAC: [0-9A-F]{8}\n/)
    expect([paid.code, loaded.code]).toEqual([0, 0])
    const balance = await reader(["balance"], file)
    expect(balance.out).toBe(`余额 balance: 57.50，圈存次数 loads: 1，消费次数 purchases: 1，卡 card: ${serial}\n`)
    const { code, out } = await reader(["read"], file)
    expect(code).toBe(0)
    expect(out).toMatch(/^卡片可读 \/ the card can be read\n/)
    expect(out).toMatch(/种类 kind: CPU 卡 CPU card, ATR 3B88/)
    expect(out).toMatch(/有效期 valid: 2025-09-01 - 2029-08-31/)
    expect(out).toMatch(/状态 standing: 正常 active/)
    expect(out).toMatch(/今日累计 today: [a-z]+, canteen, physicalCard: 12\.50 \(1\)/)
    expect(out).toMatch(
      /明细 log: .* 圈存 load 20\.00, 序号 number 1\n {2}明细 log: .* 消费 purchase 12\.50, 序号 number 1\n$/
    )
  })

  it("tells machines the same as JSON, in fen", async () => {
    const file = laid()
    const paid = JSON.parse((await reader(["pay", "12.50", "--json"], file)).out)
    const before = { balance: 5_000, loadSequence: 0, purchaseSequence: 0 }
    const after = { balance: 3_750, loadSequence: 0, purchaseSequence: 1 }
    expect(paid).toEqual({
      ok: true,
      kind: "pay",
      chipAlone: true,
      reader: "Yikatong Virtual Reader 00 00",
      card: serial,
      amount: 1_250,
      outcome: "Done",
      before,
      after,
      tac: expect.stringMatching(/^[0-9A-F]{8}$/)
    })
    const loaded = JSON.parse((await reader(["load", "0.01", "--json"], file)).out)
    expect(loaded).toMatchObject({ ok: true, kind: "load", before: after, after: { balance: 3_751, loadSequence: 1 } })
    const balance = JSON.parse((await reader(["balance", "--json"], file)).out)
    expect(balance).toEqual({ ok: true, card: serial, kind: "cpu", ...loaded.after })
    expect(JSON.parse((await reader(["read", "--json"], file)).out)).toEqual({
      ok: true,
      reader: "Yikatong Virtual Reader 00 00",
      atr: expect.stringMatching(/^3B88/),
      kind: "cpu",
      card: serial,
      application: { starts: "2025-09-01", expires: "2029-08-31" },
      standing: "active",
      validUntil: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      today: [{
        window: expect.any(String),
        category: "canteen",
        medium: "physicalCard",
        sum: 1_250,
        count: 1
      }],
      purse: loaded.after,
      log: [
        { at: expect.any(Number), kind: "epLoad", amount: 1, counter: 1 },
        { at: expect.any(Number), kind: "epPurchase", amount: 1_250, counter: 1 }
      ],
      problems: []
    })
  })

  it("tells the kind of its holder, and neither name nor number (D24)", async () => {
    const { files, ...card } = memory()
    // 李华 in GBK, and the number of a document.
    const [name, number] = ["C0EEBBAA", Buffer.from("430102990101125").toString("hex").toUpperCase()]
    const holder = `0201${name.padEnd(40, "0")}${number.padEnd(32, "0")}00`
    const file = laid({ ...card, files: { ...files, holder } })
    const read = await reader(["read"], file)
    expect(read.out).toContain("  持卡人 holder: 卡类 kind 2, 职工 staff\n")
    const json = await reader(["read", "--json"], file)
    expect(JSON.parse(json.out).holder).toEqual({ kind: 2, staff: true })
    for (const { err, out } of [read, json]) expect(out + err).not.toMatch(/李华|430102990101125|C0EEBBAA/)
  })

  it("is one program's at a time: of two payments at once the second waits, and both are in the file (R28)", async () => {
    const file = laid()
    const told = await Promise.all(["1.00", "2.00"].map((amount) => spawned(["pay", amount, "--json"], file)))
    for (const { code, out } of told) expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, outcome: "Done" })
    expect(remembered(file).purses.ep.balance).toBe(4_700)
    expect(besides(file)).toEqual([])
  })

  it("that another program has is told with its process and what helps, and is as it was", async () => {
    const file = laid()
    const before = readFileSync(file, "utf8")
    const hold = FileHold.besideOf(file)
    await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
      yield* FileHold.acquire({
        file,
        path: file,
        wait: 1,
        unwritable: (cause) => new Failed({ message: String(cause) })
      })
      for (const call of [["pay", "1"], ["balance"]]) {
        const ended = yield* Effect.promise(() => called(["reader", ...call, "--virtual", file, "--wait", "1"]))
        expect(ended).toMatchObject({ code: 3, out: "" })
        expect(ended.err).toContain(`process ${process.pid} uses it: wait for its end, or end it`)
        expect(ended.err).toContain(`delete ${hold}`)
        expect(ended.err).not.toContain("6581")
      }
    })))
    expect(readFileSync(file, "utf8")).toBe(before)
    expect(besides(file)).toEqual([])
  })

  it("whose program has died is anybody's, and what it left is cleaned; a file of the user's stays, however old", async () => {
    const file = laid()
    const theirs = [`${file}.tmp`, `${file}.bak`, join(folder.path, ".notes.yikatong")]
    for (const one of theirs) writeFileSync(one, "theirs")
    const left = join(folder.path, `.${basename(file)}.0123456789abcdef.yikatong`)
    writeFileSync(left, "half")
    const dead = spawnSync(process.execPath, ["-e", ""]).pid
    const held = Holder.sign()
    Holder.forgotten(held)
    writeFileSync(FileHold.besideOf(file), Holder.write({ ...held, number: dead }))
    for (const one of [...theirs, left, FileHold.besideOf(file)]) utimesSync(one, 0, 0)
    expect(await reader(["pay", "1"], file)).toMatchObject({ code: 0 })
    for (const one of theirs) expect(readFileSync(one, "utf8")).toBe("theirs")
    expect(besides(file)).toEqual([])
  })

  it.runIf(process.geteuid !== undefined)(
    "in a folder that can not be written is read and watched all the same, and paid with by nobody",
    async () => {
      const locked = new Folder()
      const file = locked.file("card", memory())
      const pinned = locked.file("pinned", memory({}, { pinFor: { load: true, log: true } }))
      const wrong = locked.file("wrong", { cpu: { pin: { number: 0, digits: pin } } })
      const before = [file, pinned].map((one) => readFileSync(one, "utf8"))
      for (const one of [file, pinned, wrong]) chmodSync(one, 0o644)
      // What is loaded when it is needed may not be nobody's to read.
      for (const call of [["balance"], ["pay", "1"], ["read"]]) await reader(call, laid())
      await called(["reader", "watch", "--seconds", "1", "--virtual", laid()])
      chmodSync(locked.path, 0o555)
      const root = process.geteuid?.() === 0
      if (root) process.seteuid?.(65_534)
      try {
        expect(await reader(["balance"], file)).toMatchObject({
          code: 0,
          err: "",
          out: expect.stringContaining("50.00")
        })
        expect(await reader(["read"], file)).toMatchObject({ code: 0, err: "" })
        const watched = await called(["reader", "watch", "--seconds", "1", "--virtual", file])
        expect(watched).toMatchObject({ code: 0, err: "", out: expect.stringContaining("card inserted") })
        for (const call of ["pay", "load"]) {
          const refused = await reader([call, "1"], file)
          expect(refused).toMatchObject({ code: 1, out: "" })
          expect(refused.err).toContain(`${file}: 无法写入 / it can not be written (EACCES)`)
        }
        // A wrong PIN would be counted.
        const read = await reader(["read"], pinned, "--cards", wrong)
        expect(read.err).toContain(`${pinned}: 无法写入 / it can not be written (EACCES)`)
      } finally {
        if (root) process.seteuid?.(0)
        chmodSync(locked.path, 0o755)
      }
      expect([file, pinned].map((one) => readFileSync(one, "utf8"))).toEqual(before)
      locked.remove()
    }
  )

  it("behind a link is written where it truly is, and keeps its rights", async () => {
    const file = laid()
    chmodSync(file, 0o640)
    const link = join(folder.path, "link.card")
    symlinkSync(file, link)
    expect(await reader(["pay", "1"], link)).toMatchObject({ code: 0 })
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(remembered(file).purses.ep.balance).toBe(4_900)
    expect(statSync(file).mode & 0o777).toBe(0o640)
  })

  it("a link that leads nowhere stays, and is told", async () => {
    const link = join(folder.path, "nowhere.card")
    symlinkSync(join(folder.path, "nothing"), link)
    const { code, err } = await reader(["balance"], link)
    expect(err).toContain("this link leads to no file")
    expect(code).toBe(1)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
  })

  it.runIf(process.platform !== "win32")("a pipe or a device is refused at once, also for --cards", async () => {
    const pipe = join(folder.path, "pipe")
    spawnSync("mkfifo", [pipe])
    for (const file of [pipe, "/dev/zero", "/dev/null"]) {
      const card = await reader(["balance"], file)
      expect(card).toMatchObject({ code: 1, err: expect.stringContaining("this is no regular file") })
      const setup = await reader(["balance"], laid(), "--cards", file)
      expect(setup).toMatchObject({ code: 1, err: expect.stringContaining("this is no regular file") })
    }
    const inside = await reader(["balance"], folder.path)
    expect(inside).toMatchObject({ code: 1, err: expect.stringContaining("this is no regular file") })
  })
})

type Change = (card: VirtualMemory.VirtualMemory) => Partial<VirtualMemory.VirtualMemory>

/**
 * What is refused: the card as it lies there, the setup, the call, what is told, and what may have changed on the card.
 */
const refusals: ReadonlyArray<{
  readonly title: string
  readonly card?: VirtualMemory.VirtualMemory
  readonly setup?: unknown
  readonly call: ReadonlyArray<string>
  readonly says: string
  readonly tag: string
  readonly changed?: Change
}> = [
  {
    title: "more than is on the card",
    call: ["pay", "50.01"],
    says: "¥50.00 on the card, less than",
    tag: "BalanceShort"
  },
  {
    title: "a payment with keys of strangers; the card counts the wrong signature",
    call: ["pay", "1"],
    setup: { keys: strangersKeys },
    says: "the card refuses the terminal's MAC (writeFile); check the keys of the terminal",
    tag: "MacRefused",
    changed: ({ macTries }) => ({ macTries: macTries - 1 })
  },
  {
    title: "a load with keys of strangers",
    call: ["load", "1"],
    setup: { keys: strangersKeys },
    says: "the signature of the card is wrong (initialiseLoad)",
    tag: "MacWrong"
  },
  {
    title: "a load without its key",
    call: ["load", "1"],
    setup: { keys: { of: "school", purchase: strangersKeys.purchase } },
    says: "the terminal has no key load",
    tag: "KeyMissing"
  },
  {
    title: "a payment at a school whose application is another",
    call: ["pay", "1"],
    setup: { cpu: { application: "A00000063201010500" } },
    says: "this is no card of this campus; use the campus card",
    tag: "NotACampusCard"
  },
  {
    title: "a card that is blocked",
    card: memory({}, { application: "blocked" }),
    call: ["load", "1"],
    says: "the card is blocked; take it to the card counter",
    tag: "CardBlocked"
  },
  {
    title: "a card that is locked for ever",
    card: memory({}, { application: "locked" }),
    call: ["balance"],
    says: "locked for ever; have the card replaced",
    tag: "CardBlocked"
  },
  {
    title: "a card that has counted its last load",
    card: memory({}, { purses: { ...memory().purses, ep: { ...memory().purses.ep, loads: 0xffff } } }),
    call: ["load", "1"],
    says: "the card has counted its last load",
    tag: "CounterFull"
  },
  {
    title: "a load with the wrong PIN; the card counts it",
    card: memory({}, { pinFor: { load: true, log: false } }),
    setup: { cpu: { pin: { number: 0, digits: pin } } },
    call: ["load", "1"],
    says: "wrong PIN, 2 tries are left",
    tag: "PinWrong",
    changed: ({ pin }) => ({ pin: { ...pin, tries: pin.tries - 1 } })
  }
]

describe("what a card refuses", () => {
  it.each(refusals)("$title: exit code 1, and the card is as it was (D13)", async (refusal) => {
    const { call, card = memory(), changed = () => ({}), says, setup, tag } = refusal
    const file = laid(card)
    const flags = setup === undefined ? [] : ["--cards", set(setup)]
    expect(await reader(call, file, ...flags)).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining(says)
    })
    expect(remembered(file)).toEqual({ ...card, ...changed(card) })
    const json = await reader([...call, "--json"], laid(card), ...flags)
    expect(json).toMatchObject({ code: 1, err: "" })
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, problem: { tag, what: { zh: expect.any(String) } } })
  })

  it("a PIN that is right loads, and stands nowhere", async () => {
    const file = laid(memory({}, { pinFor: { load: true, log: true } }))
    const flags = ["--cards", set({ cpu: { pin: { number: 0 } } })]
    expect(await reader(["load", "1"], file, ...flags)).toMatchObject({ code: 0 })
    expect((await reader(["read"], file, ...flags)).out).toMatch(/明细 log: .* 圈存 load 1\.00/)
  })

  it("a campus file that is damaged: what else there is is told, and it pays without its counters, and says so (R28)", async () => {
    const { files, ...card } = memory()
    const file = laid({ ...card, files: { ...files, campus: "5A".repeat(256) } })
    const read = await reader(["read"], file)
    expect(read.code).toBe(1)
    expect(read.out).toMatch(
      /^卡片有问题，共 1 处 \/ something is wrong with the card: 1\n {2}校园信息 counters: .*campus.*damaged: no slot is whole\n/
    )
    expect(read.out).toContain("钱包 purse: 余额 balance: 50.00")
    expect(JSON.parse((await reader(["read", "--json"], file)).out)).toMatchObject({
      ok: false,
      purse: { balance: 5_000 },
      problems: [{ part: "counters", tag: "FileDamaged" }]
    })
    const paid = await reader(["pay", "1"], file)
    expect(paid).toMatchObject({ code: 0, out: expect.stringContaining("余额 balance: 49.00") })
    expect(paid.out).toContain("the counters of the card can not be read, and were not written")
    const json = JSON.parse((await reader(["pay", "1", "--json"], file)).out)
    expect(json).toMatchObject({ ok: true, uncounted: { tag: "FileDamaged" } })
    expect(remembered(file)).toMatchObject({ files: { campus: "5A".repeat(256) }, purses: { ep: { balance: 4_800 } } })
  })

  it.each(["notActivated", "blocked"] as const)(
    "a card that is %s pays all the same, for trying a reader, and it is told that no till would take it (R39)",
    async (standing) => {
      const campusFile = Result.getOrThrow(CampusSlot.encode({ ...slot, standing }, windows))
      const paid = await reader(["pay", "1"], laid(memory({ campusFile })))
      expect(paid).toMatchObject({ code: 0, out: expect.stringMatching(/mind: the card is .*, no till would take it/) })
      const json = await reader(["pay", "1", "--json"], laid(memory({ campusFile })))
      expect(JSON.parse(json.out)).toMatchObject({ ok: true, standing })
    }
  )

  it("a file that was changed in the meantime is a chip that can not write: nothing is written, and why is told (R28)", async () => {
    const file = laid()
    const { program, trouble } = await Effect.runPromise(
      Effect.scoped(VirtualCard.open(file, CardSetup.usual, { use: "deal", wait: 1 }))
    )
    program.power("on")
    const changed = JSON.stringify(memory({ balance: 1_000 }))
    const answer = (command: string) => Bytes.hex(program.answer(Bytes.of(command)))
    expect(answer("00A4040009A00000000386980701")).toMatch(/9000$/)
    expect(trouble()).toBeUndefined()
    writeFileSync(file, changed)
    // A wrong PIN is counted, or would be.
    expect(answer("0020000003123457")).toBe("6581")
    expect(trouble()).toContain("another program has changed it; nothing was written, try again")
    expect(readFileSync(file, "utf8")).toBe(changed)
  })

  it("at the command line that is told beside the card's own 6581", async () => {
    const file = laid()
    const changed = JSON.stringify(memory({ balance: 1_000 }))
    const told: Array<string> = []
    const tell = (text: string) => void told.push(text)
    const console: Console.Console = Object.assign(Object.create(globalThis.console), { log: tell, error: tell })
    const exit = await Effect.runPromiseExit(
      Effect.gen(function*() {
        const { readers, ...known } = yield* CardPlace.open({ virtual: Option.some(file), wait: 1 }, "deal")
        const dealing = {
          kind: "load",
          amount: Money.amount(100),
          wait: 1,
          json: false,
          reader: Option.none()
        } as const
        yield* Effect.provide(
          Effect.andThen(
            Effect.sync(() => writeFileSync(file, changed)),
            CardDealing.deal(known, { ...dealing, isSignalled: () => false })
          ),
          readers
        )
      }).pipe(Effect.provideService(Console.Console, console))
    )
    expect(String(exit)).toContain("Flawed")
    expect(told.join("\n")).toContain("6581")
    expect(told.at(-1)).toMatch(/^yikatong: .*已被其他程序改动.* \/ another program has changed it/)
    expect(readFileSync(file, "utf8")).toBe(changed)
  })

  it("reading changes nothing", async () => {
    const file = laid()
    const before = readFileSync(file, "utf8")
    for (const call of [["read"], ["balance"], ["read", "--cards", set({ keys: strangersKeys })]]) {
      await reader(call, file)
    }
    expect(readFileSync(file, "utf8")).toBe(before)
  })
})

/** The JSON that stands on a page. */
const sampleOf = (page: string): string =>
  /```json\n([^]*?)```/.exec(readFileSync(new URL(page, import.meta.url), "utf8"))?.[1] ?? ""

describe("what is no call, no file, no reader", () => {
  it.each<[title: string, content: string]>([
    ["no JSON", "{"],
    ["half a card", JSON.stringify(memory()).slice(0, 900)],
    ["a balance of less than nothing", JSON.stringify(memory()).replace("\"balance\":5000", "\"balance\":-1")],
    ["a key that is too short", JSON.stringify(memory()).replace(memory().keys.load, memory().keys.load.slice(2))],
    ["another format", JSON.stringify({ ...memory(), format: "other" })],
    ["nothing", ""]
  ])("FILE is %s: exit code 1, and it stays as it is", async (_, content) => {
    const file = folder.file(`${++files}.card`, content)
    for (const call of [["balance"], ["pay", "1"]]) {
      const ended = await reader(call, file)
      expect(ended).toMatchObject({ code: 1, out: "" })
      expect(ended.err).toMatch(/card: 不是虚拟卡，或已损坏 \/ this is no virtual card, or a damaged one: /)
    }
    expect(readFileSync(file, "utf8")).toBe(content)
  })

  it.each<[title: string, content: unknown, says: string]>([
    ["an unknown field", { keys: { of: "school", purchas: strangersKeys.purchase } }, ":4:5: keys.purchas: "],
    [
      "a key of no hexadecimal digits",
      { keys: { ...strangersKeys, tac: `${strangersKeys.tac}Z` } },
      ":6:5: keys.tac: "
    ],
    [
      "a PIN with a letter",
      { cpu: { pin: { number: 0, digits: `${pin}x` } } },
      ":5:7: cpu.pin.digits: 应为 4 至 12 位数字（加引号），如 \"135790\" / expected 4 to 12 digits in quotes, as \"135790\""
    ],
    [
      "a terminal that is too short",
      { terminal: "01" },
      ":2:3: terminal: 应为 12 位十六进制数字（加引号），如 \"000000000001\" / expected 12 hexadecimal digits in quotes, as"
    ],
    ["no JSON", "{ keys: 1", ":1:3: "],
    [
      "a key that stands twice",
      "{\"terminal\": \"000000000001\", \"terminal\": \"000000000002\"}",
      "terminal: 名称重复"
    ]
  ])("--cards is %s: exit code 1 with its place, and the card is as it was", async (_, content, says) => {
    const file = laid()
    const before = readFileSync(file, "utf8")
    const ended = await reader(["pay", "1"], file, "--cards", set(content))
    expect(ended).toMatchObject({ code: 1, out: "", err: expect.stringContaining(says) })
    expect(readFileSync(file, "utf8")).toBe(before)
  })

  it.each(["0", "0.00", "1.234", "abc", "１２", "1e3", "007", "10000000.01", "1,000", ""])(
    "%j is no amount: exit code 2, before a card is looked at",
    async (amount) => {
      const file = join(folder.path, "never.card")
      const ended = await reader([amount.length % 2 === 0 ? "pay" : "load", amount], file)
      expect(ended).toMatchObject({ code: 2, out: "" })
      expect(ended.err).toContain("the amount is 0.01 to 10000000.00, written as 12.50")
      expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
    }
  )

  it.each<[title: string, args: ReadonlyArray<string>, code: number, says: string]>([
    [
      "a reader of another name",
      ["balance", "--reader", "ACR122U"],
      3,
      "no reader is called ACR122U; there are: Yikatong"
    ],
    ["no time at all", ["balance", "--wait", "0"], 2, "--wait: it is 1 to 3600"],
    ["no amount", ["pay"], 2, "amount"],
    ["a debt", ["pay", "-5"], 2, "the amount is 0.01 to"]
  ])("%s: exit code 2 or 3", async (_, args, code, says) => {
    const { code: ended, err, out } = await called(["reader", ...args, "--virtual", laid()])
    expect(out + err).toContain(says)
    expect(ended).toBe(code)
  })

  it("what the README says of --cards is a setup, once the keys stand there", async () => {
    const setup = JSON.parse(sampleOf("../README.md").replaceAll(/"<[^"]*>"/g, JSON.stringify(strangersKeys.load)))
    expect(Result.isSuccess(CardSetup.decode(setup))).toBe(true)
    expect(await reader(["balance"], laid(), "--cards", set(setup))).toMatchObject({ code: 0 })
  })

  it("the cards.json of the recipe pays with the virtual card as it stands there, and with no other key", async () => {
    const sample = sampleOf("../../../docs/recipes/try-without-a-reader.md")
    const cards = folder.file(`${++files}.setup`, sample)
    const file = join(folder.path, "recipe.card")
    for (const call of [["pay", "12.50"], ["load", "20"], ["read"]]) {
      const ended = await called(["reader", ...call, "--virtual", file, "--cards", cards])
      expect(ended).toMatchObject({ code: 0 })
    }
    expect(remembered(file).purses.ep.balance).toBe(5_750)
    // Each key counts: a card that takes any would show nothing. Of an answer that has come the TAC is not judged.
    for (const key of ["purchase", "load", "file"]) {
      const { keys, ...setup } = JSON.parse(sample)
      const changed = set({ ...setup, keys: { ...keys, [key]: strangersKeys.load } })
      const told = await called([
        "reader",
        key === "load" ? "load" : "pay",
        "1",
        "--virtual",
        laid(),
        "--cards",
        changed
      ])
      expect(told.code).toBe(1)
    }
  })

  it("a reader is told by a part of its name, in capitals or not", async () => {
    expect(await reader(["balance", "--reader", "virtual reader"], laid())).toMatchObject({ code: 0 })
  })

  it.each(["load", "pay"])("%s says in its help that no books move", async (command) => {
    const { code, out } = await called(["reader", command, "--help"])
    expect(out).toContain("it writes to the chip alone, and no books move")
    expect(out).toContain("0 done, 1 something is wrong with the card")
    expect(code).toBe(0)
  })
})

describe("a signal", () => {
  it("during a payment the truth is told (R28): what is told to be done is in the file, and the other way round", async () => {
    const outcomes = new Set<number | null>()
    for (let round = 0; round < 6; round++) {
      const file = laid()
      const before = readFileSync(file, "utf8")
      let signal: (name: NodeJS.Signals) => void = () => {}
      // The counters are written first: from then on the payment is under way.
      const watching = setInterval(() => {
        if (readFileSync(file, "utf8") !== before) signal("SIGINT")
      }, 1)
      const ended = await yikatong(["reader", "pay", "7.00", "--virtual", file], {}, (send) => signal = send)
      clearInterval(watching)
      const { balance } = remembered(file).purses.ep
      expect(ended.out.startsWith("已从芯片扣款 paid: 7.00")).toBe(balance === 4_300)
      expect([4_300, 5_000]).toContain(balance)
      expect([0, 130]).toContain(ended.code)
      outcomes.add(ended.code)
    }
    // At least once it has hit the middle of it.
    expect(outcomes).toContain(130)
  })

  it("before a card has come nothing is written, and it ends at once", async () => {
    const file = join(folder.path, "waiting.card")
    const ended = await yikatong(
      ["reader", "pay", "7.00", "--virtual", file, "--reader", "nobody"],
      {},
      (signal) => void soon(file).then(() => signal("SIGINT"))
    )
    expect(ended).toMatchObject({ code: 130, out: "" })
    expect(remembered(file).purses.ep.balance).toBe(5_000)
  })
})
