import { Effect, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { day, instant } from "../../src/CivilTime.ts"
import * as CodeIssuance from "../../src/CodeIssuance.ts"
import * as CodeKeys from "../../src/CodeKeys.ts"
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

  it("D20 the phones of an account that was closed are revoked at night, once, for terminals that are cut off", async () => {
    const here = await new School(profile).lives(Life.of(profile).at("2025-11-03 12:00").close().expectApproved())
    const account = AccountId.make("account-1")
    const phone = { _tag: "Authorise", medium: "todayCampusCode", until: instant("2025-11-04 08:00") } as const
    for (const [id, pseudonym, medium] of [["a", "00", "todayCampusCode"], ["b", "11", "ecodePayCode"]] as const) {
      await Effect.runPromise(here.subjects.transact(CodeIssuance.decider, {
        caller: CallerId.make("test"),
        id: CommandId.make(id),
        subject: account,
        receivedAt: instant("2025-11-03 08:00"),
        body: {
          ...phone,
          medium,
          deviceKey: CodeKeys.publicKeyOf(CodeKeys.secretKey(new Uint8Array(32).fill(7))),
          pseudonym: Pseudonym.make(pseudonym.repeat(8))
        }
      }))
    }
    here.now = instant("2025-11-04 00:30")
    expect(await sweep(here)).toEqual([{ _tag: "PhonesEnded", account, phones: 1 }])
    expect((await here.run(Authorising.revocations)).revoked.map(({ pseudonym }) => pseudonym)).toEqual([
      "00".repeat(8),
      "11".repeat(8)
    ])
    expect(await sweep(here)).toEqual([])
  })

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
