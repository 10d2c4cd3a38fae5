/**
 * Whether the binding loads on this machine, and what it sees 绑定试用: tried in a process of its own, since machine code
 * that does not fit can hang or crash the one that loads it.
 */
import { Effect } from "effect"
import { createRequire } from "node:module"
import { type Binding, type Known, type Readers, silence } from "../Machine.ts"
import type { Ask } from "./Inspection.ts"

const library = "pcsc-mini"

/** So many readers pcsc-mini sees at most: its constant MAX_READERS. */
const most = 4

/** How long readers are waited for after the service has answered, in milliseconds. All that there are come at once. */
const settling = 700

/**
 * It loads the binding from the first argument, asks for readers if there is a second, and says what came of it in
 * JSON.
 */
const script = `
const told = { state: "loads", detail: "", most: ${most}, refusal: "", seen: null }
const say = () => process.stdout.write(JSON.stringify(told), () => process.exit(0))
const [path, isAsking] = process.argv.slice(1)
let pcsc
try {
  pcsc = require(path)
  told.most = pcsc.MAX_READERS
} catch (error) {
  told.state = "failed"
  told.detail = String(error && error.message)
}
if (pcsc === undefined || isAsking === undefined) say()
else {
  const seen = []
  try {
    const client = new pcsc.Client()
    client.on("error", (error) => { told.refusal = String(error.code); say() })
    client.on("reader", (reader) => seen.push(String(reader.name())))
    client.start()
    setTimeout(() => { told.seen = seen; say() }, ${settling})
  } catch (error) {
    told.refusal = String(error && error.code)
    say()
  }
}
`

const architectures: Readonly<Record<string, string>> = { arm64: "aarch64", x64: "x86_64", ia32: "x86" }

/** The package with the machine code for a platform, if there is one. Source: addon.node.js of pcsc-mini 0.1.3. */
export const packageFor = (platform: string, architecture: string, libc: string): string | null => {
  const machine = architectures[architecture]
  if (machine === undefined) return null
  if (platform === "linux" && (libc === "glibc" || libc === "musl")) {
    return `@pcsc-mini/linux-${machine}-${libc === "glibc" ? "gnu" : "musl"}`
  }
  if (architecture === "ia32") return null
  if (platform === "darwin") return `@pcsc-mini/macos-${machine}`
  return platform === "win32" ? `@pcsc-mini/windows-${machine}-node` : null
}

/** What an error of the loader says. It quotes paths, which name users, so it is not repeated but understood. */
export const stateOf = (message: string): Exclude<Binding["state"], "loads" | "unknown"> => {
  if (/libpcsclite/.test(message)) return "withoutLibrary"
  if (/Unsupported platform|Unable to detect Linux ABI/.test(message)) return "unsupported"
  return /Cannot find module/.test(message) ? "missing" : "broken"
}

/** What the loader says, or else the first line, without the paths in it. */
const withoutPaths = (message: string): string =>
  (message.split("\n").find((line) => line.startsWith("Error")) ?? message.split("\n")[0] ?? "")
    .replace(/(?:file:\/\/)?(?:[A-Za-z]:)?[\\/][^\s'"),:]*/g, "…").trim().slice(0, 200)

interface Answer {
  readonly state: string
  readonly detail: string
  readonly most: number
  readonly refusal: string
  readonly seen: ReadonlyArray<string> | null
}

const answerOf = (out: string): Answer | undefined => {
  try {
    return JSON.parse(out)
  } catch {
    return undefined
  }
}

const require = createRequire(import.meta.url)

const resolved = (): { readonly path: string; readonly version: Known<string> } | undefined => {
  try {
    const { version } = require(`${library}/package.json`)
    return { path: require.resolve(library), version: typeof version === "string" ? version : "unknown" }
  } catch {
    return undefined
  }
}

const nobody: Readers = { seen: "unknown", there: "unknown", refusal: "" }

/** Tries the binding. `isAsking`: readers are asked for as well. `needs`: the package that it takes here. */
export const run = (
  ask: Ask,
  needs: string | null,
  isAsking: boolean
): Effect.Effect<{ readonly binding: Binding; readonly readers: Readers }> =>
  Effect.gen(function*() {
    const found = resolved()
    const begun = { name: library, version: found?.version ?? "unknown", needs, detail: "", most }
    if (found === undefined) {
      return {
        binding: { ...begun, needs: library, state: needs === null ? "unsupported" : "missing" },
        readers: nobody
      }
    }
    const args = ["--input-type=commonjs", "--eval", script, found.path]
    const told = yield* ask(process.execPath, isAsking ? [...args, "readers"] : args)
    if (told === "unknown" && isAsking) {
      // It hangs: in its own code, or in the library, which waits for an answer of the service for ever.
      const { binding } = yield* run(ask, needs, false)
      return { binding, readers: { ...nobody, refusal: binding.state === "loads" ? silence : "" } }
    }
    const answer = typeof told === "string" ? undefined : answerOf(told.out)
    // It has ended without a word: its machine code has crashed.
    if (typeof told !== "string" && answer === undefined) {
      return { binding: { ...begun, state: "broken", detail: `exit ${told.code}` }, readers: nobody }
    }
    if (answer === undefined) return { binding: { ...begun, state: "unknown" }, readers: nobody }
    if (answer.state !== "loads") {
      const state = needs === null ? "unsupported" : stateOf(answer.detail)
      return { binding: { ...begun, state, detail: withoutPaths(answer.detail) }, readers: nobody }
    }
    return {
      binding: { ...begun, state: "loads", most: answer.most },
      readers: { seen: answer.seen ?? "unknown", there: "unknown", refusal: answer.refusal }
    }
  })
