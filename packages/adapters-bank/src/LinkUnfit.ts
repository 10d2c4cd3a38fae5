/**
 * A link with a bank whose settings can not carry its dialogue 链路参数不符: found when it is made, not by the first holder who
 * pays. It names what is missing or wrong, and never a key.
 */
import { Effect, Schema } from "effect"

export class LinkUnfit extends Schema.TaggedError<LinkUnfit>()("LinkUnfit", {
  link: Schema.String,
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const { link, problems } = this
    return `链路设置不合用，请对照下列各项修改 / the settings of the link (${link}) do not fit, mend each of these: ${
      problems.join("; ")
    }`
  }
}

/** Fails where there is a problem. */
export const refuse = (link: string, problems: ReadonlyArray<string>): Effect.Effect<void, LinkUnfit> =>
  problems.length === 0 ? Effect.void : Effect.fail(new LinkUnfit({ link, problems }))
