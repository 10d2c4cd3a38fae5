/**
 * Who signs what phones may show 发码方: it has the secret keys, and draws pseudonyms (R4, R5, D20).
 *
 * A school may keep its keys in hardware or with another service, so signing is a port. Where they are in the memory of
 * the server, {@link fromKeys} will do; it wants a source of random bytes that nobody can guess, such as `randomBytes`
 * of the platform.
 */
import { bytesToHex } from "@noble/curves/utils.js"
import { Context, Effect, Layer } from "effect"
import * as CodeAuthorisation from "../CodeAuthorisation.ts"
import type { Kid, SecretKey } from "../CodeKeys.ts"
import { IssuerFailed } from "../Fault.ts"
import { Pseudonym } from "../Pseudonym.ts"

export class CodeIssuer extends Context.Service<CodeIssuer, {
  /** The numbers of the keys that it signs with at present; none where the school issues no codes. */
  readonly kids: Effect.Effect<ReadonlyArray<Kid>, IssuerFailed>
  /** Eight random bytes that tell nothing of anybody. */
  readonly pseudonym: Effect.Effect<Pseudonym, IssuerFailed>
  /** Signs with the key that the claims name. */
  readonly sign: (
    claims: CodeAuthorisation.Claims
  ) => Effect.Effect<CodeAuthorisation.Authorisation, CodeAuthorisation.DeviceKeyUnsound | IssuerFailed>
}>()("@yikatong/core/ports/CodeIssuer") {}

/** An issuer with its secret keys at hand. `random`: so many bytes that nobody can guess. */
export const fromKeys = (
  keys: ReadonlyMap<Kid, SecretKey>,
  random: (length: number) => Uint8Array
): CodeIssuer["Service"] => ({
  kids: Effect.sync(() => [...keys.keys()]),
  pseudonym: Effect.try({
    try: () => Pseudonym.make(bytesToHex(random(8))),
    catch: (cause) => new IssuerFailed({ operation: "draw a pseudonym", cause })
  }),
  sign: Effect.fnUntraced(function*(claims) {
    const key = keys.get(claims.kid)
    if (key === undefined) {
      return yield* new IssuerFailed({ operation: "sign", cause: new Error(`There is no key ${claims.kid}`) })
    }
    return yield* Effect.fromResult(CodeAuthorisation.authorise(claims, key))
  })
})

/** An issuer with its secret keys at hand, as a layer. */
export const layer = (...from: Parameters<typeof fromKeys>): Layer.Layer<CodeIssuer> =>
  Layer.succeed(CodeIssuer, fromKeys(...from))

/** Where a school issues no codes of its own: nothing is authorised. */
export const none: CodeIssuer["Service"] = fromKeys(new Map(), () => new Uint8Array(0))
export const layerNone: Layer.Layer<CodeIssuer> = Layer.succeed(CodeIssuer, none)
