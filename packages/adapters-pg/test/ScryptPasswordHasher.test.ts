import { PasswordHasher, Pin } from "@yikatong/core"
import { Config, ConfigProvider, Effect, Layer, Option, Redacted, Result } from "effect"
import { describe, expect, it } from "vitest"
import { ScryptPasswordHasher } from "../src/index.ts"

const old = "an older pepper of 32 bytes or more"
const young = Redacted.make("a younger pepper, also of 32 bytes at least")
const pin = (text: string) => Result.getOrThrow(Pin.parse(text))
const secret = pin("730519")

const hasher = (current: string, keys: ScryptPasswordHasher.Options["peppers"]["keys"]) =>
  Effect.runPromise(ScryptPasswordHasher.make({ peppers: { current, keys } }))

describe("the scrypt hasher", () => {
  it("D15 verifies its own hashes and no other PIN, and two hashes of one PIN differ", async () => {
    const { hash, verify } = await hasher("a", { a: old })
    const [one, other] = await Effect.runPromise(Effect.all([hash(secret), hash(secret)], { concurrency: 2 }))
    expect(one).not.toBe(other)
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$a\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(one).not.toContain("730519")
    const told = (text: string, stored: string) => Effect.runPromise(verify(pin(text), stored))
    expect(await told("730519", one)).toBe(true)
    expect(await told("730519", other)).toBe(true)
    expect(await told("730518", one)).toBe(false)
  })

  it("a hash opens nothing without its pepper", async () => {
    const one = await Effect.runPromise((await hasher("a", { a: old })).hash(secret))
    const impostor = await hasher("a", { a: young })
    expect(await Effect.runPromise(impostor.verify(secret, one))).toBe(false)
    const stranger = await hasher("b", { b: young })
    expect(await Effect.runPromise(Effect.flip(stranger.verify(secret, one)))).toMatchObject({ _tag: "VaultFailed" })
  })

  it("peppers rotate: new hashes have the current one, older hashes still verify", async () => {
    const one = await Effect.runPromise((await hasher("a", { a: old })).hash(secret))
    const rotated = await hasher("b", { a: old, b: young })
    expect(await Effect.runPromise(rotated.verify(secret, one))).toBe(true)
    expect(await Effect.runPromise(rotated.hash(secret))).toContain("$b$")
  })

  it("a stored hash that is malformed is VaultFailed, and never takes more than a bounded memory", async () => {
    const { hash, verify } = await hasher("a", { a: old })
    const good = await Effect.runPromise(hash(secret))
    const damaged = [
      "",
      "730519",
      good.slice(0, -1),
      `${good}A`,
      ` ${good}`,
      `${good}\n`,
      good.replace("scrypt", "argon2"),
      good.replace("ln=15", "ln=31"),
      good.replace("p=1", "p=99"),
      good.replace("$a$", "$$")
    ]
    for (const stored of damaged) {
      expect(await Effect.runPromise(Effect.flip(verify(secret, stored)))).toMatchObject({ _tag: "VaultFailed" })
    }
  })

  it("A13 one-time PINs have six digits, are not weak, and differ", async () => {
    const { oneTime } = await hasher("a", { a: old })
    const pins = await Effect.runPromise(Effect.replicateEffect(oneTime, 2_000))
    for (const pin of pins) {
      expect(Redacted.value(pin)).toMatch(/^[0-9]{6}$/)
      expect(Option.isNone(Pin.weakness(pin, Option.none()))).toBe(true)
    }
    expect(new Set(pins.map((pin) => Redacted.value(pin))).size).toBeGreaterThan(1_950)
  })

  it("peppers that protect nothing are refused at the start, and none is repeated", async () => {
    const refused = async (current: string, keys: Record<string, string>) => {
      const fault = await Effect.runPromise(Effect.flip(ScryptPasswordHasher.make({ peppers: { current, keys } })))
      expect(fault._tag).toBe("PepperRefused")
      expect(JSON.stringify(fault) + fault.message).not.toContain(keys["a"] ?? "nothing")
      return fault.message
    }
    expect(await refused("a", { a: "short" })).toContain("the key \"a\" has less than 32 bytes")
    expect(await refused("b", { a: old })).toContain("`current` must be the id of one of the keys")
    expect(await refused("a", { a: old, "x$y": old })).toContain("the id of the key \"x$y\" is not")
    expect(await refused("toString", { a: old })).toContain("not among the keys")
  })

  it("R38 D15 whoever confuses keys and ids finds no key in a message", async () => {
    const key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    const swapped = [
      { current: key, keys: { "2026": key } },
      { current: key, keys: { [key]: "2026" } },
      { current: "2026", keys: { "2026": old, [key]: "2026" } },
      { current: "2026", keys: { "2026": old, [`${key}+/=`]: old } }
    ]
    for (const peppers of swapped) {
      const fault = await Effect.runPromise(Effect.flip(ScryptPasswordHasher.make({ peppers })))
      expect(fault._tag).toBe("PepperRefused")
      expect(JSON.stringify(fault) + fault.message).not.toContain(key)
    }
  })

  it("peppers may come from the configuration", async () => {
    const peppers = Config.map(Config.Redacted("PEPPER"), (key) => ({ current: "a", keys: { a: key } }))
    const provider = ConfigProvider.layer(ConfigProvider.fromUnknown({ PEPPER: old }))
    const verified = Effect.gen(function*() {
      const { hash, verify } = yield* PasswordHasher.PasswordHasher
      return yield* verify(secret, yield* hash(secret))
    })
    const layer = ScryptPasswordHasher.layerConfig(peppers).pipe(Layer.provide(provider))
    expect(await Effect.runPromise(Effect.provide(verified, layer))).toBe(true)
  })
})
