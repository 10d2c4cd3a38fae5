/**
 * A campus in memory behind the promise door, with a clock that a test moves: one student, an active card, and whatever
 * counters and channels the stories need.
 */
import type { Command } from "@yikatong/core"
import type { Answer, Body, Options, Stated, Subject } from "@yikatong/core/promise"
import { Campus, csmzxy, instant, memory, simulatedChannel } from "@yikatong/core/promise"
import { Clerk } from "@yikatong/core/testing"

export const holder = { _tag: "Account", account: "account-1" } as const
export const card = "card-1"
export const person = {
  id: "person-1",
  kind: "student",
  number: "20260001",
  name: "李华",
  document: { kind: "residentId", number: "43010219990101125X" }
} as const
export const visitor = {
  id: "person-9",
  kind: "visitor",
  number: "V2026-09",
  name: "王芳",
  document: { kind: "residentId", number: "11010519491231002X" }
} as const

/** "Approved", or why not. */
export const said = (answer: Answer): string => answer._tag === "Approved" ? "Approved" : answer.decline._tag

export class School {
  now: number = instant("2026-03-02 12:00")
  readonly campus: Campus
  /** The person on the other side of the channel pays. */
  readonly paid: (order: string, amount: number, paidAt: number) => void
  #count = 0

  private constructor(campus: Campus, pay: School["paid"]) {
    this.paid = pay
    this.campus = campus
  }

  static async open(options: Partial<Options> = {}): Promise<School> {
    const { channel, pay } = simulatedChannel("todayCampus")
    const clock = { now: () => 0 }
    const campus = await Campus.open({
      backend: memory(),
      profile: csmzxy,
      channels: [channel],
      now: () => clock.now(),
      ...options
    })
    const school = new School(campus, pay)
    clock.now = () => school.now
    return school
  }

  /** An id that was not used before, at a point, with somebody at the counter where there is one. */
  at(point: string, body?: Body): Stated {
    return { id: `${point}-${++this.#count}`, point, ...Clerk.at(csmzxy, point, body as Command.Command) }
  }

  says(point: string, body: Body, subject: Subject = holder): Promise<Answer> {
    return this.campus.submit({ ...this.at(point, body), subject }, body)
  }

  /** The student has an account and an active card. */
  async furnished(): Promise<this> {
    await this.campus.openAccount({ ...this.at("card-centre"), account: holder.account, person })
    await this.says("window-ccb", { _tag: "IssueCard", card })
    await this.says("window-3", { _tag: "ActivateCard", card })
    return this
  }

  /** So many fen come in through the app. */
  async recharged(amount: number): Promise<this> {
    const { campus } = this
    const placed = await campus.recharge({
      ...this.at("today-campus"),
      subject: holder,
      channel: "todayCampus",
      source: "weChat",
      amount
    })
    if (!placed.placed) throw new Error(placed.answer.decline._tag)
    this.paid(placed.order.id, amount, this.now)
    await campus.confirmRecharge(placed.order, "card-centre")
    return this
  }

  buys(amount: number, point = "canteen-1"): Promise<Answer> {
    return this.campus.pay({ ...this.at(point), medium: "todayCampusCode", subject: holder, amount })
  }
}
