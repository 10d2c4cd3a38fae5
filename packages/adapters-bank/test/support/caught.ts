// A logger that keeps every line at every level, with all that stands beside its words.
import { Cause, Effect, Formatter, Logger, References } from "effect"

/** Runs an effect, and everything that it says is put into `lines`. */
export const catching = (lines: Array<string>) => {
  const logger = Logger.make(({ cause, fiber, logLevel, message }) => {
    const annotations = fiber.getRef(References.CurrentLogAnnotations)
    const words = [message].flat().map((one) => typeof one === "string" ? one : Formatter.format(one))
    lines.push([logLevel, ...words, Cause.pretty(cause), JSON.stringify(annotations)].join(" "))
  })
  return <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    effect.pipe(
      Effect.provide(Logger.layer([logger])),
      Effect.provideService(References.MinimumLogLevel, "All")
    )
}
