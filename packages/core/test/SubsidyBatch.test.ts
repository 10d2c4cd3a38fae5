import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { day, instant } from "../src/CivilTime.ts"
import { replay } from "../src/Decider.ts"
import type { Decline } from "../src/Decline.ts"
import { AccountId, CallerId, CommandId, OperatorId, PointId } from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import * as SubsidyBatch from "../src/SubsidyBatch.ts"

const clerk = OperatorId.make("clerk")
const head = OperatorId.make("head")
const account = (name: string) => AccountId.make(name)
const row = (name: string, fen = 10_000): SubsidyBatch.Row => ({ account: account(name), amount: Money.amount(fen) })
const three = [row("a"), row("b"), row("c", 5_000)]

const draft = (more: Partial<SubsidyBatch.Draft> = {}): SubsidyBatch.Command => ({
  _tag: "Draft",
  operator: clerk,
  draft: { rows: three, until: day("2026-06-30"), point: PointId.make("card-centre"), ...more }
})
const approve: SubsidyBatch.Command = { _tag: "Approve", operator: head }
const closed: Decline = { _tag: "AccountClosed", since: instant("2026-03-01 09:00") }
const granted = (...names: ReadonlyArray<string>): SubsidyBatch.Command => ({
  _tag: "TellGranted",
  rows: names.map((name) => ({ account: account(name) }))
})
const declined = (name: string): SubsidyBatch.Command => ({
  _tag: "TellGranted",
  rows: [{ account: account(name), decline: closed }]
})
const returned = (...rows: ReadonlyArray<readonly [string, number]>): SubsidyBatch.Command => ({
  _tag: "TellReturned",
  rows: rows.map(([name, fen]) => ({ account: account(name), amount: Money.of(fen) }))
})
const withdraw: SubsidyBatch.Command = { _tag: "Withdraw", operator: clerk }

type Told = SubsidyBatch.Command | readonly [on: string, command: SubsidyBatch.Command]

/** The steps one after the other, in March if nothing else is said; a refusal changes nothing. */
const lived = (...told: ReadonlyArray<Told>) => {
  const events: Array<SubsidyBatch.Event> = []
  let last: ReturnType<typeof SubsidyBatch.decider.decide> = Result.succeed([])
  for (const one of told) {
    const [on, command] = "_tag" in one ? ["2026-03-02 10:00", one] as const : one
    last = SubsidyBatch.decider.decide(replay(SubsidyBatch.decider, events), command, {
      profile: csmzxy,
      subject: "spring",
      caller: CallerId.make("office"),
      id: CommandId.make("step"),
      now: instant(on)
    })
    if (Result.isSuccess(last)) events.push(...last.success)
  }
  return { batch: replay(SubsidyBatch.decider, events), events, last }
}

const july = "2026-07-01 00:00"
const ended = [draft(), approve, granted("a", "b"), declined("c"), [july, returned(["a", 4_000], ["b", 0])]] as const

describe("the life of a batch (D6, R76)", () => {
  it.each<readonly [string, ReadonlyArray<Told>, SubsidyBatch.State["stage"]]>([
    ["drafted", [draft()], "drafted"],
    ["given up", [draft(), withdraw], "withdrawn"],
    ["approved by another", [draft(), approve], "approved"],
    ["granted in part", [draft(), approve, granted("a")], "approved"],
    ["granted, but for a row that was declined", [draft(), approve, granted("a", "b"), declined("c")], "granted"],
    ["all declined: there is nothing to end", [
      draft({ rows: [row("c")] }),
      approve,
      declined("c")
    ], "ended"],
    ["ended in part", [draft(), approve, granted("a", "b", "c"), [july, returned(["a", 1])]], "granted"],
    ["ended", ended, "ended"]
  ])("D6 %s", (_, told, stage) => {
    expect(lived(...told).batch?.stage).toBe(stage)
  })

  it("D6 its sums: granted, declined, returned, and what is out", () => {
    const sums = (...told: ReadonlyArray<Told>) => {
      const { batch } = lived(...told)
      return batch === undefined ? undefined : SubsidyBatch.totals(batch)
    }
    expect(sums(draft())).toEqual({ waiting: 25_000, granted: 0, declined: 0, returned: 0, out: 0 })
    expect(sums(draft(), approve, granted("a"), declined("c")))
      .toEqual({ waiting: 10_000, granted: 10_000, declined: 5_000, returned: 0, out: 10_000 })
    expect(sums(...ended)).toEqual({ waiting: 0, granted: 20_000, declined: 5_000, returned: 4_000, out: 16_000 })
  })

  it("D6 a declined row stands there with its reason, and the two who answer for the batch", () => {
    expect(lived(...ended).batch).toMatchObject({
      batch: "spring",
      draftedBy: "clerk",
      approvedBy: "head",
      rows: [
        { account: "a", outcome: { _tag: "Ended", returned: 4_000 } },
        { account: "b", outcome: { _tag: "Ended", returned: 0 } },
        { account: "c", outcome: { _tag: "Declined", decline: closed } }
      ]
    })
  })

  it("I3 what was told of a row once stays, whatever is told later", () => {
    const { batch } = lived(draft(), approve, granted("a"), declined("a"), granted("b", "c"), declined("b"))
    expect(batch?.rows.map(({ outcome }) => outcome._tag)).toEqual(["Granted", "Granted", "Granted"])
  })
})

describe("what is refused", () => {
  it.each<readonly [string, ReadonlyArray<Told>, object]>([
    ["one who approves the own draft", [draft(), { _tag: "Approve", operator: clerk }], { _tag: "SameOperator" }],
    ["an account that stands there twice", [draft({ rows: [...three, row("b", 1)] })], { _tag: "BatchNamesTwice" }],
    ["an end that is past", [draft({ until: day("2026-03-01") })], {
      _tag: "EndDateNotAllowed",
      until: day("2026-03-01")
    }],
    ["to approve when it is over", [draft(), [july, approve]], { _tag: "EndDateNotAllowed" }],
    ["a point that nobody knows", [draft({ point: PointId.make("nowhere") })], { _tag: "UnknownPoint" }],
    ["a place where nothing is granted", [draft({ point: PointId.make("canteen-1") })], {
      _tag: "ChannelNotAllowed",
      procedure: "grantSubsidy"
    }],
    ["a counter, where somebody would have to attend", [draft({ point: PointId.make("window-3") })], {
      _tag: "OperatorMissing"
    }],
    ["the same batch once more", [draft(), draft()], { _tag: "SubjectExists", kind: "subsidyBatch" }],
    ["to approve nothing", [approve], { _tag: "UnknownSubject", kind: "subsidyBatch" }],
    ["to approve twice", [draft(), approve, approve], { _tag: "BatchStepRefused", batch: "approved", step: "Approve" }],
    ["to approve what was given up", [draft(), withdraw, approve], { batch: "withdrawn", step: "Approve" }],
    ["to give up what was approved", [draft(), approve, withdraw], { batch: "approved", step: "Withdraw" }],
    ["to grant a draft", [draft(), granted("a")], { batch: "drafted", step: "TellGranted" }],
    ["to end what was not granted", [draft(), approve, [july, returned(["a", 0])]], {
      batch: "approved",
      step: "TellReturned"
    }],
    ["to end it on its last day", [
      draft(),
      approve,
      granted("a", "b", "c"),
      ["2026-06-30 23:59:59.999", returned(["a", 0])]
    ], { _tag: "SubsidyNotEnded", until: day("2026-06-30") }]
  ])("D6 %s", (_, told, decline) => {
    expect(lived(...told).last).toMatchObject({ _tag: "Failure", failure: decline })
  })

  it("the last day itself may still be the end, and today the last day", () => {
    expect(lived(draft({ until: day("2026-03-02") })).last._tag).toBe("Success")
  })
})

const anyStep = fc.constantFrom<Told>(
  approve,
  withdraw,
  granted("a"),
  granted("a", "b"),
  declined("b"),
  granted("c"),
  [july, returned(["a", 100])],
  [july, returned(["b", 0], ["c", 5_000])],
  { _tag: "Approve", operator: clerk }
)
const isState = Schema.is(SubsidyBatch.State)
const isEvent = Schema.is(SubsidyBatch.Event)

describe("any steps in any order", () => {
  it("D6 every fen of the draft waits, was granted or declined; what is returned was granted", () => {
    fc.assert(fc.property(fc.array(anyStep, { maxLength: 15 }), (steps) => {
      const { batch, events } = lived(draft(), ...steps)
      expect(isState(batch)).toBe(true)
      for (const event of events) expect(isEvent(event)).toBe(true)
      if (batch === undefined) return
      const { declined, granted, out, returned, waiting } = SubsidyBatch.totals(batch)
      expect(waiting + granted + declined).toBe(25_000)
      expect(out + returned).toBe(granted)
      if (granted > 0) expect(batch.approvedBy).toBe("head")
      if (batch.stage === "ended") expect(waiting).toBe(0)
    }))
  })
})
