/**
 * A terminal loses its link, decides by itself, and uploads later, with one record missing; then the day is closed (I15,
 * I16, A21, D11, D12).
 */
import {
  AccountStore,
  BlockedCards,
  CivilTime,
  Csmzxy,
  Id,
  Money,
  OfflineTerminal,
  Settling,
  SubjectStore,
  Submit,
  Terminal,
  TerminalEvent,
  type TerminalMemory,
  Uploading
} from "@yikatong/core"
import { Effect, Result, Stream } from "effect"
import type { Stage, Words } from "../Stage.ts"
import { firstCard } from "./1-issue.ts"
import { thirdCard } from "./6-lose.ts"

const { csmzxy } = Csmzxy
const caller = Id.CallerId.make("device-1")
const deviceId = TerminalEvent.TerminalId.make("device-1")

export const cutOff = (stage: Stage) => {
  let steps = 0
  const tell = Effect.fnUntraced(function*(body: Parameters<typeof Terminal.decider.decide>[1]) {
    const id = Id.CommandId.make(`device-1-${++steps}`)
    const subjects = yield* SubjectStore.SubjectStore
    return yield* subjects.transact(Terminal.decider, {
      caller,
      id,
      subject: deviceId,
      receivedAt: yield* Submit.arrival,
      body
    })
  })
  /** A tap while the link is down: the terminal decides alone, writes its record and then the chip. */
  const take = Effect.fnUntraced(function*(
    wish: Words,
    memory: TerminalMemory.TerminalMemory,
    card: Id.CardId,
    yuan: string
  ) {
    const tap = { clock: stage.now() - 20_000, chip: stage.plastic(card), amount: Money.amount(Money.yuan(yuan)) }
    const taken = OfflineTerminal.take(csmzxy, tap, memory)
    if (Result.isFailure(taken)) {
      yield* stage.say("✗", wish)
      yield* stage.declined(taken.failure)
      return undefined
    }
    stage.change(card, () => taken.success.chip)
    yield* stage.say("✓", wish)
    return taken.success
  })
  return stage.scene(
    ["断网、脱机流水、日结", "a terminal cut off, its records, the close of the day"],
    "手册未写 not in the manual · R76, A21, D11, D12, I15, I16",
    Effect.gen(function*() {
      stage.at("2026-08-03 06:30")
      const journal = (yield* AccountStore.AccountStore).journal()
      const list = yield* Stream.runFold(journal, () => BlockedCards.none, BlockedCards.take)
      const holds = { profile: csmzxy.version, list: list.version }
      const signedIn = yield* tell({ _tag: "SignIn", clock: stage.now() - 20_000, holds, newestList: list.version })
      if (signedIn._tag === "Declined") return yield* stage.declined(signedIn.decline)
      yield* stage.aside(["终端签到，时钟慢 20 秒", "the terminal signs in; its clock is 20 s behind"])
      let memory: TerminalMemory.TerminalMemory = {
        station: Id.PointId.make("canteen-1"),
        device: 0,
        terminal: 0,
        unsent: 0,
        signedIn: { at: stage.now(), offset: 20_000 },
        list: BlockedCards.full(list, stage.now()),
        recent: []
      }
      stage.at("2026-08-03 12:00")
      yield* take(["断网：已补办的老卡", "cut off: the card that was replaced"], memory, firstCard, "1.00")
      const first = yield* take(["断网：刷卡 7.00", "cut off: by card, 7.00"], memory, thirdCard, "7.00")
      memory = first?.memory ?? memory
      const second = yield* take(["断网：刷卡 3.00", "cut off: by card, 3.00"], memory, thirdCard, "3.00")
      if (first === undefined || second === undefined) return
      stage.at("2026-08-03 18:00")
      const upload = Effect.fnUntraced(function*(wish: Words, id: string, record: typeof first.record) {
        const uploaded = yield* Uploading.upload({
          caller,
          id: Id.CommandId.make(id),
          terminal: deviceId,
          records: [record]
        })
        const outcome = uploaded._tag === "Uploaded" ? uploaded.outcomes[0] : undefined
        if (outcome?._tag === "Told") yield* stage.hear(wish, outcome.answer)
      })
      yield* upload(["先到的是第二笔：3.00", "the second record comes first: 3.00"], "upload-1", second.record)
      yield* gaps(stage)
      yield* upload(["第一笔补传：7.00", "the first one follows: 7.00"], "upload-2", first.record)
      yield* gaps(stage)
      yield* upload(["又传一遍", "the same once more"], "upload-3", first.record)
      stage.at("2026-08-04 00:30")
      const closing = yield* Settling.close(CivilTime.day("2026-08-03"))
      if (closing._tag === "Refused") return yield* stage.declined(closing.decline)
      for (const { earlier, fee, merchant, paid, purchases, returns } of closing.settlements) {
        const { purchases: soldBefore, returns: backBefore } = earlier
        const sums = [purchases, returns, soldBefore, backBefore, fee, paid].map((fen) => Money.format(fen))
        const [sold, back, before, returned, charged, settled] = sums
        yield* stage.aside([
          `日结 ${merchant}：当日消费 ${sold}、退 ${back}，此前消费 ${before}、退 ${returned}，手续费 ${charged}，结算 ${settled}`,
          `day closed: sold ${sold}, returned ${back}; before that sold ${before}, returned ${returned}; fee ${charged}; paid ${settled}`
        ])
      }
    })
  )
}

/** What of the terminal's numbers is missing (I15). */
const gaps = (stage: Stage) =>
  Effect.gen(function*() {
    const open = yield* Stream.runCollect(Uploading.openTerminals)
    yield* stage.aside(
      open.length === 0
        ? ["流水号没有缺口", "no number is missing"]
        : ["流水号 1 缺失，等待补传", "number 1 is missing, and stays open"]
    )
  })
