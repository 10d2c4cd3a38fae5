/**
 * A view that is folded from the journal of the accounts and goes on where it ended 投影: the first time it reads the whole
 * journal, after that only what is new, so that it may be asked for at every tap.
 *
 * It keeps what its fold keeps, and nothing of the lines. Callers at the same time take turns, each sees all that was
 * answered before it asked, and one that is interrupted leaves what it has read to the next. Where the last line that it has
 * read is gone, as after a store was put back to an older copy, it begins anew.
 *
 * @example
 * ```ts
 * import { AccountStore, Profiles, Projection } from "@yikatong/core"
 * import { AccountStoreLaws, MemoryAccountStore } from "@yikatong/core/testing"
 * import { Effect } from "effect"
 *
 * const declines = Projection.make(() => 0, (count, { answer }) => answer._tag === "Declined" ? count + 1 : count)
 * const store = MemoryAccountStore.make(AccountStoreLaws.profiles)
 * await Effect.runPromise(Effect.provideService(declines.now, AccountStore.AccountStore, store)) // => 0
 * ```
 */
import { Effect, Semaphore, Stream } from "effect"
import type { StoreFault } from "../Fault.ts"
import { AccountStore, type Entry } from "../ports/AccountStore.ts"

/** A view of one store. */
export interface Projection<State> {
  /** The view as it is now. */
  readonly now: Effect.Effect<State, StoreFault, AccountStore>
}

/** The last line that was read, by what no other line has. */
interface Place {
  readonly sequence: number
  readonly caller: string
  readonly id: string
}

/**
 * A view of one store, with nothing read yet. `take` gives the view with one more line, in the order of the whole journal; it
 * leaves the one before as it was.
 */
export const make = <State>(
  begin: () => State,
  take: (state: State, entry: Entry) => State
): Projection<State> => {
  const turn = Semaphore.makeUnsafe(1)
  let state = begin()
  let last: Place | undefined

  /** Reads on, and tells whether the last line was still there. */
  const follow = Effect.fnUntraced(function*({ journal }: AccountStore["Service"]) {
    const known = last
    let isThere = known === undefined
    yield* Stream.runForEachWhile(
      journal({ after: known === undefined ? 0 : known.sequence - 1 }),
      (entry) =>
        Effect.sync(() => {
          if (isThere) {
            state = take(state, entry)
            last = placeOf(entry)
          } else isThere = known !== undefined && isSame(known, placeOf(entry))
          return isThere
        })
    )
    return isThere
  })

  return {
    now: turn.withPermit(Effect.gen(function*() {
      const store = yield* AccountStore
      if (yield* follow(store)) return state
      state = begin()
      last = undefined
      yield* follow(store)
      return state
    }))
  }
}

const placeOf = ({ command: { caller, id }, sequence }: Entry): Place => ({ sequence, caller, id })

const isSame = (one: Place, other: Place): boolean =>
  one.sequence === other.sequence && one.caller === other.caller && one.id === other.id
