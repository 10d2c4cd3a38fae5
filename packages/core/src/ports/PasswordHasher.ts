/**
 * Makes a hash of a PIN and checks one against the other 密码散列 (D15). Six digits are few, so a hasher mixes in a pepper
 * that is not in the database, and is slow on purpose.
 */
import { Context, type Effect } from "effect"
import type { VaultFailed } from "../Fault.ts"
import type { Pin } from "../Pin.ts"

export class PasswordHasher extends Context.Service<PasswordHasher, {
  /** A salted, peppered, self-describing hash. */
  readonly hash: (pin: Pin) => Effect.Effect<string, VaultFailed>
  /** Whether the PIN is the one that was hashed, compared in constant time. */
  readonly verify: (pin: Pin, hash: string) => Effect.Effect<boolean, VaultFailed>
  /** A random PIN for one use, for people without a resident identity number (A13). */
  readonly oneTime: Effect.Effect<Pin, VaultFailed>
}>()("@yikatong/core/ports/PasswordHasher") {}
