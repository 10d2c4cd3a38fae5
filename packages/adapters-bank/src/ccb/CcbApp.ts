/**
 * Recharge from a bank's own app 建行APP充值, as a channel: the bank begins it, so the channel has nothing to open and
 * nobody to ask. What it knows stands in the deposits that the bank has told of (`BankDeposit`).
 *
 * A deposit's message is the callback: its MAC is verified here, and its receipt names the deposit on record. Money
 * that can not be credited goes back by the answer: a refused deposit stays with its payer.
 */
import {
  type BillRow,
  type Callback,
  CivilTime,
  Fault,
  Id,
  PaymentAttempt,
  type Recharge,
  RechargeChannel,
  RechargeOrder,
  SubjectStore
} from "@yikatong/core"
import { Effect, Option, Result, Schema } from "effect"
import type * as BlockCipher from "../BlockCipher.ts"
import * as BankDeposit from "./BankDeposit.ts"
import * as BankTime from "./BankTime.ts"
import * as DepositFile from "./DepositFile.ts"
import { DepositMessage } from "./DepositMessages.ts"
import * as DepositRecord from "./DepositRecord.ts"
import type { Link } from "./Layout.ts"
import * as LinkDialogue from "./LinkDialogue.ts"

/** `name`: of the adapter. `bank`: who its commands come from. `key`: of the link's MAC. */
export interface Settings {
  readonly name: string
  readonly serves?: ReadonlyArray<{ readonly channel: string; readonly source: Recharge.FundingSource }>
  readonly bank: Id.CallerId
  readonly link: Link
  readonly key?: BlockCipher.Key
  /** The bank's list of a day, as it was fetched, and how it is laid out; nothing where it is not there yet. */
  readonly list?: {
    readonly layout: DepositFile.DepositFileLayout
    readonly of: (day: CivilTime.Day) => Effect.Effect<Uint8Array | undefined, Fault.ChannelFailed>
  }
}

const { BillNotReady, CallbackRefused, ChannelFailed, ChannelRefused } = Fault

const isOrderId = Schema.is(Id.OrderId)

/** The channel; it keeps and finds its deposits in the store of subjects. */
export const make = Effect.fnUntraced(function*({ bank, key, link, list, name, serves }: Settings) {
  const store = yield* SubjectStore.SubjectStore
  const failed = (operation: string) => (cause: unknown) => new ChannelFailed({ operation, cause })

  const found = Effect.fnUntraced(function*(order: Id.OrderId) {
    const known = DepositRecord.keyOf(bank, order)
    const deposit = known === undefined ? undefined : yield* DepositRecord.find(known)
    return known === undefined || deposit === undefined ? undefined : { known, deposit }
  })
  const here = <A, E>(operation: string, effect: Effect.Effect<A, E, SubjectStore.SubjectStore>) =>
    effect.pipe(Effect.provideService(SubjectStore.SubjectStore, store), Effect.mapError(failed(operation)))

  return RechargeChannel.make(name, (mint) => {
    const receiptOf = (
      number: Id.OrderNumber,
      { deposit, known }: { readonly known: BankDeposit.Key; readonly deposit: BankDeposit.Known },
      witness: "callback" | "query"
    ) => mint({ number, amount: deposit.amount, paidAt: deposit.paidAt, reference: BankDeposit.idOf(known), witness })

    const callback = Effect.fnUntraced(function*({ body }: Callback.Raw) {
      const read = LinkDialogue.read(DepositMessage, link, body, key)
      if (Result.isFailure(read)) {
        const { reason, what } = read.failure
        return yield* new CallbackRefused({ channel: name, reason, what })
      }
      const message = read.success
      if (message._tag !== "Deposit" || !BankDeposit.isSerial(message.bankSerial)) {
        return { _tag: "Other", what: message._tag } satisfies RechargeChannel.Notice
      }
      const known = { bank, date: message.bankDate, serial: message.bankSerial }
      const order = BankDeposit.orderOf(known)
      const deposit = yield* here("find the deposit", DepositRecord.find(known))
      const placed = yield* here("find the order", store.find(RechargeOrder.decider, order))
      const isTaken = deposit?._tag === "Received" || deposit?._tag === "Credited"
      if (!isTaken || deposit.amount !== message.amount || Option.isNone(placed)) {
        return { _tag: "Other", what: "a deposit that is not taken" } satisfies RechargeChannel.Notice
      }
      const receipt = receiptOf(PaymentAttempt.numberOf(placed.value, 1), { known, deposit }, "callback")
      return { _tag: "Paid", receipt } satisfies RechargeChannel.Notice
    })

    /** A row of the list, with the number that its order has here. What was reversed is no payment. */
    const billed = Effect.fnUntraced(function*({ amount, bankDate, bankSerial, bankTime }: DepositFile.DepositRow) {
      const reference = `${CivilTime.formatDay(bankDate).replaceAll("-", "")}.${bankSerial}`
      const paidAt = BankTime.instant(bankDate, bankTime)
      const order = `${bank}:${reference}`
      const placed = isOrderId(order)
        ? yield* here("find the order", store.find(RechargeOrder.decider, order))
        : Option.none()
      const number = Option.isSome(placed) ? PaymentAttempt.numberOf(placed.value, 1) : undefined
      const row: BillRow.BillRow = {
        kind: "payment",
        day: bankDate,
        reference,
        number: number ?? reference,
        amount,
        fee: 0,
        at: paidAt
      }
      return number === undefined
        ? { row }
        : { row, receipt: mint({ number, amount, paidAt, reference, witness: "statement" }) }
    })

    const bill = list === undefined ? {} : {
      bill: Effect.fnUntraced(function*(day: CivilTime.Day) {
        const bytes = yield* list.of(day)
        if (bytes === undefined) return yield* new BillNotReady({ channel: name, day })
        const file = yield* Effect.mapError(
          Effect.fromResult(DepositFile.read(list.layout, bytes)),
          failed("read the list")
        )
        if (file.day !== day) return yield* new BillNotReady({ channel: name, day })
        const standing = file.rows.filter(({ state }) => state === "credited")
        return { day, rows: yield* Effect.forEach(standing, billed) }
      })
    }

    return {
      ...(serves === undefined ? {} : { serves }),
      payers: [],
      ...bill,
      create: ({ order }) =>
        Effect.flatMap(here("find the deposit", found(order)), (there) =>
          there === undefined
            ? new ChannelRefused({
              operation: "create",
              code: "bankBegins",
              problem: "these recharges are begun in the bank's app and nowhere else"
            })
            : Effect.succeed({ _tag: "Nothing" } as const)),
      query: ({ number, order }) =>
        Effect.map(here("find the deposit", found(order)), (there): RechargeChannel.Snapshot => {
          if (there === undefined) return { _tag: "NotFound" }
          const { deposit, known } = there
          switch (deposit._tag) {
            case "Received":
            case "Credited":
              return { _tag: "Paid", receipt: receiptOf(number, { known, deposit }, "query") }
            // Paid, and taken back by the bank: nobody may be credited with it.
            case "TakingBack":
            case "Reversed":
              return { _tag: "GivenBack", receipt: receiptOf(number, { known, deposit }, "query") }
            case "Refused":
            case "Tombstone":
            case "TurnedAway":
              return { _tag: "Closed" }
          }
        }),
      refund: ({ attempt }) =>
        here(
          "refuse the deposit",
          Effect.gen(function*() {
            const there = yield* found(attempt.order)
            if (there === undefined) return { _tag: "NotFound" } as const
            // The bank itself takes it back.
            if (there.deposit._tag === "TakingBack" || there.deposit._tag === "Reversed") {
              return { _tag: "Done" } as const
            }
            const code = "reason" in attempt && attempt.reason === "accountClosed" ? "closed" : "outOfOrder"
            const { deposit } = yield* DepositRecord.tell(there.known, { _tag: "Refuse", code })
            // The bank was told otherwise once: a person has to settle it with the bank.
            return deposit?._tag === "Credited"
              ? { _tag: "Abnormal", code: "credited" } as const
              : { _tag: "Done" } as const
          })
        ),
      callback,
      acknowledge: (taken) => ({ status: taken === "taken" ? 200 : taken === "refused" ? 400 : 500, body: "" })
    }
  })
})
