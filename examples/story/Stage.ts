/**
 * Where the story is told: a clock that the story moves, the plastic cards, and lines on the terminal.
 *
 * Everything that is decided, refused and stored comes from the SDK; the stage sends commands and says what was
 * answered.
 */
import {
  type AccountState,
  AccountStore,
  type Answer,
  Books,
  Chip,
  CivilTime,
  type Command,
  Csmzxy,
  type Decline,
  Explanation,
  type Fault,
  Id,
  Ledger,
  Money,
  type Person,
  Purchase,
  Submit
} from "@yikatong/core"
import { Clerk } from "@yikatong/core/testing"
import { Effect, Option } from "effect"
import { styleText } from "node:util"
import { student } from "./Cast.ts"

/** One sentence in both languages. */
export type Words = readonly [zh: string, en: string]

const styled = (style: Parameters<typeof styleText>[0], text: string): string =>
  styleText(style, text, { stream: process.stdout })

const print = (line = ""): Effect.Effect<void> => Effect.sync(() => console.log(line))

/** The account that the story is about, and the point of each actor. */
export const account = Id.AccountId.make("account-1")
export const holder: Command.Subject = { _tag: "Account", account }

const pocketNames = {
  chip: ["卡余额", "chip"],
  transit: ["过渡余额", "transit"],
  wallet: ["电子钱包", "wallet"],
  subsidy: ["补助", "subsidy"],
  frozen: ["冻结", "frozen"],
  held: ["圈存未决", "held"],
  receivable: ["欠款", "debt"]
} as const satisfies Record<keyof AccountState.AccountState["pockets"], Words>

export interface Stage {
  /** The story's time, which the host reads as its clock. */
  readonly now: () => CivilTime.Instant
  /** Moves the story's clock. */
  readonly at: (time: string) => void
  /** Tells a scene under its place in the manual and its requirements, and what it changed: pockets and books. */
  readonly scene: <E, R>(
    title: Words,
    source: string,
    told: Effect.Effect<void, E, R>
  ) => Effect.Effect<void, E | Fault.StoreFault, R | AccountStore.AccountStore>
  /** Says something beside the commands. */
  readonly aside: (words: Words) => Effect.Effect<void>
  /** A line of its own, with a mark before it. */
  readonly say: (mark: "✓" | "✗" | "?", words: Words) => Effect.Effect<void>
  /** Why not, and what to do. */
  readonly explain: (explanation: Explanation.Explanation) => Effect.Effect<void>
  /** Who the holder is, as the holder says it. */
  readonly claim: Person.Claim
  /** Says what was answered to somebody's wish. */
  readonly hear: (wish: Words, answer: Answer.Answer) => Effect.Effect<void>
  /** Sends a command and says what was answered. */
  readonly ask: (
    wish: Words,
    point: string,
    body: Parameters<typeof Submit.submit>[0]["body"],
    secrets?: Submit.Secrets,
    subject?: Command.Subject
  ) => Effect.Effect<
    Answer.Answer,
    Submit.Failure,
    Effect.Services<ReturnType<typeof Submit.submit>>
  >
  /** Uploads what happened earlier, as a terminal does once its link is back. */
  readonly upload: (wish: Words, statement: Submit.Statement) => ReturnType<Stage["ask"]>
  /** A new command at this point, by the story's clock. */
  readonly statement: <Body extends Command.Command>(
    point: string,
    body: Body,
    subject?: Command.Subject
  ) => Submit.Statement<Body>
  /** Why not, in the school's words. */
  readonly declined: (decline: Decline.Decline) => Effect.Effect<void>
  /** The purchase in an answer. */
  readonly purchaseIn: (answer: Answer.Approved) => Id.PurchaseId
  /** All that stands on a card's chip. */
  readonly plastic: (card: Id.CardId) => Chip.Chip
  /** The terminal debits the chip after a purchase. */
  readonly paid: (point: string, card: Id.CardId, amount: Money.Amount) => void
  /** What a reader reads from a card. */
  readonly read: (card: Id.CardId) => Chip.Reading
  /** What a terminal does to a card. */
  readonly change: (card: Id.CardId, step: (chip: Chip.Chip) => Chip.Chip) => void
  /** Hands out a blank card. */
  readonly blank: (card: Id.CardId) => void
}

export const make = (start: string): Stage => {
  let now = CivilTime.instant(start)
  let told = 0
  let commands = 0
  const cards = new Map<Id.CardId, Chip.Chip>()

  const chip = (card: Id.CardId): Chip.Chip => {
    const plastic = cards.get(card)
    if (plastic === undefined) throw new Error(`there is no card ${card} in this story`)
    return plastic
  }

  const stage: Stage = {
    now: () => now,
    at: (time) => {
      now = CivilTime.instant(time)
    },
    scene: ([zh, en], source, story) =>
      Effect.gen(function*() {
        const before = yield* pocketsNow
        yield* print()
        yield* print(styled("bold", `${++told}. ${zh} · ${en}`))
        yield* print(styled("dim", `   手册 manual: ${source}`))
        yield* story
        yield* print(styled("dim", `   ${changes(before, yield* pocketsNow)}`))
        yield* print(styled("dim", `   ${booksLine(yield* Books.check(...Books.house))}`))
      }),
    aside: ([zh, en]) => print(`   ${CivilTime.formatMinute(now)}  · ${zh} · ${en}`),
    say: (mark, [zh, en]) => {
      const color = ({ "✓": "green", "✗": "red", "?": "yellow" } as const)[mark]
      return print(`   ${CivilTime.formatMinute(now)}  ${styled(color, mark)} ${zh} · ${en}`)
    },
    explain: (explanation) =>
      Effect.forEach(
        Explanation.inWords(explanation).split("\n"),
        (line) => print(`       ${styled("yellow", line)}`),
        { discard: true }
      ),
    claim: { number: student.number, name: student.name },
    hear: (wish, answer) => {
      if (answer._tag === "Declined") {
        return Effect.andThen(stage.say("✗", wish), stage.declined(answer.decline))
      }
      return stage.say(answer.events.some(({ _tag }) => _tag === "LoadTorn") ? "?" : "✓", wish)
    },
    statement: (point, body, subject = holder) => ({
      caller: Id.CallerId.make("story"),
      id: Id.CommandId.make(`story-${++commands}`),
      at: now,
      point: Id.PointId.make(point),
      subject,
      body,
      // At a counter the right clerk attends, with all papers on the desk.
      ...Clerk.at(Csmzxy.csmzxy, point, body)
    }),
    ask: (wish, point, body, secrets, subject) =>
      Effect.tap(
        Submit.submit(stage.statement(point, body, subject), secrets),
        (answer) => stage.hear(wish, answer)
      ),
    upload: (wish, statement) => Effect.tap(Submit.submit(statement), (answer) => stage.hear(wish, answer)),
    declined: (decline) => stage.explain(Explanation.explain(decline, Csmzxy.csmzxy, now)),
    purchaseIn: ({ events }) => {
      const bought = events.find((event) => event._tag === "Purchased")
      if (bought === undefined) throw new Error("nothing was bought")
      return bought.purchase
    },
    plastic: chip,
    paid: (point, card, amount) => {
      const { csmzxy } = Csmzxy
      const place = csmzxy.points[point]
      if (place === undefined) throw new Error(`there is no point ${point} in this story`)
      const cell = Purchase.cellOf(csmzxy, { medium: "physicalCard", now, point: place })
      stage.change(card, (before) => Chip.debit(before, cell, amount, csmzxy.dormancy.months))
    },
    read: (card) => chip(card).purse,
    change: (card, step) => void cards.set(card, step(chip(card))),
    blank: (card) =>
      void cards.set(card, {
        card,
        standing: "active",
        purse: { balance: Money.zero, loadSequence: 0, purchaseSequence: 0 },
        tallies: { cells: [] },
        validUntil: CivilTime.addMonths(CivilTime.dayOf(now), 3)
      })
  }
  return stage
}

const pocketsNow = Effect.gen(function*() {
  const found = yield* (yield* AccountStore.AccountStore).find(holder)
  return Option.map(found, ({ pockets }) => pockets)
})

/** What every pocket holds, and with an arrow what it held before the scene. */
const changes = (
  before: Option.Option<AccountState.AccountState["pockets"]>,
  after: Option.Option<AccountState.AccountState["pockets"]>
): string => {
  if (Option.isNone(after)) return "没有账户 · no account"
  const parts: Array<string> = []
  for (const [pocket, [zh, en]] of Object.entries(pocketNames)) {
    const key = pocket as keyof typeof pocketNames
    const was = Option.isSome(before) ? before.value[key] : Money.zero
    const is = after.value[key]
    if (was !== is) parts.push(`${zh} ${en} ${Money.format(was)} → ${Money.format(is)}`)
    else if (is > 0) parts.push(`${zh} ${en} ${Money.format(is)}`)
  }
  return parts.length === 0 ? "口袋都是空的 · all pockets are empty" : parts.join(" | ")
}

/** The books in one line: all that was moved, and whether it adds up. */
export const booksLine = ({ balances, breaks, events, transfers }: Books.Report): string => {
  const outside = [...balances].filter(([book, fen]) => book.includes(":") && fen !== 0).sort()
  const listed = outside.map(([book, fen]) => `${book} ${fen < 0 ? "-" : ""}${Money.format(Money.of(Math.abs(fen)))}`)
  const verdict = breaks.length === 0 ? "平衡 balanced" : `不平衡 NOT BALANCED: ${JSON.stringify(breaks)}`
  return [`账本 books: ${events} events, ${transfers} transfers, ${verdict}`, ...listed].join("; ")
}

/** The end of the story: the proof, or where it breaks. */
export const proof = ({ accounts, balances, breaks, commands, events, transfers }: Books.Report): string =>
  [
    styled("bold", "证明 · the proof"),
    `   ${accounts} 个账户由 ${events} 个事件重放 · ${accounts} accounts replayed from ${events} events`,
    `   ${commands} 条指令，含被拒绝的 · ${commands} commands in the journal, refused ones included`,
    `   ${transfers} 笔转账，所有账本合计 ${Ledger.total(balances)} · ${transfers} transfers, all books together hold ${
      Ledger.total(balances)
    }`,
    ...breaks.map((one) => styled("red", `   ${JSON.stringify(one)}`)),
    breaks.length === 0
      ? styled("green", "   账平 · the books balance")
      : styled("red", "   账不平 · the books do NOT balance")
  ].join("\n")
