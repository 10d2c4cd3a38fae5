/**
 * What a forger may do to the tables, and where the check finds it (I1, I5, I13, D18, D20). Each case is a campus of its own, in
 * which one thing is changed by hand, and the first break must name it exactly.
 */
import { Csmzxy } from "@yikatong/core"
import { Effect, type Scope } from "effect"
import { describe, it } from "vitest"
import { campus, check, forge } from "./forgery.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

/** Fields of the first break; `{pay}` is the number of that line. */
type Expected = Readonly<Record<string, unknown>>
type Case = readonly [what: string, statements: string | ReadonlyArray<string>, first: Expected]

const journal = (set: string, at: string) => `UPDATE "SCHEMA".journal SET ${set} WHERE sequence = {${at}}`
const line = { journal: "journal" }
const copied = (to: string, more = "command_id") =>
  `INSERT INTO "SCHEMA".journal (sequence, account, received_at, amount, day, shape, caller, command_id, fingerprint, act,
     decline, point, merchant, from_book, to_book, profile, line)
   SELECT ${to}, account, received_at, amount, day, shape, caller, ${more}, fingerprint, act, decline, point, merchant,
     from_book, to_book, profile, line FROM "SCHEMA".journal WHERE sequence = {pay}`
const afterAll = "(SELECT max(sequence) + 1 FROM \"SCHEMA\".journal)"

const cases: ReadonlyArray<Case> = [
  ["I1 a purchase by card is cheaper", journal("amount = 1799", "pay"), {
    ...line,
    _tag: "FingerprintDiffers",
    sequence: "{pay}",
    of: "acc-1"
  }],
  ["I1 a purchase by code is cheaper", journal("amount = 99", "other"), {
    _tag: "AnswerDiffers",
    sequence: "{other}",
    account: "other",
    told: 4_900,
    byEvents: 4_901
  }],
  ["I5 a purchase is paid from another pocket", journal("from_book = 'wallet'", "pay"), {
    _tag: "ReplayFailed",
    sequence: "{pay}",
    account: "acc-1"
  }],
  ["I5 a purchase is paid to another merchant", journal("to_book = 'merchant:canteen-2'", "pay"), {
    ...line,
    _tag: "ColumnDiffers",
    sequence: "{pay}",
    column: "merchant",
    stored: "canteen-1",
    said: "canteen-2"
  }],
  [
    "I5 a purchase is paid to another merchant, in both columns",
    journal("to_book = 'merchant:canteen-2', merchant = 'canteen-2'", "pay"),
    { _tag: "StateDiffers", account: "acc-1", field: "recent" }
  ],
  ["a line lies on another day", journal("day = day + 1", "pay"), {
    _tag: "ColumnDiffers",
    sequence: "{pay}",
    column: "day",
    stored: "20396",
    said: "20395"
  }],
  ["a line lies on a day without end", journal("day = 'infinity'", "pay"), {
    _tag: "ColumnDiffers",
    sequence: "{pay}",
    column: "day",
    stored: null,
    said: "20395"
  }],
  ["I5 a purchase is of more than any number", journal("amount = 9223372036854775807", "pay"), {
    ...line,
    _tag: "LineUnreadable",
    sequence: "{pay}"
  }],
  [
    "I5 a transfer moves more than any number",
    "UPDATE \"SCHEMA\".transfer SET amount = 9223372036854775807 WHERE sequence = {load} AND ordinal = 0",
    { ...line, _tag: "TransferDiffers", sequence: "{load}", ordinal: 0 }
  ],
  ["a line arrived on another day", journal("received_at = received_at + 86400000", "pay"), {
    _tag: "ColumnDiffers",
    sequence: "{pay}",
    column: "day"
  }],
  ["a purchase becomes another act", journal("act = 'PayByCode'", "pay"), {
    _tag: "LineUnreadable",
    sequence: "{pay}"
  }],
  ["a purchase was made elsewhere", journal("point = 'canteen-2'", "pay"), {
    _tag: "FingerprintDiffers",
    sequence: "{pay}"
  }],
  ["a refusal has another reason", journal("decline = 'CardLost'", "refused"), {
    _tag: "ColumnDiffers",
    sequence: "{refused}",
    column: "decline",
    stored: "CardLost"
  }],
  ["a refusal looks like an approval", journal("decline = NULL", "refused"), {
    _tag: "ColumnDiffers",
    sequence: "{refused}",
    column: "decline",
    stored: null
  }],
  ["a recharge is of another amount in its column", journal("amount = 2001", "credit"), {
    _tag: "ColumnDiffers",
    sequence: "{credit}",
    column: "amount",
    stored: "2001",
    said: "2000"
  }],
  ["a recharge was told elsewhere", journal("point = 'canteen-2'", "credit"), {
    _tag: "ColumnDiffers",
    sequence: "{credit}",
    column: "point",
    stored: "canteen-2"
  }],
  ["a recharge is of another amount in its line", journal("line = replace(line, '2000', '2001')", "credit"), {
    _tag: "ColumnDiffers",
    sequence: "{credit}",
    column: "amount",
    stored: "2000",
    said: "2001"
  }],
  ["D22 a line that is no JSON", journal("line = 'x'", "credit"), { _tag: "LineUnreadable", sequence: "{credit}" }],
  ["D22 a line of a shape that nobody knows", journal("shape = 99", "pay"), {
    _tag: "LineUnreadable",
    sequence: "{pay}"
  }],
  ["a line is of another account", journal("account = 2", "pay"), {
    _tag: "ReplayFailed",
    sequence: "{pay}",
    account: "other"
  }],
  ["a line is of an account that is not there", journal("account = 999", "pay"), {
    _tag: "LineOfNobody",
    sequence: "{pay}"
  }],
  ["D18 a line is of another caller", journal("caller = 'else'", "pay"), { _tag: "KeyMissing", sequence: "{pay}" }],
  ["D18 another body under the same key", journal("fingerprint = '\\x000102030405060708090a0b0c0d0e0f'", "pay"), {
    _tag: "FingerprintDiffers",
    sequence: "{pay}"
  }],
  ["I5 a transfer of several is larger", "UPDATE \"SCHEMA\".transfer SET amount = amount + 1 WHERE ordinal = 1", {
    ...line,
    _tag: "TransferDiffers",
    sequence: "{load}",
    ordinal: 1
  }],
  ["I5 a transfer of several is gone", "DELETE FROM \"SCHEMA\".transfer WHERE ordinal = 1", {
    _tag: "TransferDiffers",
    sequence: "{load}",
    ordinal: 1,
    stored: null
  }],
  [
    "I5 a line with one transfer has another",
    "INSERT INTO \"SCHEMA\".transfer VALUES ({pay}, 0, 1, 'chip', 'fees:x', 5)",
    { _tag: "TransferDiffers", sequence: "{pay}", ordinal: 0, stored: { from: "chip", to: "fees:x", amount: 5 } }
  ],
  ["I5 a transfer is of another account", "UPDATE \"SCHEMA\".transfer SET account = 2", {
    _tag: "ColumnDiffers",
    sequence: "{load}",
    column: "transfer.account",
    stored: "2",
    said: "1"
  }],
  [
    "I1 a transfer that no command made",
    "INSERT INTO \"SCHEMA\".transfer VALUES (7, 0, 1, 'chip', 'fees:x', 5)",
    { ...line, _tag: "TransferWithoutLine", sequence: 7 }
  ],
  [
    "I1 a transfer that no command has made yet",
    "INSERT INTO \"SCHEMA\".transfer VALUES (9000000000000, 0, 1, 'chip', 'fees:x', 5)",
    { _tag: "TransferWithoutLine", sequence: 9_000_000_000_000 }
  ],
  ["D19 a key is forgotten", "DELETE FROM \"SCHEMA\".answered WHERE sequence = {pay}", {
    _tag: "KeyMissing",
    sequence: "{pay}"
  }],
  ["D18 a key leads to another line", "UPDATE \"SCHEMA\".answered SET sequence = {later} WHERE sequence = {pay}", {
    _tag: "KeyDiffers",
    sequence: "{pay}",
    stored: "{later}"
  }],
  ["D18 a key leads nowhere", "UPDATE \"SCHEMA\".answered SET sequence = NULL WHERE sequence = {pay}", {
    _tag: "KeyDiffers",
    sequence: "{pay}",
    stored: null
  }],
  ["D18 a key of a line that never was", "INSERT INTO \"SCHEMA\".answered VALUES ('a', 'b', 7)", {
    _tag: "KeyWithoutLine",
    sequence: 7,
    caller: "a",
    id: "b"
  }],
  ["D18 a number has two keys", "INSERT INTO \"SCHEMA\".answered VALUES ('a', 'b', {pay})", {
    _tag: "KeyWithoutLine",
    sequence: "{pay}",
    caller: "a",
    id: "b"
  }],
  ["D23 a line is gone", "DELETE FROM \"SCHEMA\".journal WHERE sequence = {pay}", {
    _tag: "KeyWithoutLine",
    sequence: "{pay}"
  }],
  [
    "D23 a line is gone with its key",
    [
      "DELETE FROM \"SCHEMA\".journal WHERE sequence = {pay}",
      "DELETE FROM \"SCHEMA\".answered WHERE sequence = {pay}"
    ],
    { _tag: "AnswerDiffers", sequence: "{later}", account: "acc-1" }
  ],
  ["D18 a line stands there twice", copied(afterAll), { _tag: "KeyDiffers", stored: "{pay}" }],
  [
    "D18 a purchase was made once more, under a key of its own",
    [
      copied(afterAll, "'again'"),
      "INSERT INTO \"SCHEMA\".answered SELECT caller, command_id, sequence FROM \"SCHEMA\".journal WHERE command_id = 'again'"
    ],
    { _tag: "AnswerDiffers", account: "acc-1", told: 11_200, byEvents: 8_700 }
  ],
  [
    "two lines have one number",
    ["ALTER TABLE \"SCHEMA\".journal DROP CONSTRAINT journal_pkey", copied("{pay}")],
    { _tag: "LineTwice", sequence: "{pay}" }
  ],
  [
    "two lines have changed their places",
    [
      "ALTER TABLE \"SCHEMA\".journal DROP CONSTRAINT journal_pkey",
      "UPDATE \"SCHEMA\".journal SET sequence = {pay} + {later} - sequence WHERE sequence IN ({pay}, {later})",
      "UPDATE \"SCHEMA\".answered SET sequence = {pay} + {later} - sequence WHERE sequence IN ({pay}, {later})"
    ],
    { _tag: "AnswerDiffers", sequence: "{pay}", account: "acc-1" }
  ],
  [
    "a month lies in the table of another one",
    [
      `DO $$ DECLARE here text; BEGIN
         SELECT relname INTO here FROM pg_class WHERE oid = (SELECT tableoid FROM "SCHEMA".journal LIMIT 1);
         EXECUTE format('ALTER TABLE "SCHEMA".%I RENAME TO journal_2020_01', here);
       END $$`
    ],
    { _tag: "LineElsewhere", sequence: "{open}", table: "journal_2020_01" }
  ],
  ["I5 an account has a fen more", "UPDATE \"SCHEMA\".account SET chip = chip + 1 WHERE id = 'acc-1'", {
    _tag: "PocketDiffers",
    account: "acc-1",
    book: "acc-1/chip",
    state: 10_501,
    byEvents: 10_500
  }],
  [
    "I2 an account has less than nothing",
    [
      "ALTER TABLE \"SCHEMA\".account DROP CONSTRAINT account_wallet_not_negative",
      "UPDATE \"SCHEMA\".account SET wallet = -1 WHERE id = 'acc-1'"
    ],
    { _tag: "PocketDiffers", account: "acc-1", book: "acc-1/wallet", state: -1, byEvents: 0 }
  ],
  [
    "an account has bought less today",
    "UPDATE \"SCHEMA\".account SET counters = replace(counters, E',2500,2\\n', E',2400,2\\n') WHERE id = 'acc-1'",
    { _tag: "StateDiffers", account: "acc-1", field: "tallies" }
  ],
  ["D22 counters that are no counters", "UPDATE \"SCHEMA\".account SET counters = '[]' WHERE id = 'acc-1'", {
    _tag: "AccountUnreadable",
    account: "acc-1"
  }],
  [
    "an account has a wallet that was never opened",
    `UPDATE "SCHEMA".account SET standing = (standing::jsonb || '{"wallet":"opened"}')::json WHERE id = 'acc-1'`,
    { _tag: "StateDiffers", account: "acc-1", field: "wallet" }
  ],
  ["I13 an account lived through more", "UPDATE \"SCHEMA\".account SET version = version + 1 WHERE id = 'acc-1'", {
    _tag: "StateDiffers",
    account: "acc-1",
    field: "version"
  }],
  ["D22 an account of a shape that nobody knows", "UPDATE \"SCHEMA\".account SET shape = 99 WHERE id = 'acc-1'", {
    _tag: "AccountUnreadable",
    account: "acc-1"
  }],
  ["an account is gone", "DELETE FROM \"SCHEMA\".account WHERE id = 'acc-1'", {
    _tag: "LineOfNobody",
    sequence: "{open}"
  }],
  ["an account has another name", "UPDATE \"SCHEMA\".account SET id = 'acc-9' WHERE id = 'acc-1'", {
    _tag: "ColumnDiffers",
    sequence: "{open}",
    column: "account",
    stored: "acc-9",
    said: "acc-1"
  }],
  ["D20 a card leads nowhere", "DELETE FROM \"SCHEMA\".card WHERE id = 'card-1'", {
    _tag: "CardDiffers",
    card: "card-1",
    stored: null,
    said: "acc-1"
  }],
  ["D20 a card leads to another account", "UPDATE \"SCHEMA\".card SET account = 'other' WHERE id = 'card-1'", {
    _tag: "CardDiffers",
    card: "card-1",
    stored: "other",
    said: "acc-1"
  }],
  ["D20 a card that was never issued", "INSERT INTO \"SCHEMA\".card VALUES ('card-9', 'acc-1')", {
    _tag: "CardDiffers",
    card: "card-9",
    stored: "acc-1",
    said: null
  }],
  ["D21 a subject is in another state", "UPDATE \"SCHEMA\".subject SET state = jsonb_set(state, '{left}', '9')", {
    _tag: "SubjectDiffers",
    kind: "vouchers",
    subject: "batch"
  }],
  ["D21 a state that can not be read", "UPDATE \"SCHEMA\".subject SET state = '{}'", {
    _tag: "SubjectUnreadable",
    kind: "vouchers",
    subject: "batch"
  }],
  ["D21 a subject lived through more", "UPDATE \"SCHEMA\".subject SET version = version + 1", {
    _tag: "SubjectVersionDiffers",
    subject: "batch",
    stored: 4,
    byEvents: 3
  }],
  ["D21 a subject is gone", "DELETE FROM \"SCHEMA\".subject", {
    _tag: "SubjectMissing",
    kind: "vouchers",
    subject: "batch"
  }],
  [
    "D21 a posting is larger",
    "UPDATE \"SCHEMA\".subject_transfer SET amount = amount + 1 WHERE sequence = 2",
    {
      _tag: "TransferDiffers",
      journal: "subject_journal",
      sequence: 2,
      of: "vouchers batch",
      stored: { from: "school:vouchers", to: "merchant:vouchers", amount: 4 },
      said: { from: "school:vouchers", to: "merchant:vouchers", amount: 3 }
    }
  ],
  ["D21 a posting is gone", "DELETE FROM \"SCHEMA\".subject_transfer WHERE sequence = 2", {
    _tag: "TransferDiffers",
    journal: "subject_journal",
    sequence: 2,
    stored: null
  }],
  [
    "D21 a posting that no command made",
    "INSERT INTO \"SCHEMA\".subject_transfer VALUES (99, 0, 'fees:a', 'fees:b', 1)",
    {
      _tag: "TransferWithoutLine",
      journal: "subject_journal",
      sequence: 99
    }
  ],
  ["D21 a line of a subject is gone", "DELETE FROM \"SCHEMA\".subject_journal WHERE sequence = 3", {
    _tag: "TransferWithoutLine",
    journal: "subject_journal",
    sequence: 3
  }],
  [
    "D21 a command to a subject said something else",
    "UPDATE \"SCHEMA\".subject_journal SET command = jsonb_set(command, '{vouchers}', '4') WHERE sequence = 2",
    { _tag: "FingerprintDiffers", journal: "subject_journal", sequence: 2 }
  ],
  ["D21 an answer that can not be read", "UPDATE \"SCHEMA\".subject_journal SET answer = '{}' WHERE sequence = 2", {
    _tag: "LineUnreadable",
    journal: "subject_journal",
    sequence: 2
  }]
]

// Each has a schema of its own, so several may be at work at once.
describe.concurrent("what is forged is found where it was forged", () => {
  for (const [what, statements, first] of cases) {
    it(what, ({ expect }) =>
      run(Effect.gen(function*() {
        const forged = yield* campus
        expect((yield* check(forged)).breaks, "before").toEqual([])
        yield* forge(forged, ...[statements].flat())
        const { breaks, broken } = yield* check(forged)
        const filled = Object.fromEntries(
          Object.entries(first).map(([field, value]) => [
            field,
            typeof value === "string" && /^\{\w+\}$/.test(value)
              ? forged.at[value.slice(1, -1) as keyof typeof forged.at]
              : value
          ])
        )
        expect(breaks[0]).toMatchObject(filled)
        expect(broken).toBeGreaterThan(0)
      })))
  }
})

describe.concurrent("I5 who is paid is whom the profile names for the point", () => {
  const own = Csmzxy.csmzxy
  // All that this account says of the merchant: both columns of its lines, and its own memory of them.
  const moved = [
    `UPDATE "SCHEMA".journal SET to_book = 'merchant:canteen-2', merchant = 'canteen-2'
     WHERE to_book = 'merchant:canteen-1' AND account = 1`,
    `UPDATE "SCHEMA".account SET counters = replace(counters, '"merchant:canteen-1"', '"merchant:canteen-2"')
     WHERE number = 1`
  ]
  const at = (version: string) => ({ ...own, version })

  it("purchases are held against it, and agree", ({ expect }) =>
    run(Effect.gen(function*() {
      const { breaks, merchants } = yield* check(yield* campus, { profiles: [at("another"), own] })
      expect({ breaks, merchants }).toEqual({ breaks: [], merchants: 3 })
    })))

  it("one that was moved to another merchant, everywhere, is found by the profile and by nothing else", ({ expect }) =>
    run(Effect.gen(function*() {
      const forged = yield* campus
      yield* forge(forged, ...moved)
      expect((yield* check(forged)).breaks).toEqual([])
      const { breaks, broken } = yield* check(forged, { profiles: [own] })
      expect(broken).toBe(2)
      expect(breaks[0]).toEqual({
        _tag: "MerchantDiffers",
        journal: "journal",
        sequence: forged.at.pay,
        of: "acc-1",
        point: "canteen-1",
        stored: "canteen-2",
        said: "canteen-1"
      })
    })))

  it("lines of a version that nobody gave are not compared, and counted as such", ({ expect }) =>
    run(Effect.gen(function*() {
      const forged = yield* campus
      yield* forge(forged, ...moved)
      const { breaks, merchants } = yield* check(forged, { profiles: [at("another")] })
      expect({ breaks, merchants }).toEqual({ breaks: [], merchants: 0 })
    })))

  it("a point that there is not has no merchant to be paid", ({ expect }) =>
    run(Effect.gen(function*() {
      const { "canteen-1": _, ...points } = own.points
      const { breaks } = yield* check(yield* campus, { profiles: [{ ...own, points }] })
      expect(breaks[0]).toMatchObject({ _tag: "MerchantDiffers", stored: "canteen-1", said: null })
    })))
})
