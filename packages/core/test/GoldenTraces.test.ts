import { Redacted, Result } from "effect"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import * as IdentityDocument from "../src/IdentityDocument.ts"
import * as Pin from "../src/Pin.ts"
import { linkAfter } from "../src/Point.ts"
import * as Wallet from "../src/Wallet.ts"
import { csmzxy, Life, yuan } from "./support/Life.ts"

const pending = (life: Life) => Wallet.pending(life.pockets())
const unknownWrite = { load: { outcome: "unknown" } }

describe("golden trace 1: a torn load is one credit, whatever the chip says (R27, R28, D8)", () => {
  const paid = () => {
    const life = Life.of(csmzxy).at("2025-11-03 10:00").recharge("ccbApp", "50.00").expectApproved()
    expect(pending(life)).toBe(yuan("50.00"))
    return life.expectPockets({ transit: "50.00" })
  }

  it("golden trace 1: paid is not yet on the card, and the card cannot spend it", () => {
    paid().at("2025-11-03 11:50").pay("card", "8.00")
      .expectDeclined("InsufficientChipPurse", { chip: "0.00", elsewhere: { transit: "50.00" } })
  })

  it.each(["written", "notWritten"] as const)("golden trace 1: torn after 1.4 s, in truth %s", (really) => {
    const life = paid().at("2025-11-03 11:50").beginLoad().expectApproved().expectPockets({ held: "50.00" })
    if (really === "written") life.chips.set("card-1", { balance: yuan("50.00"), loadSequence: 1, purchaseSequence: 0 })
    life.later(1_400).settleLoad({ chip: "unread" }).expectApproved()
    life.expectPockets({ held: "50.00" }).expectCard("card-1", "Active", unknownWrite)
    expect(pending(life)).toBe(yuan("50.00"))

    life.at("2025-11-03 12:05").load().expectApproved().expectPockets({ chip: "50.00" })
    expect(pending(life)).toBe(0)
    expect(life.chip()).toEqual({ balance: yuan("50.00"), loadSequence: 1, purchaseSequence: 0 })
    expect(life.events.filter(({ _tag }) => _tag === "CreditRecorded")).toHaveLength(1)
    expect(life.events.filter((event) => event._tag === "LoadSettled" && event.outcome === "written")).toHaveLength(1)
    life.beginLoad().expectDeclined("NothingToLoad").pay("card", "8.00").expectApproved().expectPockets({
      chip: "42.00"
    })
  })
})

describe("golden trace 2: 餐限 30, 日限 50 (R49, R50, A7)", () => {
  it("golden trace 2: 18.00 and 12.00 at lunch, 20.00 at dinner, and not a fen more", () => {
    const life = Life.of(csmzxy, { chip: "100.00" })
    life.at("2025-11-03 11:40").pay("card", "18.00").expectRemaining({ meal: "12.00", day: "32.00" })
    life.at("2025-11-03 12:10").pay("card", "12.00").expectRemaining({ meal: "0.00", day: "20.00" })
    life.at("2025-11-03 12:20").pay("card", "0.01").expectDeclined("MealLimitExceeded", {
      amount: "0.01",
      limit: "meal",
      window: "lunch",
      threshold: "30.00",
      used: "30.00",
      remaining: 0
    })
    life.at("2025-11-03 17:30").pay("card", "20.00").expectRemaining({ meal: "10.00", day: "0.00" })
    life.at("2025-11-03 17:40").pay("card", "0.01")
      .expectDeclined("DailyLimitExceeded", { limit: "day", threshold: "50.00", used: "50.00", remaining: 0 })
    life.at("2025-11-04 07:00").pay("card", "30.00").expectApproved()
  })
})

describe("golden trace 3: the first password out of the identity number (R35)", () => {
  it("golden trace 3: 43010219990101125X gives 011250", () => {
    const document = Result.getOrThrow(IdentityDocument.parse("residentId", "43010219990101125X"))
    const first = Pin.initial(document)
    expect(first._tag === "FromDocument" && Redacted.value(first.pin)).toBe("011250")
  })

  it("golden trace 3: …1123X has no valid check digit and is refused", () => {
    const parsed = IdentityDocument.parse("residentId", "43010219990101123X")
    expect(Result.isFailure(parsed) && parsed.failure.problem).toBe("CheckDigit")
  })
})

describe("golden trace 4: three months without a purchase (R46, R47, A3, A4)", () => {
  it("golden trace 4: last purchase 2025-11-30; active on 02-27, frozen on 02-28, extended, and it pays again", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-30 12:00").pay("card", "10.00").expectApproved()
    life.fork().at("2026-02-27 23:59:59.999").pay("card", "10.00").expectApproved()
    life.at("2026-02-28 00:00").pay("card", "10.00")
      .expectDeclined("CardFrozenDormant", { since: "2026-02-28", months: 3 })
    life.at("2026-02-28 10:00").extend().expectApproved()
    life.at("2026-02-28 12:00").pay("card", "10.00").expectApproved().expectPockets({ chip: "80.00" })
  })
})

describe("golden trace 5: lost, replaced, claimed (R39-R42, A1, A2)", () => {
  it("golden trace 5: claimed on Thursday at 15:00, less the lunch that came late, and only once", () => {
    const life = Life.of(csmzxy, { chip: "100.00" })
    // Sunday's lunch at a terminal that was cut off.
    life.at("2025-11-02 12:00").cutOff("lunch", "12.00")
    life.at("2025-11-03 09:00").reportLost().expectApproved().expectPockets({ frozen: "100.00" })
    life.at("2025-11-03 14:00").issue("card-2").expectApproved()
    life.at("2025-11-03 15:00").activate("card-2").expectApproved()
      .expectCard("card-1", "Replaced", { by: "card-2", completedAt: "2025-11-03 15:00" })
    life.at("2025-11-05 12:00").arrives("lunch").expectReported().expectPockets({ frozen: "88.00" })
    life.at("2025-11-06 14:59").claim().expectDeclined("HoldNotElapsed", { availableAt: "2025-11-06 15:00" })
    life.at("2025-11-06 14:59:59.999").claim().expectDeclined("HoldNotElapsed", { availableAt: "2025-11-06 15:00" })
    life.at("2025-11-06 15:00").claim().expectApproved().expectPockets({ transit: "88.00" })
    life.at("2025-11-06 15:01").claim().expectDeclined("AlreadyClaimed", { claimedAt: "2025-11-06 15:00" })
    life.load({ point: "kiosk-1" }).expectApproved().expectPockets({ chip: "88.00" })
  })
})

describe("golden trace 6: Alipay only while the canteen is cut off (R7, R58, R59, A21)", () => {
  it("golden trace 6: link up, down for 31 s, up again", () => {
    const life = Life.of(csmzxy).bindAlipay().expectApproved().at("2025-11-03 12:00")
    life.withWallet("100.00").recharge("todayCampus", "100.00").expectApproved()
    const link = (unanswered: number) => ({ link: linkAfter(csmzxy.cutOffAfter, unanswered) })

    life.pay("alipay", "10.00", link(0)).expectDeclined("AlipayOnlyWhenTerminalOffline")
    life.pay("today", "10.00", link(0)).expectApproved()
    life.pay("alipay", "10.00", link(29_999)).expectDeclined("AlipayOnlyWhenTerminalOffline")

    life.later(31_000)
    life.pay("alipay", "10.00", link(31_000)).expectApproved().expectPockets({ transit: "90.00", wallet: "100.00" })
    life.pay("today", "10.00", link(31_000)).expectDeclined("NotAcceptedOffline", { medium: "todayCampusCode" })
    life.pay("ecode", "10.00", link(31_000)).expectDeclined("NotAcceptedOffline", { medium: "ecodePayCode" })

    life.later(CivilTime.minute)
    life.pay("alipay", "10.00", link(0)).expectDeclined("AlipayOnlyWhenTerminalOffline")
    life.pay("today", "10.00", link(0)).expectApproved()
  })
})
