import { describe, expect, it } from "vitest"
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

  it("D14 the name is looked at before the password: a stranger's guess is not counted", () => {
    const life = fresh().openWallet({ identity: false, password: "wrong" }).expectDeclined("IdentityNotMatched")
    expect(life.state.password.tries).toEqual({})
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

  it("R6 Alipay is bound for the person whose card authentication held", () => {
    const life = fresh().bindAlipay({ identity: false }).expectDeclined("IdentityNotMatched")
    life.bindAlipay({ identity: "number" }).expectDeclined("IdentityNotMatched")
    life.pay("alipay", "10.00", { link: "down" }).expectDeclined("AlipayNotBound")
    life.bindAlipay().expectApproved().pay("alipay", "10.00", { link: "down" }).expectApproved()
    for (const identity of ["name", "document"] as const) fresh().bindAlipay({ identity }).expectApproved()
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
