/**
 * The same value without brands 明值: what the promise door tells, in strings, numbers, arrays and records.
 *
 * A brand exists for the type checker only, so nothing is converted: money is a number of fen, an id a string.
 */
import type { Brand } from "effect"

export type Plain<Value> = Value extends Brand.Brand<string> ? Brand.Brand.Unbranded<Value>
  : Value extends ReadonlyArray<infer Item> ? ReadonlyArray<Plain<Item>>
  : Value extends object ? { readonly [Key in keyof Value]: Plain<Value[Key]> }
  : Value
