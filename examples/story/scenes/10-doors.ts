/**
 * Gates, locks and the key ring: who somebody is, never what they pay; and what a cut-off lock tells late (R10-R16,
 * R62, R63, D11, I10, I18, golden trace 7).
 */
import { Doors, Id } from "@yikatong/core"
import { Effect, Stream } from "effect"
import { holder, type Stage, type Words } from "../Stage.ts"
import { thirdCard } from "./6-lose.ts"

const room = Id.PointId.make("room-1-101")

export const doors = (stage: Stage) => {
  const hear = ([zh, en]: Words, verdict: Doors.Verdict) =>
    verdict._tag === "Opened"
      ? stage.say("✓", [zh, en])
      : Effect.andThen(stage.say("✗", [zh, en]), stage.declined(verdict.decline))
  const show = Effect.fnUntraced(function*(
    wish: Words,
    door: string,
    medium: "physicalCard" | "todayCampusCode" | "ecodePayCode" | "ecodeIdentityCode"
  ) {
    const shown = medium === "physicalCard" ? { card: thirdCard } : {}
    yield* hear(wish, yield* Doors.identify(stage.statement(door, { _tag: "Identify", medium, ...shown })))
  })
  const ring = Effect.gen(function*() {
    const listed = yield* Doors.keyRing(holder)
    yield* stage.aside([`钥匙串：${listed.join("、") || "空"}`, `the key ring: ${listed.join(", ") || "empty"}`])
  })
  const unlock = (wish: Words, confirmed: boolean) =>
    Effect.flatMap(
      Doors.openByKeyRing(stage.statement("today-campus", { _tag: "OpenByKeyRing", door: room, confirmed })),
      (verdict) => hear(wish, verdict)
    )
  return stage.scene(
    ["大门、寝室门锁、钥匙串", "the gate, the room, the key ring"],
    "二、(一)(二) · R10-R16, R62, R63, D11",
    Effect.gen(function*() {
      stage.at("2026-06-12 21:30")
      yield* show(["大门刷卡", "the gate, by card"], "dorm-1", "physicalCard")
      yield* show(
        ["大门，今日校园付款码，只认人", "the gate, Today Campus code: identity only"],
        "dorm-1",
        "todayCampusCode"
      )
      yield* show(["大门，e码通身份码", "the gate, e码通 identity code"], "dorm-1", "ecodeIdentityCode")
      yield* show(["大门，e码通付款码", "the gate, e码通 pay code"], "dorm-1", "ecodePayCode")
      yield* show(["寝室刷卡，没授权", "the room, by card, not granted"], room, "physicalCard")
      yield* ring
      stage.at("2026-06-12 21:40")
      yield* stage.ask(["卡中心给卡授权 101", "the office grants 101 to the card"], "card-centre", {
        _tag: "GrantAccess",
        door: room,
        card: thirdCard
      })
      yield* show(["寝室刷卡", "the room, by card"], room, "physicalCard")
      yield* ring
      yield* unlock(["钥匙串选 101，没点确认", "101 picked on the key ring, not confirmed"], false)
      yield* unlock(["点击确认", "confirmed"], true)
      yield* show(["寝室，今日校园付款码", "the room, Today Campus code"], room, "todayCampusCode")
      stage.at("2026-06-12 23:10")
      yield* stage.aside(["门锁断网，自己认卡开门", "the lock is cut off, and opens to the card by itself"])
      const passed = stage.statement(room, {
        _tag: "RecordPassage",
        medium: "physicalCard",
        card: thirdCard,
        sequence: 1,
        opened: true
      }, { _tag: "Card", card: thirdCard })
      stage.at("2026-06-13 07:00")
      yield* stage.upload(["门锁补传 23:10 的通行", "the lock tells late of 23:10"], passed)
      const log = yield* Stream.runCollect(Doors.attempts(room))
      const opened = log.filter(({ verdict }) => verdict === "opened").length
      yield* stage.aside([
        `101 的记录：${log.length} 次，开门 ${opened} 次`,
        `the log of 101: ${log.length} attempts, opened ${opened} times`
      ])
    })
  )
}
