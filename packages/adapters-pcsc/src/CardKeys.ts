/**
 * The keys of the campus 密钥: who has them signs purchases, loads and writes to protected files, and can tell a card
 * of ours from a copy.
 *
 * They are behind this port, so that no key need ever be on a terminal: a PSAM in a second slot signs purchases
 * (`Psam`), the school's host signs loads, and `SoftwareKeys` does all of it where keys are kept as data (virtual
 * cards, issuing desks).
 */
import type { CivilTime, Money } from "@yikatong/core"
import { Context, Effect } from "effect"
import type * as Bytes from "./Bytes.ts"
import type { CardProblem } from "./CardProblem.ts"
import type { LoadBegun, PurchaseBegun } from "./EPurse.ts"
import type { Failure } from "./Exchange.ts"

/** What keys say of a signature; `unknown`: they are not those that could. */
export type Verdict = "right" | "wrong" | "unknown"

/** What every transaction has. `serial`: of the card, 10 bytes; `terminal`: its number, 6 bytes; `at`: by its clock. */
export interface Dealing {
  readonly serial: Bytes.Bytes
  readonly terminal: Bytes.Bytes
  readonly amount: Money.Money
  readonly at: CivilTime.Instant
}

export interface PurchaseRequest extends Dealing {
  readonly begun: PurchaseBegun
}

/** A purchase that is signed. `terminalSequence`, `mac1`: 4 bytes each. */
export interface PurchaseSigned {
  readonly terminalSequence: Bytes.Bytes
  readonly mac1: Bytes.Bytes
  /** Is this what the card must sign once it has paid? To be asked once. */
  readonly confirm: (mac2: Bytes.Bytes) => Effect.Effect<Verdict, Failure>
}

export interface LoadRequest extends Dealing {
  readonly begun: LoadBegun
}

/** What a TAC signs. `counter`: before the load; `balance`: after it. */
export type Signed =
  | (Dealing & { readonly _tag: "Load"; readonly counter: number; readonly balance: Money.Money })
  | (Dealing & { readonly _tag: "Purchase"; readonly terminalSequence: Bytes.Bytes })

/**
 * What is signed of a write to a protected file. `challenge`: the card's 4 bytes; `command`: header, length and data.
 */
export interface FileRequest {
  readonly serial: Bytes.Bytes
  readonly challenge: Bytes.Bytes
  readonly command: Bytes.Bytes
}

export interface Keys {
  /** Counts a transaction of this terminal and signs it. */
  readonly purchase: (request: PurchaseRequest) => Effect.Effect<PurchaseSigned, Failure>
  /** Checks MAC1 of the card, which fails as `MacWrong`, and gives MAC2, 4 bytes. */
  readonly load: (request: LoadRequest) => Effect.Effect<Bytes.Bytes, Failure>
  /** Is this the TAC of it? */
  readonly judgeTac: (signed: Signed, tac: Bytes.Bytes) => Effect.Effect<Verdict, Failure>
  /** Signs a write to a protected file, 4 bytes. */
  readonly fileMac: (request: FileRequest) => Effect.Effect<Bytes.Bytes, Failure>
  /**
   * The card of this serial number has taken such a signature, or refused it. Three wrong ones end a card's application
   * for ever, so whoever has the key stops signing in time (`KeyFuse`).
   */
  readonly fileMacJudged: (serial: Bytes.Bytes, isRight: boolean) => Effect.Effect<void>
}

export class CardKeys extends Context.Service<CardKeys, Keys>()("@yikatong/adapters-pcsc/CardKeys") {}

const missing = (key: string) => (): Effect.Effect<never, CardProblem> => Effect.fail({ _tag: "KeyMissing", key })

/** No keys at all: what is spread over it is there. `{ ...CardKeys.none, purchase: psam.purchase, load: host }` */
export const none: Keys = {
  purchase: missing("purchase"),
  load: missing("load"),
  judgeTac: () => Effect.succeed("unknown"),
  fileMac: missing("file"),
  fileMacJudged: () => Effect.void
}
