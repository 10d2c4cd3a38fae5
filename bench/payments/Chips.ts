/** What all chips hold and have counted, as the accounts say: in the benchmark card and account never differ. */
import { CampusSchema } from "@yikatong/adapters-pg"
import * as Database from "./Database.ts"
import * as Holder from "./Holder.ts"
import type { Chip } from "./Payments.ts"

export const read = (place: Database.Place): Promise<ReadonlyArray<Chip>> =>
  Database.using(place, async (database) => {
    const rows = await database.rows<{ card: string; chip: bigint; version: bigint }>(
      `SELECT card.id AS card, chip, version
       FROM ${CampusSchema.defaultName}.card JOIN ${CampusSchema.defaultName}.account ON account.id = card.account`
    )
    const chips: Array<Chip> = []
    for (const { card, chip, version } of rows) {
      chips[Holder.numberOfCard(card)] = { balance: Number(chip), purchases: Number(version) - Holder.openingEvents }
    }
    return chips
  })
