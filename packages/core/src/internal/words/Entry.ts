/**
 * What there is to tell 词条: of each decline the fact and the remedy, of each report one sentence (R73, D11).
 *
 * The declines stand in files by the groups of `Decline.ts`; each group is checked to be a part of {@link Declines}, and
 * together they must be all of it.
 */
import type * as Decline from "../../Decline.ts"
import type { Report } from "../../Report.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import type { Phrase, Text } from "./Text.ts"

/** First the fact with its numbers, then what the reader does next. */
export type Entry = readonly [what: Text, remedy: Phrase]

/** Every decline has an entry. */
export type Declines = {
  readonly [Tag in Decline.Decline["_tag"]]: (it: Decline.Of<Tag>, profile: SchoolProfile) => Entry
}

/** Every report has a sentence. */
export type Reports = {
  readonly [Tag in Report["_tag"]]: (
    it: Extract<Report, { readonly _tag: Tag }>,
    profile: Pick<SchoolProfile, "mediumNames">
  ) => Text
}
