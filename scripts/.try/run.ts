import { Effect } from "effect"
import { tried } from "./a.ts"
Effect.runPromise(tried as any).catch((e) => console.error(e))
