/** The accounts that are paid from while things break, and what they must hold by what was answered. */
import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import { account } from "../../packages/adapters-pg/test/commands.ts"
import * as Store from "./Store.ts"

/** Rich ones never run dry; poor ones do, so that declined payments are among the answers. */
const rich = 1_000_000
const poor = 3_000

export class Campus {
  readonly schema: string
  readonly accounts: ReadonlyArray<string>
  /** Fen that each account must hold. */
  readonly holds: Map<string, number>
  /** How many commands opened it; with every payment it grows. */
  lines: number

  private constructor(schema: string, holds: Map<string, number>, lines: number) {
    this.schema = schema
    this.accounts = [...holds.keys()]
    this.holds = holds
    this.lines = lines
  }

  /** A new campus on a server, whose schema nobody has used. */
  static async open(host: string): Promise<Campus> {
    const schema = `faults_${randomBytes(6).toString("hex")}`
    const holds = new Map(
      Array.from({ length: 24 }, (_, at) => [`${schema}-${at}`, at < 20 ? rich : poor] as const)
    )
    let lines = 0
    await Store.run(Effect.flatMap(
      Store.open({ host, schema }),
      ({ store }) =>
        Effect.forEach([...holds], ([name, fen]) =>
          Effect.forEach(account(name).funded(fen), (command) => {
            lines++
            return Effect.map(store.transact(command), ({ _tag }) => {
              if (_tag !== "Approved") throw new Error("an account was not funded")
            })
          }), { concurrency: "unbounded" })
    ))
    return new Campus(schema, holds, lines)
  }
}
