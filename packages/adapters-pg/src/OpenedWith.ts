/**
 * What a campus on PostgreSQL is opened with 开库参数, looked at before anything is begun: whoever writes without types, or
 * passes on a variable that is not set, is told so at once, as `Campus.open` tells of its own options.
 *
 * A key or a URL is never repeated.
 */
import { Flaw } from "@yikatong/core"
import { OptionsRejected } from "@yikatong/core/promise"
import { Redacted, Result, Schema } from "effect"
import * as Patience from "./Patience.ts"
import * as Peppers from "./Peppers.ts"

const noPeppers =
  "必须给出，每次启动都一样 / it is needed, the same at every start: { current: the id of a key, keys: { id: key } }"
const noKey = "没有设置，密钥是一段文字 / it is not set: a key is text, such as 32 random bytes in base64"
const noUrl = "没有设置，或写法不对 / it is not set, or not as postgres://user:password@host:5432/database"
const noFolder = "没有设置，或不是文件夹的路径 / it is not set, or no path of a folder; leave it out for data in memory"

const noTime = "应为 1 毫秒至 24 天的时长 / a time of 1 millisecond to 24 days, such as \"10 seconds\""

/** Values that pass; `otherwise` is told of others, and where there is none. */
const passing = (isGood: (value: unknown) => boolean, otherwise: string) =>
  Schema.Unknown.check(Schema.makeFilter((value) => isGood(value) || otherwise)).pipe(
    Schema.annotateKey({ messageMissingKey: otherwise })
  )

const isKey = (key: unknown): boolean => typeof (Redacted.isRedacted(key) ? Redacted.value(key) : key) === "string"

const isUrl = (url: unknown): boolean => {
  if (typeof url !== "string" || !URL.canParse(url)) return false
  const { hostname, password, pathname, protocol, username } = new URL(url)
  return /^postgres(ql)?:$/.test(protocol) && [hostname, username, password, pathname].every(isEncoded)
}

const isEncoded = (part: string): boolean => {
  try {
    decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}

const anything = Schema.optionalKey(Schema.Unknown)
const time = Schema.optionalKey(passing(Patience.isGood, noTime))
const campus = { schema: anything, batch: anything, lanes: anything, capacity: anything, timeout: time }
const folder = { dataDir: Schema.optionalKey(passing((path) => typeof path === "string" && path !== "", noFolder)) }
const peppers = {
  peppers: Schema.Struct({ current: Schema.String, keys: Schema.Record(Schema.String, passing(isKey, noKey)) }).pipe(
    Schema.annotate({ message: noPeppers }),
    Schema.annotateKey({ messageMissingKey: noPeppers })
  )
}

/** Throws `OptionsRejected` where one of these options is missing, unknown or not set. */
const door = (schema: Schema.ConstraintDecoder<unknown>) => {
  const read = Schema.decodeUnknownResult(schema)
  return (options: unknown): void => {
    const result = read(options, { errors: "all", onExcessProperty: "error" })
    if (Result.isFailure(result)) throw new OptionsRejected(Flaw.of(result.failure).map(withoutKey))
  }
}

/** Whoever confuses keys and ids has written a secret as a name. */
const withoutKey = ({ path, problem }: Flaw.Flaw): Flaw.Flaw => {
  const [, place, name] = /^(peppers\.keys\.|peppers\.(?!keys\.))(.*)$/s.exec(path) ?? []
  return { path: name === undefined || Peppers.mayBeTold(name) ? path : `${place}…`, problem }
}

const pooled = { pooled: Schema.optionalKey(Schema.Boolean) }
/** Those of a client of a server. */
export const server = door(Schema.Struct({ ...campus, ...pooled, ...peppers }))
/** Those of a server by its URL. */
export const serverByUrl = door(Schema.Struct({ ...campus, ...pooled, ...peppers, url: passing(isUrl, noUrl) }))
/** Those of a day book by its URL. */
export const dayBook = door(
  Schema.Struct({ schema: anything, profile: Schema.Unknown, url: passing(isUrl, noUrl) })
)
/** Those of an embedded database alone. */
export const database = door(Schema.Struct(folder))

const inMemory = { ...campus, ...folder, peppers: anything }
const kept = { ...campus, ...folder, ...peppers }
const profiles = { profiles: anything }
const doors = {
  backend: { inMemory: door(Schema.Struct(inMemory)), kept: door(Schema.Struct(kept)) },
  layer: {
    inMemory: door(Schema.Struct({ ...inMemory, ...profiles })),
    kept: door(Schema.Struct({ ...kept, ...profiles }))
  }
}

/** Those of an embedded campus: where its data stay, the peppers must stay too. */
export const embedded = (
  to: keyof typeof doors,
  options: { readonly dataDir?: unknown; readonly peppers?: unknown } | null
): void => {
  const isKept = options !== null && (Object.hasOwn(options, "dataDir") || options.peppers !== undefined)
  doors[to][isKept ? "kept" : "inMemory"](options)
}
