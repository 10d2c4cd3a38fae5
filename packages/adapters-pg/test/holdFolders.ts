// A process of its own, for the tests of `FolderLock`: each line that it reads is a folder to hold, or a database to open in
// one, until its input ends. It answers each with a line of JSON.
import { Effect, Exit, Layer, Scope } from "effect"
import { createInterface } from "node:readline"
import * as Embedded from "../src/embedded.ts"
import * as FolderLock from "../src/FolderLock.ts"
import type { Asked, Told } from "./Holder.ts"

const open = ({ database, folder }: Asked): Effect.Effect<Told, never, Scope.Scope> =>
  Effect.match(
    database
      ? Effect.asVoid(Layer.build(Embedded.layerClient({ dataDir: folder })))
      : Effect.asVoid(FolderLock.acquire(folder)),
    {
      onFailure: (fault) => ({
        tag: fault._tag,
        ...(fault._tag === "FolderInUse" && fault.process !== undefined ? { process: fault.process } : {})
      }),
      onSuccess: () => ({ tag: "held" })
    }
  )

const tell = (told: Told): void => {
  process.stdout.write(`${JSON.stringify(told)}\n`)
}

const scope = await Effect.runPromise(Scope.make())
const lines = createInterface({ input: process.stdin })
tell({ tag: "ready" })
for await (const line of lines) tell(await Effect.runPromise(Scope.provide(open(JSON.parse(line)), scope)))
await Effect.runPromise(Scope.close(scope, Exit.void))
