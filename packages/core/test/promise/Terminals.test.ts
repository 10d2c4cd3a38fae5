import { csmzxy, instant, type RecordInput, type SignInInput, type Uploaded } from "@yikatong/core/promise"
import { describe, expect, it } from "vitest"
import { card, holder, School } from "./school.ts"

const terminal = "device-1"
const noon = instant("2026-03-02 12:00")

/** A student with 50.00 on the chip, and a terminal that has signed in. */
const signedIn = async (change: Partial<SignInInput> = {}) => {
  const school = await (await (await School.open()).furnished()).recharged(5_000)
  await school.campus.load({
    ...school.at("canteen-1"),
    card,
    chip: { balance: 0, loadSequence: 0, purchaseSequence: 0 },
    write: (balance) => Promise.resolve({ balance, loadSequence: 1, purchaseSequence: 0 })
  })
  const answer = await school.campus.terminals.signIn({
    caller: "gateway",
    id: "sign-in-1",
    terminal,
    clock: school.now - 1_000,
    holds: { profile: csmzxy.version, list: 0 },
    ...change
  })
  return { school, answer }
}

/** The so-manieth meal that the terminal took alone, of 10.00, when the chip had counted so many purchases. */
const meal = (device: number, purchases = device): RecordInput => ({
  device,
  station: "canteen-1",
  terminal: device,
  at: noon + device * 1_000,
  fact: {
    _tag: "CardPurchase",
    loadSequence: 1,
    purchase: {
      _tag: "RecordCardPurchase",
      card,
      amount: 1_000,
      chipBefore: 6_000 - purchases * 1_000,
      chipAfter: 5_000 - purchases * 1_000,
      purchaseSequence: purchases
    }
  }
})
const batch = (id: string, ...records: ReadonlyArray<RecordInput>) => ({ caller: "gateway", id, terminal, records })

const verdicts = (uploaded: Uploaded) =>
  uploaded._tag === "Declined"
    ? uploaded.decline._tag
    : uploaded.outcomes.map(({ _tag, safe }) => `${_tag} ${safe ? "safe" : "keep"}`)

describe("a terminal signs in and uploads (R3, D11, D21)", () => {
  it("D11 it learns its clock and its versions, and uploads only after that", async () => {
    const { answer, school } = await signedIn()
    const { version } = await school.campus.terminals.blockedCards().then((update) =>
      update._tag === "Whole" ? update.list : { version: -1 }
    )
    expect(answer).toEqual({
      _tag: "SignedIn",
      at: noon,
      offset: 1_000,
      current: { profile: csmzxy.version, list: version },
      settled: 0
    })
    const stranger = { ...batch("batch-1", meal(1)), terminal: "device-2" }
    expect(verdicts(await school.campus.terminals.upload(stranger))).toBe("TerminalNotSignedIn")
  })

  it("D11 I3 meals are posted once, however often they come, and may be forgotten then", async () => {
    const { school } = await signedIn()
    const { campus } = school
    school.now = noon + 60_000
    const first = await campus.terminals.upload(batch("batch-1", meal(1), meal(2)))
    expect(verdicts(first)).toEqual(["Told safe", "Told safe"])
    expect(JSON.parse(JSON.stringify(first))).toEqual(first)
    expect(await campus.terminals.upload(batch("batch-1", meal(1), meal(2)))).toEqual(first)
    expect(verdicts(await campus.terminals.upload(batch("batch-2", meal(1))))).toEqual(["Told safe"])
    expect(await campus.find(holder)).toMatchObject({ pockets: { chip: 3_000 } })
    expect((await campus.checkBooks()).breaks).toEqual([])
  })

  it("D16 a record from a moment ahead and one with a corrupt number are kept by the terminal", async () => {
    const { school } = await signedIn()
    const early = { ...meal(1), at: noon + 30_000 }
    const corrupt = { ...meal(1), device: 4_000_000_000 }
    expect(verdicts(await school.campus.terminals.upload(batch("batch-1", early, corrupt)))).toEqual([
      "Early keep",
      "Refused keep"
    ])
  })

  it.each([
    ["a moment ahead", { at: noon + 30_000 }, "Early keep", "taken", {}],
    ["without a number", { device: 0 }, "Waiting keep", "suspended", { decline: { _tag: "RecordUnnumbered" } }]
  ])("I15 a record %s is open, holds up no other, and is forgotten once a person explained it", async (...given) => {
    const [, change, told, list, how] = given
    const { school } = await signedIn()
    const { terminals } = school.campus
    const odd = { ...meal(1), ...change }
    school.now = noon + 2_000
    expect(verdicts(await terminals.upload(batch("batch-1", odd, meal(2))))).toEqual([told, "Told safe"])
    const open = (await terminals.openGaps()).terminals[0]?.[list as "taken" | "suspended"] ?? []
    expect(open).toMatchObject([{ since: school.now, ...how }])
    const { device = -1, digest = "" } = open[0] ?? {}
    const why = { caller: "office", id: "a", terminal, device, digest, reason: "paid by hand", operator: "clerk-1" }
    expect(await terminals.explainRecord(why)).toEqual({ _tag: "Approved" })
    expect(await terminals.explainRecord(why)).toEqual({ _tag: "Approved" })
    expect(verdicts(await terminals.upload(batch("batch-2", odd)))).toEqual(["Explained safe"])
  })

  it("D18 nobody uploads under a name of our own flows", async () => {
    const { school } = await signedIn()
    const forged = { ...batch("batch-1", meal(1)), caller: "yikatong:uploading" }
    await expect(school.campus.terminals.upload(forged)).rejects.toMatchObject({ flaws: [{ path: "caller" }] })
  })
})

describe("what is missing is told until a person explains it (D21, I15)", () => {
  it("I15 numbers of a terminal and purchases of a card", async () => {
    const { school } = await signedIn()
    const { terminals } = school.campus
    school.now = noon + 60_000
    await terminals.upload(batch("batch-1", meal(1), meal(4)))
    const gap = { from: 2, to: 3, since: school.now }
    const open = await terminals.openGaps()
    expect(open).toEqual({
      terminals: [{
        terminal,
        gaps: [gap, { ...gap, station: "canteen-1" }],
        taken: [],
        suspended: [],
        refused: [],
        conflicts: [],
        unlisted: 0
      }],
      cards: [{ card, gaps: [gap], breaks: expect.any(Array), refused: [], unlisted: 0 }]
    })
    const why = { caller: "office", from: 2, to: 3, reason: "memory lost", operator: "clerk-1" }
    const approved = { _tag: "Approved" }
    expect(await terminals.explainGap({ ...why, id: "a", terminal })).toEqual(approved)
    expect(await terminals.explainGap({ ...why, id: "b", terminal })).toMatchObject({
      decline: { _tag: "GapNotOpen", from: 2, to: 3 }
    })
    expect(await terminals.explainGap({ ...why, id: "c", terminal, station: "canteen-1" })).toEqual(approved)
    expect(await terminals.explainGap({ ...why, id: "d", card })).toEqual(approved)
    expect(await terminals.openGaps()).toEqual({ terminals: [], cards: [] })
  })

  it("I15 a chain that does not hold is told as a break, and explained by its purchase", async () => {
    const { school } = await signedIn()
    const { terminals } = school.campus
    school.now = noon + 60_000
    // The second meal was taken from more than the first had left.
    const torn = meal(2)
    if (torn.fact._tag !== "CardPurchase") throw new Error("a meal is a purchase")
    const purchase = { ...torn.fact.purchase, chipBefore: 4_500, chipAfter: 3_500 }
    await terminals.upload(batch("batch-1", meal(1), { ...torn, fact: { ...torn.fact, purchase } }))
    expect((await terminals.openGaps()).cards).toMatchObject([{ card, breaks: [{ sequence: 2 }] }])
    const why = { caller: "office", id: "a", reason: "reader fault", operator: "clerk-1" }
    expect(await terminals.explainBreak({ ...why, card, sequence: 2 })).toEqual({ _tag: "Approved" })
    expect((await terminals.openGaps()).cards).toEqual([])
  })

  it("D11 a meal that its account declines waits with the reason, until a person says what was done", async () => {
    const { school } = await signedIn()
    const { terminals } = school.campus
    school.now = noon + 60_000
    const nowhere = { ...meal(1), station: "canteen-99" }
    expect(verdicts(await terminals.upload(batch("batch-1", nowhere)))).toEqual(["Told keep"])
    expect(verdicts(await terminals.upload(batch("batch-2", nowhere)))).toEqual(["Waiting keep"])
    const waits = await terminals.openGaps()
    const { device = 0, digest = "" } = waits.terminals[0]?.suspended[0] ?? {}
    expect(waits.terminals).toMatchObject([{
      suspended: [{ station: "canteen-99", decline: { _tag: "UnknownPoint" } }]
    }])
    const why = { caller: "office", terminal, device, digest, reason: "paid by hand", operator: "clerk-1" }
    expect(await terminals.explainRecord({ ...why, id: "a" })).toEqual({ _tag: "Approved" })
    expect(await terminals.explainRecord({ ...why, id: "b" })).toMatchObject({
      decline: { _tag: "RecordNotSuspended" }
    })
    expect((await terminals.openGaps()).terminals.flatMap(({ suspended }) => suspended)).toEqual([])
    expect(verdicts(await terminals.upload(batch("batch-3", nowhere)))).toEqual(["Explained safe"])
  })

  it("I15 D11 R73 each open record is told with what the office does, and each may be explained", async () => {
    const { school } = await signedIn({ counters: { device: 3, stations: [] } })
    const { campus } = school
    const { terminals } = campus
    school.now = noon + 6_000
    const other = { ...meal(4), station: "canteen-99" }
    const early = { ...meal(6, 5), at: school.now + 1_000 }
    await terminals.upload(batch("batch-1", meal(1), meal(3), other, { ...meal(5), device: 3 }, early))
    const listed = async () => (await terminals.openGaps()).terminals[0]
    expect(await listed()).toMatchObject({
      refused: [{
        device: 1,
        refusal: { _tag: "BeforeFirst", first: 3 },
        words: { what: { zh: "流水号早于该终端的首号 3" }, remedy: { en: expect.stringContaining("pay the merchant") } }
      }],
      suspended: [{ device: 4, words: { remedy: { en: expect.stringContaining("Add the device to the profile") } } }],
      conflicts: [{ device: 3, words: { remedy: { en: expect.stringContaining("pay nothing by hand") } } }],
      taken: [{ device: 6, words: { remedy: { en: expect.stringContaining("Have the terminal send it again") } } }],
      unlisted: 0
    })
    const why = { caller: "office", terminal, reason: "memory was copied", operator: "clerk-1" }
    const approved = { _tag: "Approved" }
    const { conflicts = [], refused = [] } = await listed() ?? {}
    // It has been posted: the clerk is told so in words.
    const said = { ...why, device: 3, digest: conflicts[0]?.digest ?? "" }
    const answer = await terminals.explainRecord({ ...said, id: "a" })
    expect(answer).toMatchObject({ decline: { _tag: "RecordAlreadyPosted" } })
    const { remedy } = campus.explain(answer._tag === "Declined" ? answer.decline : { _tag: "UnknownCard" })
    expect(remedy.zh).toBe("请勿手工付款；已付的请收回")
    expect(await terminals.explainConflict({ ...why, id: "b", device: 3 })).toEqual(approved)
    expect(await terminals.explainRecord({ ...why, id: "c", device: 1, digest: refused[0]?.digest ?? "" }))
      .toEqual(approved)
    expect(await listed()).toMatchObject({ conflicts: [], refused: [] })
    expect(await terminals.explainUnlisted({ ...why, id: "d" })).toMatchObject({
      decline: { _tag: "RecordNotSuspended" }
    })
  })

  it("I15 a purchase for which the chain of its card has no place is told, and explained by its number", async () => {
    const { school } = await signedIn()
    const { terminals } = school.campus
    school.now = noon + 60_000
    const far = meal(1)
    if (far.fact._tag !== "CardPurchase") throw new Error("a meal is a purchase")
    const purchase = { ...far.fact.purchase, purchaseSequence: 5_000 }
    await terminals.upload(batch("batch-1", { ...far, fact: { ...far.fact, purchase } }))
    expect((await terminals.openGaps()).cards).toMatchObject([
      { card, refused: [{ sequence: 5_000, refusal: { _tag: "JumpTooLarge" } }] }
    ])
    const why = { caller: "office", id: "a", reason: "damaged chip", operator: "clerk-1" }
    expect(await terminals.explainBreak({ ...why, card, sequence: 5_000 })).toEqual({ _tag: "Approved" })
    expect((await terminals.openGaps()).cards).toEqual([])
  })

  it("I15 a tap at a till that was online leaves no gap, once it was observed", async () => {
    const { school } = await signedIn()
    const { campus } = school
    const chip = { balance: 5_000, loadSequence: 1, purchaseSequence: 0 }
    await campus.pay({ ...school.at("canteen-1"), card, amount: 1_000, chip })
    school.now = noon + 60_000
    await campus.terminals.upload(batch("batch-1", meal(1, 2)))
    expect((await campus.terminals.openGaps()).cards).toMatchObject([{ gaps: [{ from: 1, to: 1 }] }])
    const upTo = await campus.terminals.observe()
    expect(await campus.terminals.observe(upTo)).toBe(upTo)
    expect((await campus.terminals.openGaps()).cards).toEqual([])
  })
})

describe("the list of blocked cards (I9)", () => {
  it("I9 the whole of it, then what has changed, then the whole for a version that never was", async () => {
    const school = await (await School.open()).furnished()
    const { terminals } = school.campus
    const before = await terminals.blockedCards()
    expect(before).toMatchObject({ _tag: "Whole", list: { cards: [], asOf: school.now } })
    const version = before._tag === "Whole" ? before.list.version : 0
    await school.says("today-campus", { _tag: "ReportLost", reason: "lost" })
    const blocked = { card, reason: "lost", since: school.now }
    expect(await terminals.blockedCards(version)).toMatchObject({
      _tag: "Changes",
      delta: { from: version, blocked: [blocked], released: [] }
    })
    expect(await terminals.blockedCards(0)).toMatchObject({ _tag: "Whole", list: { cards: [blocked] } })
    expect(await terminals.blockedCards(1_000_000)).toMatchObject({ _tag: "Whole", list: { cards: [blocked] } })
  })
})
