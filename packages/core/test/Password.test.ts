import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import { CredentialId } from "../src/Id.ts"
import { type MintKey, mintKey } from "../src/internal/mint.ts"
import * as Password from "../src/Password.ts"
import { Category } from "../src/Point.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import { forgedKeys, lookAlikes } from "./lookAlikes.ts"

const credential = CredentialId.make("desk/first")
const now = CivilTime.instant("2025-11-28 12:00")
const seconds = (n: number): CivilTime.Instant => CivilTime.later(now, n * 1_000)
const proof = (ok: boolean, version = 1): Password.Proof => new Password.Proof(mintKey, version, ok)
const right = proof(true)
const wrong = proof(false)

// The preset: five tries at a till; from afar three, then 30 s, 60 s, ... up to a day.
const policy = csmzxy.password
const fresh: Password.State = Password.set(undefined, { credential, mustChange: false })
/** A password of which so many wrong ones were tried on this channel, the last of them now. */
const after = (wrong: number, channel: Password.Channel): Password.State =>
  wrong === 0 ? fresh : { ...fresh, tries: { [channel]: { wrong, last: now } } }
const judged = (state: Password.State, proof: Password.Proof, channel: Password.Channel, at: CivilTime.Instant = now) =>
  Password.judge(policy, state, proof, channel, at)
const local = ["till", "kiosk", "counter"] as const

describe("A14 D15 where the card must be at hand, a few wrong ones lock", () => {
  it.each(
    [
      [0, "right", undefined],
      [0, "wrong", { _tag: "PasswordWrong", left: 4 }],
      [1, "wrong", { _tag: "PasswordWrong", left: 3 }],
      [3, "wrong", { _tag: "PasswordWrong", left: 1 }],
      [3, "right", undefined],
      [4, "right", undefined],
      [4, "wrong", { _tag: "PasswordWrong", left: 0 }],
      [5, "wrong", { _tag: "PasswordLocked" }],
      [5, "right", { _tag: "PasswordLocked" }],
      [9, "right", { _tag: "PasswordLocked" }]
    ] as const
  )("A14 after %i wrong ones, a %s one: %j", (before, tried, decline) => {
    for (const channel of local) {
      expect(judged(after(before, channel), proof(tried === "right"), channel)).toEqual(decline)
    }
  })

  it("D15 no time opens a local lock, only a new password", () => {
    const locked = after(5, "till")
    expect(judged(locked, right, "till", CivilTime.lastInstant)).toEqual({ _tag: "PasswordLocked" })
    const reset = Password.set(locked, { credential, mustChange: false })
    expect(judged(reset, proof(true, 2), "till")).toBeUndefined()
  })

  it("D15 a lock at one place is none at another", () => {
    const channels = [...local, "remote"] as const
    for (const locked of local) {
      for (const other of channels) {
        expect(judged(after(5, locked), right, other)?._tag).toBe(other === locked ? "PasswordLocked" : undefined)
      }
    }
    for (const other of local) expect(judged(after(99, "remote"), right, other)).toBeUndefined()
  })
})

describe("D15 from afar each further try waits longer, and none locks for good", () => {
  it.each([
    [0, { left: 2 }],
    [1, { left: 1 }],
    [2, { wait: 30 }],
    [3, { wait: 60 }],
    [4, { wait: 120 }],
    [5, { wait: 240 }],
    [12, { wait: 30_720 }],
    [13, { wait: 61_440 }],
    // Doubled once more it would be 34 hours: a day is the longest.
    [14, { wait: 86_400 }],
    [15, { wait: 86_400 }],
    [99, { wait: 86_400 }],
    [5_000, { wait: 86_400 }]
  ])("D15 after %i wrong ones, one more: %j", (before, answer) => {
    const state: Password.State = before === 0
      ? fresh
      : { ...fresh, tries: { remote: { wrong: before, last: seconds(-86_400) } } }
    expect(judged(state, wrong, "remote")).toEqual(
      "left" in answer
        ? { _tag: "PasswordWrong", left: answer.left }
        : { _tag: "PasswordWrong", waitUntil: seconds(answer.wait ?? 0) }
    )
  })

  it.each([
    [2, 0, "taken"],
    [3, 0, "locked 30"],
    [3, 29.999, "locked 30"],
    [3, 30, "taken"],
    [3, 31, "taken"],
    [4, 30, "locked 60"],
    [4, 60, "taken"],
    [14, 61_439, "locked 61440"],
    [15, 61_440, "locked 86400"],
    [15, 86_399.999, "locked 86400"],
    [15, 86_400, "taken"],
    [5_000, 86_400, "taken"]
  ])("D15 after %i wrong ones, %d s after the last: %s", (before, later, answer) => {
    const [tag, until = 0] = answer.split(" ")
    const at = CivilTime.later(now, later * 1_000)
    const locked = { _tag: "PasswordLocked", until: seconds(Number(until)) }
    expect(judged(after(before, "remote"), right, "remote", at)).toEqual(tag === "taken" ? undefined : locked)
    // What is locked does not even look at the proof.
    if (tag === "locked") expect(judged(after(before, "remote"), wrong, "remote", at)).toEqual(locked)
    else expect(judged(after(before, "remote"), wrong, "remote", at)?._tag).toBe("PasswordWrong")
  })
})

describe("D15 in which order it is looked", () => {
  const mustChange = { ...fresh, mustChange: true }

  it.each(
    [
      ["a right one", fresh, right, undefined],
      ["one of an older password", fresh, proof(true, 0), { _tag: "PasswordStale" }],
      ["one of a password to come", fresh, proof(true, 2), { _tag: "PasswordStale" }],
      // Whether it fitted an older password says nothing, so it is no try.
      ["a wrong one of an older password", fresh, proof(false, 0), { _tag: "PasswordStale" }],
      ["a wrong one", fresh, wrong, { _tag: "PasswordWrong", left: 4 }],
      ["a right one that must be changed", mustChange, right, { _tag: "PasswordMustChange" }],
      ["a wrong one that must be changed", mustChange, wrong, { _tag: "PasswordWrong", left: 4 }],
      ["a stale one that must be changed", mustChange, proof(true, 0), { _tag: "PasswordStale" }],
      ["a stale one behind a lock", after(5, "till"), proof(true, 0), { _tag: "PasswordLocked" }],
      ["one that must be changed behind a lock", { ...after(5, "till"), mustChange: true }, right, {
        _tag: "PasswordLocked"
      }]
    ] as const
  )("D15 A12 %s", (_, state, proof, decline) => {
    expect(judged(state, proof, "till")).toEqual(decline)
  })
})

describe("D15 tries are counted", () => {
  it("D15 per channel, with the time of the last", () => {
    const once = Password.tried(fresh, "till", now, false)
    const twice = Password.tried(once, "till", seconds(5), false)
    const elsewhere = Password.tried(twice, "remote", seconds(9), false)
    expect(once.tries).toEqual({ till: { wrong: 1, last: now } })
    expect(twice.tries).toEqual({ till: { wrong: 2, last: seconds(5) } })
    expect(elsewhere.tries).toEqual({
      till: { wrong: 2, last: seconds(5) },
      remote: { wrong: 1, last: seconds(9) }
    })
  })

  it("D15 a right one forgets the wrong ones of its channel, and only those", () => {
    const tried = Password.tried(Password.tried(fresh, "till", now, false), "remote", now, false)
    expect(Password.tried(tried, "till", seconds(1), true)).toEqual({
      ...fresh,
      tries: { remote: { wrong: 1, last: now } }
    })
    expect(Password.tried(fresh, "till", now, true)).toEqual(fresh)
  })

  it("R36 R37 A12 a new password has the next version, its own secret, and no tries", () => {
    const second = Password.set(after(5, "till"), { credential: CredentialId.make("desk/second"), mustChange: true })
    const first = Password.set(undefined, { credential, mustChange: false })
    expect(first).toEqual({ credential: "desk/first", version: 1, mustChange: false, tries: {} })
    expect(second).toEqual({ credential: "desk/second", version: 2, mustChange: true, tries: {} })
    expect(Password.set(second, { credential, mustChange: false }).version).toBe(3)
  })

  it("D15 what was checked against the password before is worth nothing now", () => {
    const changed = Password.set(fresh, { credential, mustChange: false })
    expect(judged(changed, right, "till")).toEqual({ _tag: "PasswordStale" })
    expect(judged(changed, proof(true, 2), "till")).toBeUndefined()
  })
})

describe("D15 where a password is typed", () => {
  it.each(
    [
      ["canteen", "till"],
      ["shop", "till"],
      ["kiosk", "kiosk"],
      ["counter", "counter"],
      ["bankWindow", "counter"],
      ["office", "counter"],
      ["app", "remote"]
    ] as const
  )("D15 at %s: %s", (category, channel) => {
    expect(Password.channelAt(category)).toBe(channel)
  })

  it("D15 every kind of place has a channel", () => {
    for (const category of Category.literals) {
      expect(Schema.is(Password.Channel)(Password.channelAt(category))).toBe(true)
    }
  })
})

const policies = fc.record({
  local: fc.record({ tries: fc.integer({ min: 1, max: 8 }) }),
  remote: fc.record({
    freeTries: fc.integer({ min: 1, max: 5 }),
    firstWait: fc.integer({ min: 1, max: 100_000 }),
    longestWait: fc.oneof(fc.integer({ min: 1, max: 1_000_000 }), fc.constant(365 * CivilTime.dayLength))
  })
})
const channels = fc.constantFrom(...Password.Channel.literals)
const attempts = fc.array(
  fc.record({ channel: channels, ok: fc.boolean(), wait: fc.oneof(fc.nat(100), fc.nat(200_000)) }),
  { maxLength: 40 }
)
type Attempt = { readonly channel: Password.Channel; readonly ok: boolean; readonly wait: number }
/** What an account would live through: a wrong one is written down, a right one that forgets is too. */
const live = (policy: Password.Policy, attempts: ReadonlyArray<Attempt>) => {
  let state = fresh
  let at = now
  const passed = attempts.map(({ channel, ok, wait }) => {
    at = CivilTime.later(at, wait)
    const before = state
    const decline = Password.judge(policy, state, proof(ok), channel, at)
    if (decline === undefined || decline._tag === "PasswordWrong") state = Password.tried(state, channel, at, ok)
    return { channel, ok, at, before, decline }
  })
  return { passed, state, at }
}

describe("A14 D15 claims wait as passwords from afar do, each part for itself", () => {
  const name = ["claimedName"] as const
  const both = ["claimedName", "claimedDocument"] as const

  it.each(
    [
      ["nothing claimed", [], { claimedName: 9, claimedDocument: 9 }, undefined],
      ["no wrong one", both, {}, undefined],
      ["two of the name", name, { claimedName: 2 }, undefined],
      ["three of the name", name, { claimedName: 3 }, 30],
      ["three of the document", name, { claimedDocument: 3 }, undefined],
      ["nine of the password", both, { remote: 9, till: 9 }, undefined],
      ["three of the name, five of the document", both, { claimedName: 3, claimedDocument: 5 }, 120],
      ["five of the name, three of the document", both, { claimedName: 5, claimedDocument: 3 }, 120],
      ["a hundred", name, { claimedName: 100 }, 86_400]
    ] as const
  )("D15 wrong claims, %s", (_, parts, wrong, wait) => {
    const tries = Object.fromEntries(Object.entries(wrong).map(([part, n]) => [part, { wrong: n, last: now }]))
    const state: Password.State = { ...fresh, tries }
    const locked = (at: CivilTime.Instant) => Password.claimLockedUntil(policy, state, parts, at)
    expect(locked(now)).toBe(wait === undefined ? undefined : seconds(wait))
    if (wait === undefined) return
    expect(locked(CivilTime.later(seconds(wait), -1))).toBe(seconds(wait))
    expect(locked(seconds(wait))).toBeUndefined()
  })

  it("D15 for any policy a claim waits exactly as long as a password from afar", () => {
    fc.assert(fc.property(policies, fc.nat(40), fc.nat(200_000), (policy, wrong, wait) => {
      const at = CivilTime.later(now, wait)
      const tries = { wrong, last: now }
      const state: Password.State = { ...fresh, tries: { remote: tries, claimedDocument: tries } }
      const password = Password.judge(policy, state, right, "remote", at)
      expect(Password.claimLockedUntil(policy, state, ["claimedDocument"], at)).toBe(
        password?._tag === "PasswordLocked" ? password.until : undefined
      )
    }))
  })
})

describe("D15 for any policy and any tries", () => {
  it("D15 a right one passes unless there is a lock; a lock stands only after enough wrong ones in a row", () => {
    fc.assert(fc.property(policies, attempts, (policy, attempts) => {
      const row = { till: 0, kiosk: 0, counter: 0, remote: 0 }
      const last = { till: now, kiosk: now, counter: now, remote: now }
      for (const { at, channel, decline, ok } of live(policy, attempts).passed) {
        const n = row[channel]
        const { firstWait, freeTries, longestWait } = policy.remote
        let wait = firstWait
        for (let i = freeTries; i < n && wait < longestWait; i++) wait *= 2
        const opens = last[channel] + Math.min(longestWait, wait)
        const locked = channel === "remote" ? n >= freeTries && at < opens : n >= policy.local.tries
        expect(decline?._tag).toBe(locked ? "PasswordLocked" : ok ? undefined : "PasswordWrong")
        if (decline?._tag === "PasswordLocked") {
          expect(decline.until).toBe(channel === "remote" ? opens : undefined)
        } else {
          row[channel] = ok ? 0 : n + 1
          last[channel] = at
        }
      }
    }))
  })

  it("D15 a wrong one says truly what comes next: how many are left, or from when on", () => {
    fc.assert(fc.property(policies, attempts, channels, (policy, attempts, channel) => {
      const { at, state } = live(policy, attempts)
      const decline = Password.judge(policy, state, wrong, channel, at)
      fc.pre(decline?._tag === "PasswordWrong")
      let next = Password.tried(state, channel, at, false)
      if (decline.waitUntil !== undefined) {
        const tooEarly = CivilTime.later(decline.waitUntil, -1)
        expect(Password.judge(policy, next, right, channel, tooEarly)?._tag).toBe("PasswordLocked")
        expect(Password.judge(policy, next, right, channel, decline.waitUntil)).toBeUndefined()
        expect(decline.left).toBeUndefined()
      } else {
        const left = decline.left ?? -1
        expect(left).toBeGreaterThanOrEqual(0)
        for (let i = 0; i < left; i++) {
          expect(Password.judge(policy, next, right, channel, at)).toBeUndefined()
          next = Password.tried(next, channel, at, false)
        }
        expect(Password.judge(policy, next, right, channel, at)?._tag).toBe("PasswordLocked")
      }
    }))
  })

  it("D15 from afar nobody can lock another's card: a longest wait after the last try, a right one passes", () => {
    fc.assert(fc.property(policies, attempts, fc.nat(10_000), (policy, attempts, more) => {
      const { at, state } = live(policy, attempts)
      const attacked: Password.State = { ...state, tries: { ...state.tries, remote: { wrong: more, last: at } } }
      const later = CivilTime.later(at, policy.remote.longestWait)
      expect(Password.judge(policy, attacked, right, "remote", later)).toBeUndefined()
      for (const channel of local) {
        expect(Password.judge(policy, attacked, right, channel, at)).toEqual(
          Password.judge(policy, state, right, channel, at)
        )
      }
    }))
  })

  it("I12 judging changes nothing, and every state is well-formed", () => {
    fc.assert(fc.property(policies, attempts, (policy, attempts) => {
      for (const { at, before, channel } of live(policy, attempts).passed) {
        const copy = structuredClone(before)
        Password.judge(policy, before, wrong, channel, at)
        Password.tried(before, channel, at, false)
        expect(before).toEqual(copy)
        expect(Schema.is(Password.State)(before)).toBe(true)
      }
    }))
  })

  it.each([
    ["no local try", { ...policy, local: { tries: 0 } }],
    ["no free try", { ...policy, remote: { ...policy.remote, freeTries: 0 } }],
    ["no wait", { ...policy, remote: { ...policy.remote, firstWait: 0 } }],
    ["a wait of half a millisecond", { ...policy, remote: { ...policy.remote, firstWait: 0.5 } }],
    ["no number", { ...policy, local: { tries: Number.NaN } }],
    // Such a wait once led out of civil time and ended in a RangeError.
    ["a wait of ten thousand years", { ...policy, remote: { ...policy.remote, longestWait: 1e15 } }]
  ])("R75 %s is no policy", (_, value) => {
    expect(Schema.is(Password.Policy)(value)).toBe(false)
    expect(Schema.is(Password.Policy)(policy)).toBe(true)
  })
})

describe("D15 Password.Proof is made by the flow that checked", () => {
  it("D15 a genuine one is known as one, and says what was found", () => {
    expect([Password.Proof.is(right), Password.Proof.is(wrong)]).toEqual([true, true])
    expect([{ ...right }, { ...wrong }]).toEqual([{ version: 1, ok: true }, { version: 1, ok: false }])
  })

  it.each(forgedKeys)("D15 with %s for a key there is none", (_, key) => {
    expect(() => new Password.Proof(key as MintKey, 1, true)).toThrow(TypeError)
    expect(() => new Password.Proof(key as MintKey, 1, true)).toThrow("Password.Proof can only be made by")
  })

  it.each(lookAlikes(right))("D15 %s is none", (_, value) => {
    expect(Password.Proof.is(value)).toBe(false)
  })

  it("D15 a wrong one cannot be turned into a right one", () => {
    const failed = proof(false)
    const loose: { ok: boolean } = failed
    expect(() => {
      loose.ok = true
    }).toThrow(TypeError)
    expect(Reflect.set(failed, "version", 2)).toBe(false)
    expect({ ...failed }).toEqual({ version: 1, ok: false })
  })
})

describe("R36 R37 A13 Password.Fresh is made by the flow that hashed", () => {
  const genuine = new Password.Fresh(mintKey, credential, "sequence", true)

  it("A14 a genuine one is known as one, and says what its PIN is worth", () => {
    expect(Password.Fresh.is(genuine)).toBe(true)
    expect({ ...genuine }).toEqual({ credential, weakness: "sequence", oneTime: true })
    expect({ ...new Password.Fresh(mintKey, credential, undefined, false) }).toEqual({
      credential,
      weakness: undefined,
      oneTime: false
    })
  })

  it.each(forgedKeys)("D15 with %s for a key there is none", (_, key) => {
    expect(() => new Password.Fresh(key as MintKey, credential, undefined, false)).toThrow(TypeError)
    expect(() => new Password.Fresh(key as MintKey, credential, undefined, false)).toThrow("Password.Fresh can only be")
  })

  it.each(lookAlikes(genuine))("D15 %s is none", (_, value) => {
    expect(Password.Fresh.is(value)).toBe(false)
  })

  it("A14 a weak one cannot be turned into a strong one", () => {
    const weak = new Password.Fresh(mintKey, credential, "sequence", true)
    const loose: { weakness: string | undefined } = weak
    expect(() => {
      loose.weakness = undefined
    }).toThrow(TypeError)
    expect(weak.weakness).toBe("sequence")
  })

  it("D15 one kind of evidence is never another", () => {
    expect(Password.Proof.is(genuine)).toBe(false)
    expect(Password.Fresh.is(right)).toBe(false)
  })
})
