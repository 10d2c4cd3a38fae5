/** Those who are in the bank's app 充值会话: whom the school named, who pays how much, and what came of it. The latest of them. */
import type { Money } from "@yikatong/core"
import type { Redacted } from "effect"
import { randomBytes } from "node:crypto"
import type { Claim } from "./DepositClaim.ts"

export interface Visit {
  /** Its address; nobody can guess it. */
  readonly id: string
  readonly claim: Claim
  readonly payer: string
  readonly payerName: Redacted.Redacted<string>
  readonly payerTail: string
  readonly studentNumber: string
  /** As the school told it: 李*. */
  readonly shownName: string
  readonly account: string
  readonly amount: Money.Amount
  /** The school has been asked, and has not answered yet. */
  readonly isBusy: boolean
  /** Of the deposit, once there is one. */
  readonly serial?: string
  /** What the account has since, where the school tells it. */
  readonly balance?: Money.Money
}

const most = 1_000

export class AppVisits {
  readonly #open = new Map<string, Visit>()

  begin(visit: Omit<Visit, "id" | "isBusy">): Visit {
    const [oldest] = this.#open.keys()
    if (this.#open.size >= most && oldest !== undefined) this.#open.delete(oldest)
    return this.keep({ ...visit, id: randomBytes(16).toString("hex"), isBusy: false })
  }

  find(id: string): Visit | undefined {
    return this.#open.get(id)
  }

  keep(visit: Visit): Visit {
    this.#open.set(visit.id, visit)
    return visit
  }

  end({ id }: Visit): void {
    this.#open.delete(id)
  }
}
