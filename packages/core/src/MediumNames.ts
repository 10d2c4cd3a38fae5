/**
 * What a school calls its media 介质名称 (R73, R75): its own app on its displays, and not that of the school whose manual
 * came first.
 */
import { Schema } from "effect"
import type { Medium } from "./Medium.ts"

/** As a sentence needs it: "掌上江城付款码", "the Jiangcheng pay code". */
const Name = Schema.Struct({ nameZh: Schema.NonEmptyString, nameEn: Schema.NonEmptyString })
const names = Schema.optionalKey(Name)

/** By medium; one that is left out is called what the manual calls it. */
export const MediumNames = Schema.Struct(
  {
    physicalCard: names,
    todayCampusCode: names,
    ecodePayCode: names,
    ecodeIdentityCode: names,
    alipayCode: names,
    keyRing: names
  } satisfies Record<Medium, unknown>
)
export interface MediumNames extends Schema.Schema.Type<typeof MediumNames> {}
