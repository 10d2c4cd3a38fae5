import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as LyingCard from "../src/LyingCard.ts"
import { credit, debit, entered, initialiseLoad, initialisePurchase, of, say } from "./support/dialogue.ts"

const paired = (lie?: LyingCard.Lie) => {
  const card = entered({ balance: 50_00 })
  return { card, liar: LyingCard.make(card, lie) }
}

/** A load and a purchase of 0.10 with a card that lies, beside the same card that does not. */
const told = (lie?: LyingCard.Lie): Readonly<Record<string, string>> => {
  const { card, liar } = paired(lie)
  const ask = (command: string): string => Bytes.hex(liar.answer(of(command)))
  // The commands are signed for what the card itself said, so that they are carried out.
  const twin = entered({ balance: 50_00 })
  const load = ask(initialiseLoad(10))
  const loaded = ask(credit(twin, say(twin, initialiseLoad(10)), 10))
  say(twin, credit(twin, say(twin, initialiseLoad(10)), 10))
  const proof = ask("805A000202 0000 08")
  // The twin drew one random number more.
  say(card, initialiseLoad(0))
  const purchase = ask(initialisePurchase(10))
  const paid = ask(debit(twin, say(twin, initialisePurchase(10)), 10))
  return { load, loaded, proof, purchase, paid, balance: ask("805C000204"), again: ask("805C000204") }
}

const truth = told()
const done = 50_00
/** Which answers differ from the truth. */
const differing = (lie: LyingCard.Lie): ReadonlyArray<string> => {
  const said = told(lie)
  return Object.keys(truth).filter((name) => said[name] !== truth[name])
}

describe("each lie is told where it says, and nowhere else", () => {
  it("the truth, first", () => {
    expect(truth).toMatchObject({ balance: "000013889000", again: "000013889000" })
    expect(Object.values(truth).every((answer) => answer.endsWith("9000"))).toBe(true)
  })

  it.each<[LyingCard.Lie, ReadonlyArray<string>]>([
    ["wrongMac1", ["load"]],
    ["wrongMac2", ["paid"]],
    ["wrongTac", ["loaded", "paid"]],
    ["forgedProofMac", ["proof"]],
    ["forgedProofTac", ["proof"]],
    ["inventedProof", ["proof"]],
    ["forget", ["proof"]],
    ["staleBalance", []],
    ["staleReading", []],
    ["shortAnswer", ["load", "loaded", "proof", "purchase", "paid", "balance", "again"]],
    ["longAnswer", ["load", "loaded", "proof", "purchase", "paid", "balance", "again"]],
    ["noData", ["load", "loaded", "proof", "purchase", "paid", "balance", "again"]],
    ["emptyAnswer", ["loaded", "paid"]],
    ["oneByte", ["loaded", "paid"]],
    ["deniesWriting", ["loaded", "paid"]],
    ["deniesMemory", ["loaded", "paid"]],
    ["pretendsWriting", ["loaded", "proof", "purchase", "paid"]],
    ["unknownStatus", ["load", "loaded", "proof", "purchase", "paid", "balance", "again"]],
    ["endless", ["balance", "again"]],
    ["neverFits", ["balance", "again"]]
  ])("%s", (lie, names) => expect(differing(lie)).toEqual(names))

  it("no lie is missing from the table above", () => expect(LyingCard.all).toHaveLength(20))
})

describe("what the card has done when it lies", () => {
  it.each<[LyingCard.Lie, number]>([
    ["deniesWriting", done + 10],
    ["deniesMemory", done + 10],
    ["emptyAnswer", done + 10],
    ["oneByte", done + 10],
    ["pretendsWriting", done]
  ])("%s", (lie, balance) => {
    const { card, liar } = paired(lie)
    const begun = Bytes.hex(liar.answer(of(initialiseLoad(10))))
    liar.answer(of(credit(card, begun, 10)))
    expect(card.memory().purses.ep.balance).toBe(balance)
  })
})

describe("stale answers", () => {
  it.each<[LyingCard.Lie, string, string]>([
    ["staleBalance", "000013889000", "00001388" + "0001"],
    ["staleReading", "000013929000", "00001388" + "0000"]
  ])("%s: the first is told for ever", (lie, balance, begins) => {
    const { card, liar } = paired(lie)
    const ask = (command: string): string => Bytes.hex(liar.answer(of(command)))
    ask("805C000204")
    ask(credit(card, ask(initialiseLoad(10)), 10))
    expect(card.memory().purses.ep.balance).toBe(50_10)
    expect(ask("805C000204")).toBe(balance)
    expect(ask(initialiseLoad(0)).slice(0, 12)).toBe(begins)
  })
})

describe("a lie is begun and ended at any time", () => {
  it("and the card's refusals, power and interruptions are the card's own", () => {
    const { card, liar } = paired()
    const ask = (command: string): string => Bytes.hex(liar.answer(of(command)))
    expect(liar.atr).toEqual(card.atr)
    expect(ask("805C000204")).toBe("000013889000")
    liar.tell("shortAnswer")
    expect(ask("805C000204")).toBe("0000139000")
    expect(ask("805C000304")).toBe("6A86")
    liar.tell()
    expect(ask("805C000204")).toBe("000013889000")
    liar.interrupt(of(debit(card, ask(initialisePurchase(10)), 10)), 100)
    expect(card.memory().purses.ep.balance).toBe(49_90)
    expect(ask("805C000204")).toBe("6A82")
    liar.power("on")
  })
})
