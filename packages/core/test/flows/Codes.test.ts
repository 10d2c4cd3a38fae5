import { Effect, type Layer, Option, Result, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { transfers } from "../../src/AccountEvent.ts"
import * as Base45 from "../../src/Base45.ts"
import { hour, later, minute, second } from "../../src/CivilTime.ts"
import * as CodeAuthorisation from "../../src/CodeAuthorisation.ts"
import * as CodeIssuance from "../../src/CodeIssuance.ts"
import * as CodeKeys from "../../src/CodeKeys.ts"
import type { CodeMedium } from "../../src/CodeTerms.ts"
import type * as Command from "../../src/Command.ts"
import { StoreUnavailable } from "../../src/Fault.ts"
import * as Authorising from "../../src/flows/Authorising.ts"
import * as Codes from "../../src/flows/Codes.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Sweep from "../../src/flows/Sweep.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import * as Pin from "../../src/Pin.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { CodeIssuer } from "../../src/ports/CodeIssuer.ts"
import * as HostClock from "../../src/ports/HostClock.ts"
import { Profiles } from "../../src/ports/Profiles.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import * as PresentedCode from "../../src/PresentedCode.ts"
import * as RefusedScan from "../../src/RefusedScan.ts"
import * as MemoryCodeIssuer from "../../src/testing/MemoryCodeIssuer.ts"
import { keys, secrets, written } from "../support/codes.ts"
import { school } from "../support/Life.ts"
import { account, busy, caller, Campus, holder, kept, Phone, profile, renew, slow, word } from "./phones.ts"

const yuan = (text: string) => Money.amount(Money.yuan(text))

describe("a code at a till and at a gate (R4, R5, R12, R13, R58, R62, A22)", () => {
  it.each<[string, CodeMedium, string, string, number]>([
    // what is shown, its medium, where, what is told, events of the account
    ["e码通付款码 at a till", "ecodePayCode", "canteen-1", "Approved", 2],
    ["今日校园付款码 at a till", "todayCampusCode", "canteen-1", "Approved", 2],
    ["e码通身份码 at a till", "ecodeIdentityCode", "canteen-1", "WrongCodeKind", 0],
    ["e码通身份码 at the gate", "ecodeIdentityCode", "dorm-1", "Opened", 2],
    ["今日校园付款码 at the gate", "todayCampusCode", "dorm-1", "Opened", 2],
    ["e码通付款码 at the gate", "ecodePayCode", "dorm-1", "WrongCodeKind", 1],
    ["今日校园付款码 at the library", "todayCampusCode", "library-1", "MediumNotForDoor", 1],
    ["e码通身份码 at a till, held to it as to a gate", "ecodeIdentityCode", "canteen-2:gate", "ChannelNotAllowed", 1],
    ["e码通付款码 at a door, held to it as to a till", "ecodePayCode", "dorm-1:till", "MediumNotAcceptedHere", 1]
  ])("R13 %s", (_, medium, where, told, events) => {
    const campus = new Campus()
    const [point = "", as] = where.split(":")
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone(medium)
      const before = yield* kept
      const text = phone.show(campus.now)
      const isGate = as === "gate" || (as === undefined && !point.startsWith("canteen"))
      const answer = yield* isGate ? Codes.identify(campus.sees(point, text)) : campus.pay(text, "1.00", point)
      expect(word(answer)).toBe(told)
      expect((yield* kept).account.version - before.account.version).toBe(events)
    }))
  })

  it("golden trace 7: only 今日校园付款码 opens the gate, moves no fen, and can then not pay (R12, R13, A22, I10)", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const identity = yield* campus.phone("ecodeIdentityCode", 1)
      const ecode = yield* campus.phone("ecodePayCode", 2)
      const today = yield* campus.phone("todayCampusCode", 3)
      expect(yield* campus.pay(identity.show(campus.now))).toEqual({
        _tag: "Declined",
        decline: { _tag: "WrongCodeKind", medium: "ecodeIdentityCode" }
      })
      const gate = (text: string) => Codes.identify(campus.sees("dorm-1", text))
      const pay = ecode.show(campus.now)
      expect(yield* gate(pay)).toEqual({
        _tag: "Refused",
        decline: { _tag: "WrongCodeKind", medium: "ecodePayCode" }
      })
      const before = yield* kept
      const text = today.show(campus.now)
      const opened = yield* gate(text)
      expect(opened).toMatchObject({ _tag: "Opened", account, door: "dorm-1" })
      const after = yield* kept
      const events = after.lines.slice(before.lines.length).flatMap((line) => line.events)
      expect(events.map(({ _tag }) => _tag)).toEqual(["CodeBurned", "Admitted"])
      expect(events.flatMap(transfers)).toEqual([])
      expect(after.account.pockets).toEqual(before.account.pockets)
      expect(word(yield* campus.pay(text))).toBe("CodeAlreadyUsed")
      // Nor can the one that the gate refused.
      expect(word(yield* campus.pay(pay))).toBe("CodeAlreadyUsed")
    }))
  })

  it.each([
    ["134567890123456789", "weChat"],
    ["6210105123456789012", "longPay"],
    ["6222222222222222222", "unionPay"],
    ["281234567890123456", "alipay"]
  ])("R7 %s is the code of another wallet, and no refusal of ours", (text, wallet) => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const before = yield* kept
      expect(yield* campus.pay(`${text}\r\n`)).toEqual({ _tag: "Foreign", wallet })
      expect(yield* Codes.identify(campus.sees("dorm-1", text))).toEqual({ _tag: "Foreign", wallet })
      const after = yield* kept
      expect({ ...after, refused: before.refused }).toEqual(before)
      expect(after.refused.map(({ state }) => "wallet" in state && state.wallet)).toEqual([wallet, wallet])
      expect(yield* Stream.runCollect(Codes.refused())).toEqual([])
    }))
  })

  it("R4 the line end of a scanner is no part of a code", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      expect(word(yield* campus.pay(`${phone.show(campus.now)}\r\n`))).toBe("Approved")
    }))
  })

  it.each<[string, number, number, string | undefined, string]>([
    // how it is shown, by how much the phone's clock is ahead, how long before it is scanned, for which point, what is told
    ["at once", 0, 0, undefined, "Approved"],
    ["by a phone that is half a minute ahead", 30 * second, 0, undefined, "Approved"],
    ["by a phone that is more than a minute ahead", 70 * second, 0, undefined, "CodeNotYetValid"],
    ["made for this till", 0, 0, "canteen-1", "Approved"],
    ["made for another one", 0, 0, "canteen-2", "CodeForOtherPoint"],
    ["as a screenshot, two minutes old", 0, 2 * minute, undefined, "CodeExpired"],
    ["by a phone that was last online the day before", 25 * hour, 25 * hour, undefined, "CodeAuthorisationExpired"]
  ])("R5 a code is shown %s", (_, ahead, after, point, told) => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const text = phone.show(later(campus.now, ahead), point)
      campus.pass(after)
      const before = yield* kept
      expect(word(yield* campus.pay(text))).toBe(told)
      const { account, lines, refused } = yield* kept
      // What is no good reaches no account; it stands with the refused scans.
      const isGood = told === "Approved"
      expect(lines.length - before.lines.length).toBe(isGood ? 1 : 0)
      expect(account.version - before.account.version).toBe(isGood ? 2 : 0)
      expect(refused.map(({ state }) => "decline" in state ? state.decline._tag : state.wallet)).toEqual(
        isGood ? [] : [told]
      )
    }))
  })

  it("D20 a good code whose pseudonym leads nowhere any more is told so, and stands in nobody's journal", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const value = phone.authorisation?.pseudonym ?? ""
      yield* Effect.flatMap(AccountStore, (store) => store.unbind({ kind: "code", value }))
      expect(word(yield* campus.pay(phone.show(campus.now)))).toBe("UnknownHandle")
      const line = (yield* kept).lines.at(-1)
      expect(line?.account).toBeUndefined()
      expect(line?.command.subject).toEqual({ _tag: "Nobody", kind: "code" })
    }))
  })
})

describe("a code serves once (A22, D13, D18)", () => {
  it.each<[string, string, string, string]>([
    ["above the meal limit", "30.01", "canteen-1", "MealLimitExceeded"],
    ["without the money", "0.01", "canteen-1:poor", "InsufficientWallet"],
    ["at a place that sells nothing", "1.00", "kiosk-1", "MediumNotAcceptedHere"]
  ])("A22 also when it is refused: %s", (_, amount, where, told) => {
    const campus = new Campus()
    const [point = "", poor] = where.split(":")
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      if (poor !== undefined) yield* Submit.submit(campus.says("card-centre", { _tag: "ExpireSubsidy" }))
      const phone = yield* campus.phone("ecodePayCode")
      const text = phone.show(campus.now)
      const before = yield* kept
      expect(word(yield* campus.pay(text, amount, point))).toBe(told)
      const after = yield* kept
      expect(after.account.pockets).toEqual(before.account.pockets)
      expect(after.lines.at(-1)?.events.map(({ _tag }) => _tag)).toEqual(["CodeBurned"])
      expect(word(yield* campus.pay(text))).toBe("CodeAlreadyUsed")
      if (poor === undefined) expect(word(yield* campus.pay(phone.show(campus.now)))).toBe("Approved")
    }))
  })

  it("I3 two terminals see one code at once: exactly one is paid", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const text = phone.show(campus.now)
      const points = ["canteen-1", "canteen-2", "canteen-3", "shop-1"]
      const answers = yield* Effect.forEach(points, (point) => campus.pay(text, "1.00", point), {
        concurrency: "unbounded"
      }).pipe(busy)
      expect(answers.map(word).sort()).toEqual(["Approved", "CodeAlreadyUsed", "CodeAlreadyUsed", "CodeAlreadyUsed"])
      expect((yield* kept).account.pockets.subsidy).toBe(yuan("99.00"))
    }))
  })

  it.each<[string, number]>([
    ["at once", 0],
    ["a minute later, when its code has expired", minute],
    ["a year later, when its pseudonym leads nowhere", 365 * 24 * hour]
  ])("D18 D19 the same command again gets its first answer: %s", (_, after) => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const till = { ...campus.sees("canteen-1", phone.show(campus.now)), amount: yuan("1.00"), link: "up" } as const
      const first = yield* Codes.pay(till)
      const gate = campus.sees("dorm-1", (yield* campus.phone("todayCampusCode")).show(campus.now))
      const opened = yield* Codes.identify(gate)
      campus.pass(after)
      expect(first._tag).toBe("Approved")
      const told = [yield* Codes.pay({ ...till, at: campus.now }), yield* Codes.identify({ ...gate, at: campus.now })]
      expect(told).toEqual([first, opened])
      const other = yield* Effect.result(Codes.pay({ ...till, amount: yuan("2.00") }))
      expect(Result.isFailure(other) && other.failure._tag).toBe("CommandIdReused")
      expect((yield* kept).account.pockets.subsidy).toBe(yuan("99.00"))
    }))
  })

  it("I3 one command twice at once is one payment, and one answer", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const scan = { ...campus.sees("canteen-1", phone.show(campus.now)), amount: yuan("1.00"), link: "up" } as const
      const [first, again] = yield* Effect.forEach([scan, scan], (one) => Codes.pay(one), {
        concurrency: "unbounded"
      }).pipe(busy)
      expect(first?._tag).toBe("Approved")
      expect(again).toEqual(first)
      expect((yield* kept).account.pockets.subsidy).toBe(yuan("99.00"))
    }))
  })

  it("D18 a refused scan is refused again, whatever the clock says; another one under its id is misuse", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const early = campus.sees("canteen-1", phone.show(later(campus.now, 70 * second)))
      const ask = (scan: Codes.Scan) => Codes.pay({ ...scan, amount: yuan("1.00"), link: "up" })
      const first = yield* ask(early)
      expect(word(first)).toBe("CodeNotYetValid")
      campus.pass(30 * second)
      expect(yield* ask(early)).toEqual(first)
      const other = yield* Effect.result(ask({ ...early, text: phone.show(campus.now) }))
      expect(Result.isFailure(other) && other.failure._tag).toBe("CommandIdReused")
    }))
  })

  it("D18 D15 above the password tier it is taken up with the password and a new code, since the first one is burnt", () => {
    const [meal, ...limits] = profile.limits
    if (meal === undefined) throw new Error("The school has a meal limit")
    const campus = new Campus(school({ codes: profile.codes, limits: [{ ...meal, password: 1_000 }, ...limits] }))
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const first = campus.sees("canteen-1", phone.show(campus.now))
      const ask = (scan: Codes.Scan, pin?: string) =>
        Effect.map(
          Codes.pay(
            { ...scan, amount: yuan("11.00"), link: "up" },
            pin === undefined ? {} : { pin: Result.getOrThrow(Pin.parse(pin)) }
          ),
          word
        )
      expect(yield* ask(first)).toBe("PasswordRequired")
      const again = () => ({ ...campus.sees("canteen-1", phone.show(campus.now)), retryOf: first.id })
      expect(yield* ask({ ...again(), text: first.text }, "011250")).toBe("CodeAlreadyUsed")
      expect(yield* ask(again(), "999999")).toBe("PasswordWrong")
      expect(yield* ask(again(), "011250")).toBe("Approved")
      expect((yield* kept).lines.at(-1)?.command.retryOf).toBe(first.id)
    }))
  })
})

describe("one id has one answer, over accounts and refused scans (I3, D18, D19)", () => {
  type Shown = Parameters<typeof Codes.pay>[0]
  type Asked = Codes.Scan & Partial<Pick<Shown, "amount" | "link">>
  /** A change to what was scanned; without an amount it is held to a gate. */
  type Change = (scan: Shown, show: { readonly other: string; readonly identity: string }) => Asked

  const ask = Effect.fnUntraced(function*({ amount, link = "up", ...scan }: Asked) {
    return amount === undefined ? yield* Codes.identify(scan) : yield* Codes.pay({ ...scan, amount, link })
  })
  /** What is told in one word, be it misuse. */
  const told = (scan: Asked) => Effect.map(Effect.result(ask(scan)), wordOf)
  const wordOf = (result: Result.Result<Parameters<typeof word>[0], { readonly _tag: string }>) =>
    Result.isSuccess(result) ? word(result.success) : result.failure._tag

  /** A bit of the last byte, which belongs to the phone's signature. */
  const garbled = (text: string) => {
    const bytes = Result.getOrThrow(Base45.decode(text.slice(3)))
    return written(bytes.map((byte, i) => i === bytes.length - 1 ? byte ^ 1 : byte))
  }
  const weChat = "134567890123456789"
  type Changes = ReadonlyArray<readonly [what: string, change: Change]>
  const otherwise: Changes = [
    ["another code of the phone", (scan, { other }) => ({ ...scan, text: other })],
    ["an identity code", (scan, { identity }) => ({ ...scan, text: identity })],
    ["no code at all", (scan) => ({ ...scan, text: "no code" })],
    ["another sum", (scan) => ({ ...scan, amount: yuan("2.00") })],
    ["at another point", (scan) => ({ ...scan, point: Id.PointId.make("canteen-2") })],
    ["of a terminal that is cut off", (scan) => ({ ...scan, link: "down" })],
    ["as if it took up another payment", (scan) => ({ ...scan, retryOf: Id.CommandId.make("test-0") })],
    ["held to a gate", ({ amount: _, link: __, ...scan }) => scan]
  ]
  const changes: Changes = [
    ["a text that was cut off", (scan) => ({ ...scan, text: scan.text.slice(0, -1) })],
    ["a text with a letter misread", (scan) => ({ ...scan, text: garbled(scan.text) })],
    ["the code of another wallet, which would be charged", (scan) => ({ ...scan, text: weChat })],
    ...otherwise
  ]

  /** A scan and what it was told, then everything else under its id, then the scan again. */
  const holds = Effect.fnUntraced(function*(
    campus: Campus,
    phone: Phone,
    text: string,
    first: string,
    changed: Changes = changes
  ) {
    const identity = yield* campus.phone("ecodeIdentityCode")
    const scan: Shown = { ...campus.sees("canteen-1", text), amount: yuan("1.00"), link: "up" }
    const answer = yield* ask(scan)
    expect(word(answer)).toBe(first)
    const before = yield* kept
    for (const after of [0, 2 * minute]) {
      campus.pass(after)
      for (const [what, change] of changed) {
        const show = { other: phone.show(campus.now), identity: identity.show(campus.now) }
        expect([what, yield* told(change(scan, show))]).toEqual([what, "CommandIdReused"])
      }
      expect(yield* ask(scan)).toEqual(answer)
    }
    expect(yield* kept).toEqual(before)
  })

  it("I3 D18 what was approved stays approved, and nothing else is told under its id", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      yield* holds(campus, phone, phone.show(campus.now), "Approved")
      expect((yield* kept).refused).toEqual([])
    }))
  })

  it("I3 D13 what the account declined stays declined", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const text = phone.show(campus.now)
      yield* campus.pay(text)
      yield* holds(campus, phone, text, "CodeAlreadyUsed")
    }))
  })

  it("I3 D18 what was refused before anybody stood behind it stays refused, also when its code becomes good", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      yield* holds(campus, phone, phone.show(later(campus.now, 2 * minute)), "CodeNotYetValid")
    }))
  })

  it("I3 R7 what was passed on stays passed on, and nobody is paid here under its id", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      yield* holds(campus, phone, weChat, "Foreign", [
        ["the code of another wallet than that", (scan) => ({ ...scan, text: "281234567890123456" })],
        ["a text that was cut off", (scan) => ({ ...scan, text: weChat.slice(0, -1) })],
        ...otherwise
      ])
      expect((yield* kept).account.pockets.subsidy).toBe(yuan("100.00"))
    }))
  })

  it("R7 D24 which code of its wallet it was is not kept, so that another one is passed on under the same id", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const scan: Shown = { ...campus.sees("canteen-1", weChat), amount: yuan("1.00"), link: "up" }
      const first = yield* ask(scan)
      expect(first).toEqual({ _tag: "Foreign", wallet: "weChat" })
      expect(yield* ask({ ...scan, text: "100000000000000000" })).toEqual(first)
      expect((yield* kept).refused).toHaveLength(1)
    }))
  })

  it.each(["revoked", "without its key"])("D18 the first answer stands though the code is %s by now", (how) => {
    const campus = new Campus()
    const known = how === "revoked" ? profile.codes : { ...profile.codes, issuers: [], signed: [] }
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const scan: Shown = {
        ...campus.sees("canteen-1", phone.show(campus.now)),
        amount: yuan("1.00"),
        link: "up"
      }
      const first = yield* ask(scan)
      if (how === "revoked") yield* Authorising.revoke({ account, ...campus.named() })
      const again = Effect.provideService(ask(scan), Profiles, [{ ...profile, codes: known }])
      expect(word(first)).toBe("Approved")
      expect(yield* again).toEqual(first)
      const fresh = Effect.provideService(campus.pay(phone.show(campus.now)), Profiles, [{ ...profile, codes: known }])
      expect(word(yield* fresh)).toBe(how === "revoked" ? "CodeRevoked" : "CodeIssuerUnknown")
    }))
  })

  /** Two scans under one id at once, over stores that answer as slowly as it is drawn. */
  const race = (second: (scan: Shown) => Asked, late: number, said = "CodeMalformed") =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        (turns, isFirst) => {
          const campus = new Campus()
          return campus.run(Effect.gen(function*() {
            yield* campus.furnished
            const phone = yield* campus.phone("ecodePayCode")
            const good: Shown = {
              ...campus.sees("canteen-1", phone.show(campus.now)),
              amount: yuan("1.00"),
              link: "up"
            }
            const other = second(good)
            const paying = told(good)
            const refused = told(other).pipe(HostClock.provide(() => later(campus.now, late)))
            const both = isFirst ? [paying, refused] : [refused, paying]
            const words = yield* Effect.forEach(both, (one) => one, { concurrency: "unbounded" }).pipe(slow(...turns))
            const [paid, no] = isFirst ? words : [...words].reverse()
            // Whatever was told is told again, and money has moved where it was told so.
            expect(yield* Effect.all([told(good), told(other)])).toEqual([paid, no])
            const isPaid = (yield* kept).account.pockets.subsidy === yuan("99.00")
            expect([paid, no]).toEqual(
              other.text === good.text
                ? isPaid ? ["Approved", "Approved"] : ["CodeExpired", "CodeExpired"]
                : isPaid
                ? ["Approved", "CommandIdReused"]
                : ["CommandIdReused", said]
            )
          }))
        }
      ),
      { numRuns: 80, seed: 5 }
    )

  it("I3 a good and a garbled text under one id at once: exactly one has it, the other is misuse", () =>
    race((scan) => ({ ...scan, text: scan.text.slice(0, -1) }), 0))

  it("I3 R7 a good code and that of another wallet under one id at once: exactly one is to be charged", () =>
    race((scan) => ({ ...scan, text: weChat }), 0, "Foreign"))

  it("I3 R7 the codes of two wallets under one id at once: one is passed on, the other is misuse", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }), (turns) => {
        const campus = new Campus()
        return campus.run(Effect.gen(function*() {
          const scan: Shown = { ...campus.sees("canteen-1", weChat), amount: yuan("1.00"), link: "up" }
          const both = [scan, { ...scan, text: "281234567890123456" }].map(told)
          const words = yield* Effect.all(both, { concurrency: "unbounded" }).pipe(slow(...turns))
          expect([...words].sort()).toEqual(["CommandIdReused", "Foreign"])
          expect(yield* Effect.all(both)).toEqual(words)
        }))
      }),
      { numRuns: 50, seed: 5 }
    ))

  it("I3 a scan and its retry at once, between which the code expires: both are told the same", () =>
    race((scan) => scan, 2 * minute))

  it.each<[string, number, string]>([
    ["is refused with the first reason, though it has another by now", 24 * hour, "CodeNotYetValid"],
    ["is paid where its code is good by now, for nobody was told otherwise", 90 * second, "Approved"]
  ])("D18 cut off between the reason and the key, the same scan %s", (_, after, first) => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const text = phone.show(later(campus.now, 90 * second))
      const scan: Shown = { ...campus.sees("canteen-1", text), amount: yuan("1.00"), link: "up" }
      const fault = new StoreUnavailable({ operation: "retire", cause: new Error("cut off") })
      const cut = Effect.updateService(told(scan), AccountStore, (store) => ({
        ...store,
        retire: () => Effect.fail(fault)
      }))
      expect(yield* cut).toBe("StoreUnavailable")
      // A wallet of others is not charged while it is open.
      expect(yield* told({ ...scan, text: "134567890123456789" })).toBe("CommandIdReused")
      campus.pass(after)
      expect(yield* told({ ...scan, at: campus.now })).toBe(first)
      expect(yield* told({ ...scan, text: phone.show(campus.now) })).toBe("CommandIdReused")
      expect(yield* told(scan)).toBe(first)
    }))
  })

  /** The scan is answered, and whoever asks is cut off at one of the two writes. */
  const cutAt = (scan: Asked, write: "what is said" | "the key", when: "before" | "after") => {
    const fault = Effect.fail(new StoreUnavailable({ operation: "write", cause: new Error("cut off") }))
    const broken = <A, E, R>(call: Effect.Effect<A, E, R>) => when === "before" ? fault : Effect.andThen(call, fault)
    return write === "the key"
      ? Effect.updateService(told(scan), AccountStore, (store) => ({
        ...store,
        retire: (key) => broken(store.retire(key))
      }))
      : Effect.updateService(told(scan), SubjectStore, (store): SubjectStore["Service"] => ({
        ...store,
        transact: (decider, submitted) => broken(store.transact(decider, submitted))
      }))
  }

  it.each(
    [
      ["before", "what is said"],
      ["after", "what is said"],
      ["before", "the key"],
      ["after", "the key"]
    ] as const
  )("I3 R7 D21 passed on, and cut off %s %s: the same again is passed on, and nobody is paid", (when, write) => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const scan: Shown = { ...campus.sees("canteen-1", weChat), amount: yuan("1.00"), link: "up" }
      expect(yield* cutAt(scan, write, when)).toBe("StoreUnavailable")
      campus.pass(minute)
      expect(yield* ask(scan)).toEqual({ _tag: "Foreign", wallet: "weChat" })
      expect((yield* kept).refused).toHaveLength(1)
      expect(yield* told({ ...scan, text: phone.show(campus.now) })).toBe("CommandIdReused")
      expect((yield* kept).account.pockets.subsidy).toBe(yuan("100.00"))
    }))
  })

  it("I3 R7 cut off before the key, a code of ours is paid under the id, and no other wallet is charged any more", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const scan: Shown = { ...campus.sees("canteen-1", weChat), amount: yuan("1.00"), link: "up" }
      expect(yield* cutAt(scan, "the key", "before")).toBe("StoreUnavailable")
      const own = { ...scan, text: phone.show(campus.now) }
      expect(yield* told(own)).toBe("Approved")
      expect(yield* told(scan)).toBe("CommandIdReused")
      expect(yield* told(own)).toBe("Approved")
      expect((yield* kept).account.pockets.subsidy).toBe(yuan("99.00"))
    }))
  })

  it("I3 the id of another command is none for a scan, nor that of a scan for another command", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const grant = campus.says("card-centre", { _tag: "GrantSubsidy", amount: yuan("1.00") })
      yield* Submit.submit(grant)
      const scan = { ...campus.sees("canteen-1", "no code"), amount: yuan("1.00") }
      expect(yield* told({ ...scan, id: grant.id })).toBe("CommandIdReused")
      expect(yield* told(scan)).toBe("CodeMalformed")
      const after = yield* Effect.result(Submit.submit({ ...grant, id: scan.id }))
      expect(wordOf(after)).toBe("CommandIdReused")
      expect((yield* kept).account.pockets.subsidy).toBe(yuan("101.00"))
    }))
  })
})

describe("a phone is authorised, renews and is lost (R4, R5, D20, A22)", () => {
  const find = (phone: Phone) =>
    Effect.flatMap(
      AccountStore,
      (store) => store.find({ _tag: "Handle", handle: { kind: "code", value: phone.authorisation?.pseudonym ?? "" } })
    )

  it("D20 the pseudonym leads to the account; it stays for the day, and changes with it", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const first = phone.authorisation
      campus.pass(hour)
      yield* renew(phone, "ecodePayCode")
      expect(phone.authorisation?.pseudonym).toBe(first?.pseudonym)
      expect(phone.authorisation?.authorisation).not.toBe(first?.authorisation)
      // What was shown before counts on.
      expect(word(yield* campus.pay(phone.show(campus.now)))).toBe("Approved")
      campus.pass(12 * hour)
      yield* renew(phone, "ecodePayCode")
      expect(phone.authorisation?.pseudonym).not.toBe(first?.pseudonym)
      expect(Option.getOrThrow(yield* find(phone)).id).toBe(account)
    }))
  })

  it("D20 what has ended leads nowhere after a day, and no more handles are kept than days need", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const store = yield* AccountStore
      const drawn: Array<string> = []
      const phone = new Phone(7)
      for (let day = 0; day < 8; day++) {
        yield* renew(phone, "ecodePayCode")
        drawn.push(phone.authorisation?.pseudonym ?? "")
        campus.pass(24 * hour)
      }
      const leads = yield* Effect.forEach(
        drawn,
        (value) => Effect.map(store.find({ _tag: "Handle", handle: { kind: "code", value } }), Option.isSome)
      )
      expect(leads).toEqual([false, false, false, false, false, true, true, true])
    }))
  })

  it.each([
    ["one phone, by any of its pseudonyms", true, ["CodeRevoked", "CodeRevoked", "Approved"]],
    ["all of an account", false, ["CodeRevoked", "CodeRevoked", "CodeRevoked"]]
  ])("R5 a lost phone: %s", (_, isOne, told) => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const lost = [yield* campus.phone("ecodePayCode", 1), yield* campus.phone("todayCampusCode", 1)]
      const other = yield* campus.phone("ecodePayCode", 2)
      const pseudonym = lost[0]?.authorisation?.pseudonym
      const request = { account, ...campus.named(), ...(isOne && pseudonym !== undefined ? { pseudonym } : {}) }
      const first = yield* Authorising.revoke(request)
      expect(yield* Authorising.revoke(request)).toEqual(first)
      const words = yield* Effect.forEach(
        [...lost, other],
        (phone) => Effect.map(campus.pay(phone.show(campus.now)), word)
      )
      expect(words).toEqual(told)
      for (const phone of lost) expect(Option.isNone(yield* find(phone))).toBe(true)
      // Its app cannot undo that by itself; whoever signs in again has another key.
      const again = yield* Authorising.authorise({
        subject: holder,
        medium: "ecodePayCode",
        deviceKey: new Phone(1).deviceKey
      })
      expect(word(again)).toBe("CodeRevoked")
      const signedIn = yield* campus.phone("ecodePayCode", 9)
      expect(word(yield* campus.pay(signedIn.show(campus.now)))).toBe("Approved")
      // A terminal that is cut off learns of it.
      const update = yield* Authorising.revocationsSince(0)
      expect(update._tag === "Changes" && update.delta.added.length).toBe(isOne ? 2 : 3)
      const { version } = yield* Authorising.revocations
      expect((yield* Authorising.revocationsSince(version))._tag).toBe("Current")
    }))
  })

  it("R5 D20 ended while it is being authorised, it is not, and its pseudonym leads nowhere", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const store = yield* AccountStore
      const services = yield* Effect.context<SubjectStore>()
      const bound: Array<Id.Handle> = []
      const late: AccountStore["Service"] = {
        ...store,
        // All phones are ended between the authorisation that is stored and the handle that leads to the account.
        bind: (handle, to) =>
          Effect.gen(function*() {
            bound.push(handle)
            yield* Effect.provideService(Authorising.revoke({ account, ...campus.named() }), AccountStore, store)
            return yield* store.bind(handle, to)
          }).pipe(Effect.provideContext(services), Effect.orDie)
      }
      const { deviceKey } = new Phone(1)
      const answer = yield* Effect.provideService(
        Authorising.authorise({ subject: holder, medium: "ecodePayCode", deviceKey }),
        AccountStore,
        late
      )
      expect(word(answer)).toBe("CodeRevoked")
      const leads = yield* Effect.forEach(bound, (handle) => store.find({ _tag: "Handle", handle }))
      expect(leads.map(Option.isNone)).toEqual([true])
    }))
  })

  /** Somebody closes the account between the look and the handle, and the night's sweep may come just then. */
  const closedMeanwhile = Effect.fnUntraced(function*(campus: Campus, phone: Phone, isSwept: boolean) {
    const services = yield* Effect.context<Layer.Success<Campus["layer"]>>()
    const closing = Effect.gen(function*() {
      yield* Submit.submit(campus.says("window-3", { _tag: "CloseAccount" }))
      if (isSwept) yield* Stream.runDrain(Sweep.phonesEnded)
    }).pipe(Effect.provideContext(services), Effect.orDie)
    const bound: Array<Id.Handle> = []
    let signed = 0
    const answer = yield* Authorising.authorise({
      subject: holder,
      medium: "ecodePayCode",
      deviceKey: phone.deviceKey
    }).pipe(
      Effect.updateService(AccountStore, (store) => ({
        ...store,
        bind: (handle, to) => {
          bound.push(handle)
          return Effect.andThen(closing, store.bind(handle, to))
        }
      })),
      Effect.updateService(CodeIssuer, (issuer) => ({
        ...issuer,
        sign: (claims) => {
          signed++
          return issuer.sign(claims)
        }
      }))
    )
    return { answer, bound, signed }
  })

  it.each([
    ["a phone is authorised", false, false],
    ["a phone is authorised, and is swept at once", false, true],
    ["a phone renews", true, false],
    ["a phone renews, and is swept at once", true, true]
  ])(
    "D7 D20 the account is closed while %s: it gets no code, and its pseudonym leads nowhere",
    (_, isKnown, isSwept) => {
      const campus = new Campus()
      return campus.run(Effect.gen(function*() {
        yield* campus.furnished
        const store = yield* AccountStore
        const phone = isKnown ? yield* campus.phone("ecodePayCode") : new Phone(7)
        campus.pass(minute)
        const { answer, bound, signed } = yield* closedMeanwhile(campus, phone, isSwept)
        expect(answer).toMatchObject({ _tag: "Declined", decline: { _tag: "AccountClosed", since: campus.now } })
        expect([bound.length, signed]).toEqual([1, 0])
        const leads = yield* Effect.forEach(bound, (handle) => store.find({ _tag: "Handle", handle }))
        expect(leads.map(Option.isNone)).toEqual([true])
        // What the phone has from before, a terminal that is cut off learns to refuse; and the next night finds nothing.
        const { revoked } = yield* Authorising.revocations
        expect(revoked.map(({ pseudonym }) => pseudonym)).toEqual(bound.map(({ value }) => value))
        expect(yield* Stream.runCollect(Sweep.phonesEnded)).toEqual([])
        if (isKnown) expect(word(yield* campus.pay(phone.show(campus.now)))).toBe("CodeRevoked")
        const again = yield* Authorising.authorise({
          subject: holder,
          medium: "ecodePayCode",
          deviceKey: phone.deviceKey
        })
        expect(word(again)).toBe("AccountClosed")
      }))
    }
  )

  it("D7 D20 the account is closed while one phone renews: the other one is ended by night", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode", 1)
      const other = yield* campus.phone("ecodePayCode", 2)
      yield* closedMeanwhile(campus, phone, false)
      expect(word(yield* campus.pay(other.show(campus.now)))).toBe("AccountClosed")
      expect(yield* Stream.runCollect(Sweep.phonesEnded)).toEqual([{ _tag: "PhonesEnded", account, phones: 1 }])
      expect(word(yield* campus.pay(other.show(campus.now)))).toBe("CodeRevoked")
      expect(Option.isNone(yield* find(other))).toBe(true)
      expect(yield* Stream.runCollect(Sweep.phonesEnded)).toEqual([])
    }))
  })

  it("D7 D20 closed and swept at the same moment: no code that no terminal learns to refuse, no pseudonym that stays", async () => {
    const words = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(6), { minLength: 1, maxLength: 16 }),
        fc.nat(12),
        fc.boolean(),
        (turns, late, isKnown) => {
          const campus = new Campus()
          return campus.run(Effect.gen(function*() {
            yield* campus.furnished
            const store = yield* AccountStore
            const phone = isKnown ? yield* campus.phone("ecodePayCode") : new Phone(7)
            const authorising = Authorising.authorise({
              subject: holder,
              medium: "ecodePayCode",
              deviceKey: phone.deviceKey
            })
            const closing = Effect.gen(function*() {
              for (let left = late; left > 0; left--) yield* Effect.yieldNow
              yield* Submit.submit(campus.says("window-3", { _tag: "CloseAccount" }))
              yield* Stream.runDrain(Sweep.phonesEnded)
            })
            const [answer] = yield* Effect.all([authorising, closing], { concurrency: 2 }).pipe(slow(...turns))
            words.add(word(answer))
            expect(["AccountClosed", "Authorised", "CodeRevoked"]).toContain(word(answer))
            yield* Stream.runDrain(Sweep.phonesEnded)
            expect(yield* Stream.runCollect(Sweep.phonesEnded)).toEqual([])
            const given = [answer, phone.authorisation].flatMap((one) => one?._tag === "Authorised" ? [one] : [])
            const { revoked } = yield* Authorising.revocations
            for (const { pseudonym } of given) expect(revoked.map((one) => one.pseudonym)).toContain(pseudonym)
            for (const value of ["0000000000000001", "0000000000000002"]) {
              const found = yield* store.find({ _tag: "Handle", handle: { kind: "code", value } })
              expect(Option.isNone(found)).toBe(true)
            }
          }))
        }
      ),
      { numRuns: 200, seed: 3 }
    )
    expect([...words].sort()).toEqual(["AccountClosed", "Authorised", "CodeRevoked"])
  })

  it("R5 the fifth phone takes the place of the one that renewed least lately", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phones: Array<Phone> = []
      for (const byte of [1, 2, 3, 4]) {
        phones.push(yield* campus.phone("ecodePayCode", byte))
        campus.pass(second)
      }
      const [first] = phones
      if (first !== undefined) yield* renew(first, "ecodePayCode")
      phones.push(yield* campus.phone("ecodePayCode", 5))
      const words = yield* Effect.forEach(phones, (phone) => Effect.map(campus.pay(phone.show(campus.now)), word))
      expect(words).toEqual(["Approved", "CodeRevoked", "Approved", "Approved", "Approved"])
    }))
  })

  it.each<[string, "opened" | "furnished" | "closed" | "dormant" | "stranger", string]>([
    ["a card that was never activated", "opened", "CardNotActivated"],
    ["an account in order", "furnished", "Authorised"],
    ["an account that was closed", "closed", "AccountClosed"],
    ["an account that sleeps (D17)", "dormant", "CardFrozenDormant"],
    ["nobody", "stranger", "UnknownHandle"]
  ])("R31 may have codes: %s", (_, state, told) => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* state === "opened" ? campus.opened : campus.furnished
      if (state === "closed") yield* Submit.submit(campus.says("window-3", { _tag: "CloseAccount" }))
      if (state === "dormant") campus.pass(120 * 24 * hour)
      const stranger = { _tag: "Handle", handle: { kind: "number", value: "20269999" } } as const
      const subject = state === "stranger" ? stranger : holder
      const { deviceKey } = new Phone(1)
      expect(word(yield* Authorising.authorise({ subject, medium: "ecodePayCode", deviceKey }))).toBe(told)
    }))
  })

  it("R8 a visitor may show e码通, and no code of 今日校园", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      const subject = yield* campus.visitor
      const { deviceKey } = new Phone(1)
      const media = ["ecodePayCode", "ecodeIdentityCode", "todayCampusCode"] as const
      const told = yield* Effect.forEach(media, (medium) => Authorising.authorise({ subject, medium, deviceKey }))
      expect(told.map(word)).toEqual(["Authorised", "Authorised", "MediumNotForHolder"])
    }))
  })

  const noon = new Campus().now
  const [ecode, today] = keys
  if (ecode === undefined || today === undefined) throw new Error("The vectors have two keys")
  it.each<[string, ReadonlyArray<CodeKeys.IssuerKey>, ReadonlyArray<number>, string]>([
    // what the school has, the keys of its profile, the secret keys that were given, what is told
    ["no key at all", [], [], "IssuerMissing profile"],
    ["secret keys that its profile does not list", [], [1, 2], "IssuerMissing profile"],
    ["a key of other codes", [today], [1, 2], "IssuerMissing profile"],
    ["no secret key", [ecode, today], [], "IssuerMissing keys"],
    ["the secret key of other codes", [ecode, today], [2], "IssuerMissing keys"],
    ["the secret key of another number", [ecode], [9], "IssuerMissing keys"],
    ["a key from tomorrow on", [{ ...ecode, notBefore: later(noon, 24 * hour) }], [1], "CodeIssuerUnknown"],
    ["a key until yesterday", [{ ...ecode, notAfter: later(noon, -24 * hour) }], [1], "CodeIssuerUnknown"],
    ["a key in force", [ecode], [1], "Authorised"]
  ])("R4 R5 a school has %s for such codes", (_, issuers, kids, told) => {
    const campus = new Campus(school({ codes: { issuers, signed: [] } }))
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const secretKeys = new Map(kids.map((kid) => [CodeKeys.Kid.make(kid), secrets.issuer]))
      const ask = (subject: Command.Subject) =>
        Authorising.authorise({ subject, medium: "ecodeIdentityCode", deviceKey: new Phone(1).deviceKey }).pipe(
          Effect.map(word),
          Effect.catchTag("IssuerMissing", ({ _tag, lacks, medium }) => {
            expect(medium).toBe("ecodeIdentityCode")
            return Effect.succeed(`${_tag} ${lacks}`)
          }),
          Effect.provideService(CodeIssuer, MemoryCodeIssuer.make(secretKeys))
        )
      expect(yield* ask(holder)).toBe(told)
      const issuance = yield* (yield* SubjectStore).find(CodeIssuance.decider, account)
      expect(Option.isSome(issuance)).toBe(told === "Authorised")
      // That is nobody's business who may have no codes anyway.
      expect(yield* ask({ _tag: "Account", account: Id.AccountId.make("nobody") })).toBe("UnknownAccount")
    }))
  })

  it("D20 a pseudonym that somebody has is not drawn again", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const store = yield* AccountStore
      yield* store.bind({ kind: "code", value: "0000000000000001" }, account)
      expect((yield* campus.phone("ecodePayCode")).authorisation?.pseudonym).toBe("0000000000000002")
    }))
  })

  it("R5 a device key under which nothing is proven is misuse, and nothing is drawn for it", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const asked = {
        subject: holder,
        medium: "ecodePayCode",
        deviceKey: CodeKeys.PublicKey.make("0".repeat(64))
      } as const
      const refused = yield* Effect.result(Authorising.authorise(asked))
      expect(Result.isFailure(refused) && refused.failure._tag).toBe("MalformedCommand")
      expect((yield* campus.phone("ecodePayCode")).authorisation?.pseudonym).toBe("0000000000000001")
    }))
  })
})

describe("what is forged or damaged reaches nobody (A22, D23)", () => {
  it("A22 a pseudonym in a code of another issuer's key neither fills a journal nor burns a counter", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const { claims } = Result.getOrThrow(CodeAuthorisation.open(phone.authorisation?.authorisation ?? ""))
      const forged = Result.getOrThrow(CodeAuthorisation.authorise(
        { ...claims, deviceKey: CodeKeys.publicKeyOf(secrets.otherDevice) },
        secrets.otherIssuer
      ))
      const text = Result.getOrThrow(
        PresentedCode.present(forged, secrets.otherDevice, { now: campus.now, counter: 0xffff_ffff })
      )
      const before = yield* kept
      expect(yield* campus.pay(text)).toEqual({
        _tag: "Declined",
        decline: { _tag: "BadSignature", by: "issuer" }
      })
      expect(word(yield* Codes.identify(campus.sees("dorm-1", text)))).toBe("BadSignature")
      const after = yield* kept
      expect({ ...after, refused: [] }).toEqual(before)
      expect(word(yield* campus.pay(phone.show(campus.now)))).toBe("Approved")
    }))
  })

  it("D23 D24 what is no code of ours is not kept, not even as a digest; a forged one only as a digest", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const damaged = (yield* campus.phone("ecodePayCode")).show(campus.now).slice(0, -1)
      const others = ["134567890123456789", "130000000000000000"]
      for (const text of ["43010219990101125X", "13800138000", damaged, ...others]) yield* campus.pay(text)
      const { refused } = yield* kept
      const digests = refused.map(({ state }) => state.scanned)
      // What is nobody's, the damaged one, and whatever is of WeChat.
      expect(new Set(digests).size).toBe(3)
      const subjects = yield* SubjectStore
      const lines = JSON.stringify(yield* Stream.runCollect(subjects.journal(RefusedScan.decider)))
      for (const secret of ["43010219990101125X", "13800138000", damaged, ...others]) {
        expect(lines).not.toContain(secret)
      }
    }))
  })

  it("D23 what was refused is told by the point where it was shown; what was passed on is no refusal", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.pay("134567890123456789", "1.00", "canteen-1")
      yield* campus.pay("no code", "1.00", "canteen-1")
      yield* Codes.identify(campus.sees("dorm-1", "YK:no code"))
      const told = (point?: string) =>
        Effect.map(
          Stream.runCollect(Codes.refused(point === undefined ? undefined : Id.PointId.make(point))),
          (scans) =>
            scans.map(({ at, decline, point, purpose }) => `${point} ${purpose} ${decline._tag} ${at - campus.now}`)
        )
      expect(yield* told()).toEqual(["canteen-1 pay CodeMalformed 0", "dorm-1 identify CodeMalformed 0"])
      expect(yield* told("dorm-1")).toEqual(["dorm-1 identify CodeMalformed 0"])
    }))
  })

  it("A22 bit flips, cuts and swapped kinds never throw, and leave the accounts as they were", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const text = phone.show(campus.now)
      const bytes = Result.getOrThrow(Base45.decode(text.slice(3)))
      const before = yield* kept
      const spoilt = fc.sample(
        fc.oneof(
          fc.nat(bytes.length * 8 - 1).map((bit) =>
            written(bytes.map((byte, i) => i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
          ),
          fc.nat(text.length - 1).map((length) => text.slice(0, length)),
          fc.constantFrom(2, 0, 3).map((kind) => written(bytes.map((byte, i) => i === 1 ? kind : byte))),
          fc.string({ unit: "binary", maxLength: 400 }),
          fc.string({ maxLength: 308 }).map((rest) => `YK:${rest}`)
        ),
        { numRuns: 120, seed: 7 }
      )
      for (const one of [...spoilt, "", "YK:", "\r\n", "YK:".padEnd(100_000, "0"), `${"\n".repeat(200_000)}0`]) {
        expect(["Declined", "Foreign"]).toContain((yield* campus.pay(one))._tag)
        expect(["Refused", "Foreign"]).toContain((yield* Codes.identify(campus.sees("dorm-1", one)))._tag)
      }
      const after = yield* kept
      expect(after.lines).toEqual(before.lines)
      expect(after.account).toEqual(before.account)
      expect(word(yield* campus.pay(text))).toBe("Approved")
    }))
  })

  it("D18 one scan twice at once is one refusal, though the clock goes on between the two", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const phone = yield* campus.phone("ecodePayCode")
      const text = phone.show(campus.now)
      campus.pass(2 * minute)
      const scan = campus.sees("dorm-1", text)
      const [first, again] = yield* Effect.forEach([scan, scan], (one) => Codes.identify(one), {
        concurrency: "unbounded"
      }).pipe(busy, HostClock.provide(() => campus.now = later(campus.now, 1)))
      expect(first?._tag === "Refused" && first.decline._tag).toBe("CodeExpired")
      expect(again).toEqual(first)
      expect((yield* kept).refused).toHaveLength(1)
    }))
  })

  it("D18 one id is one scan, whoever sends it", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const one = campus.sees("canteen-1", "no code")
      const other = { ...one, caller: Id.CallerId.make(`${caller}-2`) }
      const asked = { amount: yuan("1.00"), link: "up" } as const
      const answers = yield* Effect.forEach([one, one, other], (scan) => Codes.pay({ ...scan, ...asked }), {
        concurrency: "unbounded"
      })
      expect(answers.map(word)).toEqual(["CodeMalformed", "CodeMalformed", "CodeMalformed"])
      expect((yield* kept).refused.map(({ subject }) => subject)).toEqual([`host-2:${one.id}`, `host:${one.id}`])
    }))
  })
})
