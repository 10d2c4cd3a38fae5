import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Account from "../src/Account.ts"
import type { AccountState } from "../src/AccountState.ts"
import * as Answer from "../src/Answer.ts"
import * as Card from "../src/Card.ts"
import { day, dayLength, instant, later } from "../src/CivilTime.ts"
import type * as Command from "../src/Command.ts"
import * as Explanation from "../src/Explanation.ts"
import * as Id from "../src/Id.ts"
import { mintKey } from "../src/internal/mint.ts"
import * as Money from "../src/Money.ts"
import * as Password from "../src/Password.ts"
import { isAttended, type Point } from "../src/Point.ts"
import * as Posted from "../src/Posted.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import { Procedure } from "../src/Procedure.ts"
import type { SchoolProfile } from "../src/SchoolProfile.ts"
import * as Trace from "../src/Trace.ts"
import { applicationOf, Life } from "./support/Life.ts"
import { lived, wholeStories } from "./support/lives.ts"

const noon = "2025-11-03 12:00"
const student = () => Life.of(csmzxy, { chip: "100.00" }).withWallet("50.00").at(noon)

describe("R73 D14 what was looked at, and what said no", () => {
  const refusedBy = (life: Life): string => {
    const { decision, envelopes } = life
    const [last] = envelopes.slice(-1)
    if (last === undefined) throw new Error("Nothing has happened yet")
    const steps = Trace.trace(last, decision)
    const of = (verdict: Trace.Step["verdict"]) =>
      steps.filter((step) => step.verdict === verdict).map(({ rule }) => rule)
    return [...of("passed"), ...of("refused").map((rule) => `!${rule}`), ...of("notReached").map((rule) => `(${rule})`)]
      .join(" ")
  }

  it.each<readonly [string, (life: Life) => Life, string]>([
    [
      "R58 lunch is paid: everything was looked at",
      (life) => life.pay("card", "18.00"),
      "point clock account acceptance holder card once limits password money repeat"
    ],
    [
      "R50 above the meal limit, and nobody asks what is on the card (I17)",
      (life) => life.pay("card", "30.01"),
      "point clock account acceptance holder card once !limits (password) (money) (repeat)"
    ],
    [
      "R39 a lost card, however much is to be paid",
      (life) => life.reportLost().pay("card", "99.00", { password: "wrong" }),
      "point clock account acceptance holder !card (once) (limits) (password) (money) (repeat)"
    ],
    [
      "R38 a wrong password before an empty wallet",
      (life) => life.pay("ecode", "29.00").moveToTransit("21.00").pay("ecode", "1.00", { password: "wrong" }),
      "point clock account code acceptance holder card limits !password (money)"
    ],
    [
      "R60 Alipay at the shop",
      (life) => life.pay("alipay", "5.00", { point: "shop-1" }),
      "point clock account code !acceptance (holder) (card) (limits) (password) (money)"
    ],
    [
      "R43 found is reported in the app",
      (life) => life.reportLost().reportFound("card-1", { point: "today-campus" }),
      "point clock !place (operator) (documents) (hours) (account) (closing) (card)"
    ],
    [
      "R43 R72 at the counter, without the identity card",
      (life) => life.reportLost().reportFound("card-1", { attendance: { presented: [{ _tag: "CampusCard" }] } }),
      "point clock place operator !documents (hours) (account) (closing) (card)"
    ],
    [
      "R42 D7 the frozen money on the second day",
      (life) => life.replace("card-2").at("2025-11-05 12:00").claim("card-2"),
      "point clock place operator documents hours account closing card !hold"
    ],
    [
      "I17 D7 a desk misspelt, and nobody asks whether the account is closing",
      (life) => life.payOut("cbb"),
      "point clock place operator documents hours !desk (account) (closing) (hold)"
    ],
    [
      "R15 a room without a grant",
      (life) => life.show("card", "room-1-101"),
      "point clock place operator documents hours account code shown door medium confirmation holder card doorHours "
      + "!grant (window) (passback)"
    ]
  ])("%s", (_, done, expected) => {
    expect(refusedBy(done(student()))).toBe(expected)
  })

  it("R4 R59 a refusal before the command: its rule stands first, and nothing else was looked at", () => {
    const [envelope] = student().pay("today", "5.00").envelopes.slice(-1)
    if (envelope === undefined) throw new Error("Nothing was paid")
    const steps = Trace.trace(envelope, { _tag: "Declined", decline: { _tag: "CodeExpired", by: 60_000 } })
    expect(steps[0]).toEqual({ rule: "verification", verdict: "refused" })
    expect(steps.slice(1)).toEqual(
      Trace.orderOf("PayByCode").map((rule) => ({ rule, verdict: "notReached" }))
    )
  })
})

/** All that a decision is made of. */
interface World {
  readonly profile: SchoolProfile
  readonly account: AccountState | undefined
  readonly envelope: Command.Envelope
  readonly holder?: Id.AccountId
}
type Fault = (world: World) => World

const ofProfile = (change: (profile: SchoolProfile) => Partial<SchoolProfile>): Fault => (world) => ({
  ...world,
  profile: { ...world.profile, ...change(world.profile) }
})
const ofAccount = (change: (account: AccountState) => Partial<AccountState>): Fault => (world) => ({
  ...world,
  account: world.account === undefined ? undefined : { ...world.account, ...change(world.account) }
})
const ofEnvelope = (change: (envelope: Command.Envelope) => object): Fault => (world) => ({
  ...world,
  envelope: { ...world.envelope, ...change(world.envelope) } as Command.Envelope
})
const ofBody = (change: object): Fault => ofEnvelope(({ body }) => ({ body: { ...body, ...change } }))
const withoutProof = (proof: keyof Command.Proofs): Fault =>
  ofEnvelope(({ proofs }) => ({ proofs: { ...proofs, [proof]: undefined } }))
const empty = (...pockets: ReadonlyArray<keyof AccountState["pockets"]>): Fault =>
  ofAccount((account) => ({
    pockets: { ...account.pockets, ...Object.fromEntries(pockets.map((pocket) => [pocket, Money.zero])) }
  }))
const ofPoints = (change: (point: Point) => Point): Fault =>
  ofProfile(({ points }) => ({
    points: Object.fromEntries(Object.entries(points).map(([id, point]) => [id, change(point)]))
  }))
const ofDoors = (change: Partial<SchoolProfile["access"][string]>): Fault =>
  ofProfile(({ access }) => ({
    access: Object.fromEntries(Object.entries(access).map(([name, rule]) => [name, { ...rule, ...change }]))
  }))

const wrongPassword: Fault = ofEnvelope(({ proofs }) => ({
  proofs: { ...proofs, password: new Password.Proof(mintKey, 1, false) }
}))

/** One thing that is wrong, by the rule that has to say so; what no scene has of its own. */
const faults: Partial<Record<Trace.Rule, Fault>> = {
  point: ofEnvelope(() => ({ point: Id.PointId.make("nowhere") })),
  clock: ofEnvelope(({ at }) => ({ at: later(at, -120_001) })),
  place: ofProfile(() => ({
    places: Object.fromEntries(Procedure.literals.map((procedure) => [procedure, ["shop"]])) as never
  })),
  operator: ofEnvelope(({ attendance }) => ({
    attendance: { operator: Id.OperatorId.make("op"), department: "post", presented: [], ...attendance, role: "porter" }
  })),
  documents: (world) =>
    ofEnvelope(({ attendance }) => ({ attendance: attendance && { ...attendance, presented: [] } }))(
      ofProfile(() => ({ papers: [{ procedures: Procedure.literals, required: ["identityDocument"] }] }))(world)
    ),
  hours: ofProfile(({ hours }) => ({ hours: { ...hours, binds: Procedure.literals, weekdays: [] } })),
  desk: ofProfile(() => ({ desks: [] })),
  account: (world) => ({ ...world, account: undefined }),
  closing: ofAccount(() => ({ closing: { since: instant("2025-09-02 09:00") } })),
  card: ofAccount(({ validFrom: _, ...account }) => ({ ...account, cards: [], validFrom: undefined }) as never),
  // Whoever holds codes only has no card to put money on.
  eligibility: ofAccount(() => ({ class: "temporary", kind: "visitor" })),
  holder: (world) =>
    ofAccount(() => ({ class: "temporary", kind: "visitor" }))(
      ofProfile(({ temporary }) => ({ temporary: { ...temporary, media: { staff: [], trainee: [], visitor: [] } } }))(
        world
      )
    ),
  acceptance: ofProfile(() => ({ acceptance: [] })),
  limits: ofProfile(() => ({ limits: [{ name: "day", per: "day", measure: "sum", hard: 1, scope: {} }] })),
  password: wrongPassword,
  identity: withoutProof("identity"),
  doorHours: ofDoors({ hours: [] }),
  medium: ofDoors({ media: [] }),
  grant: ofAccount(() => ({ grants: [] })),
  window: ofAccount(({ grants }) => ({
    grants: grants.map((grant) => ({ ...grant, from: instant("2030-01-01 00:00") }))
  })),
  passback: (world) =>
    ofPoints((point) =>
      point.door === undefined ? point : { ...point, door: { ...point.door, area: "a", side: "in" } }
    )(
      ofAccount(() => ({ presence: [{ area: "a", side: "in", at: world.envelope.receivedAt }] }))(
        ofDoors({ passback: { mode: "hard", forgetAfter: dayLength } })(world)
      )
    )
}

/** A command that is approved. `faults`: what can be wrong with it, where it is not as for any other. */
interface Scene {
  readonly before: () => Life
  readonly done: (life: Life) => Life
  readonly faults?: Faults
}
type Faults = Partial<Record<Trace.Rule, Fault | "none">>

const posted = (record: string): Fault =>
  ofAccount(({ posted }) => ({ posted: [...posted, { record, at: instant("2025-11-03 11:00") }] }))
/** Its terminal was cut off in between, and its record has come. */
const recorded: Fault = (world) => {
  const { at, body, point } = world.envelope
  if (body._tag !== "PayByCard" || body.chip === undefined) throw new Error("No chip was read")
  const { amount, card, chip } = body
  const record = Posted.ofCard(card, chip.purchaseSequence + 1)
  return ofAccount(({ posted }) => ({ posted: [...posted, { record, at, amount, point }] }))(world)
}
const fact: Faults = {
  acceptance: ofPoints(({ merchant: _, ...point }) => point),
  age: ofEnvelope(({ receivedAt }) => ({ at: later(receivedAt, 1) })),
  meal: ofBody({ window: "tea" })
}
const issuing = (card: string): Faults => ({
  desk: ofBody({ fee: { amount: Money.zero, desk: "nowhere" } }),
  newCard: ofAccount(({ cards }) => ({
    cards: [...cards, Card.cancel(Card.issue(Id.CardId.make(card), instant(noon)), instant(noon))]
  })),
  card: ofAccount(({ cards }) => ({ cards: [...cards, Card.issue(Id.CardId.make("card-9"), instant(noon))] })),
  fee: ofBody({ fee: { amount: Money.yuan("1.00"), desk: "window-3" } })
})
const noSuchDoor = ofBody({ door: Id.PointId.make("nowhere") })

const scenes: { readonly [C in Command.Command["_tag"]]: ReadonlyArray<Scene> } = {
  OpenAccount: [{
    before: () => Life.unborn(csmzxy),
    done: (life) => life.openTemporary("staff", applicationOf()),
    faults: {
      account: (world) => ({ ...world, account: student().state }),
      eligibility: ofBody({ kind: "student" }),
      desk: ofEnvelope(({ body }) => ({
        body: body._tag === "OpenAccount" && body.application !== undefined
          ? { ...body, application: { ...body.application, fee: { amount: Money.yuan("20.00"), desk: "nowhere" } } }
          : body
      })),
      application: ofBody({ application: applicationOf({ stamped: false }) }),
      fee: ofEnvelope(({ body }) => ({
        body: body._tag === "OpenAccount" && body.application !== undefined
          ? { ...body, application: { ...body.application, fee: undefined } }
          : body
      })),
      password: withoutProof("fresh")
    }
  }],
  IssueCard: [
    {
      before: () => student().reportLost(),
      done: (life) => life.issue("card-2"),
      // Whoever holds codes only has a temporary account, and its cards are handed out elsewhere.
      faults: { ...issuing("card-2"), eligibility: "none" }
    },
    {
      before: () => Life.unborn(csmzxy).openTemporary("staff"),
      done: (life) => life.issue("card-1", { point: "window-3" }),
      faults: {
        ...issuing("card-1"),
        // A temporary card is handed out elsewhere, which only its account tells.
        account: "none",
        eligibility: ofProfile(({ temporary }) => ({
          temporary: { ...temporary, media: { ...temporary.media, staff: [] } }
        }))
      }
    }
  ],
  ActivateCard: [{ before: () => student().reportLost().issue("card-2"), done: (life) => life.activate("card-2") }],
  CancelCard: [{ before: () => student().reportLost().issue("card-2"), done: (life) => life.cancel("card-2") }],
  ReportLost: [{ before: student, done: (life) => life.reportLost() }],
  ReportFound: [{ before: () => student().reportLost(), done: (life) => life.reportFound("card-1") }],
  ReportBankSideLost: [{ before: student, done: (life) => life.reportBankSideLost("card-1") }],
  ExtendValidity: [{ before: student, done: (life) => life.extend() }],
  ChangePassword: [
    { before: student, done: (life) => life.changePassword() },
    {
      before: student,
      done: (life) => life.changePassword({ point: "window-3" }),
      faults: { password: withoutProof("fresh") }
    }
  ],
  ResetPassword: [{
    before: student,
    done: (life) => life.resetPassword(),
    faults: { password: withoutProof("fresh") }
  }],
  OpenWallet: [{ before: student, done: (life) => life.openWallet() }],
  BindBankCard: [{
    before: student,
    done: (life) => life.bindWallet(),
    faults: { binding: ofAccount(() => ({ wallet: "none" })) }
  }],
  BindAlipay: [{ before: student, done: (life) => life.bindAlipay() }],
  PayByCard: [{
    before: () => student().pay("card", "1.00").later(1_000),
    done: (life) => life.pay("card", "1.00"),
    faults: { once: recorded, money: empty("chip"), repeat: ofProfile(() => ({ repeatTapWithin: 60_000 })) }
  }],
  PayByCode: [{
    before: student,
    done: (life) => life.pay("today", "1.00"),
    faults: {
      code: ofProfile(({ codes }) => ({ codes: { ...codes, signed: ["todayCampusCode"] } })),
      money: empty("transit", "wallet", "subsidy")
    }
  }],
  RecordCardPurchase: [{
    before: student,
    done: (life) => life.record({ amount: "1.00", purchaseSequence: 7 }),
    faults: { ...fact, once: posted("card:card-1:7") }
  }],
  RecordAlipayPurchase: [{
    before: student,
    done: (life) => life.recordAlipay("1.00", { reference: "ali-7" }),
    faults: { ...fact, once: posted("alipay:ali-7") }
  }],
  RecordPassage: [{
    before: student,
    done: (life) => life.recordPassage("dorm-1", { sequence: 7 }),
    faults: {
      door: ofPoints(({ door: _, ...point }) => point),
      // A clock that is a moment ahead loses nothing.
      age: ofEnvelope(({ receivedAt }) => ({ at: later(receivedAt, csmzxy.clockTolerance + 1) })),
      card: ofBody({ card: Id.CardId.make("nobody") }),
      once: posted("door:dorm-1:7")
    }
  }],
  ReversePurchase: [{
    before: () => student().pay("card", "1.00"),
    done: (life) => life.reverse(),
    faults: { purchase: ofAccount(() => ({ recent: [] })) }
  }],
  PlaceRecharge: [
    {
      before: student,
      done: (life) => life.place("ccbApp", "ccbCard", "50.00"),
      faults: { source: ofBody({ holder: "other" }), amount: ofBody({ amount: Money.yuan("5000.00") }) }
    },
    {
      before: () => student().bindTransfer(),
      done: (life) => life.place("todayCampus", "ccbCard", "50.00"),
      faults: {
        // This channel compares no identity, and one that nobody knows does not either.
        identity: "none",
        channel: ofBody({ channel: "cash" }),
        source: ofBody({ source: "alipay" }),
        binding: ofAccount(() => ({ transferBound: false })),
        amount: ofBody({ amount: Money.yuan("15.00") })
      }
    }
  ],
  CreditRecharge: [{
    before: student,
    done: (life) => life.credit("ccbApp", "50.00"),
    faults: {
      evidence: ofEnvelope(({ body }) => ({ evidence: body })),
      channel: ofProfile(() => ({ recharge: {} })),
      order: (world) =>
        world.envelope.body._tag === "CreditRecharge" ? posted(Posted.ofOrder(world.envelope.body.order))(world) : world
    }
  }],
  MoveToTransit: [{ before: student, done: (life) => life.moveToTransit("5.00"), faults: { money: empty("wallet") } }],
  GrantSubsidy: [{
    before: student,
    done: (life) => life.grantSubsidy("5.00"),
    faults: { subsidy: ofBody({ until: day("2025-11-02") }) }
  }],
  ExpireSubsidy: [{
    before: student,
    done: (life) => life.step("card-centre", { _tag: "ExpireSubsidy", batch: Id.BatchId.make("b-1") }),
    faults: {
      subsidy: ofAccount(() => ({
        lots: [{ batch: Id.BatchId.make("b-1"), until: 30_000 as never, granted: Money.of(1), left: Money.of(1) }]
      }))
    }
  }],
  RefundPurchase: [{
    before: () => student().pay("card", "1.00"),
    done: (life) => life.refund(life.lastPurchase, "1.00"),
    faults: { purchase: withoutProof("original") }
  }],
  RepayDebt: [{
    before: () => student().inDebt("1.00"),
    done: (life) => life.repay("1.00"),
    faults: { debt: empty("receivable") }
  }],
  WriteOffDebt: [{
    before: () => student().inDebt("1.00"),
    done: (life) => life.writeOff("1.00"),
    faults: { debt: empty("receivable") }
  }],
  GrantAccess: [{ before: student, done: (life) => life.grantAccess("room-1-101"), faults: { door: noSuchDoor } }],
  RevokeAccess: [{
    before: () => student().grantAccess("room-1-101"),
    done: (life) => life.revokeAccess(life.lastGrant)
  }],
  Identify: [
    {
      before: () => student().grantAccess("room-1-101"),
      done: (life) => life.show("card", "room-1-101"),
      faults: { shown: ofBody({ card: undefined }), door: ofProfile(() => ({ access: {} })) }
    },
    {
      before: student,
      done: (life) => life.show("today", "dorm-1"),
      faults: {
        code: ofProfile(({ codes }) => ({ codes: { ...codes, signed: ["todayCampusCode"] } })),
        door: ofProfile(() => ({ access: {} })),
        // Everybody with a regular account comes in here (R12).
        grant: "none",
        window: "none"
      }
    }
  ],
  OpenByKeyRing: [{
    before: () => student().grantAccess("room-1-101"),
    done: (life) => life.unlock("room-1-101"),
    faults: { door: noSuchDoor, confirmation: ofBody({ confirmed: false }) }
  }],
  CloseAccount: [{ before: student, done: (life) => life.close() }],
  PayOut: [{
    before: () => student().close().at("2025-11-10 12:00"),
    done: (life) => life.payOut(),
    faults: {
      closing: ofAccount(() => ({ closing: undefined }) as never),
      hold: ofAccount(() => ({ closing: { since: instant("2025-11-10 11:59") } }))
    }
  }],
  BeginLoad: [
    {
      before: () => student().recharge("ccbApp", "50.00"),
      done: (life) => life.beginLoad(),
      faults: { writer: ofPoints((point) => ({ ...point, loads: false })), waiting: empty("transit", "subsidy") }
    },
    {
      before: () => student().recharge("ccbApp", "50.00").tear("notWritten"),
      done: (life) => life.beginLoad(),
      faults: {
        writer: ofPoints((point) => ({ ...point, loads: false })),
        load: ofBody({ chip: { balance: Money.of(1), loadSequence: 9, purchaseSequence: 9 } })
      }
    }
  ],
  SettleLoad: [{
    before: () => student().recharge("ccbApp", "50.00").beginLoad(),
    done: (life) => life.settleLoad(),
    faults: { load: ofBody({ load: Id.LoadId.make("host:no-load") }) }
  }],
  ClaimFrozen: [{
    before: () => student().replace("card-2").at("2025-11-10 12:00"),
    done: (life) => life.claim("card-2"),
    faults: {
      hold: ofAccount(({ cards }) => ({
        cards: cards.map((card) =>
          card._tag === "Replaced" ? { ...card, claimedAt: instant("2025-11-07 12:00") } : card
        )
      }))
    }
  }]
}

/** The world in which the last command of a scene is decided. */
const worldOf = ({ before, done }: Scene): World => {
  const life = before()
  const account = life.account
  const [envelope] = done(life).expectApproved().envelopes.slice(-1)
  if (envelope === undefined) throw new Error("Nothing has happened")
  return { profile: csmzxy, account, envelope }
}

const decide = ({ account, envelope, holder, profile }: World): Account.Decision =>
  Account.decide([profile], account, envelope, holder)

/** The faults that a scene can have, in the order of its rules. */
const faultsOf = (scene: Scene, { envelope, profile }: World): ReadonlyArray<readonly [Trace.Rule, Fault]> => {
  const category = profile.points[envelope.point]?.category
  return Trace.orderOf(envelope.body._tag).flatMap((rule) => {
    const unattended = category === undefined || !isAttended(category)
    if (unattended && (rule === "documents" || rule === "hours")) return []
    const fault = scene.faults?.[rule] ?? faults[rule]
    return fault === undefined || fault === "none" ? [] : [[rule, fault] as const]
  })
}

const refusing = (world: World): ReadonlyArray<Trace.Rule> =>
  Trace.trace(world.envelope, decide(world)).filter(({ verdict }) => verdict === "refused").map(({ rule }) => rule)

describe("D14 of two things that are wrong, the earlier one is told", () => {
  for (const [command, of] of Object.entries(scenes)) {
    it(`D14 ${command}`, () => {
      for (const scene of of) {
        const world = worldOf(scene)
        expect(world.envelope.body._tag).toBe(command)
        expect(refusing(world)).toEqual([])
        const all = faultsOf(scene, world)
        all.forEach(([earlier, first], at) => {
          expect(refusing(first(world)), `${earlier} alone`).toEqual([earlier])
          for (const [after, second] of all.slice(at + 1)) {
            // The earlier fault comes last, so that it holds whatever the other one changed.
            expect(refusing(first(second(world))), `${earlier} before ${after}`).toEqual([earlier])
          }
        })
      }
    })
  }

  it("D14 R72 every rule of every command is held by the tables above, but for what cannot be wrong there", () => {
    const held = Object.entries(scenes).flatMap(([command, of]) => {
      const seen = of.flatMap((scene) => faultsOf(scene, worldOf(scene)).map(([rule]) => rule))
      const order = Trace.orderOf(command as Command.Command["_tag"])
      expect(new Set(order).size).toBe(order.length)
      return order.filter((rule) => !seen.includes(rule)).map((rule) => `${command} ${rule}`)
    })
    // Where nobody sits, no papers are asked for and no hours bind; a key that is shown at a reader is not confirmed there.
    const unattended = held.filter((one) => one.endsWith(" documents") || one.endsWith(" hours"))
    expect(held.filter((one) => !unattended.includes(one))).toEqual(["Identify confirmation"])
    expect(unattended).not.toContain("ReportFound documents")
  })
})

describe("R73 D14 over lives", () => {
  it("R73 D14 what refused is a rule of its command, all before it passed and none after it was reached", () => {
    fc.assert(fc.property(wholeStories(25), (story) => {
      const life = lived(csmzxy, story)
      let account: AccountState | undefined
      for (const envelope of life.envelopes) {
        const decision = Account.decide([csmzxy], account, envelope)
        account = decision.account
        const steps = Trace.trace(envelope, decision)
        const order = Trace.orderOf(envelope.body._tag)
        expect(steps.map(({ rule }) => rule)).toEqual(order)
        const at = steps.findIndex(({ verdict }) => verdict === "refused")
        expect(at === -1).toBe(decision._tag === "Approved")
        steps.forEach(({ verdict }, position) => {
          expect(verdict).toBe(at === -1 || position < at ? "passed" : position === at ? "refused" : "notReached")
        })
        // What the journal keeps tells the same, but where only the account tells two rules apart.
        const told = decision._tag === "Declined" ? decision.decline._tag : undefined
        if (told !== "UnknownCard") {
          expect(Trace.trace(envelope, Answer.of(decision))).toEqual(steps)
        }
      }
    }))
  })

  it("D20 a card that nobody has is told by how the account was looked for, where the account is not at hand", () => {
    const card = Id.CardId.make("card-9")
    const [envelope] = student().pay("card", "1.00").envelopes.slice(-1)
    if (envelope === undefined) throw new Error("Nothing was paid")
    const unknown = { _tag: "Declined", decline: { _tag: "UnknownCard" } } as const
    const refused = (subject: Command.Subject) =>
      Trace.trace({ ...envelope, subject }, unknown).find(({ verdict }) => verdict === "refused")?.rule
    expect(refused({ _tag: "Card", card })).toBe("account")
    expect(refused({ _tag: "Account", account: Id.AccountId.make("acc-1") })).toBe("card")
  })
})

describe("R73 a trace in words", () => {
  it("R73 D14 what refused comes first", () => {
    const life = student().pay("card", "30.01")
    const [envelope] = life.envelopes.slice(-1)
    if (envelope === undefined) throw new Error("Nothing was paid")
    expect(Explanation.inTrace(Trace.trace(envelope, life.decision))).toEqual({
      zh:
        "未通过：消费限额。已通过：业务点、设备时间、账户、受理范围、持有人可用方式、卡状态、流水去重。未检查：卡密码、余额、重复刷卡",
      en:
        "Refused by: limits. Passed: point, clock, account, acceptance, media of the holder, card, copies of the record. Not looked at: password, balance, repeated tap"
    })
  })

  it("R73 where everything passed, and where there is nothing to tell", () => {
    expect(Explanation.inTrace([{ rule: "point", verdict: "passed" }])).toEqual({
      zh: "已通过：业务点",
      en: "Passed: point"
    })
    expect(Explanation.inTrace([])).toEqual({ zh: "", en: "" })
  })

  it("R73 every rule has a name of its own in both languages", () => {
    const told = Trace.rules.map((rule) => Explanation.inTrace([{ rule, verdict: "refused" }]))
    expect(new Set(told.map(({ zh }) => zh)).size).toBe(Trace.rules.length)
    expect(new Set(told.map(({ en }) => en)).size).toBe(Trace.rules.length)
    for (const { en, zh } of told) {
      expect(zh).toMatch(/^未通过：\p{Script=Han}+$/u)
      expect(en).toMatch(/^Refused by: [a-z -]+$/)
    }
  })
})
