/** A campus in a database of its own, and processes of ours that let its people pay; business time goes on with every payment. */
import * as Child from "./Child.ts"
import type { Contestant } from "./Contestant.ts"
import type * as Database from "./Database.ts"
import type { Measured } from "./Measured.ts"
import * as Meter from "./Meter.ts"
import type * as Ours from "./Ours.ts"
import type { Crowd } from "./Payments.ts"
import type { Run } from "./Run.ts"

/** `clock`: business time of its next payment, in milliseconds. */
export interface Campus {
  readonly place: Database.Place
  clock: number
}

const ours = (place: Database.Place): Child.Child<Ours.Order, Ours.Answer> =>
  Child.start("./Ours.ts", { place } satisfies Ours.Settings)

const pay = async (
  campus: Campus,
  children: ReadonlyArray<Child.Child<Ours.Order, Ours.Answer>>,
  order: { readonly callers: number; readonly crowd: Crowd; readonly seconds?: number; readonly payments?: number }
): Promise<Measured> => {
  const processes = children.length
  const answers = await Promise.all(
    children.map(({ ask }) => ask({ ...order, callers: order.callers / processes, clock: campus.clock, processes }))
  )
  if (answers.some(({ declined }) => declined > 0)) throw new Error("a payment was declined")
  campus.clock = Math.max(...answers.map(({ clock }) => clock))
  const payments = answers.reduce((sum, answer) => sum + answer.payments, 0)
  return {
    payments,
    seconds: Math.max(...answers.map(({ seconds }) => seconds)),
    p50: Math.max(...answers.map(({ p50 }) => p50)),
    p99: Math.max(...answers.map(({ p99 }) => p99)),
    clientMicros: answers.reduce((sum, answer) => sum + (answer.clientMicros ?? 0) * answer.payments, 0) / payments,
    memory: Math.max(...answers.map(({ memory }) => memory ?? 0))
  }
}

/** How many callers of how many processes, and who of the people pays where. */
export interface Load {
  readonly callers: number
  readonly crowd: Crowd
  readonly processes?: number
}

/** Ours, on this campus, under this load. */
export const contestant = (
  { server, size }: Run,
  name: string,
  campus: Campus,
  { callers, crowd, processes = 1 }: Load
): Contestant => {
  const children = Array.from({ length: processes }, () => ours(campus.place))
  return {
    name,
    warmUp: () => pay(campus, children, { callers: Math.max(callers, 64), crowd, payments: size.warmUp }),
    measure: () =>
      Meter.aroundOurs(server, campus.place, () => pay(campus, children, { callers, crowd, seconds: size.seconds })),
    stop: () => Promise.all(children.map(({ stop }) => stop()))
  }
}

/** `disk`: bytes of journal a payment, and of the accounts an account. */
export interface Lived extends Campus {
  readonly disk: { readonly journal: number; readonly account: number }
}

/** Accounts with money on their cards, who have eaten three times a day for some days; and what that cost on disk. */
export const live = async ({ create, say, size }: Run, name: string): Promise<Lived> => {
  const place = await create(name)
  const child = ours(place)
  const { clock, declined } = await child.ask({ open: { from: 0, to: size.accounts } })
  if (declined > 0) throw new Error("an account was not opened")
  say(`${size.accounts} accounts are open`)
  const opened: Campus = { place, clock }
  const before = await Meter.disk(place)
  const { payments } = await pay(opened, [child], {
    callers: 1_024,
    crowd: "uniform",
    payments: 3 * size.days * size.accounts
  })
  const after = await Meter.disk(place)
  await child.stop()
  say(`${size.days} days are over`)
  return {
    ...opened,
    disk: {
      journal: (after.journal - before.journal) / payments,
      account: after.account / size.accounts
    }
  }
}
