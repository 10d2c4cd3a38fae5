/**
 * Replays a journal under other profiles 推演: what {@link WhatIf} says of each line, as the lines come (D22, D23).
 *
 * It reads a journal and writes nothing. A semester passes through line by line; what stays in memory is the two states
 * of each account.
 */
import { Effect, Stream } from "effect"
import type { Entry } from "../ports/AccountStore.ts"
import type { History } from "../SchoolProfile.ts"
import * as WhatIf from "../WhatIf.ts"

/** Tells every change to `told`, and the totals at the end. */
export const replay = <E, R, E2, R2>(
  profiles: History,
  journal: Stream.Stream<Entry, E, R>,
  told: (change: WhatIf.Change) => Effect.Effect<void, E2, R2>
): Effect.Effect<WhatIf.Totals, E | E2 | WhatIf.JournalIncomplete, R | R2> =>
  Effect.suspend(() => {
    const replay = WhatIf.begin(profiles)
    return Stream.runForEach(journal, (line) =>
      Effect.flatMap(
        Effect.fromResult(WhatIf.take(replay, line)),
        (change) => change === undefined ? Effect.void : told(change)
      )).pipe(Effect.map(() => WhatIf.totals(replay)))
  })
