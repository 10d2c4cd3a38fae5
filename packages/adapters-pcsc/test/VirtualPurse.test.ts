import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import { fmcos } from "../src/CpuProfile.ts"
import * as PurseCrypto from "../src/PurseCrypto.ts"
import type { VirtualCpuCard } from "../src/VirtualCpuCard.ts"
import type { VirtualMemory } from "../src/VirtualMemory.ts"
import * as VirtualPurse from "../src/VirtualPurse.ts"
import {
  altered,
  credit,
  debit,
  entered,
  forged,
  initialiseLoad,
  initialisePurchase,
  loads,
  of,
  pays,
  pinRight,
  reloading,
  say,
  select,
  signed,
  stamp,
  status,
  terminal,
  unblocking
} from "./support/dialogue.ts"

const withPin = { ...fmcos, pin: 0 }
const counted = (purse: Partial<VirtualMemory["purses"]["ep"]>): VirtualCpuCard => {
  const card = entered({ balance: 50_00 })
  const { purses } = card.memory()
  return altered(card, { purses: { ...purses, ep: { ...purses.ep, ...purse } } })
}

describe("what the purse refuses", () => {
  it.each<[title: string, card: VirtualCpuCard, command: string, word: string, before?: string]>([
    ["purse of an unknown number", entered(), "805C000304", "6A86"],
    ["balance with a wrong P1", entered(), "805C010204", "6A86"],
    ["balance of the ED without PIN", entered(), "805C000104", "6982"],
    ["balance with data", entered(), "805C0002 01 00 04", "6700"],
    ["balance outside the application", entered(), "805C000204", "6A82", "00A40000023F00"],
    ["load with a key that is not there", entered(), initialiseLoad(10, "ep", "02"), "9403"],
    ["purchase with a key that is not there", entered({ balance: 50 }), initialisePurchase(10, "ep", "02"), "9403"],
    ["load without the PIN that the profile asks for", entered({ profile: withPin }), initialiseLoad(10), "6982"],
    ["load of the ED without PIN", entered(), initialiseLoad(10, "ed"), "6982"],
    ["purchase from the ED without PIN", entered(), initialisePurchase(0, "ed"), "6982"],
    ["purchase of more than there is", entered({ balance: 50_00 }), initialisePurchase(50_01), "9401"],
    ["load beyond the greatest balance", entered({ balance: 90, mostBalance: 100 }), initialiseLoad(11), "6985"],
    ["load of more than four bytes can be", entered({ balance: 1 }), initialiseLoad(0x7fff_ffff), "6985"],
    ["load when the online counter is full", counted({ loads: 0xffff }), initialiseLoad(10), "9402"],
    ["purchase when the offline counter is full", counted({ purchases: 0xffff }), initialisePurchase(10), "9402"],
    ["proof of what never was", entered(), "805A000202 0000 08", "9406"],
    ["proof of an unknown type", entered(), "805A000902 0000 08", "9406"],
    ["proof with a wrong P1", entered(), "805A010202 0000 08", "6A86"],
    ["proof without a counter", entered(), "805A0002", "6700"]
  ])("%s", (_, card, command, word, before) => {
    if (before !== undefined) say(card, before)
    const memory = card.memory()
    expect(say(card, command)).toBe(word)
    expect(card.memory()).toBe(memory)
  })

  it.each(
    [
      ["CREDIT", initialiseLoad(10), credit],
      ["DEBIT", initialisePurchase(10), debit]
    ] as const
  )("%s with a wrong MAC is 9302, and what was begun is over", (_, begin, command) => {
    const card = entered({ balance: 50_00 })
    const right = command(card, say(card, begin), 10)
    const before = card.memory()
    expect(say(card, forged(right))).toBe("9302")
    expect(say(card, right)).toBe("6901")
    expect(card.memory()).toBe(before)
  })

  it("an amount of 0 asks for the counters, and can not be carried out", () => {
    const card = entered({ balance: 50_00 })
    const before = card.memory()
    const load = say(card, initialiseLoad(0))
    expect(load).toMatch(/^00001388000001.{18}9000$/)
    expect(say(card, credit(card, load, 0))).toBe("6985")
    const purchase = say(card, initialisePurchase(0))
    expect(purchase).toMatch(/^0000138800000000000100.{8}9000$/)
    expect(say(card, debit(card, purchase, 0))).toBe("6985")
    expect(card.memory()).toBe(before)
  })

  it("the last number of a counter is used, and then no other", () => {
    const card = counted({ loads: 0xfffe, purchases: 0xfffe })
    expect(loads(card, 10)).toMatch(/9000$/)
    expect(loads(card, 10)).toBe("9402")
    expect(pays(card, 10)).toMatch(/9000$/)
    expect(pays(card, 10)).toBe("9402")
  })
})

describe("load and purchase", () => {
  it("the EP needs the PIN for a load where the profile says so, never for a purchase", () => {
    const card = entered({ profile: withPin, balance: 50_00 })
    expect(status(card, initialisePurchase(10))).toBe("9000")
    say(card, pinRight)
    expect(loads(card, 10)).toMatch(/9000$/)
  })

  it("the ED is a purse of its own, with its own counters and types", () => {
    const card = entered({ balance: 50_00 })
    say(card, pinRight)
    expect(loads(card, 30, "ed")).toMatch(/9000$/)
    expect(pays(card, 12, "ed")).toMatch(/9000$/)
    expect(say(card, "805C000104")).toBe("000000129000")
    expect(say(card, "805C000204")).toBe("000013889000")
    expect(card.memory().purses).toMatchObject({
      ed: { balance: 18, loads: 1, purchases: 1 },
      ep: { balance: 50_00, loads: 0, purchases: 0 }
    })
    expect(card.memory().proofs.map(({ type }) => type)).toEqual([5, 1])
    expect(card.memory().log.map((line) => line.slice(18, 20))).toEqual(["05", "01"])
  })

  it("MAC2 and TAC of a purchase, its line in the log, and its proof with the counter before", () => {
    const card = counted({ purchases: 6 })
    const begun = of(say(card, initialisePurchase(12_50)))
    const sequence = of("0000002A")
    const memory = card.memory()
    const key = PurseCrypto.purchaseSession(of(memory.keys.purchase), begun.slice(11, 15), of("0006"), sequence)
    const purchase = { amount: of("000004E2"), type: 6, terminal: of(terminal) }
    const mac2 = Bytes.hex(PurseCrypto.purchaseMac2(key, purchase.amount))
    const tac = Bytes.hex(PurseCrypto.purchaseTac(of(memory.keys.tac), purchase, sequence, stamp))
    expect(say(card, debit(card, Bytes.hex(begun), 12_50))).toBe(`${tac}${mac2}9000`)
    expect(say(card, "805A000602 0006 08")).toBe(`${mac2}${tac}9000`)
    expect(say(card, "00B201C417")).toBe(`0007000000000004E2066666666666662025113012345690` + "00")
  })

  it("the last load and the last purchase can both be proven; those before them can not", () => {
    const card = entered({ balance: 50_00 })
    loads(card, 1)
    loads(card, 2)
    pays(card, 3)
    pays(card, 4)
    expect(status(card, "805A000202 0001 08")).toBe("9000")
    expect(status(card, "805A000602 0001 08")).toBe("9000")
    expect(say(card, "805A000202 0000 08")).toBe("9406")
    expect(say(card, "805A000602 0000 08")).toBe("9406")
    expect(say(card, "805A000602 0002 08")).toBe("9406")
  })

  it("INITIALIZE gives other random bytes each time, and so another MAC1", () => {
    const card = entered()
    expect(say(card, initialiseLoad(10))).not.toBe(say(card, initialiseLoad(10)))
  })

  it("the log keeps ten lines, the newest first", () => {
    const card = entered()
    for (let fen = 1; fen <= 12; fen++) loads(card, fen)
    expect(say(card, "00B201C417").slice(0, 18)).toBe("000C0000000000000C")
    expect(say(card, "00B20AC417").slice(0, 18)).toBe("000300000000000003")
    expect(say(card, "00B20BC417")).toBe("6A83")
    expect(say(card, "00B200C417")).toBe("6A83")
  })
})

/** What must be true of a card at any moment. */
const agrees = ({ log, proofs, purses }: VirtualMemory, first: number): void => {
  const { ep } = purses
  expect(log.length).toBe(Math.min(10, ep.loads + ep.purchases))
  const lines = log.map((line) => ({
    count: Number.parseInt(line.slice(0, 4), 16),
    amount: Number.parseInt(line.slice(10, 18), 16),
    type: Number(line.slice(18, 20))
  }))
  const sum = lines.reduce((sum, { amount, type }) => sum + (type === 2 ? amount : -amount), 0)
  if (ep.loads + ep.purchases <= 10) expect(ep.balance).toBe(first + sum)
  for (const [type, count] of [[2, ep.loads], [6, ep.purchases]] as const) {
    const last = lines.find((line) => line.type === type)
    if (last !== undefined) expect(last.count).toBe(count)
    expect(proofs.find((proof) => proof.type === type)?.counter).toBe(count === 0 ? undefined : count - 1)
  }
}

describe("D11, R28: power that goes while the card writes", () => {
  const cards = {
    load: (card: VirtualCpuCard) => credit(card, say(card, initialiseLoad(10)), 10),
    purchase: (card: VirtualCpuCard) => debit(card, say(card, initialisePurchase(10)), 10)
  }
  it.each(["load", "purchase"] as const)("a %s: old before its last byte, new from it on, and nothing else", (kind) => {
    const ready = () => {
      const card = entered({ balance: 50_00 })
      loads(card, 7)
      pays(card, 3)
      return { card, command: cards[kind](card) }
    }
    const { card: whole, command } = ready()
    const old = whole.memory()
    expect(whole.footprint(of(command))).toBe(VirtualPurse.transactionSize)
    expect(status(whole, command)).toBe("9000")
    for (let n = 0; n <= VirtualPurse.transactionSize + 1; n++) {
      const { card, command } = ready()
      card.interrupt(of(command), n)
      expect(card.memory()).toEqual(n < VirtualPurse.transactionSize ? old : whole.memory())
      agrees(card.memory(), 50_00)
      say(card, select)
      const proof = kind === "load" ? "805A000202 0001 08" : "805A000602 0001 08"
      expect(status(card, proof)).toBe(n < VirtualPurse.transactionSize ? "9406" : "9000")
      expect(say(card, command)).toBe("6901")
    }
  })

  it("no other command touches the purse, wherever it is cut off", () => {
    const commands: ReadonlyArray<(card: VirtualCpuCard) => string> = [
      () => pinRight,
      () => "0020000003999999",
      () => "805E01000 7123456FF654321".replaceAll(" ", ""),
      (card) => reloading(card, "654321"),
      (card) => unblocking(card, "123456"),
      (card) => signed(card, "04D69900", "AABBCC"),
      (card) => signed(card, "841E0000", ""),
      (card) => signed(card, "84180000", ""),
      (card) => signed(card, "84160000", ""),
      () => initialiseLoad(10),
      () => initialisePurchase(10)
    ]
    for (const make of commands) {
      const size = (() => {
        const card = entered({ balance: 50_00 })
        return card.footprint(of(make(card)))
      })()
      for (let n = 0; n <= size; n++) {
        const card = entered({ balance: 50_00 })
        const { log, proofs, purses } = card.memory()
        card.interrupt(of(make(card)), n)
        expect(card.memory()).toMatchObject({ log, proofs, purses })
      }
    }
  })

  it("any life: balance, counters, log and proofs always agree, and money is neither made nor lost", () => {
    const step = fc.record({
      kind: fc.constantFrom("load", "purchase"),
      amount: fc.integer({ min: 1, max: 3000 }),
      // 39 is one byte too few, 40 enough.
      cut: fc.option(fc.constantFrom(0, 1, 39, 40, 100)),
      reset: fc.boolean()
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const card = entered({ balance: 10_00 })
        const model = { balance: 10_00, loads: 0, purchases: 0 }
        for (const { amount, cut, kind, reset } of steps) {
          const isLoad = kind === "load"
          const begun = say(card, isLoad ? initialiseLoad(amount) : initialisePurchase(amount))
          if (!isLoad && amount > model.balance) expect(begun).toBe("9401")
          else {
            const command = isLoad ? credit(card, begun, amount) : debit(card, begun, amount)
            if (cut === null) expect(status(card, command)).toBe("9000")
            else card.interrupt(of(command), cut)
            if (cut === null || cut >= 40) {
              model.balance += isLoad ? amount : -amount
              model[isLoad ? "loads" : "purchases"]++
            }
          }
          if (reset) card.power("reset")
          expect(card.memory().purses.ep).toMatchObject(model)
          agrees(card.memory(), 10_00)
          say(card, select)
        }
      }),
      { numRuns: 60 }
    )
  })
})
