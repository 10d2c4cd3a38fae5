/**
 * An issuer of codes for tests and examples 发码方: its keys are the ones that it is given, and its pseudonyms count, so that
 * a story tells the same twice. Nobody may be issued such codes in earnest: whoever sees one pseudonym knows the next.
 */
import { Effect, Layer } from "effect"
import type { Kid, SecretKey } from "../CodeKeys.ts"
import { CodeIssuer, fromKeys } from "../ports/CodeIssuer.ts"
import { Pseudonym } from "../Pseudonym.ts"

/** An issuer with these keys; its pseudonyms are `0000000000000001` and so on. */
export const make = (keys: ReadonlyMap<Kid, SecretKey>): CodeIssuer["Service"] => {
  let drawn = 0
  return {
    ...fromKeys(keys, (length) => new Uint8Array(length)),
    pseudonym: Effect.sync(() => Pseudonym.make((++drawn).toString(16).padStart(16, "0")))
  }
}

/** An issuer of its own for each build of the layer. */
export const layer = (keys: ReadonlyMap<Kid, SecretKey>): Layer.Layer<CodeIssuer> =>
  Layer.sync(CodeIssuer, () => make(keys))
