/**
 * What a merchant is given to speak to the sandbox 沙箱商户参数: names, addresses and keys of one start, as text, so that they can
 * stand in a file and go from one program to another.
 */
import * as BlockCipher from "../BlockCipher.ts"

export type Terms = Readonly<Record<string, string>>

/** @throws RangeError where the terms have no such thing: they are another wire's. */
export const term = (terms: Terms, name: string): string => {
  const value = terms[name]
  if (value === undefined) throw new RangeError(`The terms of the sandbox's bank lack ${name}`)
  return value
}

export const keyIn = (terms: Terms, name: string): BlockCipher.Key =>
  BlockCipher.key("des", Buffer.from(term(terms, name), "hex"))

export const keyText = (key: BlockCipher.Key): string => Buffer.from(BlockCipher.bytes(key)).toString("hex")

/** Where a line leads, for `BankClient.dial`. */
export const placeIn = (terms: Terms): { readonly host: string; readonly port: number } => ({
  host: term(terms, "host"),
  port: Number(term(terms, "port"))
})
