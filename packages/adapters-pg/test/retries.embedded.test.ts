// How long an answer is known: for ever.
import { AccountStore, CivilTime, type Command } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Effect, Option } from "effect"
import { expect, it } from "vitest"
import * as Embedded from "../src/embedded.ts"
import { account } from "./commands.ts"

const tenYears = 3_653 * CivilTime.dayLength

it("D19 I3 a command that is sent again ten years later gets the first answer", () =>
  Effect.runPromise(
    Effect.gen(function*() {
      const { transact, find } = yield* AccountStore.AccountStore
      const { funded, pay, subject } = account("ten-years")
      const commands = [...funded(1_000), pay(700), pay(700)]
      const answers = yield* Effect.forEach(commands, transact)
      expect(answers.map(({ _tag }) => _tag).slice(-2)).toEqual(["Approved", "Declined"])
      yield* transact(pay(300))
      const before = Option.getOrThrow(yield* find(subject))
      const late = (command: Command.Envelope): Command.Envelope => ({
        ...command,
        receivedAt: CivilTime.later(command.receivedAt, tenYears)
      })
      expect(yield* Effect.forEach(commands, (command) => transact(late(command)))).toEqual(answers)
      expect(Option.getOrThrow(yield* find(subject))).toEqual(before)
    }).pipe(Effect.provide(Embedded.layer({ profiles: AccountStoreLaws.profiles })))
  ))
