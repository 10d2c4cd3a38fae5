/**
 * The process that pays 付款进程: many callers at once, each sends its next payment when the last one is answered, and writes
 * down both. It is made to be killed. It ends by itself when its standard input closes.
 *
 * After a fault a caller sends the same command again, as a terminal does, or gives up and never learns what became of it.
 */
import { Effect, Schedule } from "effect"
import { setTimeout as sleep } from "node:timers/promises"
import * as Chance from "./Chance.ts"
import * as Diary from "./Diary.ts"
import * as Payment from "./Payment.ts"
import * as Store from "./Store.ts"

/** What a payer is told, as JSON in its first argument. */
export interface Told extends Store.Where {
  /** The ids of its payments begin with this. */
  readonly name: string
  readonly diary: string
  readonly seed: string
  readonly callers: number
  readonly accounts: ReadonlyArray<string>
  /** So many callers send what those of every payer with this `name` send: a terminal that asks two hosts at once. */
  readonly shared?: { readonly name: string; readonly callers: number }
  /** The host's clock jumps, by hours, days and months, back and forth. */
  readonly jumps?: boolean
}

const told: Told = JSON.parse(process.argv[2] ?? "")
const diary = Diary.open(told.diary)
const hour = 3_600_000
const leaps = [hour, 24 * hour, 31 * 24 * hour, 400 * 24 * hour]
const began = performance.now()
let offset = 0
let stopping = false
process.stdin.resume().on("end", () => {
  stopping = true
  // Whoever ended us in an orderly way waits for the callers; who died does not.
  setTimeout(() => process.exit(1), 30_000).unref()
})
if (told.jumps === true) {
  const chance = Chance.of(`${told.seed} clock`)
  setInterval(() => {
    offset = chance.percent(20) ? 0 : chance.one(leaps) * chance.between(-3, 3)
  }, 50).unref()
}

const now = (): number => Payment.start + Math.floor(performance.now() - began) + offset

/** The payment of a caller: what one seed says, so that two processes may send the same. */
const payment = (name: string, caller: number, number: number, at: number): Payment.Payment => {
  const id = `${name}.${caller}.${number}`
  const chance = Chance.of(id)
  return { id, account: chance.one(told.accounts), fen: chance.between(1, 300), at }
}

/** What should not be told is told with its cause, which holds no data and may be all that is left of it. */
const named = (fault: { readonly _tag: string; readonly cause?: unknown }): string =>
  fault._tag === "StoreBroken" && fault.cause instanceof Error ? `StoreBroken (${fault.cause.message})` : fault._tag

const pay = async (store: Store.Store, caller: number): Promise<void> => {
  const chance = Chance.of(`${told.seed} ${caller}`)
  const { shared } = told
  for (let number = 0; !stopping; number++) {
    const one = shared !== undefined && caller < shared.callers
      ? payment(shared.name, caller, number, Payment.start + number)
      : payment(told.name, caller, number, now())
    const command = Payment.command(one)
    for (;;) {
      diary.sent(one)
      const fault = await Effect.runPromise(
        Effect.matchCause(store.transact(command), {
          onSuccess: (answer) => {
            diary.answered(one.id, answer)
            return undefined
          },
          onFailure: ({ reasons: [reason] }) =>
            reason?._tag === "Fail" ? named(reason.error) : `defect: ${reason?._tag === "Die" ? reason.defect : "none"}`
        })
      )
      if (fault === undefined) break
      diary.failed(one.id, fault)
      await sleep(chance.between(5, 50))
      if (stopping || chance.percent(10)) break
    }
  }
}

/** A server that is away when we start is asked until it is there. */
const opened = Effect.retry(Store.open(told), { while: () => !stopping, schedule: Schedule.spaced("50 millis") })

await Store.run(Effect.gen(function*() {
  const { store } = yield* opened
  process.stdout.write("paying\n")
  yield* Effect.promise(() => Promise.all(Array.from({ length: told.callers }, (_, caller) => pay(store, caller))))
}))
process.exit(0)
