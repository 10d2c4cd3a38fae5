/**
 * Hashes of PINs by scrypt 密码散列 (RFC 7914), salted, peppered and slow on purpose: 32 MiB of memory and tens of
 * milliseconds each.
 *
 * A hash reads `$scrypt$ln=15,r=8,p=1$PEPPER$SALT$HASH`: log2 of the cost, block size and parallelism, the id of the
 * pepper, salt and hash in base64 without padding. What is hashed is the HMAC-SHA-256 of the PIN under the pepper.
 */
import { Fault, PasswordHasher, Pin } from "@yikatong/core"
import { type Config, Effect, Layer, Option, Redacted } from "effect"
import { createHmac, randomBytes, randomInt, scrypt, timingSafeEqual } from "node:crypto"
import * as Peppers from "./Peppers.ts"

/** The keys that are mixed into every hash. */
export interface Options {
  readonly peppers: Peppers.Peppers
}

const cost = { ln: 15, r: 8, p: 1 }
const saltBytes = 16
const hashBytes = 32

interface Parsed {
  readonly ln: number
  readonly r: number
  readonly p: number
  readonly pepper: string
  readonly salt: Buffer
  readonly hash: Buffer
}

// The ranges keep a damaged row from taking all memory; 22 and 43 characters are 16 and 32 bytes.
const form = new RegExp(
  String.raw`^\$scrypt\$ln=(1[0-9]|20),r=([1-9]|1[0-6]),p=([1-4])` +
    String.raw`\$([A-Za-z0-9_-]{1,32})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$`
)

const parse = (text: string): Parsed | undefined => {
  const [, ln, r, p, pepper, salt, hash] = form.exec(text) ?? []
  return pepper === undefined || salt === undefined || hash === undefined ? undefined : {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
    pepper,
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64")
  }
}

const unpadded = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "")

const failed = (operation: string, why: unknown): Fault.VaultFailed =>
  new Fault.VaultFailed({ operation, cause: typeof why === "string" ? new Error(why) : why })

/** A hasher with these peppers. */
export const make = Effect.fnUntraced(function*(options: Options) {
  const { current, keys } = yield* Peppers.check(options.peppers)

  const derive = (
    operation: string,
    pin: Pin.Pin,
    { ln, p, pepper, r, salt }: Omit<Parsed, "hash">
  ): Effect.Effect<Buffer, Fault.VaultFailed> =>
    Effect.callback((resume) => {
      const key = keys.get(pepper)
      if (key === undefined) return resume(Effect.fail(failed(operation, `there is no pepper "${pepper}"`)))
      const peppered = createHmac("sha256", Redacted.value(key)).update(Redacted.value(pin)).digest()
      // scrypt takes 128·N·r bytes and a little more; Node's own ceiling is just that.
      const options = { N: 2 ** ln, r, p, maxmem: 129 * 2 ** ln * r + 65_536 }
      scrypt(peppered, salt, hashBytes, options, (error, hash) =>
        resume(error === null ? Effect.succeed(hash) : Effect.fail(failed(operation, error))))
    })

  return PasswordHasher.PasswordHasher.of({
    hash: Effect.fnUntraced(function*(pin) {
      const salt = randomBytes(saltBytes)
      const hash = yield* derive("hash", pin, { ...cost, pepper: current, salt })
      const { ln, p, r } = cost
      return `$scrypt$ln=${ln},r=${r},p=${p}$${current}$${unpadded(salt)}$${unpadded(hash)}`
    }),
    verify: Effect.fnUntraced(function*(pin, text) {
      const parsed = parse(text)
      if (parsed === undefined) return yield* failed("verify", "the stored hash is malformed")
      return timingSafeEqual(yield* derive("verify", pin, parsed), parsed.hash)
    }),
    oneTime: Effect.sync(() => {
      for (;;) {
        const pin = Redacted.make(String(randomInt(1_000_000)).padStart(6, "0"))
        if (Option.isNone(Pin.weakness(pin, Option.none()))) return pin
      }
    })
  })
})

/** The hasher with these peppers. */
export const layer = (
  options: Options
): Layer.Layer<PasswordHasher.PasswordHasher, Fault.PepperRefused> =>
  Layer.effect(PasswordHasher.PasswordHasher, make(options))

/** The hasher with peppers from the configuration. */
export const layerConfig = (
  peppers: Config.Config<Peppers.Peppers>
): Layer.Layer<PasswordHasher.PasswordHasher, Config.ConfigError | Fault.PepperRefused> =>
  Layer.effect(PasswordHasher.PasswordHasher, Effect.flatMap(peppers, (peppers) => make({ peppers })))
