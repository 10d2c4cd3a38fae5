import { mintKey } from "../src/internal/mint.ts"

/** What a forger would try in place of the key. */
export const forgedKeys: ReadonlyArray<readonly [string, unknown]> = [
  ["nothing", undefined],
  ["null", null],
  ["true", true],
  ["its description", mintKey.description],
  ["a symbol of the same description", Symbol(mintKey.description)],
  ["a registered symbol of the same description", Symbol.for(mintKey.description ?? "")],
  ["an object around it", Object(mintKey)]
]

/** Everything that looks like a piece of evidence and is none. */
export const lookAlikes = (genuine: object): ReadonlyArray<readonly [string, unknown]> => {
  const prototype: object = Object.getPrototypeOf(genuine)
  return [
    ["nothing", undefined],
    ["null", null],
    ["a text", JSON.stringify(genuine)],
    ["its class", genuine.constructor],
    ["a plain object with its fields", { ...genuine }],
    ["a copy by JSON", JSON.parse(JSON.stringify(genuine))],
    ["a structured clone", structuredClone(genuine)],
    ["an object of its prototype", Object.create(prototype)],
    ["that, with its fields", Object.assign(Object.create(prototype), genuine)],
    ["a plain object that is given its prototype", Object.setPrototypeOf({ ...genuine }, prototype)],
    ["an heir of a genuine one", Object.create(genuine)],
    ["a proxy of a genuine one", new Proxy(genuine, {})],
    ["an object that calls itself minted", { ...genuine, "#minted": true, minted: true }]
  ]
}
