/**
 * From the words of PC/SC to those of the house 错误对应: what a failed call means for whoever uses the card. It depends on the call:
 * where a command was to be sent, every code says that its answer was lost, unless it is certain that none was sent (`unsent`);
 * elsewhere the same code says what is not there.
 *
 * Codes: pcsc-lite's winscard.h and its Windows namesake.
 */
import {
  AccessDenied,
  AnswerLost,
  CardBusy,
  type CardFault,
  CardGone,
  CardMute,
  ReaderFailed,
  ReaderGone,
  ServiceGone
} from "./CardFault.ts"
import type { Code, PcscError } from "./PcscBinding.ts"

/** What was asked of the binding. `transmit` and `control` are the ones that send something. */
export type Operation = "connect" | "begin" | "atr" | "transmit" | "control" | "reconnect" | "end" | "disconnect"

/** Whether a command may have been carried out although the call failed. */
export const sends = (operation: Operation): boolean => operation === "transmit" || operation === "control"

/**
 * What is found out before a command goes to the reader: another call of this handle is under way (the binding itself refuses the
 * second), or another program has begun a transaction (the service looks first).
 *
 * Everything else may come after the card has heard the command: `BufferTooSmall` where its answer had no room, `InvalidHandle` where
 * the service was begun anew meanwhile (Windows), `Other` and the rest from any driver at any time.
 */
const unsent: ReadonlyArray<Code> = ["Busy", "SharingViolation"]

/** Opening a client failed, or it died. */
export const ofService = ({ code, detail }: PcscError): CardFault =>
  code === "AccessDenied" ? new AccessDenied({ code }) : new ServiceGone({ code: code === "Other" ? detail : code })

/** A call for a card failed. */
export const of = (reader: string, operation: Operation, { code, detail }: PcscError): CardFault => {
  const failed = () => new ReaderFailed({ reader, operation, code: code === "Other" ? detail : code })
  if (sends(operation) && !unsent.includes(code)) {
    switch (code) {
      case "ResetCard":
        return new AnswerLost({ reader, how: "reset" })
      // Windows says so also in the middle of a command.
      case "RemovedCard":
      case "NoCard":
        return new AnswerLost({ reader, how: "removed" })
      case "NoService":
      case "ServiceStopped":
      case "NotTransacted":
      case "CommError":
      case "UnpoweredCard":
      case "UnresponsiveCard":
      case "ReaderUnavailable":
      case "UnknownReader":
      case "Timeout":
        return new AnswerLost({ reader, how: "link" })
      default:
        // What the reader itself refuses, as a buzzer that it has not, did no harm: its own word is worth more.
        return operation === "control" ? failed() : new AnswerLost({ reader, how: "link" })
    }
  }
  switch (code) {
    case "NoService":
    case "ServiceStopped":
    // Between the library and the service, not between reader and card.
    case "CommError":
      return new ServiceGone({ code })
    case "AccessDenied":
      return new AccessDenied({ code })
    case "UnknownReader":
    case "ReaderUnavailable":
      return new ReaderGone({ reader })
    case "NoCard":
    case "RemovedCard":
      return new CardGone({ reader })
    case "ResetCard":
      return new AnswerLost({ reader, how: "reset" })
    case "SharingViolation":
      return new CardBusy({ reader, tries: 1 })
    case "UnpoweredCard":
    case "UnresponsiveCard":
    case "UnsupportedCard":
    case "ProtocolMismatch":
      return new CardMute({ reader })
    default:
      return failed()
  }
}
