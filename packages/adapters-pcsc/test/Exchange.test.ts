import { Effect, Exit } from "effect"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import type { CardChannel } from "../src/CardChannel.ts"
import * as Exchange from "../src/Exchange.ts"

const { hex, of } = Bytes

/** A card that expects these commands in this order, and gives these answers. */
const card = (...script: ReadonlyArray<readonly [command: string, answer: string]>) => {
  const sent: Array<string> = []
  const channel: CardChannel = {
    reader: "reader-1",
    atr: of("3B00"),
    longest: 261,
    transmit: (command) =>
      Effect.sync(() => {
        const [expected, answer] = script[sent.length] ?? ["nothing", ""]
        expect(hex(command)).toBe(expected)
        sent.push(hex(command))
        return of(answer)
      }),
    reset: Effect.void
  }
  return { channel, sent }
}

const balance = { cla: 0x80, ins: 0x5c, p1: 0, p2: 2, expected: 4 }

describe("T=0 leaves lengths to the terminal (ISO/IEC 7816-3, 12.2)", () => {
  it.each<[title: string, script: ReadonlyArray<readonly [string, string]>, data: string, status: number]>([
    ["a plain answer", [["805C000204", "000003E89000"]], "000003E8", 0x9000],
    ["61xx: the rest is fetched", [["805C000204", "6104"], ["00C0000004", "000003E89000"]], "000003E8", 0x9000],
    [
      "61xx twice, the first with data",
      [["805C000204", "AA6102"], ["00C0000002", "BBCC6101"], ["00C0000001", "DD9000"]],
      "AABBCCDD",
      0x9000
    ],
    ["6Cxx: once more, with the right length", [["805C000204", "6C02"], ["805C000202", "03E89000"]], "03E8", 0x9000],
    ["6Cxx, then 61xx", [["805C000204", "6C02"], ["805C000202", "6102"], ["00C0000002", "03E89000"]], "03E8", 0x9000],
    ["6Cxx again is an answer, and asked no third time", [["805C000204", "6C02"], ["805C000202", "6C03"]], "", 0x6c03],
    ["a refusal", [["805C000204", "6A81"]], "", 0x6a81]
  ])("%s", async (_, script, data, status) => {
    const { channel, sent } = card(...script)
    const answer = await Effect.runPromise(Exchange.send(channel, "balance", balance))
    expect([hex(answer.data), answer.status]).toEqual([data, status])
    expect(sent).toHaveLength(script.length)
  })

  it("a card that always has more is not asked for ever", async () => {
    let asked = 0
    const channel: CardChannel = {
      ...card().channel,
      transmit: () => Effect.sync(() => (asked++, of("AA6101")))
    }
    const exit = await Effect.runPromiseExit(Exchange.send(channel, "balance", balance))
    expect(Exit.isFailure(exit)).toBe(true)
    expect(asked).toBeLessThan(400)
  })
})

describe("a command with data over T=0 (ISO/IEC 7816-3, 12.2)", () => {
  const select = { cla: 0, ins: 0xa4, p1: 4, p2: 0, data: of("1001"), expected: 256 }
  it.each<[title: string, protocol: CardChannel["protocol"], script: ReadonlyArray<readonly [string, string]>]>([
    ["T=0: no Le, and the answer is fetched", "T=0", [["00A40400021001", "6102"], ["00C0000002", "AABB9000"]]],
    ["T=1: with Le", "T=1", [["00A4040002100100", "AABB9000"]]],
    ["neither: with Le", "other", [["00A4040002100100", "AABB9000"]]],
    ["a channel that does not say: with Le", undefined, [["00A4040002100100", "AABB9000"]]]
  ])("%s", async (_, protocol, script) => {
    const { channel, sent } = card(...script)
    const over = { ...channel, ...(protocol && { protocol }) }
    expect(hex(await Effect.runPromise(Exchange.data(over, "select", select, 2)))).toBe("AABB")
    expect(sent).toHaveLength(script.length)
  })

  it("T=0: 6Cxx to a command that had no Le is not sent again as it was", async () => {
    const { channel, sent } = card(["00A40400021001", "6C02"])
    const answer = await Effect.runPromise(Exchange.send({ ...channel, protocol: "T=0" }, "select", select))
    expect([answer.status, sent.length]).toEqual([0x6c02, 1])
  })

  it("T=0: a command without data keeps its Le", async () => {
    const { channel } = card(["805C000204", "000003E89000"])
    const answer = await Effect.runPromise(Exchange.send({ ...channel, protocol: "T=0" }, "balance", balance))
    expect(answer.status).toBe(0x9000)
  })
})

describe("answers that can not be (bad input)", () => {
  it.each([["nothing", ""], ["one byte", "90"]])("trap 4: %s is a lost answer", async (_, answer) => {
    const failure = await Effect.runPromise(
      Effect.flip(Exchange.send(card(["805C000204", answer]).channel, "balance", balance))
    )
    expect(failure).toMatchObject({ _tag: "AnswerLost", how: "empty", reader: "reader-1" })
  })

  it.each([["9000", 0], ["0000009000", 3], ["00000000009000", 5]])("a balance of another length: %s", async (
    answer,
    bytes
  ) => {
    const { channel } = card(["805C000204", answer])
    const failure = await Effect.runPromise(Effect.flip(Exchange.data(channel, "balance", balance, 4)))
    expect(failure).toEqual({ _tag: "AnswerMalformed", step: "balance", bytes, expected: 4 })
  })

  it("a command that is too long for the reader is not sent at all", async () => {
    const { channel, sent } = card()
    const long = { cla: 0, ins: 0xd6, p1: 0, p2: 0, data: new Uint8Array(300) }
    const failure = await Effect.runPromise(Effect.flip(Exchange.send(channel, "writeFile", long)))
    expect(failure).toEqual({ _tag: "TooLong", bytes: 307, longest: 261 })
    expect(sent).toEqual([])
  })
})
