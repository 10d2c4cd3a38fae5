/**
 * The text by which what a command says is told from what another one says under the same id 指纹 (D18): the same fields
 * with the same values give the same text, whatever their order. Stores keep it, or a digest of it.
 *
 * @example
 * ```ts
 * import { Fingerprint } from "@yikatong/core"
 *
 * Fingerprint.canonical({ amount: 1_800, at: { point: "canteen-1" } }) // => '{"amount":1800,"at":{"point":"canteen-1"}}'
 * Fingerprint.canonical({ at: { point: "canteen-1" }, amount: 1_800 }) // => '{"amount":1800,"at":{"point":"canteen-1"}}'
 * ```
 */

/** The one text of a value that can stand in JSON. A field that is undefined is one that is not there. */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  let fields = ""
  for (const name of sorted(Object.keys(value))) {
    const field: unknown = value[name as keyof typeof value]
    if (field !== undefined) fields += `${fields === "" ? "" : ","}${JSON.stringify(name)}:${canonical(field)}`
  }
  return `{${fields}}`
}

/** In place: an object has few fields, for which the general sort takes longer than all the rest. */
const sorted = (names: Array<string>): ReadonlyArray<string> => {
  if (names.length > 16) return names.sort()
  for (let at = 1; at < names.length; at++) {
    const name = names[at] as string
    let to = at
    for (; to > 0 && (names[to - 1] as string) > name; to--) names[to] = names[to - 1] as string
    names[to] = name
  }
  return names
}
