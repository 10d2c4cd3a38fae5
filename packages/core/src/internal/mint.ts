/**
 * The key that mints evidence: whoever holds it may state that something outside was checked. It is exported by no
 * entry point of the package, so that evidence comes only from the flow or the port that did the checking.
 */
export const mintKey: unique symbol = Symbol("@yikatong/core/mint")
export type MintKey = typeof mintKey

/** @throws TypeError when evidence is built without the key. */
export const assertMinted = (key: MintKey, what: string): void => {
  if (key !== mintKey) throw new TypeError(`${what} can only be made by the port or flow that checked it`)
}
