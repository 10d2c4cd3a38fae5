// What a campus on PostgreSQL is opened with, written without types: each mistake is told at once, and nothing is begun.
import { OptionsRejected } from "@yikatong/core/promise"
import { Duration, Redacted } from "effect"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import * as Embedded from "../src/embedded.ts"
import { PgCampus } from "../src/index.ts"

const root = mkdtempSync(join(tmpdir(), "yikatong-options-"))
const dataDir = join(root, "campus")
afterAll(() => rmSync(root, { recursive: true, force: true }))

const secret = "a pepper of these tests that nobody may read"
const peppers = { current: "2026", keys: { "2026": secret } }
const url = "postgres://campus:hidden@localhost:5432/campus"

type Door = (options: unknown) => unknown
const anyhow = (door: unknown) => door as Door
const [backend, layer, client] = [Embedded.backend, Embedded.layer, Embedded.layerClient].map(anyhow)
const [pgBackend, pgLayer] = [PgCampus.backend, PgCampus.layer].map(anyhow)

const embedded = [["embedded.backend", backend], ["embedded.layer", layer]] as const
const server = [["PgCampus.backend", pgBackend, { url }], ["PgCampus.layer", pgLayer, {}]] as const

/** What is told of options: each flaw in English. */
const told = (door: Door | undefined, options: unknown): ReadonlyArray<string> => {
  try {
    door?.(options)
  } catch (error) {
    if (!(error instanceof OptionsRejected)) throw error
    const said = `${error.message}${JSON.stringify(error.flaws)}`
    for (const hidden of [secret, "hidden"]) expect(said).not.toContain(hidden)
    return error.flaws.map(({ path, problem }) => `${path}: ${problem.split(" / ").at(-1)}`)
  }
  return []
}

const noPeppers = "it is needed, the same at every start: { current: the id of a key, keys: { id: key } }"
const noFolder = "dataDir: it is not set, or no path of a folder; leave it out for data in memory"
const noUrl = "url: it is not set, or not as postgres://user:password@host:5432/database"
const noKey = "it is not set: a key is text, such as 32 random bytes in base64"

const badPeppers: ReadonlyArray<[title: string, peppers: unknown, flaws: ReadonlyArray<string>]> = [
  ["that are text", secret, [`peppers: ${noPeppers}`]],
  ["that are nothing", null, [`peppers: ${noPeppers}`]],
  ["that are a list", [secret], [`peppers: ${noPeppers}`]],
  ["with a key that is not set", { current: "2026", keys: { "2026": undefined, "2025": secret } }, [
    `peppers.keys.2026: ${noKey}`
  ]],
  ["with a key that is no text", { current: "a", keys: { a: 7, b: {} } }, [
    `peppers.keys.a: ${noKey}`,
    `peppers.keys.b: ${noKey}`
  ]],
  ["with a hidden key that is not set", { current: "a", keys: { a: Redacted.make(undefined) } }, [
    `peppers.keys.a: ${noKey}`
  ]],
  ["with a key where its id belongs", { current: "2026", keys: { [secret]: undefined } }, [`peppers.keys.…: ${noKey}`]],
  ["with a key beside the keys", { ...peppers, [secret]: secret }, ["peppers.…: Expected no excess property"]],
  ["with keys that are a key", { current: "2026", keys: secret }, ["peppers.keys: Expected object"]],
  ["without keys", { current: "2026" }, ["peppers.keys: Missing key"]],
  ["whose current one is not set", { current: undefined, keys: peppers.keys }, ["peppers.current: Expected string"]],
  ["with a misspelt name", { curent: "2026", keys: peppers.keys }, [
    "peppers.curent: no such field: did you mean current"
  ]]
]

describe.each(embedded)("%s", (_, door) => {
  it.each<[title: string, options: unknown, flaws: ReadonlyArray<string>]>([
    ["a folder without peppers", { dataDir }, [`peppers: ${noPeppers}`]],
    ["a folder with peppers that are not set", { dataDir, peppers: undefined }, [`peppers: ${noPeppers}`]],
    ["a folder and misspelt peppers", { dataDir, pepers: peppers }, ["pepers: no such field: did you mean peppers"]],
    ["a folder that is not set", { dataDir: undefined, peppers }, [
      noFolder
    ]],
    ["a folder without a name", { dataDir: "", peppers }, [
      noFolder
    ]],
    ["a folder that is no text", { dataDir: 7, peppers }, [
      noFolder
    ]],
    ["a misspelt folder", { datadir: dataDir, peppers }, ["datadir: no such field: did you mean dataDir"]],
    ["a misspelt schema", { shema: "a" }, ["shema: no such field: did you mean schema"]],
    ["what nobody knows", { colour: "red" }, ["colour: Expected no excess property"]],
    ["a path alone", dataDir, [": Expected object"]],
    ["nothing", null, [": Expected object"]]
  ])("refuses %s", (_, options, flaws) => {
    expect(told(door, options)).toEqual(flaws)
    expect(existsSync(dataDir)).toBe(false)
  })

  it.each(badPeppers)("refuses peppers %s", (_, peppers, flaws) => {
    expect(told(door, { dataDir, peppers })).toEqual(flaws)
    expect(told(door, { peppers }).length).toBe(peppers === null ? 1 : flaws.length)
  })

  it.each<[title: string, options: unknown]>([
    ["nothing", undefined],
    ["no options", {}],
    ["peppers that are not set, for data in memory", { peppers: undefined }],
    ["peppers for data in memory", { peppers }],
    ["all there is", { dataDir, peppers, schema: "a", batch: 1, lanes: 1, capacity: 9, timeout: "1 second" }]
  ])("takes %s", (_, options) => {
    expect(told(door, options)).toEqual([])
    expect(existsSync(dataDir)).toBe(false)
  })
})

it("profiles are those of the layer, and of Campus.open for a backend", () => {
  expect(told(layer, { profiles: [] })).toEqual([])
  expect(told(backend, { profiles: [] })).toEqual(["profiles: Expected no excess property"])
})

it.each<[title: string, options: unknown, flaws: ReadonlyArray<string>]>([
  ["a misspelt folder", { datadir: dataDir }, ["datadir: no such field: did you mean dataDir"]],
  ["a folder without a name", { dataDir: "" }, [
    noFolder
  ]],
  ["more than a folder", { dataDir, peppers }, ["peppers: Expected no excess property"]]
])("embedded.layerClient refuses %s", (_, options, flaws) => {
  expect(told(client, options)).toEqual(flaws)
})

describe.each(server)("%s", (_, door, needed) => {
  it.each<[title: string, options: object, flaws: ReadonlyArray<string>]>([
    ["no peppers", {}, [`peppers: ${noPeppers}`]],
    ["peppers that are not set", { peppers: undefined }, [`peppers: ${noPeppers}`]],
    ["a misspelt schema", { peppers, shema: "a" }, ["shema: no such field: did you mean schema"]],
    ["a folder", { peppers, dataDir }, ["dataDir: Expected no excess property"]],
    ["a pooler by its name", { peppers, pooled: "pgbouncer" }, ["pooled: Expected boolean"]]
  ])("refuses %s", (_, options, flaws) => expect(told(door, { ...needed, ...options })).toEqual(flaws))

  it.each(badPeppers)("refuses peppers %s", (_, peppers, flaws) => {
    expect(told(door, { ...needed, peppers })).toEqual(flaws)
  })

  it.each([undefined, null, 7, secret])("refuses %s in place of options", (options) => {
    expect(told(door, options)).toEqual([": Expected object"])
  })

  it("takes all there is, with keys hidden or not", () => {
    const keys = { "2026": Redacted.make(secret), "2025": secret }
    const more = {
      peppers: { current: "2026", keys },
      schema: "a",
      batch: 1,
      lanes: 1,
      capacity: 9,
      timeout: Duration.seconds(1),
      pooled: true
    }
    expect(told(door, { ...needed, ...more })).toEqual([])
  })
})

describe("the url of PgCampus.backend", () => {
  it.each<[title: string, url: unknown]>([
    ["that is not set", undefined],
    ["that is empty", ""],
    ["that is none", "hidden"],
    ["of something else", "https://hidden@localhost/campus"],
    ["with a password that is not encoded", "postgres://campus:hidden%@localhost/campus"],
    ["that is no text", 7]
  ])("is refused: one %s", (_, url) => {
    expect(told(pgBackend, { url, peppers })).toEqual([
      noUrl
    ])
  })

  it.each([
    url,
    "postgresql://localhost/campus",
    "postgres:///campus?host=%2Ftmp",
    "postgres://a:p%40ss%23@[::1]:5432/c"
  ])("is taken: %s", (url) => expect(told(pgBackend, { url, peppers })).toEqual([]))

  it("is missing or misspelt", () => {
    expect(told(pgBackend, { peppers })).toEqual([noUrl])
    expect(told(pgBackend, { peppers, ur: url })).toEqual(["ur: no such field: did you mean url"])
    expect(told(pgLayer, { peppers, url })).toEqual(["url: Expected no excess property"])
  })
})
