/**
 * What is wrong with a card 卡片问题: it refuses, it is none of ours, or what it says can not be. The reader works; the card was
 * left as it was.
 *
 * A problem is a value with its numbers, and has words and a remedy in two languages (`CardProblemWords`). It is no decline: the
 * campus was not asked.
 */
import * as StatusWord from "./StatusWord.ts"

export { explain } from "./CardProblemWords.ts"

/** What a command was for. */
export type Step =
  | "select"
  | "readFile"
  | "writeFile"
  | "challenge"
  | "verifyPin"
  | "balance"
  | "initialiseLoad"
  | "credit"
  | "initialisePurchase"
  | "debit"
  | "prove"
  | "log"
  | "authenticate"
  | "loadKey"
  | "readBlock"
  | "writeBlock"
  | "value"
  | "uid"
  | "psam"

export type CardProblem =
  /** The card answered with a status that ends the step. */
  | { readonly _tag: "CardRefused"; readonly step: Step; readonly status: StatusWord.StatusWord }
  /** An answer of a length that it can not have. */
  | { readonly _tag: "AnswerMalformed"; readonly step: Step; readonly bytes: number; readonly expected: number }
  /** The application of this campus is not on the card: it is of another system. */
  | { readonly _tag: "NotACampusCard" }
  /** The card has an answer to reset of no kind that is known here. */
  | { readonly _tag: "UnknownCardType"; readonly atr: string }
  /** What a file holds makes no sense: half written, damaged, or of another layout. */
  | { readonly _tag: "FileDamaged"; readonly file: string; readonly problem: string }
  /** The application or the card is blocked; only who issued it can open it again. */
  | { readonly _tag: "CardBlocked"; readonly forEver: boolean }
  /** The wrong PIN; `tries` are left. */
  | { readonly _tag: "PinWrong"; readonly tries: number }
  | { readonly _tag: "PinLocked" }
  /** The card wants its PIN for this, and there is none: neither typed at this tap nor the terminal's own. */
  | { readonly _tag: "PinNeeded" }
  /** The terminal shows its own PIN no more: a card has refused it. That card or another may take the one that its holder types. */
  | { readonly _tag: "PinSuspended" }
  /** The card's own signature (MAC1, MAC2, TAC) is wrong: it is a copy, its keys are others, or ours are. */
  | { readonly _tag: "MacWrong"; readonly step: Step }
  /** The card refuses the terminal's signature: our keys are not those of this card, and it is not the card that is suspect. */
  | { readonly _tag: "MacRefused"; readonly step: Step }
  /** The balance on the card is too small. In fen. */
  | { readonly _tag: "BalanceShort"; readonly amount: number; readonly balance: number }
  /** It has counted to its end, and takes no more of these: the card must be replaced. */
  | { readonly _tag: "CounterFull"; readonly counter: "load" | "purchase" }
  /** Another card lies on the reader than the one that was begun with. */
  | { readonly _tag: "AnotherCard" }
  /** The chip reads otherwise than it did when this was decided: nothing was written. */
  | { readonly _tag: "CardChanged" }
  /** Nothing shows whether the chip has paid: neither its reading nor a write that was kept. Nothing was changed. */
  | { readonly _tag: "PaymentUnproven" }
  /** A purchase was made without its counters being written: what was bought today is not known from the chip alone. */
  | { readonly _tag: "CountersBehind"; readonly purchases: number }
  /** More than the chip has room for. */
  | { readonly _tag: "NoRoomOnCard"; readonly file: string; readonly problem: string }
  /** There is no key for this: the terminal's keys are of another campus or incomplete. */
  | { readonly _tag: "KeyMissing"; readonly key: string }
  /** The card has no key of this index: its keys are set up otherwise than the profile says. */
  | { readonly _tag: "KeyNotOnCard"; readonly step: Step; readonly index: number }
  /** A sector of an M1 card has another key: the card is of another system, or our keys are. */
  | { readonly _tag: "SectorKeyWrong"; readonly sector: number }
  /** The reader does not take this pseudo-APDU or this place for a key: it wants another `ReaderProfile`. */
  | { readonly _tag: "ReaderUnsuited"; readonly step: Step; readonly status: StatusWord.StatusWord }
  /** Block 0 and the sector trailers are never written as data is. */
  | { readonly _tag: "BlockReserved"; readonly block: number }
  /** Whoever has this key (a host, a PSAM) does not answer. */
  | { readonly _tag: "KeysUnreachable"; readonly key: string }
  /** The terminal signs nothing more with this key: this card has refused it, or one card after another has. */
  | { readonly _tag: "KeysSuspended"; readonly key: string }
  /** A command or answer is longer than reader or card take. */
  | { readonly _tag: "TooLong"; readonly bytes: number; readonly longest: number }

export type Of<Tag extends CardProblem["_tag"]> = Extract<CardProblem, { readonly _tag: Tag }>

const refused = (step: Step, status: StatusWord.StatusWord): CardProblem => ({ _tag: "CardRefused", step, status })

/** What a status that is not success says, whatever the step. */
export const ofStatus = (step: Step, word: number): CardProblem => {
  const status = StatusWord.of(word)
  switch (status._tag) {
    case "ApplicationLocked":
      return { _tag: "CardBlocked", forEver: true }
    case "MacInvalid":
    case "WrongSecureMessage":
      // A PSAM that says so speaks of the card's signature, and is asked about it in `Psam` alone.
      return step === "psam" ? refused(step, status) : { _tag: "MacRefused", step }
    case "FileNotFound":
      return step === "select" ? { _tag: "NotACampusCard" } : refused(step, status)
    case "NotSupported":
      return step === "select" ? { _tag: "CardBlocked", forEver: false } : refused(step, status)
    case "Wrong":
      return step === "verifyPin" ? { _tag: "PinWrong", tries: status.tries } : refused(step, status)
    case "Locked":
      return step === "verifyPin" ? { _tag: "PinLocked" } : refused(step, status)
    default:
      return refused(step, status)
  }
}
