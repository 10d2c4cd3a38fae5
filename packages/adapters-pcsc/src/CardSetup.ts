/**
 * How the cards of a school are set up 卡片设置, in one file: applications and sectors, keys, meal windows, the number of
 * the terminal. What is left out is as FMCOS cards and the manual's school have it; keys have no default.
 *
 * Keys and the PIN are `Redacted`, and a flaw never repeats what stood there. Such a file is as secret as the keys in
 * it.
 */
import { Csmzxy, Flaw, MealWindow, type SchoolProfile } from "@yikatong/core"
import { Effect, Redacted, Result, Schema } from "effect"
import * as Bytes from "./Bytes.ts"
import * as CpuProfile from "./CpuProfile.ts"
import * as MifareLayout from "./MifareLayout.ts"
import * as SoftwareKeys from "./SoftwareKeys.ts"

const hex = (fewest: number, most = fewest) =>
  Schema.Uint8ArrayFromHex.check(
    Schema.makeFilter((bytes: Uint8Array) => bytes.length >= fewest && bytes.length <= most, {
      expected: `${fewest === most ? 2 * fewest : `${2 * fewest} to ${2 * most}`} hexadecimal digits`
    })
  )
const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Byte = between(0, 0xff)
/** What stands there where nothing does. */
const defaulted = <S extends Schema.Constraint>(schema: S, encoded: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(encoded))(schema)

const { fmcos } = CpuProfile
const file = (number: number) => defaulted(between(1, 30), number)

const Files = Schema.Struct({
  application: file(fmcos.files.application),
  holder: file(fmcos.files.holder),
  log: file(fmcos.files.log),
  campus: file(fmcos.files.campus)
})
const KeyNumbers = Schema.Struct({
  load: defaulted(Byte, fmcos.keys.load),
  purchase: defaulted(Byte, fmcos.keys.purchase)
})
const Digits = Schema.String.check(Schema.isPattern(/^\d{4,12}$/u, { expected: "4 to 12 digits" }))
const Pin = Schema.Struct({
  number: Byte,
  digits: Schema.optionalKey(Schema.RedactedFromValue(Digits, { label: "PIN" }))
})

/** `application`: its name, 5 to 16 bytes. `pin`: where a load needs one. The rest is as `CpuProfile` has it. */
const Cpu = Schema.Struct({
  application: defaulted(hex(5, 16), Bytes.hex(fmcos.application)),
  files: defaulted(Files, {}),
  keys: defaulted(KeyNumbers, {}),
  pin: Schema.optionalKey(Pin),
  protection: defaulted(Schema.Literals(["none", "mac"]), fmcos.protection),
  logged: defaulted(Schema.Literals(["before", "after"]), fmcos.logged)
})

const Master = Schema.RedactedFromValue(hex(16), { label: "key" })

/** `reader`: what the readers want (`ReaderProfile`); by their names where it is left out. */
const M1 = Schema.Struct({
  layout: defaulted(MifareLayout.MifareLayout, MifareLayout.usual),
  masters: Schema.Struct({ A: Master, B: Master, seal: Master }),
  reader: Schema.optionalKey(Schema.Literals(["acs", "identiv", "generic"]))
})

const differ = Schema.makeFilter(
  (names: ReadonlyArray<string>) => new Set(names).size === names.length && names.includes(MealWindow.other),
  { expected: `names that differ, "${MealWindow.other}" among them` }
)

/**
 * `windows`: the names of the meal windows, in the order of their codes on the cards. `meals`: when they are; those of
 * the manual's school that have a code, where it is left out. `terminal`: its number, 6 bytes.
 */
export const CardSetup = Schema.Struct({
  $schema: Schema.optionalKey(Schema.String),
  cpu: defaulted(Cpu, {}),
  windows: Schema.optionalKey(Schema.Array(Schema.String).check(Schema.isMaxLength(0x100), differ)),
  meals: Schema.optionalKey(Schema.Array(MealWindow.MealWindow)),
  terminal: defaulted(hex(6), "000000000001"),
  keys: Schema.optionalKey(SoftwareKeys.KeyFile),
  m1: Schema.optionalKey(M1)
}).check(Schema.makeFilter(
  ({ meals = [], windows }: Pick<Windows, "meals" | "windows">) =>
    windows === undefined || meals.every(({ name }) => windows.includes(name)),
  { expected: "a code among the windows for every meal" }
))
export type CardSetup = typeof CardSetup.Type

interface Windows {
  readonly windows?: ReadonlyArray<string>
  readonly meals?: ReadonlyArray<MealWindow.MealWindow>
}

/** It is no setup of cards: where, never what stood there. */
export interface SetupFlawed {
  readonly _tag: "SetupFlawed"
  readonly flaws: ReadonlyArray<Flaw.Flaw>
}

const read = Schema.decodeUnknownResult(CardSetup)

/**
 * The setup that this data is.
 *
 * @example
 * ```ts
 * import { CardSetup } from "@yikatong/adapters-pcsc"
 * import { Result } from "effect"
 *
 * const read = CardSetup.decode({ terminal: "0000000000" })
 * Result.isFailure(read) && read.failure.flaws[0]?.path // => "terminal"
 * ```
 */
export const decode = (data: unknown): Result.Result<CardSetup, SetupFlawed> => {
  const setup = read(data, { errors: "all", onExcessProperty: "error" })
  return Result.isSuccess(setup)
    ? Result.succeed(setup.success)
    : Result.fail({ _tag: "SetupFlawed", flaws: Flaw.of(setup.failure) })
}

/** FMCOS cards and the meals of the manual's school, without any key. */
export const usual: CardSetup = Result.getOrThrow(decode({}))

/** The names of the meal windows, in the order of their codes. */
export const windowsOf = ({ meals = Csmzxy.csmzxy.meals, windows }: CardSetup): ReadonlyArray<string> =>
  windows ?? [...meals.map(({ name }) => name), MealWindow.other]

/** The manual's school with the meals of this one: enough to say to which of them a purchase belongs. */
export const profileOf = (setup: CardSetup): SchoolProfile.SchoolProfile => {
  const windows = windowsOf(setup)
  const { meals = Csmzxy.csmzxy.meals.filter(({ name }) => windows.includes(name)) } = setup
  return { ...Csmzxy.csmzxy, meals }
}

/** The profile of its CPU cards. */
export const cpuProfileOf = ({ cpu: { pin, ...profile } }: CardSetup): CpuProfile.CpuProfile =>
  pin === undefined ? profile : { ...profile, pin: pin.number }

/** The PIN of each setup, which is one for all cards that are opened with it: one of them may end its use (`PinFuse`). */
const pins = new WeakMap<Redacted.Redacted<string>, Redacted.Redacted<Bytes.Bytes>>()

/** The PIN as cards compare it: two digits a byte, an odd one filled up with F. The same setup gives the same one. */
export const pinOf = ({ cpu: { pin } }: CardSetup): Redacted.Redacted<Bytes.Bytes> | undefined => {
  const digits = pin?.digits
  if (digits === undefined) return undefined
  const made = pins.get(digits) ?? Redacted.make(pinWritten(Redacted.value(digits)), { label: "PIN" })
  pins.set(digits, made)
  return made
}

const pinWritten = (digits: string): Bytes.Bytes => Bytes.of(digits.length % 2 === 0 ? digits : `${digits}F`)
