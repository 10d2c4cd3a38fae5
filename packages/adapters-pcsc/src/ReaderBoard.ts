/**
 * How things stand at the readers 读卡器总览: one place that knows it, and tells every subscriber each change once.
 *
 * Whoever subscribes gets the present state and all changes after it, in order, with nothing in between and nothing twice: both
 * happen in one step.
 */
import { Effect, Queue, Stream } from "effect"
import { type CardFault, ReaderGone } from "./CardFault.ts"
import type { PcscClient, ReaderStatus } from "./PcscBinding.ts"
import type { Of, ReaderEvent } from "./ReaderEvent.ts"
import * as ReaderSlot from "./ReaderSlot.ts"

/** A reader as it stands now. `setAside`: so long has it not answered, in milliseconds. */
export interface ReaderState {
  readonly reader: string
  readonly card: ReaderSlot.Card
  readonly setAside?: number
}

export interface ReaderBoard {
  readonly slots: ReadonlyMap<string, ReaderSlot.ReaderSlot>
  readonly events: Stream.Stream<ReaderEvent>
  readonly readers: Effect.Effect<ReadonlyArray<ReaderState>>
  /** Why there is no such reader. */
  readonly absence: (reader: string) => CardFault
  readonly up: () => void
  readonly down: (fault: CardFault) => void
  /** Takes a status in; gives the slot if a card lies there that has to be looked at. */
  readonly changed: (client: PcscClient, status: ReaderStatus) => ReaderSlot.ReaderSlot | undefined
  /** What was found when it was looked at the card of this insertion; nothing if that card is gone. */
  readonly found: (slot: ReaderSlot.ReaderSlot, card: ReaderSlot.Card & { readonly insertion: number }) => void
  readonly setAside: (slot: ReaderSlot.ReaderSlot, fault: CardFault, milliseconds: number) => void
  /** It answers again; gives whether its card has to be looked at. */
  readonly back: (slot: ReaderSlot.ReaderSlot) => boolean
  /** So many readers the service has, if that is known; the binding sees `most`. */
  readonly counted: (there: number | undefined, most: number) => void
}

type Service = "unknown" | "up" | { readonly fault: CardFault }

export const make = (backlog: number): ReaderBoard => {
  const slots = new Map<string, ReaderSlot.ReaderSlot>()
  const subscribers = new Set<Queue.Queue<ReaderEvent>>()
  let service: Service = "unknown"
  let hidden: Of<"ReadersHidden"> | undefined
  let insertions = 0

  const tell = (event: ReaderEvent): void => {
    for (const subscriber of subscribers) Queue.offerUnsafe(subscriber, event)
  }
  const present = (): ReadonlyArray<ReaderEvent> => {
    if (service === "unknown") return []
    if (service !== "up") return [{ _tag: "ServiceDown", fault: service.fault }]
    return [{ _tag: "ServiceUp" }, ...[...slots.values()].flatMap(of), ...(hidden === undefined ? [] : [hidden])]
  }
  const detach = (slot: ReaderSlot.ReaderSlot, why: ReaderSlot.Leave): void => {
    slots.delete(slot.name)
    ReaderSlot.leave(slot, why)
    tell({ _tag: "ReaderDetached", reader: slot.name })
  }
  const isCurrent = (slot: ReaderSlot.ReaderSlot): boolean => slots.get(slot.name) === slot

  return {
    slots,
    events: Stream.unwrap(Effect.map(
      Effect.acquireRelease(
        Effect.tap(Queue.sliding<ReaderEvent>(backlog), (queue) =>
          Effect.sync(() => {
            Queue.offerAllUnsafe(queue, present())
            subscribers.add(queue)
          })),
        (queue) => Effect.andThen(Effect.sync(() => subscribers.delete(queue)), Queue.shutdown(queue))
      ),
      Stream.fromQueue
    )),
    readers: Effect.sync(() => [...slots.values()].map(stateOf)),
    absence: (reader) => typeof service === "object" ? service.fault : new ReaderGone({ reader }),
    up: () => {
      service = "up"
      tell({ _tag: "ServiceUp" })
    },
    down: (fault) => {
      for (const slot of slots.values()) detach(slot, "service")
      hidden = undefined
      const isSame = typeof service === "object" && service.fault.message === fault.message
      service = { fault }
      if (!isSame) tell({ _tag: "ServiceDown", fault })
    },
    changed: (client, status) => {
      let slot = slots.get(status.name)
      if (!status.attached) {
        if (slot !== undefined) detach(slot, "reader")
        return undefined
      }
      if (slot === undefined) {
        slot = ReaderSlot.make(client, status)
        slots.set(slot.name, slot)
        tell({ _tag: "ReaderAttached", reader: slot.name })
      }
      const before = slot.status
      slot.status = status
      const card = slot.card
      if (card._tag !== "None" && (!status.present || status.comings !== before.comings)) {
        slot.card = { _tag: "None" }
        if (card._tag !== "Unknown") tell({ _tag: "CardRemoved", reader: slot.name })
      }
      if (!status.present) return undefined
      const isNew = slot.card._tag === "None"
      const isFree = slot.card._tag === "Held" && !status.exclusive
      const isAwake = slot.card._tag === "Unreadable" && before.mute && !status.mute
      if (isNew) slot.card = { _tag: "Unknown", insertion: ++insertions }
      if (status.mute && slot.card._tag !== "None" && slot.card._tag !== "Unreadable") {
        slot.card = { _tag: "Unreadable", insertion: slot.card.insertion }
        tell({ _tag: "CardUnreadable", reader: slot.name, insertion: slot.card.insertion })
        return undefined
      }
      return isNew || isFree || isAwake ? slot : undefined
    },
    found: (slot, card) => {
      const before = slot.card
      if (!isCurrent(slot) || before._tag === "None" || before.insertion !== card.insertion) return
      slot.card = card
      if (before._tag !== card._tag) { for (const event of cardOf(slot)) tell(event) }
    },
    setAside: (slot, fault, milliseconds) => {
      slot.aside = { fault, milliseconds }
      if (isCurrent(slot)) tell({ _tag: "ReaderSetAside", reader: slot.name, milliseconds })
    },
    back: (slot) => {
      slot.aside = undefined
      if (!isCurrent(slot)) return false
      tell({ _tag: "ReaderBack", reader: slot.name })
      return slot.card._tag === "Unknown"
    },
    counted: (there, most) => {
      const seen = slots.size
      const isHidden = seen >= most && (there === undefined || there > seen)
      const next: typeof hidden = isHidden
        ? { _tag: "ReadersHidden", seen, ...(there === undefined ? {} : { there }) }
        : undefined
      if (next?.seen === hidden?.seen && next?.there === hidden?.there) return
      hidden = next
      tell(next ?? { _tag: "ReadersShown", seen })
    }
  }
}

const cardOf = ({ card, name: reader }: ReaderSlot.ReaderSlot): ReadonlyArray<ReaderEvent> => {
  switch (card._tag) {
    case "Inserted":
      return [{ _tag: "CardInserted", reader, atr: card.atr, insertion: card.insertion }]
    case "Unreadable":
      return [{ _tag: "CardUnreadable", reader, insertion: card.insertion }]
    case "Held":
      return [{ _tag: "CardHeld", reader, insertion: card.insertion }]
    default:
      return []
  }
}

const of = (slot: ReaderSlot.ReaderSlot): ReadonlyArray<ReaderEvent> => [
  { _tag: "ReaderAttached", reader: slot.name },
  ...cardOf(slot),
  ...(slot.aside === undefined
    ? []
    : [{ _tag: "ReaderSetAside", reader: slot.name, milliseconds: slot.aside.milliseconds } as const])
]

const stateOf = ({ aside, card, name }: ReaderSlot.ReaderSlot): ReaderState => ({
  reader: name,
  card,
  ...(aside === undefined ? {} : { setAside: aside.milliseconds })
})
