import { Redacted } from "effect"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import { fmcos } from "../src/CpuProfile.ts"
import * as PurseCrypto from "../src/PurseCrypto.ts"
import type { VirtualCpuCard } from "../src/VirtualCpuCard.ts"
import {
  altered,
  entered,
  of,
  pinRight,
  reloading,
  say,
  select,
  spoilt,
  status,
  unblocking
} from "./support/dialogue.ts"

const wrong = "0020000003654321"
const tries = (card: VirtualCpuCard): number => card.memory().pin.tries
const locked = (): VirtualCpuCard => {
  const card = entered()
  for (let time = 0; time < 3; time++) say(card, wrong)
  return card
}

describe("VERIFY", () => {
  it.each([
    ["the PIN", "0020000003123456", "9000"],
    ["the PIN, filled up with FF", "0020000006123456FFFFFF", "9000"],
    ["the PIN, filled up to eight", "0020000008123456FFFFFFFFFF", "9000"],
    ["another", "0020000003123457", "63C2"],
    ["a longer one", "002000000412345600", "63C2"],
    ["a shorter one", "00200000021234", "63C2"],
    ["nothing but FF", "0020000002FFFF", "63C2"],
    ["too short to be one", "002000000112", "6700"],
    ["too long to be one", "0020000009123456FFFFFFFFFFFF", "6700"],
    ["none", "00200000", "6700"],
    ["a number that is not there", "0020000103123456", "9403"],
    ["a wrong P1", "0020010003123456", "6A86"]
  ])("%s", (_, command, answer) => expect(say(entered(), command)).toBe(answer))

  it("outside the application there is no PIN", () => {
    const card = entered()
    say(card, "00A40000023F00")
    expect(say(card, pinRight)).toBe("6A82")
  })

  it("an odd number of digits, and the number that the profile says", () => {
    const card = entered({ pin: Redacted.make("12345"), profile: { ...fmcos, pin: 5 } })
    expect(say(card, "002000050312345F")).toBe("9000")
    expect(say(card, "002000000312345F")).toBe("9403")
  })

  it("three wrong ones lock it; the right one does not open it then", () => {
    const card = entered()
    expect([wrong, wrong, wrong, wrong, pinRight].map((command) => say(card, command)))
      .toEqual(["63C2", "63C1", "63C0", "6983", "6983"])
  })

  it("the right one gives all tries back", () => {
    const card = entered()
    say(card, wrong)
    say(card, pinRight)
    expect(tries(card)).toBe(3)
  })

  it("a wrong one takes away what the right one gave; so does selecting anew", () => {
    const card = entered()
    say(card, pinRight)
    expect(status(card, "805C000104")).toBe("9000")
    say(card, wrong)
    expect(status(card, "805C000104")).toBe("6982")
    say(card, pinRight)
    say(card, select)
    expect(status(card, "805C000104")).toBe("6982")
  })

  it.each([
    ["wrong", wrong, [3, 2, 2]],
    ["right", pinRight, [3, 2, 3]]
  ])("a %s one, cut off after 0, 1 and 2 bytes: no free try", (_, command, left) => {
    const found = [0, 1, 2].map((n) => {
      const card = entered()
      card.interrupt(of(command), n)
      say(card, select)
      expect(status(card, "805C000104")).toBe("6982")
      return tries(card)
    })
    expect(found).toEqual(left)
  })

  it("who always cuts the power at the first byte has three tries, not more", () => {
    const card = entered()
    for (let time = 0; time < 3; time++) {
      card.interrupt(of(wrong), 1)
      say(card, select)
    }
    expect(say(card, pinRight)).toBe("6983")
  })
})

describe("CHANGE PIN", () => {
  const change = (from: string, to: string): string =>
    `805E0100 ${Bytes.hex(Bytes.join(of(from + to).length + 1))} ${from} FF ${to}`

  it("the old one, FF, the new one: of another length if wanted", () => {
    const card = entered()
    expect(say(card, change("123456", "1234"))).toBe("9000")
    expect(say(card, pinRight)).toBe("63C2")
    expect(say(card, "00200000021234")).toBe("9000")
  })

  it.each([
    ["a wrong old one counts", change("654321", "111111"), "63C2", 2],
    ["a new one that is too long", change("123456", "11111111111111"), "6A80", 3],
    ["a new one that is too short", change("123456", "11"), "6A80", 3],
    ["no new one", "805E0100 05 12345678FF", "6A80", 3],
    ["FF in the new one", change("123456", "11FF11"), "6A80", 3],
    ["no FF", "805E0100 06 123456123456", "6A80", 3],
    ["too short", "805E0100 04 1234FF12", "6700", 3],
    ["a number that is not there", "805E0101 07 123456FF111111", "9403", 3],
    ["a wrong P1", "805E0200 07 123456FF111111", "6A86", 3]
  ])("%s", (_, command, answer, left) => {
    const card = entered()
    expect(say(card, command)).toBe(answer)
    expect(card.memory().pin).toMatchObject({ value: "123456", tries: left })
  })

  it("a locked one is not changed", () => expect(say(locked(), change("123456", "1111"))).toBe("6983"))

  it("cut off anywhere: the old one or the new one, never half of one", () => {
    const size = entered().footprint(of(change("123456", "11112222")))
    const found = Array.from({ length: size + 1 }, (_, n) => {
      const card = entered()
      card.interrupt(of(change("123456", "11112222")), n)
      return `${card.memory().pin.value} ${tries(card)}`
    })
    expect(new Set(found)).toEqual(new Set(["123456 3", "123456 2", "11112222 3"]))
  })
})

describe("RELOAD PIN", () => {
  it("a new one, signed by the issuer, opens a locked card", () => {
    const card = locked()
    expect(say(card, reloading(card, "2233445566"))).toBe("9000")
    expect(say(card, "00200000052233445566")).toBe("9000")
  })

  it("three wrong signatures lock the application for ever", () => {
    const card = entered()
    const command = spoilt(reloading(card, "223344"))
    expect([command, command, command, command, select].map((command) => say(card, command)))
      .toEqual(["9302", "9302", "9303", "9303", "9303"])
    expect(card.memory().pin.value).toBe("123456")
  })

  it.each([
    ["a length that it can not have", () => "805E000005 1111111111", "6700"],
    ["FF in it", (card: VirtualCpuCard) => reloading(card, "11FF11"), "6A80"]
  ])("%s", (_, command, answer) => {
    const card = entered()
    expect(say(card, command(card))).toBe(answer)
  })
})

describe("PIN UNBLOCK", () => {
  it.each([["84240001"], ["84240000"]])("the same PIN has its tries again: %s", (header) => {
    const card = locked()
    expect(say(card, unblocking(card, "123456", header))).toBe("9000")
    expect(say(card, pinRight)).toBe("9000")
  })

  it("another PIN, or none: refused, still locked", () => {
    const card = locked()
    expect(say(card, unblocking(card, "123457"))).toBe("6A80")
    expect(say(card, "84240001 0C 000000000000000000000000")).toBe("6984")
    expect(say(card, "84240001 04 00000000")).toBe("6700")
    expect(say(card, "84240101 0C 000000000000000000000000")).toBe("9403")
    expect(say(card, "84240002 0C 000000000000000000000000")).toBe("6A86")
    expect(say(card, pinRight)).toBe("6983")
  })

  it("three wrong signatures lock the application for ever", () => {
    const card = locked()
    const answers = [1, 2, 3].map(() => say(card, spoilt(unblocking(card, "123456"))))
    expect(answers).toEqual(["6988", "6988", "9303"])
  })
})

describe("EXTERNAL AUTHENTICATE", () => {
  const proven = (card: VirtualCpuCard, challenge = "0084000004"): string => {
    const random = card.answer(of(challenge)).slice(0, -2)
    return `00820001 08 ${Bytes.hex(PurseCrypto.authentication(of(card.memory().external.key), random))}`
  }

  it.each([["0084000004"], ["0084000008"]])("the challenge, enciphered: %s", (challenge) => {
    const card = entered()
    expect(say(card, proven(card, challenge))).toBe("9000")
  })

  it("the same is not good twice", () => {
    const card = entered()
    const command = proven(card)
    say(card, command)
    expect(say(card, command)).toBe("6984")
  })

  it("three wrong ones lock the key", () => {
    const card = entered()
    const answers = [1, 2, 3].map(() => say(card, spoilt(proven(card))))
    expect([...answers, say(card, proven(card))]).toEqual(["63C2", "63C1", "63C0", "6983"])
  })

  it("cut off: no free try", () => {
    const card = entered()
    card.interrupt(of(spoilt(proven(card))), 1)
    expect(card.memory().external.tries).toBe(2)
  })

  it.each([
    ["a key that is not there", "00820002 08 0000000000000000", "6A88"],
    ["a wrong P1", "00820101 08 0000000000000000", "6A86"],
    ["a wrong length", "00820001 07 00000000000000", "6700"],
    ["no challenge", "00820001 08 0000000000000000", "6984"]
  ])("%s", (_, command, answer) => {
    const card = altered(entered(), {})
    expect(say(card, command)).toBe(answer)
    expect(card.memory().external.tries).toBe(3)
  })
})
