// Vault and register on PostgreSQL, and what stays of a person who is erased (D15, D24).
import {
  AccountStore,
  type Backend,
  Books,
  type Command,
  type Fault,
  HostClock,
  Id,
  IdentityDocument,
  Opening,
  PasswordHasher,
  Passwords,
  PasswordVault,
  type Person,
  PersonRegister,
  Pin,
  Profiles,
  Submit
} from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Effect, Layer, ManagedRuntime, Option, Redacted, Result, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, describe, expect, it } from "vitest"
import * as Embedded from "../src/embedded.ts"
import { PgCampus } from "../src/index.ts"
import { account } from "./commands.ts"

const runtime = ManagedRuntime.make(
  PgCampus.layer({ peppers: { current: "tests", keys: { tests: "a pepper for tests, 32 bytes at least" } } }).pipe(
    Layer.provideMerge(Embedded.layerClient()),
    Layer.provide(Profiles.Profiles.layer(AccountStoreLaws.profiles))
  )
)
afterAll(() => runtime.dispose())
const run = <A, E>(effect: Effect.Effect<A, E, Backend.Ports | SqlClient.SqlClient>) => runtime.runPromise(effect)

const person = (id: string, number: string, name: string, document: string): Person.Person => ({
  id: Id.PersonId.make(id),
  kind: "student",
  number,
  name: Redacted.make(name),
  document: Result.getOrThrow(IdentityDocument.parse("residentId", document))
})
const zhang = person("p-zhang", "2024010203", "张三丰", "43010219990101125X")

describe("the vault", () => {
  it("the first hash under a name stays, also when two come at once", () =>
    run(Effect.gen(function*() {
      const vault = yield* PasswordVault.PasswordVault
      const name = Id.CredentialId.make("vault/first")
      expect(Option.isNone(yield* vault.find(name))).toBe(true)
      const kept = yield* Effect.all([vault.keep(name, "one"), vault.keep(name, "two")], { concurrency: 2 })
      expect(kept).toEqual([true, false])
      expect(yield* vault.keep(name, "three")).toBe(false)
      expect(yield* vault.find(name)).toEqual(Option.some("one"))
    })))
})

describe("the register", () => {
  it("finds a person by id and by number, replaces what is known, and refuses a number twice", () =>
    run(Effect.gen(function*() {
      const register = yield* PersonRegister.PersonRegister
      const li = person("p-li", "2024010299", "李四", "43010219990101125X")
      yield* register.enrol(li)
      yield* register.enrol(li)
      expect(yield* register.find(li.id)).toEqual(Option.some(li))
      expect(yield* register.findByNumber("2024010299")).toEqual(Option.some(li))
      const married: Person.Person = { ...li, name: Redacted.make("李四四"), number: "2024010298", kind: "staff" }
      yield* register.enrol(married)
      expect(yield* register.findByNumber("2024010298")).toEqual(Option.some(married))
      expect(Option.isNone(yield* register.findByNumber("2024010299"))).toBe(true)
      const taken = yield* Effect.flip(register.enrol({ ...zhang, number: "2024010298" }))
      expect(taken).toMatchObject({ _tag: "HandleTaken", kind: "number" })
      expect(Option.isNone(yield* register.find(zhang.id))).toBe(true)
      yield* register.erase(li.id)
      yield* register.erase(li.id)
      expect(Option.isNone(yield* register.find(li.id))).toBe(true)
    })))

  it("a person who is found never prints name or document", () =>
    run(Effect.gen(function*() {
      const register = yield* PersonRegister.PersonRegister
      const wang = person("p-wang", "2024010300", "王五", "43010219990101125X")
      yield* register.enrol(wang)
      const told = JSON.stringify(Option.getOrThrow(yield* register.find(wang.id)))
      expect(told).not.toContain("王五")
      expect(told).not.toContain("43010219990101125X")
    })))

  it("a row that is no person is StoreBroken, and its values are not repeated", () =>
    run(Effect.gen(function*() {
      const register = yield* PersonRegister.PersonRegister
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO campus.person VALUES ('p-odd', 'ghost', '2024', '赵六', 'residentId', '1')`
      const fault = yield* Effect.flip(register.find(Id.PersonId.make("p-odd")))
      expect(fault._tag).toBe("StoreBroken")
      expect(String((fault as Fault.StoreBroken).cause)).not.toContain("赵六")
    })))
})

describe("D24 a life with a PIN, and the end of it", () => {
  const { card, credit, id, say, subject } = account("life")
  const chosen = Result.getOrThrow(Pin.parse("730519"))
  const statement = (point: string, body: Submit.Statement["body"]): Submit.Statement => {
    const { receivedAt: _, ...stated } = say(point, body)
    return stated as Submit.Statement
  }
  const now = say("canteen-1", { _tag: "ChangePassword", card }).at

  it("lives, is erased, and leaves journal and books untouched and no trace outside the register", () =>
    run(
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const store = yield* AccountStore.AccountStore
        const opened = yield* Opening.open(
          statement("card-centre", {
            _tag: "OpenAccount",
            person: zhang.id,
            kind: "student",
            class: "regular"
          }) as never,
          zhang
        )
        expect(opened.answer._tag).toBe("Approved")
        const steps = [
          say("window-ccb", { _tag: "IssueCard", card }),
          say("window-3", { _tag: "ActivateCard", card }),
          credit(5_000)
        ]
        for (const step of steps) expect((yield* store.transact(step))._tag).toBe("Approved")

        const initial = Pin.initial(zhang.document)
        if (initial._tag !== "FromDocument") throw new Error("a resident has an initial PIN")
        const change = statement("kiosk-1", { _tag: "ChangePassword", card }) as Submit.Statement<
          Command.Of<"ChangePassword">
        >
        expect((yield* Passwords.change(change, chosen, initial.pin))._tag).toBe("Approved")

        const pay = { _tag: "PayByCode", medium: "todayCampusCode", amount: 1_200 as never, link: "up" } as const
        const wrong = yield* Submit.submit(statement("canteen-1", pay), { pin: initial.pin })
        expect(wrong).toMatchObject({ _tag: "Declined", decline: { _tag: "PasswordWrong" } })
        const byNumber = {
          ...statement("canteen-1", pay),
          subject: { _tag: "Handle", handle: { kind: "number", value: zhang.number } }
        }
        const right = yield* Submit.submit(byNumber as Submit.Statement, {
          pin: chosen,
          claim: { number: zhang.number, name: zhang.name, document: zhang.document }
        })
        expect(right._tag).toBe("Approved")

        // Everything in every table but the register, as text.
        const secrets = ["张三丰", "43010219990101125X", "730519", "011250"]
        const tables = yield* sql<{ readonly name: string }>`
          SELECT relname AS name FROM pg_class
          WHERE relnamespace = 'campus'::regnamespace AND relkind = 'r' AND relname <> 'person'`
        expect(tables.length).toBeGreaterThanOrEqual(7)
        for (const { name } of tables) {
          const rows = yield* sql<{ readonly row: string }>`
            SELECT (to_jsonb(t) - 'recorded_at' - 'kept_at' - 'created_at')::text AS row FROM ${
            sql(`campus.${name}`)
          } AS t`
          for (const { row } of rows) for (const secret of secrets) expect(row).not.toContain(secret)
        }

        const register = yield* PersonRegister.PersonRegister
        const told = Effect.all({
          journal: Stream.runCollect(store.journal({ account: id })),
          balances: store.balances,
          account: store.find(subject)
        })
        const before = yield* told
        yield* register.erase(zhang.id)
        expect(yield* told).toEqual(before)
        expect(Option.isNone(yield* register.find(zhang.id))).toBe(true)
        expect((yield* Books.check()).breaks).toEqual([])
        expect((yield* Submit.submit(statement("canteen-1", pay), { pin: chosen }))._tag).toBe("Approved")
        // The number is a handle of its own, forgotten by a step of its own.
        yield* store.unbind({ kind: "number", value: zhang.number })
        const rest = yield* sql<
          { readonly n: bigint }
        >`SELECT count(*) AS n FROM campus.handle WHERE value = ${zhang.number}`
        expect(Number(rest[0]?.n)).toBe(0)
        expect(JSON.stringify(yield* Stream.runCollect(store.journal()))).not.toContain(zhang.number)
      }).pipe(HostClock.provide(() => now))
    ))

  it("hashes in the vault are self-describing and equal PINs do not look equal", () =>
    run(Effect.gen(function*() {
      const { hash } = yield* PasswordHasher.PasswordHasher
      expect(yield* hash(chosen)).not.toBe(yield* hash(chosen))
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<{ readonly hash: string }>`SELECT hash FROM campus.credential WHERE id LIKE 'tests/%'`
      expect(rows.length).toBe(2)
      for (const { hash } of rows) expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$tests\$/)
    })))
})
