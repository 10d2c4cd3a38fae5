// Every code of PC/SC under every kind of call. After a command may have been sent nobody says that it was not (R28).
import { describe, expect, it } from "vitest"
import { Code, PcscError } from "../src/PcscBinding.ts"
import * as PcscFault from "../src/PcscFault.ts"

const error = (operation: string, code: Code) =>
  new PcscError({ operation, code, detail: `the driver's word for ${code}` })
const fault = (operation: PcscFault.Operation, code: Code) => PcscFault.of("R", operation, error(operation, code))

const sending: Readonly<Record<Code, object>> = {
  NoService: { _tag: "AnswerLost", how: "link" },
  ServiceStopped: { _tag: "AnswerLost", how: "link" },
  AccessDenied: { _tag: "AnswerLost", how: "link" },
  UnknownReader: { _tag: "AnswerLost", how: "link" },
  ReaderUnavailable: { _tag: "AnswerLost", how: "link" },
  NoCard: { _tag: "AnswerLost", how: "removed" },
  RemovedCard: { _tag: "AnswerLost", how: "removed" },
  ResetCard: { _tag: "AnswerLost", how: "reset" },
  SharingViolation: { _tag: "CardBusy", tries: 1 },
  NotTransacted: { _tag: "AnswerLost", how: "link" },
  CommError: { _tag: "AnswerLost", how: "link" },
  UnpoweredCard: { _tag: "AnswerLost", how: "link" },
  UnresponsiveCard: { _tag: "AnswerLost", how: "link" },
  UnsupportedCard: { _tag: "AnswerLost", how: "link" },
  ProtocolMismatch: { _tag: "AnswerLost", how: "link" },
  InvalidHandle: { _tag: "AnswerLost", how: "link" },
  Timeout: { _tag: "AnswerLost", how: "link" },
  Busy: { _tag: "ReaderFailed", code: "Busy" },
  BufferTooSmall: { _tag: "AnswerLost", how: "link" },
  HandlesExhausted: { _tag: "AnswerLost", how: "link" },
  Other: { _tag: "AnswerLost", how: "link" }
}

const asking: Readonly<Record<Code, object>> = {
  NoService: { _tag: "ServiceGone", code: "NoService" },
  ServiceStopped: { _tag: "ServiceGone", code: "ServiceStopped" },
  AccessDenied: { _tag: "AccessDenied" },
  UnknownReader: { _tag: "ReaderGone" },
  ReaderUnavailable: { _tag: "ReaderGone" },
  NoCard: { _tag: "CardGone" },
  RemovedCard: { _tag: "CardGone" },
  ResetCard: { _tag: "AnswerLost", how: "reset" },
  SharingViolation: { _tag: "CardBusy", tries: 1 },
  NotTransacted: { _tag: "ReaderFailed", code: "NotTransacted" },
  CommError: { _tag: "ServiceGone", code: "CommError" },
  UnpoweredCard: { _tag: "CardMute" },
  UnresponsiveCard: { _tag: "CardMute" },
  UnsupportedCard: { _tag: "CardMute" },
  ProtocolMismatch: { _tag: "CardMute" },
  InvalidHandle: { _tag: "ReaderFailed", code: "InvalidHandle" },
  Timeout: { _tag: "ReaderFailed", code: "Timeout" },
  Busy: { _tag: "ReaderFailed", code: "Busy" },
  BufferTooSmall: { _tag: "ReaderFailed", code: "BufferTooSmall" },
  HandlesExhausted: { _tag: "ReaderFailed", code: "HandlesExhausted" },
  Other: { _tag: "ReaderFailed", code: "the driver's word for Other" }
}

describe("R28: transmit: a command may have been carried out", () => {
  it.each(Object.entries(sending) as ReadonlyArray<[Code, object]>)("%s", (code, expected) => {
    expect(fault("transmit", code)).toMatchObject(expected)
    expect(PcscFault.sends("transmit")).toBe(true)
  })
})

describe("control: a reader that refuses says why, everything else was lost", () => {
  const refusals: ReadonlyArray<Code> = [
    "AccessDenied",
    "UnsupportedCard",
    "ProtocolMismatch",
    "InvalidHandle",
    "BufferTooSmall",
    "HandlesExhausted",
    "Other"
  ]
  it.each(Object.entries(sending) as ReadonlyArray<[Code, object]>)("%s", (code, expected) => {
    const own = { _tag: "ReaderFailed", code: code === "Other" ? "the driver's word for Other" : code }
    expect(fault("control", code)).toMatchObject(refusals.includes(code) ? own : expected)
    expect(PcscFault.sends("control")).toBe(true)
  })
})

describe.each(["connect", "begin", "atr", "reconnect", "end", "disconnect"] as const)(
  "%s: nothing was sent to the card",
  (operation) => {
    it.each(Object.entries(asking) as ReadonlyArray<[Code, object]>)("%s", (code, expected) => {
      expect(fault(operation, code)).toMatchObject(expected)
      expect(PcscFault.sends(operation)).toBe(false)
    })
  }
)

describe("opening a client", () => {
  it.each(Code.literals)("%s", (code) => {
    const expected = code === "AccessDenied"
      ? { _tag: "AccessDenied", code }
      : { _tag: "ServiceGone", code: code === "Other" ? "the driver's word for Other" : code }
    expect(PcscFault.ofService(error("open", code))).toMatchObject(expected)
  })
})
