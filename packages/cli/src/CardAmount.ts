/**
 * An amount in yuan as an argument 金额: "12.50".
 */
import { Money } from "@yikatong/core"
import { Effect, Result } from "effect"
import { Argument } from "effect/cli"
import { both, WrongUse } from "./Failure.ts"

export const argument = Argument.String("amount").pipe(
  Argument.withDescription("金额，元，如 12.50 / how much, in yuan, as 12.50")
)

const largest = Money.format(Money.of(Money.largestAmount))

/** The amount that is written so. */
export const parse = (text: string): Effect.Effect<Money.Amount, WrongUse> => {
  const money = Money.parse(text)
  const fen = Result.isSuccess(money) ? money.success : 0
  return fen >= 1 && fen <= Money.largestAmount ? Effect.succeed(Money.amount(fen)) : Effect.fail(
    new WrongUse({
      message: both(`金额应为 0.01 至 ${largest} 元，如 12.50`, `the amount is 0.01 to ${largest}, written as 12.50`)
    })
  )
}
