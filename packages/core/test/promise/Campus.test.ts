import {
  Campus,
  type ClaimInput,
  csmzxy,
  memory,
  type Options,
  OptionsRejected,
  profileOf,
  ProfileRejected,
  simulatedChannel
} from "@yikatong/core/promise"
import { Clerk } from "@yikatong/core/testing"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

const noon = Date.parse("2026-03-02T12:00:00+08:00")
const subject = { _tag: "Account", account: "account-1" } as const
const person = {
  id: "person-1",
  kind: "student",
  number: "20260001",
  name: "李华",
  document: { kind: "residentId", number: "43010219990101125X" }
} as const

describe("the promise door", () => {
  let now = noon
  let campus: Campus
  const weChat = simulatedChannel("todayCampus")
  const ccb = simulatedChannel("ccbApp")

  const open = (options: Partial<Options> = {}) =>
    Campus.open({
      backend: memory(),
      profile: csmzxy,
      channels: [weChat.channel, ccb.channel],
      now: () => now,
      ...options
    })

  /** An account with an active card and this much in transit. */
  const furnish = async (fen: number) => {
    await campus.openAccount({ id: "open", point: "card-centre", account: "account-1", person })
    await campus.submit({ id: "issue", point: "window-ccb", subject, ...Clerk.at(csmzxy, "window-ccb") }, {
      _tag: "IssueCard",
      card: "card-1"
    })
    await campus.submit({ id: "activate", point: "window-3", subject, ...Clerk.at(csmzxy, "window-3") }, {
      _tag: "ActivateCard",
      card: "card-1"
    })
    if (fen === 0) return
    const order = `order-${Math.round(fen)}`
    const placed = await campus.recharge({
      id: order,
      point: "today-campus",
      subject,
      channel: "todayCampus",
      source: "weChat",
      amount: fen
    })
    if (!placed.placed) throw new Error(JSON.stringify(placed.answer))
    weChat.pay(placed.order.id, fen, now)
    await campus.confirmRecharge(placed.order, "card-centre")
  }
  const pay = (amount: number, id = `pay-${amount}`) =>
    campus.pay({ id, point: "canteen-1", medium: "todayCampusCode", subject, amount })

  beforeEach(async () => {
    now = noon
    campus = await open()
  })
  afterEach(() => campus.close())

  it("R49 pays up to the meal limit, and declines with numbers and a remedy (R73)", async () => {
    await furnish(5_000)
    expect(await pay(3_000)).toMatchObject({ _tag: "Approved", pockets: { transit: 2_000 } })
    const answer = await pay(1)
    expect(answer).toMatchObject({ _tag: "Declined", decline: { _tag: "MealLimitExceeded", quota: { remaining: 0 } } })
    if (answer._tag === "Declined") expect(campus.explain(answer.decline).what.zh).toContain("30.00")
  })

  it("answers are plain values: they survive JSON unchanged", async () => {
    await furnish(5_000)
    for (const answer of [await pay(100), await pay(100_000), await campus.find(subject)]) {
      expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
    }
  })

  it.each([
    ["a negative amount", -1],
    ["no amount", 0],
    ["a fraction of a fen", 0.5],
    ["NaN", Number.NaN],
    ["1e21", 1e21],
    ["infinity", Infinity],
    ["a text", "18.00" as unknown as number],
    ["more than one dealing may move", 1_000_000_001]
  ])("bad input: %s is MalformedCommand, changes nothing, and the next command works", async (_, amount) => {
    await furnish(5_000)
    const before = await campus.find(subject)
    await expect(pay(amount, "bad")).rejects.toMatchObject({
      _tag: "MalformedCommand",
      flaws: [{ path: "body.amount" }]
    })
    expect(await campus.find(subject)).toEqual(before)
    expect(await pay(100, "bad")).toMatchObject({ _tag: "Approved" })
  })

  it.each([
    ["an id with a slash", { id: "a/b" }, "id"],
    ["an empty id", { id: "" }, "id"],
    ["a point that is no id", { caller: "till", point: "食堂" }, "point"],
    ["a time before there was a campus card", { at: 0 }, "at"],
    ["a field that there is not", { subject: { ...subject, extra: 1 } }, "subject.extra"]
  ])("bad input: %s says where", async (_, part, path) => {
    const payment = { id: "pay", point: "canteen-1", medium: "todayCampusCode", subject, amount: 100, ...part } as const
    await expect(campus.pay(payment as Parameters<Campus["pay"]>[0])).rejects.toMatchObject({
      _tag: "MalformedCommand",
      flaws: [{ path }]
    })
  })

  it.each(["12345", "1234567", "12345a", "１２３４５６", ""])(
    "bad input: the PIN %j is refused and not repeated",
    async (pin) => {
      await furnish(0)
      const refused = campus.pay({ id: "pay", point: "canteen-1", medium: "ecodePayCode", subject, amount: 100, pin })
      await expect(refused).rejects.toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "pin" }] })
      await refused.catch((error: Error) => {
        if (pin !== "") expect(`${error.message}${JSON.stringify(error)}`).not.toContain(pin)
      })
    }
  )

  it("bad input: an identity number with a wrong check digit is refused and not repeated", async () => {
    const number = "43010219990101123X"
    const refused = campus.openAccount({
      id: "open",
      point: "card-centre",
      account: "account-1",
      person: { ...person, document: { kind: "residentId", number } }
    })
    await expect(refused).rejects.toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "document.number" }] })
    await refused.catch((error: Error) => expect(`${error.message}${JSON.stringify(error)}`).not.toContain(number))
  })

  it("I3 one id with another body rejects with CommandIdReused, and the first payment stands", async () => {
    await furnish(5_000)
    await pay(500, "same")
    await expect(pay(501, "same")).rejects.toMatchObject({ _tag: "CommandIdReused" })
    expect(await pay(500, "same")).toMatchObject({ _tag: "Approved", pockets: { transit: 4_500 } })
  })

  it("D20 an unknown account, card or terminal is a typed decline", async () => {
    expect(await pay(100)).toMatchObject({ decline: { _tag: "UnknownAccount" } })
    const byCard = campus.pay({ id: "tap", point: "canteen-1", card: "nobody", amount: 100 })
    expect(await byCard).toMatchObject({ decline: { _tag: "UnknownCard" } })
    await furnish(5_000)
    const elsewhere = campus.pay({ id: "x", point: "constructor", medium: "todayCampusCode", subject, amount: 100 })
    expect(await elsewhere).toMatchObject({ decline: { _tag: "UnknownPoint" } })
  })

  it("R75 a profile that contradicts itself does not open, and says why", async () => {
    const limits = [{ name: "meal", per: "meal", measure: "sum", password: 5_000, hard: 3_000, scope: {} }]
    await expect(open({ profile: { ...csmzxy, limits } })).rejects.toMatchObject({
      _tag: "ProfileRejected",
      flaws: [{ path: "limits.meal" }]
    })
    await expect(open({ profile: {} })).rejects.toMatchObject({ _tag: "ProfileRejected" })
    expect(() => profileOf({})).toThrow(ProfileRejected)
    expect(profileOf(JSON.parse(JSON.stringify(csmzxy)))).toEqual(csmzxy)
  })

  it.each<readonly [title: string, options: object, flaws: ReadonlyArray<string>]>([
    ["more than one profile", { backend: memory(), profiles: [csmzxy] }, [
      "profiles: no such field: did you mean profile"
    ]],
    ["another backend", { backends: memory(), profile: csmzxy }, ["backends: no such field: did you mean backend"]],
    [
      "a channel that would have been left out without a word",
      { backend: memory(), profile: csmzxy, chanels: [] },
      ["chanels: no such field: did you mean channels"]
    ],
    ["what nobody knows", { backend: memory(), profile: csmzxy, colour: "red" }, [
      "colour: Expected no excess property"
    ]],
    ["nothing", {}, ["backend: Missing key", "profile: Missing key"]]
  ])("R75 a campus does not open with %s, and says what was meant", async (_, options, flaws) => {
    const rejected: unknown = await Campus.open(options as Options).catch((error: unknown) => error)
    expect(rejected).toBeInstanceOf(OptionsRejected)
    expect(rejected).toMatchObject({ _tag: "OptionsRejected" })
    const told = (rejected as OptionsRejected).flaws.map(({ path, problem }) =>
      `${path}: ${problem.split(" / ").at(-1)}`
    )
    expect(told).toEqual(flaws)
    expect((rejected as OptionsRejected).message).toContain(flaws[0]?.split(": ").at(-1))
  })

  it("R22 the wallet opens by card password and name, and then a bank card is bound", async () => {
    await furnish(0)
    const ask = (id: string, pin: string, name?: string) =>
      campus.submit({ id, point: "ecode", subject }, { _tag: "OpenWallet" }, {
        pin,
        claim: { number: "20260001", ...(name === undefined ? { document: person.document } : { name }) }
      })
    expect(await ask("by-document-only", "011250")).toMatchObject({ decline: { _tag: "IdentityNotMatched" } })
    expect(await ask("a", "011250", "李明")).toMatchObject({ decline: { _tag: "IdentityNotMatched" } })
    expect(await ask("b", "999999", "李华")).toMatchObject({ decline: { _tag: "PasswordWrong", left: 2 } })
    expect(await ask("c", "011250", "李华")).toMatchObject({ _tag: "Approved" })
  })

  it("R36, R37 a password is reset to the initial one, must be changed, and not to something simple (A12, A14)", async () => {
    await furnish(5_000)
    const change = (id: string, newPin: string, oldPin: string) =>
      campus.changePassword({ id, point: "kiosk-1", card: "card-1", newPin, oldPin })
    expect(await change("a", "135790", "011250")).toMatchObject({ _tag: "Approved" })
    const reset = (id: string, card: string) =>
      campus.resetPassword({ id, point: "window-3", card, ...Clerk.at(csmzxy, "window-3") })
    expect((await reset("no-card", "card-9")).answer).toMatchObject({ decline: { _tag: "UnknownCard" } })
    expect((await reset("b", "card-1")).answer).toMatchObject({ _tag: "Approved" })
    const withPin = (id: string, pin: string) =>
      campus.pay({ id, point: "canteen-1", medium: "todayCampusCode", subject, amount: 100, pin })
    expect(await withPin("c", "011250")).toMatchObject({ decline: { _tag: "PasswordMustChange" } })
    expect(await change("d", "123456", "011250")).toMatchObject({ decline: { _tag: "PasswordTooWeak" } })
    expect(await change("e", "246813", "011250")).toMatchObject({ _tag: "Approved" })
    expect(await withPin("f", "246813")).toMatchObject({ _tag: "Approved" })
    await campus.submit({ id: "lost", point: "today-campus", subject }, { _tag: "ReportLost", reason: "lost" })
    expect(await change("g", "135790", "999999")).toMatchObject({ decline: { _tag: "CardLost" } })
    expect(await reset("h", "card-1")).toMatchObject({ answer: { decline: { _tag: "CardLost" } } })
  })

  it("A13 somebody without a resident identity number gets a one-time PIN, told once", async () => {
    const passport = { ...person, document: { kind: "passport", number: "E12345678" } } as const
    const request = { id: "open", point: "card-centre", account: "account-1", person: passport }
    const first = await campus.openAccount(request)
    expect(first.oneTimePin).toMatch(/^\d{6}$/)
    const again = await campus.openAccount(request)
    expect(again.answer).toEqual(first.answer)
    expect(again.oneTimePin).toBeUndefined()
  })

  it("D13 a person who is known stays as known: another name or number is misuse, and opens nothing", async () => {
    await furnish(0)
    const reopen = (id: string, other: object) =>
      campus.openAccount({ id, point: "card-centre", account: "account-2", person: { ...person, ...other } })
    for (const [id, other] of [["a", { name: "李明" }], ["b", { number: "20260002" }]] as const) {
      await expect(reopen(id, other)).rejects.toMatchObject({ _tag: "PersonDiffers", differs: Object.keys(other) })
    }
    await expect(reopen("c", {})).rejects.toMatchObject({ _tag: "HandleTaken", kind: "number" })
    expect(await campus.find({ _tag: "Account", account: "account-2" })).toBeUndefined()
    expect(await campus.find({ _tag: "Handle", handle: { kind: "number", value: person.number } }))
      .toMatchObject({ id: "account-1" })
  })

  it("R24 the CCB app must name number and document of one person", async () => {
    await furnish(0)
    const ask = (id: string, claim: { readonly number: string; readonly name?: string; readonly document?: object }) =>
      campus.recharge({
        id,
        point: "today-campus",
        subject,
        channel: "ccbApp",
        source: "ccbCard",
        holder: "own",
        amount: 100,
        claim: claim as ClaimInput
      })
    const { document, name, number } = person
    const refused = { placed: false, answer: { decline: { _tag: "IdentityNotMatched" } } }
    expect(await ask("a", { number: "20260002", document })).toMatchObject(refused)
    expect(await ask("by-name-only", { number, name })).toMatchObject(refused)
    expect(await ask("b", { number, document })).toMatchObject({ placed: true })
    expect(await ask("c", { number, name, document })).toMatchObject({ placed: true })
  })

  it("D8 a load whose writer fails is torn, and the next tap settles it", async () => {
    await furnish(5_000)
    const blank = { balance: 0, loadSequence: 0, purchaseSequence: 0 }
    const load = (id: string, write: (amount: number) => Promise<typeof blank | undefined>) =>
      campus.load({ id, point: "canteen-1", card: "card-1", chip: blank, write })
    const torn = await load("a", () => Promise.reject(new Error("the reader is gone")))
    expect(torn.outcome).toBe("unknown")
    expect(torn.settled).toMatchObject({ _tag: "Approved", pockets: { held: 5_000, chip: 0, transit: 0 } })
    const written = await load("b", (amount) => Promise.resolve({ ...blank, balance: amount, loadSequence: 1 }))
    expect(written.outcome).toBe("written")
    expect(written.settled).toMatchObject({ _tag: "Approved", pockets: { held: 0, chip: 5_000, transit: 0 } })
    expect(await load("b", () => Promise.reject(new Error("asked twice")))).not.toHaveProperty("outcome")
  })

  it.each<[string, unknown, "written" | "notWritten" | "unknown"]>([
    ["that reads it as it was", { balance: 0, loadSequence: 0, purchaseSequence: 0 }, "notWritten"],
    ["that reads what no write could leave", { balance: 1, loadSequence: 7, purchaseSequence: 0 }, "unknown"],
    ["that reads nothing", undefined, "unknown"],
    ["that gives a number", 5_000, "unknown"]
  ])("D8 of a write by a reader %s, the outcome is told", async (_, reading, outcome) => {
    await furnish(5_000)
    const chip = { balance: 0, loadSequence: 0, purchaseSequence: 0 }
    const write = () => Promise.resolve(reading as typeof chip)
    expect(await campus.load({ id: "a", point: "canteen-1", card: "card-1", chip, write })).toMatchObject({ outcome })
  })

  it.each([
    ["attendence", "attendance"],
    ["retryof", "retryOf"],
    ["caler", "caller"]
  ])("R73 a request with %s instead of %s is told so, and nothing is paid", async (name, meant) => {
    await furnish(5_000)
    const payment = { id: "a", point: "canteen-1", medium: "todayCampusCode", subject, amount: 100 } as const
    await expect(campus.pay({ ...payment, [name]: "down" })).rejects.toMatchObject({
      _tag: "MalformedCommand",
      flaws: [{ path: name, problem: `没有此项，是否应为 ${meant} / no such field: did you mean ${meant}` }]
    })
    // What a host keeps of its own in there is its own.
    const own = { cart: "left", order: 7 }
    expect(await campus.pay({ ...payment, ...own })).toMatchObject({ _tag: "Approved" })
  })

  it("D8 without a writer no load begins, so that nothing is held", async () => {
    await furnish(5_000)
    const chip = { balance: 0, loadSequence: 0, purchaseSequence: 0 }
    const request = { id: "a", point: "canteen-1", card: "card-1", chip } as Parameters<Campus["load"]>[0]
    await expect(campus.load(request)).rejects.toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "write" }] })
    const write = (amount: number) => Promise.resolve({ ...chip, balance: amount, loadSequence: 1 })
    expect(await campus.load({ ...request, write })).toMatchObject({ outcome: "written" })
  })

  it("D16 a caller whose clock is off by more than a minute is refused; R46 the sweep tells who sleeps", async () => {
    await furnish(5_000)
    const payment = { point: "canteen-1", medium: "todayCampusCode", subject, amount: 100 } as const
    expect(await campus.pay({ ...payment, id: "a", at: now - 60_000 })).toMatchObject({ _tag: "Approved" })
    expect(await campus.pay({ ...payment, id: "b", at: now - 60_001 })).toMatchObject({
      decline: { _tag: "ClockUntrusted" }
    })
    expect(await campus.dormant()).toEqual([])
    now = Date.parse("2026-06-02T00:00:00+08:00")
    expect(await campus.dormant()).toMatchObject([{ account: "account-1" }])
  })

  it("the books of a campus balance, and a closed campus says no", async () => {
    await furnish(5_000)
    await pay(1_234)
    expect(await campus.checkBooks()).toMatchObject({ breaks: [], accounts: 1 })
    const other = await open()
    await other.close()
    await expect(other.find(subject)).rejects.toMatchObject({ _tag: "StoreUnavailable" })
  })
})
