/**
 * Why a deposit is refused, in the bank's words 应答码: what the account declined, told with the codes that such links
 * have.
 */
import type { Decline } from "@yikatong/core"
import type { DepositCode } from "./DepositMessages.ts"

/** The code of a decline. What no code says is out of order: the bank tells its customer to ask the school. */
export const of = ({ _tag }: Decline.Decline): DepositCode => {
  switch (_tag) {
    case "UnknownAccount":
    case "UnknownHandle":
    case "UnknownCard":
    case "NoPlasticForHolder":
      return "notFound"
    case "IdentityNotMatched":
    case "IdentityLocked":
      return "nameMismatch"
    case "CardLost":
      return "lost"
    case "CardFrozenDormant":
    case "CardExpired":
    case "CardNotActivated":
    case "CardAwaitingActivation":
    case "CardSuperseded":
      return "frozen"
    case "AccountClosed":
    case "CardCancelled":
      return "closed"
    case "AmountNotAllowed":
      return "overLimit"
    case "NotOwnBankCard":
      return "notOwnCard"
    default:
      return "outOfOrder"
  }
}
