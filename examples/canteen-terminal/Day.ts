/** A day in the canteen, told with a virtual card. */
import { type CardChannel, CardFault, type Mischief, PcscReader, VirtualPcsc } from "@yikatong/adapters-pcsc"
import {
  BlockedCards,
  Books,
  CivilTime,
  Id,
  Money,
  SubjectStore,
  Submit,
  Terminal as Device,
  TerminalEvent,
  TerminalMemory,
  Uploading
} from "@yikatong/core"
import { Effect } from "effect"
import * as Campus from "./Campus.ts"
import * as School from "./School.ts"
import { inWords, Terminal } from "./Terminal.ts"

export const reader = "Virtual reader"
let time = CivilTime.instant("2026-03-02 10:00")
export const now = () => time

const device = TerminalEvent.TerminalId.make("terminal-1")
const yuan = (text: string) => Money.amount(Money.yuan(text))
const print = (line: string) => Effect.sync(() => console.log(line))
const at = (clock: string, zh: string, en: string) =>
  Effect.suspend(() => {
    time = CivilTime.instant(`2026-03-02 ${clock}`)
    return print(`${clock} ${zh} / ${en}`)
  })

const card = School.card()

/** The card is laid on the reader; at the command with this instruction it is pulled away, as the mischief says. */
const tap = Effect.fnUntraced(function*<A, E, R>(
  use: (channel: CardChannel.CardChannel) => Effect.Effect<A, E, R>,
  instruction?: number,
  mischief: Mischief.Mischief = { _tag: "TearAfter", says: "empty" }
) {
  const hands = yield* VirtualPcsc.VirtualPcsc
  const readers = yield* PcscReader.PcscReader
  let isOver = false
  yield* hands.insert(reader, card)
  yield* hands.plan(reader, (command) => {
    if (isOver || command[1] !== instruction) return undefined
    isOver = true
    return mischief
  })
  yield* readers.insertion({ reader })
  const used = yield* readers.use(reader, use)
  yield* hands.remove(reader)
  return used
})

const signIn = Effect.fnUntraced(function*(id: string, before: TerminalMemory.TerminalMemory) {
  const receivedAt = yield* Submit.arrival
  yield* (yield* SubjectStore.SubjectStore).transact(Device.decider, {
    caller: Id.CallerId.make("terminals"),
    id: Id.CommandId.make(id),
    subject: device,
    receivedAt,
    body: { _tag: "SignIn", clock: time, holds: { profile: Campus.profile.version, list: 0 }, newestList: 0 }
  })
  return TerminalMemory.signedIn(
    before,
    { at: receivedAt, offset: 0 },
    BlockedCards.full(BlockedCards.none, receivedAt)
  )
})

const fresh = TerminalMemory.fromPlain({
  station: "canteen-1",
  device: 0,
  terminal: 0,
  unsent: 0,
  list: { version: 0, asOf: time, cards: [] },
  recent: []
})

export const told = Effect.gen(function*() {
  const terminal = new Terminal(School.options)
  yield* Campus.enrol(Id.CardId.make("00061998081700000030"))

  yield* at(
    "10:00",
    "学生用微信充值 100.00，卡里还没有钱",
    "a student recharges 100.00 by WeChat; nothing is on the card yet"
  )
  yield* Campus.recharge("100.00")
  let memory = yield* signIn("sign-in-1", fresh)

  yield* at("11:50", "刷卡圈存，写卡时卡被拿开", "a tap to load; the card is pulled away in the middle of the write")
  yield* tap((channel) => terminal.load(channel), 0x52)
  const { held } = yield* Campus.pockets
  yield* print(`  账上圈存未决 ${Money.format(held)} / the books hold ¥${Money.format(held)} until the card tells`)

  yield* at("11:51", "再次刷卡", "the next tap")
  yield* tap((channel) => terminal.load(channel))

  yield* at("12:00", "午餐 12.50", "lunch for 12.50")
  yield* tap((channel) => terminal.pay(channel, yuan("12.50")))

  yield* at(
    "12:05",
    "加菜 3.00，扣款时卡被拿开，又放回来",
    "a dish more for 3.00; the card is pulled away in the debit, and put back"
  )
  yield* tap((channel) => terminal.pay(channel, yuan("3.00")), 0x54)
  yield* tap((channel) => terminal.pay(channel, yuan("3.00")))

  yield* at("12:10", "再买 15.00，超过餐限", "15.00 more, which is above the limit of a meal")
  yield* tap((channel) => terminal.pay(channel, yuan("15.00")))

  yield* at("17:30", "网络中断，晚餐 8.00，凭卡片脱机消费", "the network is down; dinner for 8.00 by the chip alone")
  memory = yield* tap((channel) => terminal.sellAlone(channel, memory, yuan("8.00")))

  yield* at(
    "17:40",
    "饮料 3.00，扣款命令到达之前卡被拿开，又放回来",
    "a drink for 3.00; pulled away before the debit arrived, and put back"
  )
  memory = yield* tap(
    (channel) => terminal.sellAlone(channel, memory, yuan("3.00")),
    0x54,
    { _tag: "TearBefore", says: "empty" }
  )
  yield* tap((channel) => terminal.settle(channel))

  yield* at("18:30", "网络恢复，上传流水", "the network is back; the records are uploaded")
  const [first, ...others] = terminal.records
  if (first === undefined) return yield* Effect.die(new Error("Something was sold alone"))
  yield* signIn("sign-in-2", memory)
  const uploaded = yield* Uploading.upload({
    caller: Id.CallerId.make("terminals"),
    id: Id.CommandId.make("upload-1"),
    terminal: device,
    records: [first, ...others]
  })
  if (uploaded._tag === "Declined") return yield* Effect.die(uploaded.decline)
  const safe = uploaded.outcomes.filter(Uploading.isSafe).length
  const { breaks } = yield* Books.check(...Books.house)
  const { chip } = yield* Campus.pockets
  const { balance } = card.memory().purses.ep
  yield* print(`  ${safe} 条流水已入账 / ${safe} records are safe`)
  yield* print(
    `  账上 ${Money.format(chip)}，卡上 ${Money.format(Money.of(balance))}，差错 ${breaks.length} / ` +
      `the books say ¥${Money.format(chip)}, the card ¥${Money.format(Money.of(balance))}, breaks: ${breaks.length}`
  )
}).pipe(Effect.catchIf(CardFault.isLost, (fault) => print(`  ${inWords(fault).join(" / ")}`)))
