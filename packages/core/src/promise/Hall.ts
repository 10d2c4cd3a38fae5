/**
 * The service hall 服务大厅 (R32, R33, A20): whether it is open, and when it will be.
 */
import { Effect, Option } from "effect"
import * as ServiceDesk from "../ServiceDesk.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"

/** Open, and until when; or closed, and when it opens, if ever again. */
export type HallStatus =
  | { readonly _tag: "Open"; readonly until: number }
  | { readonly _tag: "Closed"; readonly opensAt?: number }

/** Whether the hall is open now, or at another instant. */
export const status = (host: Host, at: number = host.now): Promise<HallStatus> =>
  host.run(() => {
    const when = Input.instant(at, "at")
    const told = ServiceDesk.statusAt(host.profileAt(when), when)
    if (told._tag === "Open") return Effect.succeed<HallStatus>(told)
    const { _tag, opensAt } = told
    return Effect.succeed<HallStatus>({ _tag, ...(Option.isSome(opensAt) ? { opensAt: opensAt.value } : {}) })
  })
