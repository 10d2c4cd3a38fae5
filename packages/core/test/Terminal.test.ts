import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant, later, minute } from "../src/CivilTime.ts"
import * as Decider from "../src/Decider.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import * as Sequence from "../src/Sequence.ts"
import * as SuspendedRecord from "../src/SuspendedRecord.ts"
import * as Terminal from "../src/Terminal.ts"
import * as TerminalEvent from "../src/TerminalEvent.ts"
import { Digest } from "../src/TerminalRecord.ts"
import { csmzxy, school } from "./support/Life.ts"

const morning = instant("2025-11-03 06:00")
const canteen = Id.PointId.make("canteen-1")
const shop = Id.PointId.make("shop-1")
const operator = Id.OperatorId.make("operator-1")
const digest = (text: string | number) =>
  Digest.make(Buffer.from(`${text}`).toString("hex").padEnd(32, "0").slice(0, 32))

const signIn = (rest: Partial<Extract<TerminalEvent.Command, { _tag: "SignIn" }>> = {}): TerminalEvent.Command => ({
  _tag: "SignIn",
  clock: morning,
  holds: { profile: "old", list: 3 },
  newestList: 7,
  ...rest
})
/** A record under this number, at its station under the same, with this content. */
const record = (device: number, content: string | number = device, rest: Partial<TerminalEvent.Uploaded> = {}) => ({
  device,
  station: canteen,
  terminal: device,
  digest: digest(content),
  ...rest
})
const upload = (...records: ReadonlyArray<TerminalEvent.Uploaded>): TerminalEvent.Command => ({
  _tag: "Upload",
  records: records as [TerminalEvent.Uploaded, ...Array<TerminalEvent.Uploaded>]
})

const which = (n: number) => ({ device: n, digest: digest(n) })
const suspend = (n: number, attempts = 1, content: string | number = n): TerminalEvent.Command => ({
  _tag: "SuspendRecord",
  device: n,
  digest: digest(content),
  station: canteen,
  happenedAt: morning,
  decline: { _tag: "UnknownCard" },
  attempts,
  profile: csmzxy.version
})
const settle = (first: number, ...rest: ReadonlyArray<number>): TerminalEvent.Command => ({
  _tag: "SettleRecords",
  records: [which(first), ...rest.map(which)]
})
const release = (n: number): TerminalEvent.Command => ({ _tag: "ReleaseRecord", ...which(n) })
const explain = (n: number): TerminalEvent.Command => ({
  _tag: "ExplainRecord",
  ...which(n),
  reason: "paid by hand",
  operator
})

/** One terminal, told step by step. */
class Device {
  state: Terminal.State | undefined
  now = morning
  readonly events: Array<TerminalEvent.Event> = []
  readonly profile

  constructor(profile = csmzxy) {
    this.profile = profile
  }

  ask(command: TerminalEvent.Command) {
    return Terminal.decider.decide(this.state, command, {
      profile: this.profile,
      subject: "device-1",
      caller: Id.CallerId.make("host"),
      id: Id.CommandId.make("command"),
      now: this.now
    })
  }

  /** What happened; a decline fails the test. */
  tell(command: TerminalEvent.Command): ReadonlyArray<TerminalEvent.Event> {
    const events = Result.getOrThrow(this.ask(command))
    for (const event of events) this.state = Terminal.decider.evolve(this.state, event)
    this.events.push(...events)
    this.now = later(this.now, minute)
    return events
  }

  /** "accepted Next", one word or two for each record. */
  uploads(...records: ReadonlyArray<TerminalEvent.Uploaded>): ReadonlyArray<string> {
    return this.tell(upload(...records)).map((event) => {
      switch (event._tag) {
        case "RecordAccepted":
          return event.receipt._tag
        case "RecordDuplicated":
          return event.compared ? "the same again" : "seen before"
        case "RecordConflicting":
          return "another"
        case "RecordRefused":
          return event.refusal._tag
        default:
          return event._tag
      }
    })
  }

  get known(): Terminal.State {
    return this.state!
  }

  get open(): string {
    return Terminal.open(this.known).map(({ from, station = "device", to }) => `${station} ${from}-${to}`).join(", ")
  }
}

const signedIn = (profile = csmzxy) => {
  const device = new Device(profile)
  device.tell(signIn())
  return device
}

describe("D21 a terminal signs in", () => {
  it("D16 it is told how far its clock is off, what is current, and from where to send again", () => {
    const device = signedIn()
    device.uploads(record(1), record(2), record(4))
    device.tell(settle(1, 2, 4))
    device.now = instant("2025-11-04 06:00")
    const [event] = device.tell(signIn({ clock: instant("2025-11-04 06:02:03"), firmware: "4.2" }))
    expect(event).toMatchObject({
      _tag: "SignedIn",
      offset: -123_000,
      current: { profile: csmzxy.version, list: 7 },
      settled: 2,
      firmware: "4.2"
    })
  })

  it("D16 a clock that lost its battery may say anything", () => {
    expect(new Device().tell(signIn({ clock: 0 }))[0]).toMatchObject({ offset: morning })
    expect(Schema.is(TerminalEvent.Command)(signIn({ clock: -5 }))).toBe(true)
  })

  it("D21 whoever has not signed in uploads nothing", () => {
    expect(new Device().ask(upload(record(1)))).toEqual(Result.fail({ _tag: "TerminalNotSignedIn" }))
  })

  it("I15 a device that was in use elsewhere says once what it counts next", () => {
    const device = new Device()
    const counters = { device: 900, stations: [{ station: canteen, next: 40 }, { station: canteen, next: 2 }] }
    device.tell(signIn({ counters }))
    expect(device.uploads(record(900, "a", { terminal: 40 }))).toEqual(["Next"])
    expect(device.open).toBe("")
    device.tell(signIn({ counters: { device: 1, stations: [{ station: canteen, next: 1 }] } }))
    expect(device.known.device).toMatchObject({ first: 900, highest: 900 })
    expect(device.known.stations).toMatchObject([{ station: canteen, sequence: { first: 40, highest: 40 } }])
  })
})

describe("I15 D11 an upload: each record is told what it is", () => {
  it.each([
    // uploaded before, uploaded now, is
    ["in order", [], [record(1), record(2)], ["Next", "Next"], ""],
    ["one is missing", [record(1)], [record(3)], ["Opened"], "device 2-2, canteen-1 2-2"],
    ["the missing one comes", [record(1), record(3)], [record(2)], ["Filled"], ""],
    ["a second copy", [record(1)], [record(1)], ["the same again"], ""],
    ["a second copy in one upload", [], [record(1), record(1)], ["Next", "the same again"], ""],
    ["other content", [record(1)], [record(1, "other")], ["another"], ""],
    ["other content, again", [record(1), record(1, "other")], [record(1, "other")], ["the same again"], ""],
    ["a corrupt number", [record(1)], [record(3_000), record(2)], ["JumpTooLarge", "Next"], ""]
  ])("I15 %s", (_, before, now, told, open) => {
    const device = signedIn()
    if (before.length > 0) device.uploads(...before)
    expect(device.uploads(...now)).toEqual(told)
    expect(device.open).toBe(open)
  })

  it("I15 a conflict is kept with what the chip said, and listed; the first one stands", () => {
    const device = signedIn()
    const purse = { card: Id.CardId.make("card-1"), sequence: 8, before: Money.of(2_000), after: Money.of(800) }
    device.uploads(record(1))
    const [event] = device.tell(upload(record(1, "other", { purse, terminal: 2 })))
    expect(event).toMatchObject({ _tag: "RecordConflicting", digest: digest("other"), purse })
    expect(device.known).toMatchObject({ conflicts: [{ device: 1, digest: digest("other") }], device: { highest: 1 } })
    expect(device.uploads(record(1))).toEqual(["the same again"])
  })

  it("I15 a jump may be as long as the memory of a terminal, not longer", () => {
    const small = school({ offline: { ...csmzxy.offline, records: 10 } })
    expect(signedIn(small).uploads(record(11, 11, { terminal: 1 }))).toEqual(["Opened"])
    const device = signedIn(small)
    expect(device.uploads(record(12, 12, { terminal: 1 }))).toEqual(["JumpTooLarge"])
    expect(device.known).toMatchObject({ refused: [{ device: 12 }], device: { highest: 0 }, stations: [], recent: [] })
  })

  it("I15 the counter of a station is looked at on its own", () => {
    const device = signedIn()
    const at = (n: number, station: Id.PointId, terminal: number) => record(n, n, { station, terminal })
    device.uploads(at(1, canteen, 1), at(2, shop, 1), at(3, canteen, 2))
    expect(device.open).toBe("")
    const [skipped] = device.tell(upload(at(4, shop, 3)))
    expect(skipped).toMatchObject({ receipt: { _tag: "Next" }, atStation: { _tag: "Opened", from: 2, to: 2 } })
    const [reused] = device.tell(upload(at(5, canteen, 2)))
    expect(reused).toMatchObject({ _tag: "RecordAccepted", atStation: { _tag: "Duplicate" } })
    const [corrupt] = device.tell(upload(at(6, canteen, 9_999)))
    expect(corrupt).toMatchObject({ _tag: "RecordAccepted", atStation: { _tag: "JumpTooLarge" } })
    expect(device.open).toBe("shop-1 2-2")
  })

  it("I15 a station that the profile does not list counts nothing; the record is taken", () => {
    const device = signedIn()
    const [event] = device.tell(upload(record(1, 1, { station: Id.PointId.make("nowhere") })))
    expect(event).toMatchObject({ _tag: "RecordAccepted" })
    expect(event).not.toHaveProperty("atStation")
    expect(device.known.stations).toEqual([])
  })
})

describe("I15 a gap stays open until it is filled or explained", () => {
  const gap = (from: number, to: number, station?: Id.PointId): TerminalEvent.Command => ({
    _tag: "ExplainGap",
    from,
    to,
    reason: "memory chip replaced",
    operator,
    ...(station === undefined ? {} : { station })
  })

  it("I15 explained by a person, countable for ever, and told when a record comes all the same", () => {
    const device = signedIn()
    device.uploads(record(1), record(5))
    expect(device.tell(gap(2, 4))[0]).toMatchObject({ _tag: "GapExplained", from: 2, to: 4, operator })
    expect(device.open).toBe("canteen-1 2-4")
    device.tell(gap(2, 4, canteen))
    expect(device.open).toBe("")
    expect(device.known.device.explained).toEqual([{ from: 2, to: 4 }])
    expect(device.known.stations[0]?.sequence.explained).toEqual([{ from: 2, to: 4 }])
    expect(device.uploads(record(3))).toEqual(["Late"])
    expect(device.known.device).toMatchObject({ explained: [{ from: 2, to: 2 }, { from: 4, to: 4 }], late: 1 })
  })

  it("I15 what is not open cannot be explained", () => {
    const device = signedIn()
    device.uploads(record(1), record(5))
    expect(device.ask(gap(1, 4))).toEqual(Result.fail({ _tag: "GapNotOpen", from: 1, to: 4 }))
    expect(device.ask(gap(2, 4, shop))).toEqual(Result.fail({ _tag: "GapNotOpen", from: 2, to: 4 }))
    expect(new Device().ask(gap(1, 2))).toEqual(Result.fail({ _tag: "TerminalNotSignedIn" }))
  })

  it("I15 a terminal whose counter jumped goes on once a person has explained the jump", () => {
    const device = signedIn()
    device.uploads(record(1))
    expect(device.uploads(record(5_000, "x", { terminal: 2 }))).toEqual(["JumpTooLarge"])
    device.tell(gap(2, 4_999))
    expect(device.uploads(record(5_000, "x", { terminal: 2 }))).toEqual(["Next"])
  })
})

describe("D11 what the account could not post yet waits here", () => {
  it("D11 since its first decline, with the reason, until it is posted", () => {
    const device = signedIn()
    const since = device.now
    device.tell(suspend(1))
    device.tell(suspend(1, 2))
    expect(device.known.suspended).toEqual([{
      ...which(1),
      station: canteen,
      happenedAt: morning,
      decline: { _tag: "UnknownCard" },
      since,
      triedAt: later(since, minute),
      attempts: 2,
      profile: csmzxy.version
    }])
    expect(device.tell(release(1))).toMatchObject([{ _tag: "RecordReleased", device: 1 }])
    expect(device.known).toMatchObject({ suspended: [], closed: [{ device: 1, attempts: 2, how: "posted" }] })
  })

  it("I3 an older word, or one on what is closed, changes nothing; a person explains what waits, and nothing else", () => {
    const device = signedIn()
    device.tell(suspend(1, 2))
    expect(device.tell(suspend(1, 1))).toEqual([])
    expect(device.ask(explain(2))).toEqual(Result.fail({ _tag: "RecordNotSuspended" }))
    device.tell(explain(1))
    expect(device.known).toMatchObject({ suspended: [], closed: [{ device: 1, how: "explained" }] })
    expect(device.tell(suspend(1, 3))).toEqual([])
    expect(device.tell(release(1))).toEqual([])
    expect(device.ask(explain(1))).toEqual(Result.fail({ _tag: "RecordNotSuspended" }))
    expect(new Device().ask(suspend(1))).toEqual(Result.fail({ _tag: "TerminalNotSignedIn" }))
  })

  it.each([
    ["came", [upload(record(1))]],
    ["waited", [suspend(1)]],
    // Its upload was faster than the one who explains it, and has written down its end.
    ["came and was settled", [upload(record(1)), settle(1)]]
  ])("I15 D11 one that %s and has been posted is no longer open, and whoever explains it is told so", (_, before) => {
    const device = signedIn()
    for (const command of before) device.tell(command)
    expect(device.tell(release(1))).toMatchObject([{ _tag: "RecordReleased", device: 1 }])
    expect(device.tell(release(1))).toEqual([])
    expect(device.known).toMatchObject({ taken: [], suspended: [] })
    expect(device.ask(explain(1))).toEqual(Result.fail({ _tag: "RecordAlreadyPosted" }))
  })

  it("D11 another record under the same number waits on its own; a restart forgets none", () => {
    const device = signedIn()
    device.tell(suspend(1))
    device.tell(suspend(1, 1, "another"))
    device.tell(explain(1))
    device.tell(signIn())
    expect(device.known.suspended).toMatchObject([{ device: 1, digest: digest("another") }])
    expect(device.known.closed).toHaveLength(1)
  })

  it("D11 the list is bounded: what finds no room stays with its terminal, and has room once others are settled", () => {
    const device = signedIn()
    for (let n = 1; n <= SuspendedRecord.most; n++) device.tell(suspend(n))
    expect(device.tell(suspend(999))).toEqual([])
    expect(device.tell(suspend(1, 2))).toHaveLength(1)
    device.tell(release(1))
    expect(device.tell(suspend(999))).toHaveLength(1)
    expect(device.known.suspended).toHaveLength(SuspendedRecord.most)
  })

  it("I13 any order of words: what the events say is what the state is, and no record stands in two lists", () => {
    const word = fc.tuple(
      fc.constantFrom("upload", "settle", "suspend", "release", "explain"),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(3)
    )
    fc.assert(fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      const device = signedIn()
      for (const [what, n, attempts] of words) {
        const commands = {
          upload: upload(record(n)),
          settle: settle(n),
          suspend: suspend(n, attempts),
          release: release(n),
          explain: explain(n)
        }
        const command = commands[what]
        if (Result.isSuccess(device.ask(command))) device.tell(command)
      }
      const { closed, suspended, taken } = device.known
      const all = [...taken, ...suspended, ...closed].map((one) => one.device)
      expect(new Set(all).size).toBe(all.length)
      expect(Decider.replay(Terminal.decider, device.events)).toEqual(device.state)
      expect(Schema.is(Terminal.State)(device.state)).toBe(true)
      for (const event of device.events) expect(Schema.is(TerminalEvent.Event)(event)).toBe(true)
    }))
  })
})

describe("I15 D11 what came is open until its end is told", () => {
  it.each<readonly [string, ReadonlyArray<TerminalEvent.Command>, number, ReadonlyArray<number>]>([
    // what happened, up to which number all is settled, what came and has no end
    ["nothing came", [], 0, []],
    ["all came, and nothing more is known", [], 0, [1, 2, 3]],
    ["the first has its end", [settle(1)], 1, [2, 3]],
    ["the second has", [settle(2)], 0, [1, 3]],
    ["all have", [settle(1, 2, 3)], 3, []],
    ["the second waits", [settle(1, 3), suspend(2)], 1, []],
    ["it was posted after all", [settle(1, 3), suspend(2), release(2)], 3, []],
    ["a person explained one that waits", [settle(1, 3), suspend(2), explain(2)], 3, []],
    ["a person explained one of which nobody knew", [settle(1, 3), explain(2)], 3, []]
  ])("I15 %s: whoever signs in is told up to where it may forget", (what, then, settled, taken) => {
    const device = signedIn()
    if (what !== "nothing came") device.uploads(record(1), record(2), record(3))
    for (const command of then) device.tell(command)
    expect(device.known.taken.map((one) => one.device)).toEqual(taken)
    expect(device.tell(signIn())).toMatchObject([{ _tag: "SignedIn", settled }])
  })

  it("I15 a copy says nothing new; what is settled is told once", () => {
    const device = signedIn()
    const since = device.now
    device.uploads(record(1))
    device.uploads(record(1))
    expect(device.known.taken).toEqual([{ device: 1, digest: digest(1), since }])
    expect(device.tell(settle(1, 2))).toMatchObject([{ _tag: "RecordsSettled", records: [{ device: 1 }] }])
    expect(device.tell(settle(1))).toEqual([])
    device.uploads(record(1))
    expect(device.known.taken).toEqual([])
  })

  it("I15 another record under a number that is taken is open on its own", () => {
    const device = signedIn()
    device.uploads(record(1), record(1, "other"))
    device.tell(settle(1))
    expect(device.known.taken).toMatchObject([{ device: 1, digest: digest("other") }])
  })

  it.each([
    ["no number", { device: 0 }],
    ["none for its station", { terminal: 0 }]
  ])("I15 a record with %s is refused with a reason of its own, and counts as nothing", (_, none) => {
    const device = signedIn()
    expect(device.uploads(record(1), { ...record(2), ...none }, record(3))).toEqual(["Next", "Unnumbered", "Opened"])
    expect(device.open).toBe("device 2-2, canteen-1 2-2")
  })

  it("I15 what waits without a number holds up no other", () => {
    const device = signedIn()
    device.uploads(record(1))
    device.tell(settle(1))
    device.tell(suspend(0))
    expect(device.known.suspended).toHaveLength(1)
    expect(device.tell(signIn())).toMatchObject([{ settled: 1 }])
  })

  it("I15 no more are open than a terminal may keep: the others it keeps, and those that are open come again", () => {
    const device = signedIn(school({ offline: { ...csmzxy.offline, records: 3 } }))
    expect(device.uploads(record(1), record(2), record(3), record(4), record(1))).toEqual([
      "Next",
      "Next",
      "Next",
      "TooManyOpen",
      "the same again"
    ])
    device.tell(suspend(1))
    expect(device.uploads(record(4), record(5), record(1))).toEqual(["Next", "TooManyOpen", "the same again"])
  })

  it("I15 one from before the window of digests is open too, until its end is told", () => {
    const device = signedIn()
    for (let n = 1; n <= Terminal.remembered + 1; n++) {
      device.uploads(record(n))
      device.tell(settle(n))
    }
    expect(device.uploads(record(1))).toEqual(["seen before"])
    expect(device.tell(signIn())).toMatchObject([{ settled: 0 }])
    expect(device.uploads(record(1))).toEqual(["the same again"])
    device.tell(settle(1))
    expect(device.known.taken).toEqual([])
  })
})

describe("I15 D11 what is refused for its number is listed until it is taken or explained", () => {
  const small = school({ offline: { ...csmzxy.offline, records: 3 } })
  const inUse = { counters: { device: 100, stations: [] } }
  const unlisted = { _tag: "ExplainUnlisted", reason: "looked at its memory", operator } as const

  it.each<readonly [string, object, ReadonlyArray<TerminalEvent.Uploaded>, TerminalEvent.Uploaded, Sequence.Refusal]>([
    ["one from before the first", inUse, [], record(50), { _tag: "BeforeFirst", first: 100 }],
    ["one far ahead", {}, [record(1)], record(9), { _tag: "JumpTooLarge", missing: 7, most: 3 }],
    ["one too many", {}, [record(1), record(2), record(3)], record(4), { _tag: "TooManyOpen", most: 3 }],
    ["one too many without a number", {}, [record(1), record(2), record(3)], record(0), {
      _tag: "TooManyOpen",
      most: 3
    }]
  ])("I15 %s: with the reason, since it came first; a person explains it", (_, counters, before, one, refusal) => {
    const device = new Device(small)
    device.tell(signIn(counters))
    if (before.length > 0) device.uploads(...before)
    const since = device.now
    for (const _ of [1, 2]) expect(device.uploads(one)).toEqual([refusal._tag])
    expect(device.known.refused).toEqual([{ ...which(one.device), refusal, since }])
    device.tell(explain(one.device))
    expect(device.known).toMatchObject({ refused: [], closed: [{ device: one.device, how: "explained" }] })
    device.uploads(one)
    expect(device.known).toMatchObject({ refused: [], taken: before.map((it) => ({ device: it.device })) })
  })

  it("I15 as many gaps as somebody could look at: one more is listed", () => {
    const device = signedIn()
    for (let n = 0; n < 256; n++) device.uploads(record(2 + 2 * n))
    expect(device.uploads(record(1_000))).toEqual(["TooManyGaps"])
    expect(device.known.refused).toMatchObject([{ device: 1_000, refusal: { _tag: "TooManyGaps" } }])
  })

  it("I15 once its number can be taken it is open like any other, since it came first", () => {
    const device = signedIn(small)
    const since = device.now
    device.uploads(record(9))
    device.tell({ _tag: "ExplainGap", from: 1, to: 8, reason: "in use elsewhere before", operator })
    expect(device.uploads(record(9))).toEqual(["Next"])
    expect(device.known).toMatchObject({ refused: [], taken: [{ device: 9, since }] })
  })

  it("I15 one that turns out to be posted is no longer listed, nor when it comes again", () => {
    const device = signedIn()
    device.uploads(record(5_000))
    device.tell({ _tag: "ReleaseRecord", ...which(5_000) })
    expect(device.known.refused).toEqual([])
    expect(device.ask(explain(5_000))).toEqual(Result.fail({ _tag: "RecordAlreadyPosted" }))
    expect(device.uploads(record(5_000))).toEqual(["the same again"])
    expect(device.known).toMatchObject({ refused: [], taken: [] })
  })

  it("I15 whoever signs in forgets none that is refused", () => {
    const device = new Device()
    expect(device.tell(signIn(inUse))).toMatchObject([{ settled: 99 }])
    device.uploads(record(50), record(100), record(9_000))
    device.tell(settle(100))
    expect(device.tell(signIn())).toMatchObject([{ settled: 49 }])
    device.tell(explain(50))
    expect(device.tell(signIn())).toMatchObject([{ settled: 100 }])
  })

  it("I15 the list is bounded: what finds no room is counted, and nothing is settled until a person has looked", () => {
    const device = new Device()
    device.tell(signIn({ counters: { device: 1_000, stations: [] } }))
    for (let n = 1; n <= SuspendedRecord.most; n++) device.uploads(record(400 + n))
    expect(device.ask(unlisted)).toEqual(Result.fail({ _tag: "RecordNotSuspended" }))
    for (const _ of [1, 2]) device.uploads(record(1))
    expect(device.known).toMatchObject({ unlisted: 2, refused: { length: SuspendedRecord.most } })
    expect(device.tell(signIn())).toMatchObject([{ settled: 0 }])
    expect(device.tell(unlisted)).toMatchObject([{ _tag: "UnlistedExplained", unlisted: 2, operator }])
    expect(device.tell(signIn())).toMatchObject([{ settled: 400 }])
    device.tell(explain(401))
    device.uploads(record(1))
    expect(device.known).toMatchObject({ unlisted: 0, refused: { length: SuspendedRecord.most } })
  })

  it("I15 more records without a number than can wait: all of them are open, and each may be explained", () => {
    const device = signedIn()
    for (let n = 1; n <= 600; n++) {
      device.uploads(record(0, n))
      device.tell(suspend(0, 0, n))
    }
    const open = [...device.known.taken, ...device.known.suspended]
    expect(open).toHaveLength(600)
    for (const { digest } of open) device.tell({ ...explain(0), digest } as TerminalEvent.Command)
    expect(device.known).toMatchObject({ taken: [], suspended: [], closed: { length: SuspendedRecord.most } })
  })

  it("I15 a conflict is listed until a person says why there are two, whatever becomes of the records", () => {
    const device = signedIn()
    const why = { _tag: "ExplainConflict", device: 1, reason: "counter was set back", operator } as const
    device.uploads(record(1))
    expect(device.ask(why)).toEqual(Result.fail({ _tag: "RecordNotSuspended" }))
    device.uploads(record(1, 7))
    device.tell({ _tag: "SettleRecords", records: [which(1), { device: 1, digest: digest(7) }] })
    expect(device.tell(signIn())).toMatchObject([{ settled: 1 }])
    // It has its end, so that nobody may say that it was paid by hand.
    const said = { ...explain(1), digest: digest(7) } as TerminalEvent.Command
    expect(device.ask(said)).toEqual(Result.fail({ _tag: "RecordAlreadyPosted" }))
    expect(device.known.conflicts).toMatchObject([{ device: 1, digest: digest(7) }])
    expect(device.tell(why)).toMatchObject([{ _tag: "ConflictExplained", device: 1, operator }])
    expect(device.known.conflicts).toEqual([])
    expect(device.uploads(record(1, 7))).toEqual(["the same again"])
    expect(device.known.conflicts).toEqual([])
  })

  it("I15 who explains a conflicting record that is open has seen that it conflicts; who is too late has not", () => {
    const device = signedIn()
    device.uploads(record(1), record(1, 7), record(1, 8))
    device.tell({ ...explain(1), digest: digest(7) } as TerminalEvent.Command)
    device.tell({ _tag: "ReleaseRecord", device: 1, digest: digest(8) })
    expect(device.known.conflicts).toMatchObject([{ digest: digest(8) }])
  })

  it("I15 whatever is sent has its end, or is listed; and nothing that is listed is settled", () => {
    const sent = fc.tuple(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(900)), fc.constantFrom("a", "b"))
    const word = fc.oneof(
      { weight: 6, arbitrary: fc.record({ upload: fc.array(sent, { minLength: 1, maxLength: 4 }) }) },
      {
        weight: 4,
        arbitrary: fc.record({ what: fc.constantFrom("settle", "suspend", "explain", "gap"), at: fc.nat() })
      }
    )
    fc.assert(fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      const device = new Device(school({ offline: { ...csmzxy.offline, records: 6 } }))
      device.tell(signIn({ counters: { device: 3, stations: [] } }))
      const ended = new Set<string>()
      const all = new Map<string, SuspendedRecord.Key>()
      for (const word of words) {
        if ("upload" in word) {
          const records = word.upload.map(([n, content]) => record(n, `${content}${n}`))
          for (const { device, digest } of records) all.set(`${device} ${digest}`, { device, digest })
          device.uploads(...records)
        } else if (word.what === "gap") {
          const [gap] = device.known.device.open
          if (gap !== undefined) device.tell({ _tag: "ExplainGap", ...gap, reason: "lost", operator })
        } else {
          const { refused, suspended, taken } = device.known
          const pending = [...taken, ...suspended]
          const open = word.what === "explain" ? [...pending, ...refused] : pending
          const one = open[word.at % Math.max(1, open.length)]
          if (one === undefined) continue
          const key = { device: one.device, digest: one.digest }
          if (word.what === "explain") device.tell({ ...explain(1), ...key } as TerminalEvent.Command)
          else if (word.what === "suspend") device.tell({ ...suspend(1), ...key } as TerminalEvent.Command)
          else if (taken.some((it) => it.device === key.device && it.digest === key.digest)) {
            device.tell({ _tag: "SettleRecords", records: [key] })
          } else continue
          if (word.what !== "suspend") ended.add(`${key.device} ${key.digest}`)
        }
      }
      const { closed, refused, suspended, taken } = device.known
      for (const [name, key] of all) {
        expect(ended.has(name) || SuspendedRecord.isOpen(device.known, key)).toBe(true)
      }
      const settled = Terminal.settled(device.known)
      const lists = [...taken, ...suspended, ...refused]
      for (const one of lists) expect(one.device === 0 || one.device > settled).toBe(true)
      const names = [...lists, ...closed].map((one) => `${one.device} ${one.digest}`)
      expect(new Set(names).size).toBe(names.length)
      expect(Decider.replay(Terminal.decider, device.events)).toEqual(device.state)
      expect(Schema.is(Terminal.State)(device.state)).toBe(true)
      for (const event of device.events) expect(Schema.is(TerminalEvent.Event)(event)).toBe(true)
    }))
  })
})

describe("I15 in any order, with losses, copies and restarts", () => {
  it("I15 every number up to the highest is received, or in an open or an explained gap; nothing is taken twice", () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }) },
        { weight: 1, arbitrary: fc.constant("restart" as const) },
        { weight: 2, arbitrary: fc.constant("explain" as const) }
      ),
      { maxLength: 25 }
    )
    fc.assert(fc.property(steps, (steps) => {
      const device = signedIn()
      const taken: Array<number> = []
      for (const step of steps) {
        if (step === "restart") device.tell(signIn({ clock: 0 }))
        else if (step === "explain") {
          const [gap] = device.known.device.open
          if (gap === undefined) continue
          device.tell({ _tag: "ExplainGap", from: gap.from, to: gap.to, reason: "lost", operator })
        } else {
          const told = device.uploads(...step.map((n) => record(n)))
          taken.push(...step.filter((_, at) => told[at] !== "the same again"))
        }
        const { device: { explained, highest, open }, stations } = device.known
        expect(new Set(taken).size).toBe(taken.length)
        expect(highest).toBe(Math.max(0, ...taken, ...explained.map(({ to }) => to)))
        expect(taken.length + Sequence.size(open) + Sequence.size(explained)).toBe(highest)
        for (const n of taken) expect(Sequence.includes(device.known.device, n)).toBe(true)
        for (const { sequence } of stations) {
          expect(new Set(taken).size + Sequence.size(sequence.open)).toBe(sequence.highest)
        }
      }
      expect(Decider.replay(Terminal.decider, device.events)).toEqual(device.state)
      expect(Schema.is(Terminal.State)(device.state)).toBe(true)
      for (const event of device.events) expect(Schema.is(TerminalEvent.Event)(event)).toBe(true)
    }))
  })

  it("I15 D21 the state stays small; a copy from before its window is known by its number, and told as not compared", () => {
    const device = signedIn()
    const all = Array.from({ length: 1_000 }, (_, at) => record(at + 1))
    for (let at = 0; at < all.length; at += TerminalEvent.batch) {
      const [first, ...rest] = all.slice(at, at + TerminalEvent.batch).map((one) => one.device)
      device.uploads(...all.slice(at, at + TerminalEvent.batch))
      device.tell(settle(first!, ...rest))
    }
    expect(device.known.taken).toEqual([])
    expect(JSON.stringify(device.state).length).toBeLessThan(64 * Terminal.remembered)
    expect(device.known.recent.length).toBe(Terminal.remembered)
    expect(device.uploads(record(1), record(1, "other"), record(1_000), record(999, "other"))).toEqual([
      "seen before",
      "seen before",
      "the same again",
      "another"
    ])
    expect(Terminal.remembered).toBeGreaterThan(TerminalEvent.batch)
  })

  it("D21 an upload is of 1 to 200 records", () => {
    const isCommand = Schema.is(TerminalEvent.Command)
    const records = Array.from({ length: 201 }, (_, at) => record(at + 1))
    expect(isCommand(upload(...records.slice(1)))).toBe(true)
    expect(isCommand(upload(...records))).toBe(false)
    expect(isCommand(upload())).toBe(false)
  })
})
