/**
 * A school whose books lie in PostgreSQL, as two processes share it: the one that is killed, and the one that plays the
 * payers and judges.
 */
import { PgClient } from "@effect/sql-pg"
import { PgCampus } from "@yikatong/adapters-pg"
import {
  type CivilTime,
  type Command,
  Id,
  IdentityDocument,
  Money,
  Opening,
  type Person,
  Profiles,
  type Recharge,
  RechargeChannel,
  Submit
} from "@yikatong/core"
import { Clerk } from "@yikatong/core/testing"
import { Effect, Layer, Redacted, Result } from "effect"
import { FetchHttpClient } from "effect/http"
import type { Connection } from "../../../../scripts/postgres-server.ts"
import * as Alipay from "../../src/alipay/Alipay.ts"
import * as Circuit from "../../src/Circuit.ts"
import * as AlipayWire from "../../src/sandbox/AlipayWire.ts"
import * as UnionPayWire from "../../src/sandbox/UnionPayWire.ts"
import * as WeChatWire from "../../src/sandbox/WeChatWire.ts"
import * as UnionPay from "../../src/unionpay/UnionPay.ts"
import * as WeChatPay from "../../src/wechat/WeChatPay.ts"
import { profile, rechargedBy, serves } from "../support/campus.ts"

/** What is paid through each wire of this school. */
export const sourceOf = { wechat: "weChat", unionpay: "unionPayCard", alipay: "alipay" } as const
export type Name = keyof typeof sourceOf
export const names = Object.keys(sourceOf) as ReadonlyArray<Name>

/** What a merchant is given for each wire, as text: it goes to another process. */
export type AllTerms = Readonly<Record<string, Readonly<Record<string, string>>>>

/** One question a call: what fails is asked again by the driver. */
const policy: Circuit.Policy = { ...Circuit.policy, attempts: 1, failures: 1_000_000 }

/** The three channels, told at this address of what was paid. */
export const channels = (terms: AllTerms, noticesAt: string) => {
  const shared = (name: Name) => ({ name, notifyUrl: noticesAt + name, serves: serves(sourceOf[name]), policy })
  const title = "校园卡充值"
  const of = (name: Name) => terms[name] ?? {}
  return Effect.all([
    WeChatPay.make(
      WeChatWire.settingsOf(of("wechat"), { ...shared("wechat"), scene: "order", description: title })
    ),
    UnionPay.make(UnionPayWire.settingsOf(of("unionpay"), shared("unionpay"))),
    Alipay.make(AlipayWire.settingsOf(of("alipay"), { ...shared("alipay"), title }))
  ]).pipe(Effect.provide(FetchHttpClient.layer))
}

/** Late payments go back here, so that there is more to send back. */
export const school = profile("refund")

const peppers = { current: "test", keys: { test: "a pepper of nobody, for tests, of 32 bytes and more" } }

/** Books, people and channels. */
export const layer = (
  server: Connection,
  schema: string,
  all: ReadonlyArray<RechargeChannel.RechargeChannel>
) =>
  PgCampus.layer({ schema, peppers }).pipe(
    Layer.provide(
      PgClient.layer(
        server.kind === "url"
          ? { url: Redacted.make(server.url), maxConnections: 8 }
          : { host: server.host, database: server.database, username: server.username, maxConnections: 8 }
      )
    ),
    Layer.merge(RechargeChannel.RechargeChannels.layer(all)),
    Layer.provideMerge(Profiles.Profiles.layer([school]))
  )

/** One student of many, each with an account and a card of their own. */
export class Student {
  readonly number: number
  #said = 0

  constructor(number: number) {
    this.number = number
  }

  #says<Body extends Command.Command>(point: string, body: Body, now: CivilTime.Instant): Submit.Statement<Body> {
    return {
      caller: Id.CallerId.make("test"),
      id: Id.CommandId.make(`student-${this.number}-${++this.#said}`),
      at: now,
      point: Id.PointId.make(point),
      subject: { _tag: "Account", account: Id.AccountId.make(`account-${this.number}`) },
      body,
      ...Clerk.at(school, point, body)
    }
  }

  /** An account and an active card. */
  enrolled(now: CivilTime.Instant) {
    const { number } = this
    const person: Person.Person = {
      id: Id.PersonId.make(`person-${number}`),
      kind: "student",
      number: String(20_260_000 + number),
      name: Redacted.make("李华"),
      document: Result.getOrThrow(IdentityDocument.parse("residentId", "43010219990101125X"))
    }
    const card = Id.CardId.make(`card-${number}`)
    const opening = { _tag: "OpenAccount", person: person.id, kind: "student", class: "regular" } as const
    return Effect.gen({ self: this }, function*() {
      yield* Opening.open(this.#says("card-centre", opening, now), person)
      yield* Submit.submit(this.#says("window-ccb", { _tag: "IssueCard", card }, now))
      yield* Submit.submit(this.#says("window-3", { _tag: "ActivateCard", card }, now))
    })
  }

  /** What comes then has to go back. */
  closed(now: CivilTime.Instant) {
    return Submit.submit(this.#says("window-3", { _tag: "CloseAccount" }, now))
  }

  /** A wish to recharge: sent again as it is, it is the same order. */
  wishes(source: Recharge.FundingSource, fen: number, now: CivilTime.Instant) {
    const amount = Money.amount(fen)
    const body = { _tag: "PlaceRecharge", channel: rechargedBy, source, holder: "own", amount } as const
    return this.#says("today-campus", body, now)
  }
}
