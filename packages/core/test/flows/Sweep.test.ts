import { Effect, Option, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { day, dayLength, instant, later } from "../../src/CivilTime.ts"
import * as CodeIssuance from "../../src/CodeIssuance.ts"
import * as CodeKeys from "../../src/CodeKeys.ts"
import type * as CodeTerms from "../../src/CodeTerms.ts"
import * as Authorising from "../../src/flows/Authorising.ts"
import * as Subsidies from "../../src/flows/Subsidies.ts"
import * as Sweep from "../../src/flows/Sweep.ts"
import { AccountId, BatchId, CallerId, CommandId, OperatorId, PointId } from "../../src/Id.ts"
import { Pseudonym } from "../../src/Pseudonym.ts"
import * as Clerk from "../../src/testing/Clerk.ts"
import { applicationOf, csmzxy, Life, school } from "../support/Life.ts"
import { School } from "./school.ts"

/** The manual's school, whose card centre may close accounts by a program. */
const profile = school({ places: { ...csmzxy.places, closeAccount: ["counter", "office"] } })
const office = PointId.make("card-centre")
const batch = BatchId.make("autumn")

/** A visitor's account until the last day of September, with 50.00 in its wallet. */
const visitor = () =>
  Life.unborn(profile).openTemporary("visitor", applicationOf({ until: "2025-09-30" })).expectApproved()
    .withWallet("50.00")

const sweep = (here: School, point = office) => here.run(Stream.runCollect(Sweep.ended(point)))

describe("what is over (D6, D7, A16)", () => {
  it("A16 a temporary account is closed after its last day, once; after the hold its money is due until it is paid", async () => {
    const here = await new School(profile).lives(visitor(), "visitor-1")
    here.now = instant("2025-09-30 23:59")
    expect(await sweep(here)).toEqual([])
    here.now = instant("2025-10-01 00:30")
    expect(await sweep(here)).toEqual([{ _tag: "AccountClosed", account: "visitor-1", until: day("2025-09-30") }])
    expect(await sweep(here)).toEqual([])
    here.now = instant("2025-10-04 00:29")
    expect(await sweep(here)).toEqual([])
    here.now = instant("2025-10-04 00:30")
    const due = { _tag: "PayOutDue", account: "visitor-1", amount: 5_000, availableAt: here.now }
    expect(await sweep(here)).toEqual([due])
    here.now = instant("2025-10-09 10:00")
    expect(await sweep(here)).toEqual([due])
    const body = { _tag: "PayOut", desk: "ccb" } as const
    const paidOut = await Effect.runPromise(here.accounts.transact({
      caller: CallerId.make("office"),
      id: CommandId.make("pay-out"),
      at: here.now,
      receivedAt: here.now,
      point: office,
      subject: { _tag: "Account", account: AccountId.make("visitor-1") },
      body,
      ...Clerk.at(profile, office, body)
    }))
    expect(paidOut).toMatchObject({ _tag: "Approved", events: [{ amount: due.amount }] })
    expect(await sweep(here)).toEqual([])
  })

  it("D7 D10 what is due is less by what is owed, and never below nothing", async () => {
    const life = Life.of(profile, { chip: "20.00" }).at("2025-11-03 12:00").close().expectApproved()
      .record({ card: "card-1", amount: "27.50", at: "2025-11-03 11:59" }).expectApproved()
    const here = await new School(profile).lives(life)
    expect(life.pockets()).toMatchObject({ frozen: 0, receivable: 750 })
    expect(await sweep(here)).toMatchObject([{ _tag: "PayOutDue", amount: 0 }])
  })

  /** An account that was closed at noon of 3 November, and whose phones are swept. */
  const closed = () => new School(profile).lives(Life.of(profile).at("2025-11-03 12:00").close().expectApproved())
  const account = AccountId.make("account-1")

  /** A phone, by the byte of its secret key, gets this pseudonym, which leads to the account until it is settled. */
  const authorise = async (
    here: School,
    phone: number,
    byte: string,
    { at = "2025-11-03 08:00", medium = "ecodePayCode" }: { at?: string; medium?: CodeTerms.CodeMedium } = {}
  ) => {
    const pseudonym = Pseudonym.make(byte.repeat(8))
    const receivedAt = instant(at)
    await Effect.runPromise(here.subjects.transact(CodeIssuance.decider, {
      caller: CallerId.make("test"),
      id: CommandId.make(pseudonym),
      subject: account,
      receivedAt,
      body: {
        _tag: "Authorise",
        medium,
        deviceKey: CodeKeys.publicKeyOf(CodeKeys.secretKey(new Uint8Array(32).fill(phone))),
        pseudonym,
        until: later(receivedAt, dayLength)
      }
    }))
    await Effect.runPromise(here.accounts.bind({ kind: "code", value: pseudonym }, account))
    return pseudonym
  }
  const revoked = async (here: School) =>
    (await here.run(Authorising.revocations)).revoked.map(({ pseudonym }) => pseudonym)
  const leadsSomewhere = async (here: School, value: string) => {
    const found = await Effect.runPromise(here.accounts.find({ _tag: "Handle", handle: { kind: "code", value } }))
    return Option.isSome(found)
  }

  it("D20 the phones of an account that was closed are revoked at night, once, for terminals that are cut off", async () => {
    const here = await closed()
    const both = [await authorise(here, 7, "00", { medium: "todayCampusCode" }), await authorise(here, 7, "11")]
    here.now = instant("2025-11-04 00:30")
    expect(await sweep(here)).toEqual([{ _tag: "PhonesEnded", account, phones: 1 }])
    expect(await revoked(here)).toEqual(both)
    expect(await Promise.all(both.map((one) => leadsSomewhere(here, one)))).toEqual([false, false])
    expect(await sweep(here)).toEqual([])
  })

  /** The same school, whose sweep dies at this write, before it happens or after. */
  const cutAt = (here: School, at: number, when: "before" | "after") => {
    let writes = 0
    const through = <A, E, R>(write: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.suspend(() => {
        if (++writes !== at) return write
        return Effect.andThen(when === "after" ? write : Effect.void, Effect.die("cut"))
      })
    const { accounts, now, subjects } = here
    const broken: Pick<School, "accounts" | "now" | "subjects"> = {
      now,
      accounts: { ...accounts, unbind: (handle) => through(accounts.unbind(handle)) },
      subjects: { ...subjects, transact: (decider, submitted) => through(subjects.transact(decider, submitted)) }
    }
    return Object.assign(new School(profile), broken)
  }

  it.each([
    ["was swept", 0, 1],
    ["was swept by somebody who was cut off", 2, 2]
  ])(
    "D20 a phone that was being authorised while its account %s is ended by the next sweep, once",
    async (_, at, phones) => {
      const here = await closed()
      const ended = [await authorise(here, 7, "00")]
      here.now = instant("2025-11-03 12:01")
      const swept = sweep(cutAt(here, at, "before"))
      if (at === 0) expect(await swept).toEqual([{ _tag: "PhonesEnded", account, phones: 1 }])
      else await expect(swept).rejects.toThrow("cut")
      ended.push(await authorise(here, 8, "11", { at: "2025-11-03 12:02" }))
      here.now = instant("2025-11-04 00:30")
      expect(await sweep(here)).toEqual([{ _tag: "PhonesEnded", account, phones }])
      expect(await revoked(here)).toEqual(ended)
      expect(await Promise.all(ended.map((one) => leadsSomewhere(here, one)))).toEqual([false, false])
      expect(await sweep(here)).toEqual([])
    }
  )

  it.each([
    // when it was authorised for a day, how many are told
    ["a second too late to be over for a day", "2025-11-02 00:30", 1],
    ["a second before that", "2025-11-02 00:29:59", 0]
  ])("D20 what no clock takes any more stands on no list, and leads nowhere: authorised %s", async (_, at, phones) => {
    const here = await closed()
    const old = await authorise(here, 7, "00", { at })
    here.now = instant("2025-11-04 00:30")
    expect(await sweep(here)).toEqual(phones === 0 ? [] : [{ _tag: "PhonesEnded", account, phones }])
    expect((await revoked(here)).length).toBe(phones)
    expect(await leadsSomewhere(here, old)).toBe(false)
    expect(await sweep(here)).toEqual([])
  })

  it.each(["before", "after"] as const)(
    "D18 D20 each write of a sweep cut off %s it happened: the next one ends what is left, and then there is nothing",
    async (when) => {
      let cuts = 0
      for (let at = 1;; at++) {
        const here = await closed()
        const both = [await authorise(here, 7, "00"), await authorise(here, 8, "11")]
        here.now = instant("2025-11-04 00:30")
        const first = await sweep(cutAt(here, at, when)).catch((cut) => `${cut}`)
        const next = await sweep(here)
        // One write ends them, and three settle each. Whoever was cut off after the last has told nobody.
        const done = when === "after" ? at : at - 1
        const phones = done < 4 ? 2 : done < 7 ? 1 : 0
        expect(next).toEqual(phones === 0 ? [] : [{ _tag: "PhonesEnded", account, phones }])
        expect(await revoked(here)).toEqual(both)
        expect(await Promise.all(both.map((one) => leadsSomewhere(here, one)))).toEqual([false, false])
        expect(await sweep(here)).toEqual([])
        if (typeof first !== "string") break
        expect(first).toContain("cut")
        cuts++
      }
      expect(cuts).toBe(7)
    }
  )

  it("a regular account has no last day", async () => {
    const here = await new School(profile).lives(Life.of(profile))
    here.now = instant("2035-01-01 00:30")
    expect(await sweep(here)).toEqual([])
  })

  it("D18 cut off before or after it was closed, the next sweep goes on; a no of today is asked again tomorrow", async () => {
    for (const happens of [true, false]) {
      const here = await new School(profile).lives(visitor(), "visitor-1")
      here.now = instant("2025-10-01 00:30")
      const { transact } = here.accounts
      const cut = {
        ...here.accounts,
        transact: (envelope: Parameters<typeof transact>[0]) =>
          Effect.andThen(happens ? transact(envelope) : Effect.void, Effect.die("cut"))
      }
      const broken = new School(profile)
      Object.assign(broken, { accounts: cut, now: here.now })
      await expect(sweep(broken)).rejects.toThrow("cut")
      expect((await sweep(here)).length).toBe(happens ? 0 : 1)
    }
    const here = await new School(profile).lives(visitor(), "visitor-1")
    const no = new School(profile)
    const decline = { _tag: "UnknownAccount" } as const
    Object.assign(no, { accounts: { ...here.accounts, transact: () => Effect.succeed({ _tag: "Declined", decline }) } })
    no.now = instant("2025-10-01 00:30")
    expect(await sweep(no)).toEqual([
      { _tag: "AccountNotClosed", account: "visitor-1", until: day("2025-09-30"), decline }
    ])
    here.now = instant("2025-10-02 00:30")
    expect(await sweep(here)).toMatchObject([{ _tag: "AccountClosed" }])
  })

  it.each([
    ["window-3", "OperatorMissing"],
    ["canteen-1", "ChannelNotAllowed"],
    ["nowhere", "UnknownPoint"]
  ])(
    "R72 no program closes accounts at %s: %s, told each day, and nothing else waits for it",
    async (point, decline) => {
      const here = await new School(profile).lives(visitor(), "visitor-1")
      for (const night of ["2025-10-01 00:30", "2025-10-02 00:30"]) {
        here.now = instant(night)
        expect(await sweep(here, PointId.make(point))).toMatchObject([
          { _tag: "AccountNotClosed", account: "visitor-1", decline: { _tag: decline } }
        ])
      }
      // Where it may be done, it is done on the same day.
      expect(await sweep(here)).toMatchObject([{ _tag: "AccountClosed" }])
    }
  )

  it("D6 what was not spent of a batch goes back after its last day, once", async () => {
    const here = await new School(profile).lives(Life.of(profile))
    const asked = (operator: string): Subsidies.Asked => ({
      caller: CallerId.make("office"),
      id: CommandId.make(operator),
      batch,
      operator: OperatorId.make(operator)
    })
    const rows = [{ account: "account-1", amount: 3_000 }]
    await here.run(Subsidies.draft(asked("clerk"), { rows, until: day("2025-11-30"), point: office }))
    await here.run(Subsidies.approve(asked("head")))
    await here.run(Subsidies.grant(batch))
    here.now = instant("2025-11-30 23:59")
    expect(await sweep(here)).toEqual([])
    here.now = instant("2025-12-01 00:30")
    expect(await sweep(here)).toEqual([{ _tag: "BatchEnded", batch, returned: 3_000, undone: 0 }])
    expect(await sweep(here)).toEqual([])
    expect((await here.books()).get("school:subsidies")).toBe(0)
  })
})

describe("who is dormant (R46, D17)", () => {
  it("R46 the sweep tells it and changes nothing", async () => {
    const here = await new School(profile).lives(Life.of(profile))
    here.now = instant("2026-01-01 00:30")
    const before = await Effect.runPromise(Stream.runCollect(here.accounts.accounts))
    expect(await here.run(Stream.runCollect(Sweep.dormant))).toMatchObject([{ account: "account-1" }])
    expect(await Effect.runPromise(Stream.runCollect(here.accounts.accounts))).toEqual(before)
  })
})
