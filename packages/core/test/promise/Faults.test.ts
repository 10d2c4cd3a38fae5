import { csmzxy, memory } from "@yikatong/core/promise"
import { Effect, Layer } from "effect"
import { describe, expect, it } from "vitest"
import { StoreUnavailable } from "../../src/Fault.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { type Backend, fromLayer, toLayer } from "../../src/ports/Backend.ts"
import { card, School } from "./school.ts"

/** A campus in memory whose account store is away as long as `broken` says so. */
const flaky = (broken: () => boolean): Backend => {
  const fault = new StoreUnavailable({ operation: "transact", cause: new Error("the cable is out") })
  const breaking = Layer.effect(
    AccountStore,
    Effect.map(AccountStore, (store) => ({
      ...store,
      transact: (envelope) => broken() ? Effect.fail(fault) : store.transact(envelope)
    }))
  )
  return fromLayer(breaking.pipe(Layer.provideMerge(toLayer(memory()))))
}

const furnished = async () => {
  const state = { broken: false }
  const school = await (await School.open({ backend: flaky(() => state.broken) })).furnished()
  return { school, state }
}

describe("a store that is away for a while is a fault and no decline", () => {
  it("I3 an upload says how far it came, and the same batch goes on from there", async () => {
    const { school, state } = await furnished()
    const { terminals } = school.campus
    const device = { caller: "gateway", terminal: "device-1" }
    const holds = { profile: csmzxy.version, list: 0 }
    await terminals.signIn({ ...device, id: "sign-in", clock: school.now, holds })
    const record = {
      device: 1,
      station: "canteen-1",
      terminal: 1,
      at: school.now,
      fact: {
        _tag: "CardPurchase",
        purchase: {
          _tag: "RecordCardPurchase",
          card,
          amount: 100,
          chipBefore: 100,
          chipAfter: 0,
          purchaseSequence: 1
        }
      }
    } as const
    const batch = { ...device, id: "batch-1", records: [record] }
    state.broken = true
    expect(await terminals.upload(batch)).toEqual({ _tag: "Uploaded", outcomes: [], fault: "StoreUnavailable" })
    state.broken = false
    const uploaded = await terminals.upload(batch)
    expect(uploaded).toMatchObject({ outcomes: [{ _tag: "Told", safe: true }] })
    expect(uploaded).not.toHaveProperty("fault")
  })

  it("R11 a door is told no refusal, and the same attempt is answered later", async () => {
    const { school, state } = await furnished()
    const attempt = { ...school.at("dorm-1"), card }
    state.broken = true
    await expect(school.campus.doors.identify(attempt)).rejects.toMatchObject({ _tag: "StoreUnavailable" })
    state.broken = false
    expect(await school.campus.doors.identify(attempt)).toMatchObject({ _tag: "Opened" })
  })

  it("R17 a library's terminal is given no answer, and may ask again", async () => {
    const { school, state } = await furnished()
    const line = school.campus.library.connect({
      caller: "library",
      id: "line-1",
      point: "library-1",
      institution: "lib"
    })
    const status = new TextEncoder().encode(`2300120260302    120000AOlib|AA${card}|AC|AD|\r`)
    state.broken = true
    await expect(line.receive(status)).rejects.toMatchObject({ _tag: "StoreUnavailable" })
    state.broken = false
    expect(new TextDecoder().decode(await line.receive(status))).toContain("BLY")
  })

  it("every part of a campus that was closed says so", async () => {
    const { school: { campus } } = await furnished()
    await campus.close()
    const gone = { _tag: "StoreUnavailable" }
    await expect(campus.doors.attempts()).rejects.toMatchObject(gone)
    await expect(campus.office.audit()).rejects.toMatchObject(gone)
    await expect(campus.holder.holdings({ _tag: "Card", card })).rejects.toMatchObject(gone)
    await expect(campus.subsidies.overdue()).rejects.toMatchObject(gone)
    await expect(campus.terminals.openGaps()).rejects.toMatchObject(gone)
    await expect(campus.library.lend({ id: "a", point: "library-1", card })).rejects.toMatchObject(gone)
  })
})
