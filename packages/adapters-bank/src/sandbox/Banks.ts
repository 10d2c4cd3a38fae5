/**
 * The banks of the sandbox that speak over TCP 沙箱银行: an ISO 8583 host, a host of the described transfer link, and the app
 * that begins deposits. All over the purses of one {@link House}, and by its rules of mischief.
 */
import { Effect, type Redacted, type Scope } from "effect"
import { randomBytes } from "node:crypto"
import * as Pan from "../Pan.ts"
import * as SandboxMark from "../SandboxMark.ts"
import { BankApp } from "./BankApp.ts"
import * as DepositTerms from "./DepositTerms.ts"
import * as HostLine from "./HostLine.ts"
import type { House } from "./House.ts"
import { IsoHost } from "./IsoHost.ts"
import * as IsoTerms from "./IsoTerms.ts"
import type { Rules } from "./Mischief.ts"
import type { SandboxClock } from "./SandboxClock.ts"
import type { PortTaken } from "./SandboxServer.ts"
import type { Terms } from "./Terms.ts"
import { TransferHost } from "./TransferHost.ts"
import * as TransferTerms from "./TransferTerms.ts"

/** A card that the bank gave to a payer: whose purse it opens, whose name and number it bears, and its PIN. */
export interface IssuedCard {
  readonly payer: string
  readonly number: Pan.Pan
  readonly name: Redacted.Redacted<string>
  readonly idNumber: Redacted.Redacted<string>
  readonly pin: Redacted.Redacted<string>
}

export interface Banks {
  readonly iso: IsoHost
  readonly transfer: TransferHost
  readonly app: BankApp
  /** Every host knows it from here on. */
  readonly issue: (card: IssuedCard) => void
  /** What a school is given to speak to each, by the name that rules of mischief have for it: it holds keys. */
  readonly terms: Readonly<Record<"ccbApp" | "iso8583" | "transferLink", Terms>>
}

/** Run as long as the scope. */
export const start = Effect.fnUntraced(function*(
  { clock, house: { purses }, rules }: {
    readonly clock: SandboxClock
    readonly house: House
    readonly rules: Rules
  }
): Effect.fn.Return<Banks, PortTaken, Scope.Scope> {
  const key = () => SandboxMark.blockKey("des", 16)
  const [master, transferKey, depositKey] = [key(), key(), key()]
  const iso = new IsoHost(
    IsoTerms.hostOf({ master, random: (size) => new Uint8Array(randomBytes(size)) }),
    purses,
    rules
  )
  const transfer = new TransferHost(TransferTerms.link, transferKey, purses, rules)
  const isoPort = yield* HostLine.listen(IsoTerms.prefix, clock, (message) => {
    const { delay, frame } = iso.answer(message, clock.now())
    return { bytes: frame, delay }
  })
  const transferPort = yield* HostLine.listen(TransferTerms.link.prefix, clock, (message) => {
    const { delay, message: bytes } = transfer.answer(message, clock.now())
    return { bytes, delay }
  })
  return {
    iso,
    transfer,
    app: yield* BankApp.make(depositKey, purses, { rules, sleep: (milliseconds) => clock.sleep(milliseconds) }),
    issue: ({ idNumber, name, number, payer, pin }) => {
      iso.cards.set(Pan.digits(number), { payer, pin })
      transfer.cards.set(Pan.digits(number), { payer, name, idNumber })
    },
    terms: {
      iso8583: IsoTerms.told({ master }, isoPort),
      transferLink: TransferTerms.told(transferKey, transferPort),
      ccbApp: DepositTerms.told(depositKey)
    }
  }
})
