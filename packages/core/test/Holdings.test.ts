import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import { explain } from "../src/Explanation.ts"
import * as Holdings from "../src/Holdings.ts"
import * as Money from "../src/Money.ts"
import * as Wallet from "../src/Wallet.ts"
import { csmzxy, Life, school, yuan } from "./support/Life.ts"
import { lived, stories } from "./support/lives.ts"

const fresh = (chip = "100.00") => Life.of(csmzxy, { chip }).at("2025-11-03 09:00")
const held = (life: Life, profile = csmzxy) => Holdings.of(profile, life.state, life.now)

/** The sums of all parts, as they are written. */
const sums = (life: Life) => {
  const { card, debt, frozen, subsidy, waiting, wallet } = held(life)
  return [card, waiting, wallet, subsidy, ...frozen, debt].map((part) =>
    part === undefined ? "" : Money.format(part.amount)
  )
}
const next = (life: Life, part: "card" | "waiting" | "wallet" | "subsidy" | "debt") => held(life)[part]?.next.zh
const tap = "请到食堂消费机刷卡两秒圈存"

describe("R56 where is my money", () => {
  it.each(
    [
      ["a new card", fresh("0.00"), ["0.00", "0.00", "0.00", "", ""]],
      ["money on the card", fresh(), ["100.00", "0.00", "0.00", "", ""]],
      ["paid by app, not tapped yet (R27)", fresh().recharge("ccbApp", "50.00"), ["100.00", "50.00", "0.00", "", ""]],
      ["money in the e-wallet (A10)", fresh().withWallet("20.00"), ["100.00", "0.00", "20.00", "", ""]],
      [
        "a card torn away from the terminal (D8)",
        fresh().recharge("ccbApp", "50.00").tear("written"),
        ["100.00", "50.00", "0.00", "", ""]
      ],
      ["reported lost (R39)", fresh().recharge("ccbApp", "50.00").reportLost(), [
        "0.00",
        "50.00",
        "0.00",
        "",
        "100.00",
        ""
      ]],
      [
        "reported lost with a torn load",
        fresh().recharge("ccbApp", "50.00").tear("written").reportLost(),
        ["0.00", "0.00", "0.00", "", "150.00", ""]
      ],
      [
        "lost twice, nothing claimed yet (R42)",
        fresh().replace("card-2").recharge("ccbApp", "50.00").load().at("2025-11-04 09:00").replace("card-3"),
        ["0.00", "0.00", "0.00", "", "100.00", "50.00", ""]
      ],
      ["being closed (D7)", fresh().withWallet("20.00").close(), ["0.00", "0.00", "0.00", "", "120.00", ""]]
    ] as const
  )("R56 D1 %s: card, waiting, e-wallet, subsidy, frozen, debt", (_, life, expected) => {
    expect(sums(life)).toEqual(expected)
  })

  it("R8 R56 a visitor who holds codes only is not sent for a card", () => {
    const visitor = Life.unborn(csmzxy).at("2025-09-15 10:00").openTemporary("visitor").expectApproved()
    const { card, waiting, wallet } = held(visitor)
    for (const { next } of [card, waiting, wallet]) expect(next.zh).not.toContain("领取校园卡")
    expect(card.next.zh).toBe("请改用 e 码通付款码或支付宝付款码")
  })

  it("D7 R56 a closed account is not told to top up", () => {
    const closed = fresh("0.00").close()
    for (const part of ["card", "waiting", "wallet"] as const) expect(next(closed, part)).not.toContain("充值")
    const visitor = Life.unborn(csmzxy).at("2025-09-15 10:00").openTemporary("visitor").close().expectApproved()
    for (const part of ["card", "waiting", "wallet"] as const) expect(next(visitor, part)).not.toContain("充值")
  })

  it("R56 D10 a debt stands beside what there is", () => {
    const life = fresh().replace("card-2").cutOff("late", "3.00", { card: "card-2" }).arrives("late")
    expect(sums(life)).toEqual(["0.00", "0.00", "0.00", "", "100.00", "3.00"])
    expect(held(life).debt).toMatchObject({ amount: yuan("3.00"), name: { zh: "欠款", en: "Debt" } })
    expect(next(life, "debt")).toBe("下次入账时先行扣还，也可到教育阳光服务大厅 3 号窗口、4 号窗口还款")
    expect(next(life.close(), "debt")).toBe("请到教育阳光服务大厅 3 号窗口、4 号窗口还款")
  })

  it("R56 the three pockets have the names by which a holder knows them", () => {
    const { card, waiting, wallet } = held(fresh())
    expect([card.name.zh, waiting.name.zh, wallet.name.zh]).toEqual(["卡余额", "过渡余额（待圈存）", "电子钱包"])
  })
})

describe("R56 D1 what to do next", () => {
  it("R56 D1 money on the card: tap it", () => {
    expect(next(fresh(), "card")).toBe("刷卡即可消费")
  })
  it("R27 paid and not tapped yet: where to tap", () => {
    const life = fresh("0.00").recharge("ccbApp", "50.00")
    expect([next(life, "card"), next(life, "waiting")]).toEqual([tap, tap])
    expect(held(life).waiting.next.en).toBe("Tap the card at a canteen terminal for two seconds to load it")
  })
  it("R20 R24 nothing anywhere: how to top up, then tap", () => {
    const life = fresh("0.00")
    for (const part of ["card", "waiting"] as const) {
      expect(next(life, part)).toBe(`请用今日校园 APP 或建设银行手机 APP 充值；到账后${tap}`)
    }
  })
  it("D8 a load whose outcome is not known: the next tap settles it", () => {
    expect(next(fresh("0.00").recharge("ccbApp", "50.00").tear("notWritten"), "waiting")).toBe(tap)
  })
  it("A9 a full card: spend first, what waits is kept", () => {
    const full = school({ purseCeiling: Money.amount(yuan("100.00")) })
    const life = Life.of(full, { chip: "100.00" }).at("2025-11-03 09:00").recharge("ccbApp", "50.00")
    expect(held(life, full).waiting.next.zh).toContain("待圈存金额已保留；刷卡消费后，")
    expect(held(life, csmzxy).waiting.next.zh).toBe(tap)
  })
  it("R22 an e-wallet is opened, bound, topped up, spent", () => {
    const life = fresh()
    expect(next(life, "wallet")).toContain("开通电子钱包")
    expect(next(life.openWallet(), "wallet")).toBe("请在校园 e 码通小程序绑定银行卡")
    expect(next(life.bindWallet(), "wallet")).toBe("请用校园 e 码通小程序充值")
    expect(held(life).wallet.next.en).toBe("Top up with the e码通 mini program")
    expect(next(life.recharge("ecode", "20.00"), "wallet")).toBe(
      "可用 e 码通付款码付款，也可在校园 e 码通小程序转到卡上"
    )
  })
  it("D6 a subsidy: tap, it goes to the card", () => {
    const life = fresh().grantSubsidy("200.00")
    expect(sums(life)).toEqual(["100.00", "0.00", "0.00", "200.00", ""])
    expect(next(life, "subsidy")).toBe(tap)
  })
  it("A11 a lost card stops the card and not the codes", () => {
    const life = fresh().recharge("ccbApp", "50.00").grantSubsidy("200.00").reportLost()
    const { remedy } = explain({ _tag: "CardLost", reportedAt: life.now }, csmzxy)
    expect(next(life, "card")).toBe(remedy.zh)
    expect(next(life, "waiting")).toBe(`可用今日校园付款码付款；${remedy.zh}`)
    expect(next(life, "subsidy")).toBe(`可用今日校园付款码付款；${remedy.zh}`)
    expect(held(life).frozen[0]?.next).toEqual(remedy)
  })
  it("A11 where a school freezes the whole account, no code is promised", () => {
    const strict = school({ replacement: { ...csmzxy.replacement, lossFreezes: "account" } })
    const life = Life.of(strict, { chip: "100.00" }).at("2025-11-03 09:00").recharge("ccbApp", "50.00").reportLost()
    const { remedy } = explain({ _tag: "CardLost", reportedAt: life.now }, strict)
    expect(held(life, strict).waiting.next).toEqual(remedy)
    expect(held(life, strict).wallet.next).toEqual(remedy)
  })
  it("R46 R47 dormant: the counter first, whatever there is", () => {
    const life = fresh().recharge("ccbApp", "50.00").at("2026-03-01 10:00")
    for (const part of ["card", "waiting", "wallet"] as const) expect(next(life, part)).toContain("修改校园卡有效期")
  })
  it("R30 R31 no card yet, or one that is not activated", () => {
    const life = Life.unborn(csmzxy).open()
    for (const part of ["card", "waiting", "wallet"] as const) expect(next(life, part)).toContain("领取校园卡")
    expect(next(life.issue("card-1"), "card")).toContain("激活校园卡功能")
  })
  it("D7 an account that is closed: whom to call, and where it is paid out", () => {
    const life = fresh().close()
    expect(next(life, "card")).toBe("请致电校园卡服务中心：0731-82804313")
    expect(held(life).frozen).toMatchObject([{
      name: { zh: "销户待退余额" },
      from: CivilTime.instant("2025-11-06 09:00"),
      next: { zh: "2025-11-06 09:00 起，请到校园卡管理中心办理退款" }
    }])
    expect(held(life.at("2025-11-06 09:00")).frozen[0]?.next.zh).toBe("请到校园卡管理中心办理退款")
    expect(held(life.payOut()).frozen).toEqual([])
  })
})

describe("R42 A1 frozen money, and from when it may be claimed", () => {
  it("R42 lost and not replaced yet: no day is promised", () => {
    const life = fresh().reportLost()
    expect(held(life).frozen).toMatchObject([{ amount: yuan("100.00") }])
    expect(held(life).frozen[0]).not.toHaveProperty("from")
    expect(held(life.issue("card-2")).frozen[0]?.next.zh).toContain("激活新卡")
  })
  it("R42 A1 replaced: three days from the activation, to the minute that is not too early", () => {
    const life = fresh().at("2025-11-03 15:00:30").replace("card-2")
    const [early] = held(life).frozen
    expect(early?.from).toBe(CivilTime.instant("2025-11-06 15:00:30"))
    expect(early?.next).toEqual({
      zh: "2025-11-06 15:01 起，请用新卡到教育阳光服务大厅自助机领取冻结金额",
      en: "From 2025-11-06 15:01 on: Claim it with the new card at the Kiosk in the service hall"
    })
    const [ripe] = held(life.at("2025-11-06 15:00:30")).frozen
    expect(ripe?.next.zh).toBe("请用新卡到教育阳光服务大厅自助机领取冻结金额")
    expect(held(life.later(-1)).frozen[0]?.next.zh).toContain("2025-11-06 15:01 起")
    expect(held(life.at("2025-11-06 15:00:30").claim()).frozen).toEqual([])
  })
  it.each(
    [["working", "2025-11-12 00:00"], ["calendar", "2025-11-10 00:00"], ["elapsed", "2025-11-10 15:00"]] as const
  )(
    "A1 three days %s from a Friday afternoon: %s",
    (unit, from) => {
      const profile = school({ replacement: { ...csmzxy.replacement, hold: { count: 3, unit } } })
      const life = Life.of(profile, { chip: "100.00" }).at("2025-11-07 15:00").replace("card-2")
      expect(held(life, profile).frozen[0]?.from).toBe(CivilTime.instant(from))
    }
  )
})

describe("R56 I5 whatever has happened", () => {
  it("R56 I5 the parts are all of the money, and all are told in both languages", () => {
    fc.assert(fc.property(stories(20), (story) => {
      const life = lived(csmzxy, story)
      const { card, debt, frozen, subsidy, waiting, wallet } = held(life)
      const parts = [card, waiting, wallet, ...frozen, ...(subsidy === undefined ? [] : [subsidy])]
      const owned = parts.reduce((sum, part) => sum + part.amount, 0)
      expect(owned - (debt?.amount ?? 0)).toBe(Wallet.worth(life.pockets()))
      expect(Money.sum(frozen.map((part) => part.amount))).toBe(life.pockets().frozen)
      for (const { name, next } of [...parts, ...(debt === undefined ? [] : [debt])]) {
        for (const told of [name.zh, name.en, next.zh, next.en]) {
          expect(told.trim()).not.toBe("")
          expect(told).not.toMatch(/undefined|NaN|\[object|\{\}|[。.]$/)
        }
      }
    }))
  })

  it("R42 A1 what is told to be ripe is what a kiosk pays", () => {
    fc.assert(fc.property(stories(20), (story) => {
      const life = lived(csmzxy, story)
      if (life.state.closing !== undefined) return
      const ripe = held(life).frozen.filter(({ from }) => from !== undefined && from <= life.now)
      const before = life.pockets().frozen
      life.claim()
      if (life.decision._tag === "Approved") {
        expect(before - life.pockets().frozen).toBe(Money.sum(ripe.map((part) => part.amount)))
      } else if (ripe.length > 0) expect(["HoldNotElapsed", "NothingToClaim"]).not.toContain(life.decision.decline._tag)
    }))
  })
})
