import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dayLength, instant, later } from "../src/CivilTime.ts"
import type { Decline } from "../src/Decline.ts"
import * as Id from "../src/Id.ts"
import { csmzxy, Life, school } from "./support/Life.ts"

const fresh = () => Life.of(csmzxy).at("2025-11-03 10:00")
const card = Id.CardId.make("card-1")

describe("who may hold an account of which class (R51, R74)", () => {
  it.each(
    [
      ["student", "regular", "opened"],
      ["student", "temporary", "NotEligibleForTempCard"],
      ["staff", "regular", "opened"],
      ["staff", "temporary", "opened"],
      ["trainee", "regular", "NotEligibleForRegularCard"],
      ["trainee", "temporary", "opened"],
      ["visitor", "regular", "NotEligibleForRegularCard"],
      ["visitor", "temporary", "opened"]
    ] as const
  )("R74 a %s, %s: %s", (kind, accountClass, answer) => {
    const life = accountClass === "regular"
      ? Life.unborn(csmzxy).open(kind, accountClass)
      : Life.unborn(csmzxy).openTemporary(kind)
    if (answer === "opened") {
      life.expectApproved().expectEvents("AccountOpened").expectPockets({})
      expect(life.state).toMatchObject({ class: accountClass, wallet: "none", cards: [] })
    } else life.expectDeclined(answer)
  })

  it("R74 an account is opened once, by the office, with a password", () => {
    const life = Life.unborn(csmzxy).open("student", "regular", { point: "today-campus" })
      .expectDeclined("ChannelNotAllowed", { procedure: "openAccount", allowed: ["office"] })
    life.step("card-centre", {
      _tag: "OpenAccount",
      person: Id.PersonId.make("person-1"),
      kind: "student",
      class: "regular"
    }).expectDeclined("PasswordMissing")
    life.open().expectApproved().open().expectDeclined("AccountExists")
  })

  it("A13 a one-time password has to be changed before it is worth anything", () => {
    const life = Life.unborn(csmzxy).open("student", "regular", { fresh: { oneTime: true } }).issue("card-1").activate(
      "card-1"
    )
    expect(life.state.password.mustChange).toBe(true)
    life.openWallet().expectDeclined("PasswordMustChange").changePassword().openWallet().expectApproved()
  })
})

describe("the e码通 wallet, one step after the other (R22, R68)", () => {
  it("R22 number and name, card password, wallet, bank card, recharge: in this order only", () => {
    const life = fresh().bindWallet().expectDeclined("EWalletNotOpened")
    life.place("ecode", "unionPayCard", "50.00").expectDeclined("EWalletNotOpened")
    life.openWallet().expectApproved().expectEvents("WalletOpened")
    life.place("ecode", "unionPayCard", "50.00").expectDeclined("BankCardNotBound", { channel: "ecode" })
    life.bindWallet().expectApproved()
    life.recharge("ecode", "50.00").expectApproved().expectPockets({ wallet: "50.00" })
  })

  it.each(
    [
      ["without a password", { identity: true }, "PasswordMissing"],
      ["with a wrong one", { identity: true, password: "wrong" }, "PasswordWrong"],
      ["with one that was changed meanwhile", { identity: true, password: "stale" }, "PasswordStale"],
      ["with another's name", { identity: false, password: "right" }, "IdentityNotMatched"],
      ["with nobody's name", { password: "right" }, "IdentityNotMatched"],
      ["with an identity document and no name", { identity: "document", password: "right" }, "IdentityNotMatched"],
      ["with a number and no more", { identity: "number", password: "right" }, "IdentityNotMatched"]
    ] as const
  )("R22 R38 opened %s", (_, how, decline) => {
    const life = fresh().step("ecode", { _tag: "OpenWallet" }, how).expectDeclined(decline)
    expect(life.state.wallet).toBe("none")
  })

  it.each(["name", true] as const)("R22 a name is enough, and a document beside it does no harm: %s", (identity) => {
    fresh().openWallet({ identity }).expectApproved().expectEvents("WalletOpened")
  })

  it("R22 opened twice, bound twice: nothing is lost", () => {
    const life = fresh().openWallet().bindWallet().openWallet().expectApproved().expectEvents()
    expect(life.state.wallet).toBe("bound")
    life.bindWallet().expectApproved()
    expect(life.state.wallet).toBe("bound")
  })

  it("D14 R38 the name is looked at before the password: a stranger's guess says and counts nothing of it", () => {
    for (const password of ["right", "wrong", "stale"] as const) {
      const life = fresh().openWallet({ identity: false, password }).expectDeclined("IdentityNotMatched")
      expect(Object.keys(life.state.password.tries)).toEqual(["claimedName", "claimedDocument"])
    }
  })

  it("R22 in the app, not at a till or a window", () => {
    for (const point of ["canteen-1", "window-3", "kiosk-1", "card-centre"]) {
      fresh().openWallet({ point }).expectDeclined("ChannelNotAllowed", { procedure: "openWallet", allowed: ["app"] })
    }
  })
})

describe("bindings (R6, R26)", () => {
  it("R26 the bank card is bound for transfers at the kiosk, and only there", () => {
    const life = fresh().place("todayCampus", "ccbCard", "50.00").expectDeclined("BankCardNotBound")
    life.bindTransfer({ point: "today-campus" })
      .expectDeclined("ChannelNotAllowed", { procedure: "bindTransfer", allowed: ["kiosk"] })
    life.bindTransfer().expectApproved().place("todayCampus", "ccbCard", "50.00").expectApproved()
  })

  it("R26 R22 one binding is not the other", () => {
    fresh().bindTransfer().openWallet().place("ecode", "unionPayCard", "50.00").expectDeclined("BankCardNotBound")
    fresh().openWallet().bindWallet().place("todayCampus", "ccbCard", "50.00").expectDeclined("BankCardNotBound")
  })

  it("R6 Alipay is bound for the person whose card authentication held: by name and document, not by one of them", () => {
    const life = fresh().bindAlipay({ identity: false }).expectDeclined("IdentityNotMatched")
    for (const identity of ["number", "name", "document"] as const) {
      life.bindAlipay({ identity }).expectDeclined("IdentityNotMatched")
    }
    life.pay("alipay", "10.00", { link: "down" }).expectDeclined("AlipayNotBound")
    life.bindAlipay().expectApproved().pay("alipay", "10.00", { link: "down" }).expectApproved()
  })
})

/** Claims who the holder is, in the way that is named; `fits` tells whether it is true. */
const claims = {
  // name, in e码通
  wallet: (life: Life, fits: boolean) => life.openWallet({ identity: fits ? "name" : "wrongName" }),
  // document, in the bank's app
  bank: (life: Life, fits: boolean) =>
    life.place("ccbApp", "ccbCard", "50.00", { identity: fits ? "document" : "wrongDocument" }),
  // both, in Alipay
  alipay: (life: Life, fits: boolean) => life.bindAlipay({ identity: fits })
}
type Way = keyof typeof claims
const counted = (life: Life): Record<string, number> =>
  Object.fromEntries(Object.entries(life.state.password.tries).map(([channel, { wrong }]) => [channel, wrong]))

describe("who guesses at a name or an identity number waits longer and longer (R22, R24, R38, A14, D15)", () => {
  it.each(
    [
      ["wallet", { claimedName: 1 }],
      ["bank", { claimedDocument: 1 }],
      ["alipay", { claimedName: 1, claimedDocument: 1 }]
    ] as const
  )("D13 D15 a wrong claim, %s: it is refused, and each of its parts is counted", (way, tries) => {
    const life = claims[way](fresh(), false).expectDeclined("IdentityNotMatched")
    expect(counted(life)).toEqual(tries)
    claims[way](life, true).expectApproved()
    // What was right is forgiven.
    expect(counted(life)).toEqual({})
  })

  it.each(["wallet", "bank", "alipay"] as const)(
    "A14 D15 %s: three free guesses, then 30 s, doubled each time up to a day; nobody is locked for good",
    (way) => {
      const life = fresh()
      for (let n = 0; n < 3; n++) claims[way](life, false).expectDeclined("IdentityNotMatched")
      for (const until of ["2025-11-03 10:00:30", "2025-11-03 10:01:30", "2025-11-03 10:03:30"]) {
        life.atInstant(later(instant(until), -1))
        // What is true is not told either, and guessing on does not lengthen the wait.
        for (const fits of [true, false]) claims[way](life, fits).expectDeclined("IdentityLocked", { until })
        claims[way](life.at(until), false).expectDeclined("IdentityNotMatched")
      }
      for (let more = 0; more < 20; more++) claims[way](life.later(dayLength), false)
      claims[way](life.later(dayLength - 1), true).expectDeclined("IdentityLocked", { until: later(life.now, 1) })
      claims[way](life.later(1), true).expectApproved()
      expect(counted(life)).toEqual({})
    }
  )

  it("R38 D15 a wrong name does not lock the password, nor a wrong password the name", () => {
    const life = fresh()
    for (let n = 0; n < 3; n++) claims.wallet(life, false)
    life.openWallet().expectDeclined("IdentityLocked")
    life.changePassword({ password: "right" }).expectApproved()

    const other = fresh()
    for (let n = 0; n < 3; n++) other.openWallet({ password: "wrong" }).expectDeclined("PasswordWrong")
    other.openWallet().expectDeclined("PasswordLocked")
    claims.bank(other, true).expectApproved()
    claims.alipay(other, true).expectApproved()
  })

  it("R24 A14 a known name does not pay for guesses at the document, nor a known document for guesses at the name", () => {
    for (const [known, guessed] of [["wallet", "bank"], ["bank", "wallet"]] as const) {
      const life = fresh()
      for (let n = 0; n < 3; n++) {
        claims[guessed](life, false).expectDeclined("IdentityNotMatched")
        claims[known](life, true).expectApproved()
      }
      claims[guessed](life, false).expectDeclined("IdentityLocked", { until: "2025-11-03 10:00:30" })
      // Nor does it help to hide the guess beside what is known, or to put it where it is not asked for.
      claims.alipay(life, false).expectDeclined("IdentityLocked")
      life.openWallet({ identity: true, password: "right" }).expectDeclined("IdentityLocked")
      life.place("ccbApp", "ccbCard", "50.00", { identity: true }).expectDeclined("IdentityLocked")
      claims[known](life, true).expectApproved()
    }
  })

  it("R22 a claim that is right and too little is no guess, and forgives none", () => {
    const life = claims.wallet(fresh(), false)
    life.place("ccbApp", "ccbCard", "50.00", { identity: "name" }).expectDeclined("IdentityNotMatched").expectEvents()
    life.step("ecode", { _tag: "OpenWallet" }, { password: "right" }).expectDeclined("IdentityNotMatched")
      .expectEvents()
    expect(counted(life)).toEqual({ claimedName: 1 })
  })

  it("R22 R38 a right name is forgiven only once the password was right, too", () => {
    const life = claims.wallet(fresh(), false).openWallet({ password: "wrong" }).expectDeclined("PasswordWrong")
    expect(counted(life)).toEqual({ claimedName: 1, remote: 1 })
    life.openWallet({ identity: "name" }).expectEvents("PasswordTried", "PasswordTried", "WalletOpened")
    expect(counted(life)).toEqual({})
  })

  it("R69 a channel that checks no identity counts none and is not locked", () => {
    const life = fresh()
    for (let n = 0; n < 9; n++) {
      life.place("todayCampus", "unionPayCard", "50.00", { identity: false }).expectApproved()
    }
    expect(counted(life)).toEqual({})
  })

  it("R36 D15 whoever has shown card and identity card at the window begins anew", () => {
    const life = fresh()
    for (let n = 0; n < 3; n++) claims.alipay(life, false)
    life.resetPassword().changePassword().expectApproved()
    claims.alipay(life, true).expectApproved()
  })

  const ways = fc.constantFrom<Way>("wallet", "bank", "alipay")
  const parts: Readonly<Record<Way, ReadonlyArray<string>>> = {
    wallet: ["claimedName"],
    bank: ["claimedDocument"],
    alipay: ["claimedName", "claimedDocument"]
  }
  it("A14 D15 however ways and waits are mixed, no part is guessed at faster than the delays allow", () => {
    const guess = fc.record({ way: ways, wait: fc.oneof(fc.nat(1_000), fc.nat(200_000)) })
    fc.assert(fc.property(fc.array(guess, { maxLength: 25 }), (guesses) => {
      const life = fresh()
      const looked = new Map<string, Array<number>>()
      for (const { way, wait } of guesses) {
        claims[way](life.later(wait), false)
        if (life.decision.events.length === 0) continue
        for (const part of parts[way]) looked.set(part, [...looked.get(part) ?? [], life.now])
      }
      for (const at of looked.values()) {
        for (const [n, time] of at.entries()) {
          const before = at[n - 1] ?? time
          if (n >= 3) expect(time - before).toBeGreaterThanOrEqual(Math.min(dayLength, 30_000 * 2 ** (n - 3)))
        }
      }
    }))
  })
})

describe("the password: changed, reset, locked (R35-R38, A12, A14, D15)", () => {
  it.each(
    [
      // where, with the old password or without, answer
      ["kiosk-1", "right", "changed"],
      ["kiosk-1", "wrong", "PasswordWrong"],
      ["kiosk-1", undefined, "PasswordMissing"],
      ["window-3", undefined, "changed"],
      ["window-4", undefined, "changed"],
      ["today-campus", "right", "ChannelNotAllowed"],
      ["canteen-1", "right", "ChannelNotAllowed"],
      ["window-ccb", undefined, "ChannelNotAllowed"]
    ] as const
  )("R37 R66 changed at %s, old password %s: %s", (point, password, answer) => {
    const life = fresh().step(
      point,
      { _tag: "ChangePassword", card },
      password === undefined ? { fresh: {} } : { fresh: {}, password }
    )
    if (answer === "changed") {
      life.expectApproved()
      expect(life.state.password).toMatchObject({ version: 2, mustChange: false, tries: {} })
    } else life.expectDeclined(answer)
  })

  const shown: ReadonlyArray<readonly [string, Life, string, Decline["_tag"]]> = [
    ["not activated", Life.unborn(csmzxy).open().issue("card-1"), "card-1", "CardNotActivated"],
    ["lost", fresh().reportLost(), "card-1", "CardLost"],
    ["superseded", fresh().replace("card-2"), "card-1", "CardSuperseded"],
    ["the new one, not activated", fresh().reportLost().issue("card-2"), "card-2", "CardNotActivated"],
    ["cancelled", fresh().reportLost().issue("card-2").cancel("card-2"), "card-2", "CardCancelled"],
    ["unknown", fresh(), "card-9", "UnknownCard"],
    ["of a closed account", fresh().close(), "card-1", "AccountClosed"]
  ]
  it.each(shown)("R31 R36 R37 R66 the card is %s: no password is set, and no try is counted", (_, life, card, tag) => {
    const { password } = life.state
    for (const typed of ["wrong", "right"] as const) {
      for (const point of ["kiosk-1", "window-3"]) {
        life.changePassword({ card, password: typed, point }).expectDeclined(tag)
      }
    }
    life.resetPassword({ card }).expectDeclined(tag)
    expect(life.state.password).toEqual(password)
  })

  it("R37 R47 the password of a dormant card is changed and reset all the same", () => {
    const life = fresh().at("2026-02-03 10:00").pay("card", "1.00").expectDeclined("CardFrozenDormant")
    life.changePassword().expectApproved().resetPassword().expectApproved()
    life.changePassword({ password: "wrong" }).expectDeclined("PasswordWrong", { left: 4 })
  })

  it("R37 R44 after a replacement it is the new card that is shown", () => {
    fresh().replace("card-2").changePassword().expectApproved().resetPassword({ card: "card-2" }).expectApproved()
  })

  it.each(["sameAsInitial", "allSame", "sequence"] as const)("A14 a new one that is %s is too weak", (weakness) => {
    const life = fresh().changePassword({ fresh: { weakness } }).expectDeclined("PasswordTooWeak", { weakness })
    expect(life.state.password.version).toBe(1)
    life.step("kiosk-1", { _tag: "ChangePassword", card }, { password: "right" }).expectDeclined("PasswordMissing")
  })

  it("R36 A12 reset at window 3/4 only; then it must be changed before it is worth anything", () => {
    for (const point of ["kiosk-1", "today-campus", "window-ccb", "card-centre"]) {
      fresh().resetPassword({ point })
        .expectDeclined("ChannelNotAllowed", { procedure: "resetPassword", allowed: ["counter"] })
    }
    fresh().step("window-3", { _tag: "ResetPassword", card }).expectDeclined("PasswordMissing")
    const life = fresh().resetPassword().expectApproved()
    expect(life.state.password).toMatchObject({ version: 2, mustChange: true })
    life.openWallet().expectDeclined("PasswordMustChange")
    life.changePassword().expectApproved().openWallet().expectApproved()
    expect(life.state.password).toMatchObject({ version: 3, mustChange: false })
  })

  it("A12 the weakness of a reset password is no matter: it is the initial one", () => {
    fresh().resetPassword({ fresh: { weakness: "sameAsInitial" } }).expectApproved()
  })

  it("D15 a proof of the password before the last is stale", () => {
    fresh().changePassword().openWallet({ password: "stale" }).expectDeclined("PasswordStale")
  })

  it("D15 five wrong tries lock the kiosk until the counter resets; other channels go on", () => {
    const life = fresh()
    for (const left of [4, 3, 2, 1, 0]) {
      life.changePassword({ password: "wrong" }).expectDeclined("PasswordWrong", { left })
    }
    life.changePassword({ password: "wrong" }).expectDeclined("PasswordLocked")
    life.at("2025-11-08 10:00").changePassword({ password: "right" }).expectDeclined("PasswordLocked")
    expect(life.state.password.tries.kiosk?.wrong).toBe(5)
    life.openWallet({ password: "right" }).expectApproved()
    life.resetPassword().changePassword().expectApproved()
    expect(life.state.password.tries).toEqual({})
  })

  it("D15 a right try forgets the wrong ones of its channel, not those of another", () => {
    const life = fresh().changePassword({ password: "wrong" }).openWallet({ password: "wrong" })
    life.openWallet().expectApproved().expectEvents("PasswordTried", "WalletOpened")
    expect(Object.keys(life.state.password.tries)).toEqual(["kiosk"])
  })

  it("D15 from afar: three free tries, then a wait of 30 s that doubles up to a day, and nobody is locked for good", () => {
    const life = fresh().openWallet({ password: "wrong" }).expectDeclined("PasswordWrong", { left: 2 })
    life.openWallet({ password: "wrong" }).expectDeclined("PasswordWrong", { left: 1 })
    life.openWallet({ password: "wrong" }).expectDeclined("PasswordWrong", { waitUntil: "2025-11-03 10:00:30" })
    life.at("2025-11-03 10:00:29.999").openWallet()
      .expectDeclined("PasswordLocked", { until: "2025-11-03 10:00:30" })
    life.at("2025-11-03 10:00:30").openWallet({ password: "wrong" })
      .expectDeclined("PasswordWrong", { waitUntil: "2025-11-03 10:01:30" })
    life.at("2025-11-03 10:01:30").openWallet({ password: "wrong" })
      .expectDeclined("PasswordWrong", { waitUntil: "2025-11-03 10:03:30" })
    for (let more = 0; more < 20; more++) life.later(86_400_000).openWallet({ password: "wrong" })
    const { decision, now } = life
    expect(decision._tag === "Declined" && decision.decline).toEqual({
      _tag: "PasswordWrong",
      waitUntil: now + 86_400_000
    })
    life.later(86_400_000).openWallet().expectApproved()
    expect(life.state.password.tries).toEqual({})
  })

  it("D15 tries while it is locked are not counted, so that guessing on does not lengthen the wait", () => {
    const life = fresh()
    for (let i = 0; i < 3; i++) life.openWallet({ password: "wrong" })
    const { tries } = life.state.password
    for (let i = 0; i < 3; i++) life.later(1_000).openWallet({ password: "wrong" }).expectDeclined("PasswordLocked")
    expect(life.state.password.tries).toEqual(tries)
  })

  it("A14 another school allows two tries", () => {
    const strict = school({ password: { ...csmzxy.password, local: { tries: 2 } } })
    const life = Life.of(strict).changePassword({ password: "wrong" }).expectDeclined("PasswordWrong", { left: 1 })
    life.changePassword({ password: "wrong" }).expectDeclined("PasswordWrong", { left: 0 })
    life.changePassword().expectDeclined("PasswordLocked")
  })
})
