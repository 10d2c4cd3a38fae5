/**
 * A CPU card whose application is selected 卡片会话: what it has said already need not be asked again, and is forgotten
 * with its power.
 *
 * Every command counts: at a till a card lies on the reader for half a second. The file of thirty bytes comes with the
 * selection, the counters come with the balance, and what was read of the campus file is kept as long as the card can
 * not have changed.
 */
import { type Chip, type Id, Money } from "@yikatong/core"
import { Cause, Effect, Exit, Option, type Redacted, Result } from "effect"
import * as ApplicationFile from "./ApplicationFile.ts"
import * as Bytes from "./Bytes.ts"
import * as CampusApplication from "./CampusApplication.ts"
import * as CampusFile from "./CampusFile.ts"
import type { CardChannel } from "./CardChannel.ts"
import * as CardFiles from "./CardFiles.ts"
import type { Keys } from "./CardKeys.ts"
import type { CardProblem } from "./CardProblem.ts"
import type { CpuProfile } from "./CpuProfile.ts"
import * as EPurse from "./EPurse.ts"
import type { Failure } from "./Exchange.ts"
import * as LoadCounter from "./LoadCounter.ts"
import * as PinFuse from "./PinFuse.ts"

/**
 * What a terminal knows. `terminal`: its number, 6 bytes; `windows`: the meal windows of the campus file, in the order
 * of their codes; `pin`: of the cards, where `profile.pin` says that a load needs one. It is shown by loads alone, and by none any
 * more once a card has refused it (`PinFuse`): make it once, not at each tap.
 */
export interface Settings {
  readonly profile: CpuProfile
  readonly terminal: Bytes.Bytes
  readonly windows: ReadonlyArray<string>
  readonly pin?: Redacted.Redacted<Bytes.Bytes>
}

export interface CpuSession {
  readonly channel: CardChannel
  readonly settings: Settings
  readonly keys: Keys
  readonly application: ApplicationFile.ApplicationFile
  readonly card: Id.CardId
  /** What was read since the card was selected; nothing where it may have changed since. */
  readonly known: Known
}

interface Known {
  pinShown: boolean
  /** The PIN that this card has taken: it may be shown again, and costs no try. */
  pin: Redacted.Redacted<Bytes.Bytes> | undefined
  reading: Chip.Reading | undefined
  file: CampusFile.CampusFile | undefined
}

const fail = (problem: CardProblem): Effect.Effect<never, CardProblem> => Effect.fail(problem)

/** What a storage card's reader says for it (PC/SC part 3): there is no processor to select anything. */
const storage = "804F0CA000000306"

/** Selects the application. What no processor card says as it wakes up is not even asked. */
export const begin = Effect.fnUntraced(function*(channel: CardChannel, settings: Settings, keys: Keys) {
  const { profile, terminal } = settings
  if (terminal.length !== 6) return yield* Effect.die(new RangeError("A terminal has a number of 6 bytes"))
  const atr = Bytes.hex(channel.atr)
  if (!/^3[BF]../.test(atr) || atr.includes(storage)) return yield* fail({ _tag: "UnknownCardType", atr })
  const application = (yield* CampusApplication.select(channel, profile)) ??
    (yield* CampusApplication.readApplication(channel, profile))
  const known: Known = { pinShown: false, pin: undefined, reading: undefined, file: undefined }
  const card = ApplicationFile.cardOf(application.serial)
  const session: CpuSession = { channel, settings, keys, application, card, known }
  return session
})

/** Forgets what may have changed. */
export const forget = ({ known }: CpuSession): void => {
  known.pinShown = false
  known.reading = undefined
  known.file = undefined
}

/** Wakes the card up anew and selects it again; another card that lies there now is told as that. */
export const resume = Effect.fnUntraced(function*(session: CpuSession) {
  const { channel, keys, settings } = session
  forget(session)
  yield* channel.reset
  const { application } = yield* begin(channel, settings, keys)
  if (!Bytes.equal(application.serial, session.application.serial)) return yield* fail({ _tag: "AnotherCard" })
})

/**
 * Shows the PIN where loads need it, once. `typed`: at this tap; the terminal's own where it is left out, as long as no card has
 * refused that (`PinFuse`).
 */
export const showPin = Effect.fnUntraced(function*(
  { application, channel, known, settings: { pin: own, profile } }: CpuSession,
  typed?: Redacted.Redacted<Bytes.Bytes>
) {
  if (profile.pin === undefined || known.pinShown) return
  const shown = typed ?? own
  if (shown === undefined) return yield* fail({ _tag: "PinNeeded" })
  const card = Bytes.hex(application.serial)
  const judged = typed === undefined ? PinFuse.judge(shown, card) : "show"
  if (judged !== "show") return yield* fail({ _tag: judged === "blown" ? "PinSuspended" : "PinNeeded" })
  yield* Effect.tapError(CardFiles.verifyPin(channel, profile.pin, shown), ({ _tag }) =>
    Effect.sync(() => {
      if (_tag === "PinWrong" && shown === own) PinFuse.refused(own, card)
    }))
  if (shown === own) PinFuse.accepted(own)
  known.pin = shown
  known.pinShown = true
})

/** Whether the card refuses for want of the PIN. */
export const wantsPin = (failure: Failure): boolean =>
  failure._tag === "CardRefused" && failure.status._tag === "NotAuthorised"

/**
 * The purse and its counters, in two commands: those that begin a transaction of nothing, and change nothing. A card
 * that begins no load without its PIN is asked for its loads otherwise (`LoadCounter`): a reading costs no try.
 */
export const read = Effect.fnUntraced(function*(session: CpuSession) {
  const { channel, known, settings: { profile: { keys }, terminal } } = session
  known.reading = undefined
  if (known.pin !== undefined) yield* showPin(session, known.pin)
  const nothing = { amount: Money.zero, terminal }
  const purchase = yield* EPurse.initialisePurchase(channel, { ...nothing, key: keys.purchase })
  const load = yield* Effect.catchIf(
    EPurse.initialiseLoad(channel, { ...nothing, key: keys.load }),
    wantsPin,
    () => Effect.undefined
  )
  if (load !== undefined && purchase.balance !== load.balance) return yield* fail({ _tag: "CardChanged" })
  const reading: Chip.Reading = {
    balance: purchase.balance,
    loadSequence: load?.counter ?? (yield* loadsOf(session, purchase.counter)),
    purchaseSequence: purchase.counter
  }
  known.reading = reading
  return reading
})

/** The loads that the card has counted, of one that does not say so itself. `purchases`: its offline counter. */
const loadsOf = (session: CpuSession, purchases: number): Effect.Effect<number, Failure> => {
  const { channel, settings: { profile } } = session
  const noted = Effect.map(fileIfThere(session), (slots) => {
    const slot = slots === undefined ? undefined : CampusFile.inForce(slots, purchases)
    return slot !== undefined && Result.isSuccess(slot) ? slot.success.loadSequence : undefined
  })
  return LoadCounter.find(channel, profile, purchases, noted)
}

/** The purse as it was read since the selection, or as it is read now. */
export const reading = (session: CpuSession): Effect.Effect<Chip.Reading, Failure> =>
  Effect.suspend(() => session.known.reading === undefined ? read(session) : Effect.succeed(session.known.reading))

/** The campus file, as it was read since the selection or as it is read now. */
export const file = Effect.fnUntraced(
  function*({ channel, known, settings: { profile: { files }, windows } }: CpuSession) {
    if (known.file !== undefined) return known.file
    const bytes = yield* CardFiles.readWhole(channel, files.campus)
    const read = yield* Effect.fromResult(CampusFile.decode(bytes, windows))
    known.file = read
    return read
  }
)

/** What the card has said of our signature by the end of a write: right, wrong, or nothing. */
const judged = (exit: Exit.Exit<void, Failure>): boolean | undefined => {
  if (Exit.isSuccess(exit)) return true
  const failure = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  // The last wrong one it allows is answered with the end of the application.
  const isWrong = failure?._tag === "MacRefused" || (failure?._tag === "CardBlocked" && failure.forEver)
  return isWrong ? false : undefined
}

/** Writes into the campus file, signed where the profile says so. */
export const write = Effect.fnUntraced(function*(session: CpuSession, write: CampusFile.Write) {
  const { application: { serial }, channel, keys, known, settings: { profile, windows } } = session
  const before = yield* file(session)
  known.file = undefined
  const sign: CardFiles.Sign | undefined = profile.protection === "none"
    ? undefined
    : (signed) => keys.fileMac({ serial, ...signed })
  const sent = CardFiles.updateBinary(channel, profile.files.campus, write.offset, write.bytes, sign)
  yield* sign === undefined ? sent : Effect.onExit(sent, (exit) => {
    const isRight = judged(exit)
    return isRight === undefined ? Effect.void : keys.fileMacJudged(serial, isRight)
  })
  known.file = CampusFile.written(before, write, windows)
})

/** All that a terminal needs to decide alone (D12). */
export const chip = Effect.fnUntraced(function*(session: CpuSession) {
  const purse = yield* reading(session)
  const slots = yield* file(session)
  const { endsOn, standing, tallies, validUntil } = yield* Effect.fromResult(
    CampusFile.inForce(slots, purse.purchaseSequence)
  )
  const chip: Chip.Chip = {
    card: session.card,
    standing,
    purse,
    tallies,
    validUntil,
    ...(endsOn === undefined ? {} : { endsOn })
  }
  return chip
})

const isNone = (failure: Failure): boolean =>
  failure._tag === "FileDamaged" || (failure._tag === "CardRefused" && failure.status._tag === "FileNotFound")

/** The campus file, or nothing where the card has none that is ours: a purse can pay without it. */
export const fileIfThere = (session: CpuSession): Effect.Effect<CampusFile.CampusFile | undefined, Failure> =>
  Effect.catchIf(file(session), isNone, () => Effect.undefined)
