/**
 * The process of the driver and the callback server is killed, again and again, at writes and requests that are counted and
 * at any moment: every payment that the bank confirmed ends credited once or sent back once (D2, D21, I3).
 *
 * YIKATONG_KILLS says how often, YIKATONG_SEED where.
 */
import { describe, expect, it } from "@effect/vitest"
import { CivilTime, HostClock, type RechargeChannel, Recharging } from "@yikatong/core"
import { Effect, Layer, References } from "effect"
import { randomBytes } from "node:crypto"
import { inject } from "vitest"
import type {} from "../../adapters-pg/test/server.ts"
import { Chance } from "../src/sandbox/Chance.ts"
import { Campaign } from "./killed/Campaign.ts"
import { deathOf, inWords } from "./killed/Death.ts"
import { channels, layer, names } from "./killed/School.ts"
import { Looks } from "./model/Broken.ts"
import { judgeMoney } from "./model/MoneyJudge.ts"
import { daysFrom, reconciled } from "./model/Morning.ts"

const kills = Number(process.env["YIKATONG_KILLS"] ?? 10)
const seed = Number(process.env["YIKATONG_SEED"] ?? 20_260_302)
const began = CivilTime.instant("2026-03-02 12:00")

describe(`the driver is killed ${kills} times (seed ${seed})`, () => {
  it.live("and every payment that the bank confirmed is credited once or back once", () =>
    Effect.gen(function*() {
      const chance = new Chance(seed)
      const server = inject("postgres")
      const schema = `killed_${randomBytes(6).toString("hex")}`
      const all: Array<RechargeChannel.RechargeChannel> = []
      const services = yield* Layer.build(layer(server, schema, all))
      const campaign = yield* Campaign.begin({ server, schema, began, chance })
      yield* Effect.gen(function*() {
        for (let round = 1; round <= kills; round++) {
          const death = deathOf(chance)
          yield* campaign.round(round, death)
          expect(campaign.diedBy, `round ${round}: ${inWords(death)}`).toBe("SIGKILL")
        }
        yield* campaign.settle
        expect(yield* Recharging.open).toEqual({ attempts: [], orders: [] })

        // Everything that was asked for came about, so that nothing is proved of nothing.
        const looks = new Looks()
        const ends = yield* judgeMoney(campaign.ledger, looks)
        expect(campaign.reached).toBeGreaterThanOrEqual(Math.floor(kills / 2))
        expect(ends.told).toBe(0)
        expect(ends.kept).toBeGreaterThan(kills / 2)
        if (kills >= 10) expect(ends.back).toBeGreaterThan(kills / 10)

        all.push(...(yield* channels(campaign.terms, "http://127.0.0.1:9/")))
        const days = daysFrom(began, campaign.now())
        yield* campaign.advance(3 * CivilTime.dayLength)
        expect(yield* reconciled(names, days, looks)).toBe(0)
        expect(yield* reconciled(names, days, looks)).toBe(0)
        expect(yield* judgeMoney(campaign.ledger, looks)).toEqual(ends)
      }).pipe(
        Effect.provideContext(services),
        HostClock.provide(() => campaign.now())
      )
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None")), 1_200_000)
})
