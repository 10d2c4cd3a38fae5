/**
 * Keeps the hashes of passwords apart from journal and state, which name them by an opaque id only (D15, D24).
 */
import { Context, type Effect, type Option } from "effect"
import type { VaultFailed } from "../Fault.ts"
import type { CredentialId } from "../Id.ts"

export class PasswordVault extends Context.Service<PasswordVault, {
  /**
   * Keeps a hash under a new name, and says whether it did. Where the name has one already, that one stays: a repeated
   * command cannot change the password that it set the first time.
   */
  readonly keep: (credential: CredentialId, hash: string) => Effect.Effect<boolean, VaultFailed>
  readonly find: (credential: CredentialId) => Effect.Effect<Option.Option<string>, VaultFailed>
}>()("@yikatong/core/ports/PasswordVault") {}
