/**
 * From the words of PC/SC to those of the house 错误对应: what a failed call means for whoever uses the card. It depends on the call:
 * after a command was sent everything says that its answer was lost, before it the same code says what is not there.
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
import type { PcscError } from "./PcscBinding.ts"

/** What was asked of the binding. `transmit` and `control` are the ones that send something. */
export type Operation = "connect" | "begin" | "atr" | "transmit" | "control" | "reconnect" | "end" | "disconnect"

/** Whether a command may have been carried out although the call failed. */
export const sends = (operation: Operation): boolean => operation === "transmit" || operation === "control"

/** Opening a client failed, or it died. */
export const ofService = ({ code, detail }: PcscError): CardFault =>
  code === "AccessDenied" ? new AccessDenied({ code }) : new ServiceGone({ code: code === "Other" ? detail : code })

/** A call for a card failed. */
export const of = (reader: string, operation: Operation, { code, detail }: PcscError): CardFault => {
  const failed = () => new ReaderFailed({ reader, operation, code: code === "Other" ? detail : code })
  if (sends(operation)) {
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
        return failed()
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
