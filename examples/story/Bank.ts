/**
 * The other side of every channel: WeChat Pay, UnionPay and the bank, on loopback sockets, with money of their own. It is the
 * sandbox of `@yikatong/adapters-bank`; everything that the school says and hears goes over its real wires.
 */
import { Pan } from "@yikatong/adapters-bank"
import { Sandbox } from "@yikatong/adapters-bank/sandbox"
import type { CivilTime, Money, PaymentAttempt } from "@yikatong/core"
import { Effect, Redacted, Result, type Scope } from "effect"
import { student } from "./Cast.ts"
import type { Stage } from "./Stage.ts"

/** Whose money it is there, and how much they have at first, in fen. */
const payer = "lihua"
const savings = 100_000

/** The holder's own bank card: made up, with a right check digit. */
export const bankCard = Result.getOrThrow(Pan.parse("6217000010000000003"))

export interface Bank {
  readonly box: Sandbox.Sandbox
  /** The other side's clock follows the story's. */
  readonly catchUp: Effect.Effect<void>
  /** The payer's phone scans what an attempt shows, and pays; the notices that follow are delivered. */
  readonly scan: (attempt: PaymentAttempt.Attempt) => Effect.Effect<void>
  /** A deposit in the bank's app, from one's own card or another's; what the bank came to know. */
  readonly deposit: (from: DepositFrom) => Effect.Effect<string>
  /** What merchants were paid there, less what they sent back, in fen. */
  readonly received: () => number
}

/** Who pays whom, as it is typed into the app. */
export interface DepositFrom {
  readonly number: string
  readonly name: Redacted.Redacted<string>
  readonly document: Redacted.Redacted<string>
  readonly cardholder: Redacted.Redacted<string>
  readonly amount: Money.Amount
}

export const open = Effect.fnUntraced(function*(stage: Stage): Effect.fn.Return<Bank, never, Scope.Scope> {
  const box = yield* Effect.orDie(Sandbox.start({ now: stage.now(), payers: { [payer]: savings } }))
  const { banks, clock, house, token } = box
  const pin = Redacted.make("123456")
  const { document: { number: idNumber }, name } = student
  banks.issue({ payer, number: bankCard, name, idNumber, pin })

  const catchUp = Effect.suspend(() => clock.advance(Math.max(0, stage.now() - clock.now())))
  const control = (path: string, body: unknown) =>
    Effect.promise(() =>
      fetch(`${box.origin}/__sandbox/${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${Redacted.value(token)}`, "content-type": "application/json" },
        body: JSON.stringify(body)
      })
    ).pipe(Effect.tap((answer) => answer.ok ? Effect.void : Effect.die(new Error(`${path}: ${answer.status}`))))

  const scan = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt) {
    const code = attempt._tag === "Waiting" && attempt.instruction._tag === "QrCode" ? attempt.instruction.text : ""
    yield* control(`trades/${code.slice(code.lastIndexOf("/") + 1)}/pay`, { payer })
    // Every notice that is due is delivered before this is over.
    yield* clock.advance(0)
  })

  const deposit = Effect.fnUntraced(function*({ amount, cardholder, document, name, number }: DepositFrom) {
    const now: CivilTime.Instant = clock.now()
    const seen = yield* banks.app.lookup({ studentNumber: number, name, idNumber: document }, now)
    if (seen?.account === undefined) return seen?.code ?? "outOfOrder"
    const paying = { payer, payerTail: Pan.tail(bankCard), payerName: cardholder, studentNumber: number, amount }
    const dealing = yield* banks.app.deposit({ ...paying, account: seen.account }, now)
    return dealing?.code ?? "outOfOrder"
  })
  const received = () => {
    let fen = 0
    for (const [purse, held] of house.purses.all) if (purse.startsWith("merchant:")) fen += held
    return fen
  }
  return { box, catchUp, scan, deposit, received }
})
