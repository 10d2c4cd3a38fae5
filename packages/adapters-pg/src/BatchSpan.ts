/**
 * A batch as a trace shows it 链路: one span for the batch, one in it for each of its transactions, none for a command. What
 * a command costs within a batch are microseconds; what its caller waits for is the batch.
 *
 * A batch serves many callers, so it is no child of any of them: it is linked to the spans of those that have one, and
 * whoever looks at a caller's trace finds by the link in whose company the command was written.
 *
 * The attributes say how many commands, in which lane of which schema. Nothing says who.
 */
import { Effect, type Tracer } from "effect"

/** What a batch has of each command: the span in which its caller waits. */
export interface Called {
  readonly span: Tracer.AnySpan | undefined
}

type Within = (
  items: ReadonlyArray<Called>
) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** The spans of one lane: `batch` around all that is done for a batch, `transaction` around each try to write it. */
export const make = (schema: string, lane: number): { readonly batch: Within; readonly transaction: Within } => {
  const attributes = (items: ReadonlyArray<Called>) => ({
    "yikatong.schema": schema,
    "yikatong.lane": lane,
    "yikatong.batch.size": items.length
  })
  // Where a span begins in our sources says nothing, and to look costs more than the span.
  const captureStackTrace = false
  return {
    batch: (items) => (effect) =>
      Effect.suspend(() =>
        // A lane outlives whatever span it was begun in.
        Effect.withSpan(effect, "PgAccountStore.batch", {
          root: true,
          links: linksTo(items),
          attributes: attributes(items),
          captureStackTrace
        })
      ) as typeof effect,
    transaction: (items) => (effect) =>
      Effect.withSpan(effect, "PgAccountStore.transaction", {
        kind: "client",
        attributes: attributes(items),
        captureStackTrace
      }) as typeof effect
  }
}

/** A span that is not recorded is no place to go to. */
const linksTo = (items: ReadonlyArray<Called>): ReadonlyArray<Tracer.SpanLink> => {
  const links: Array<Tracer.SpanLink> = []
  for (const { span } of items) if (span?.sampled === true) links.push({ span, attributes: {} })
  return links
}
