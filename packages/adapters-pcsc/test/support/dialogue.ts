/** A terminal that knows all keys of a virtual card, and speaks to it in bytes: for tests of the card itself. */
import * as Bytes from "../../src/Bytes.ts"
import * as Des from "../../src/Des.ts"
import * as PurseCrypto from "../../src/PurseCrypto.ts"
import * as SeededRandom from "../../src/SeededRandom.ts"
import * as VirtualCpuCard from "../../src/VirtualCpuCard.ts"

export const { of } = Bytes
export const terminal = "666666666666"
export const stamp = { date: of("20251130"), time: of("123456") }

/** What the card answers, in hexadecimal. */
export const say = (card: VirtualCpuCard.VirtualCpuCard, ...parts: ReadonlyArray<string>): string =>
  Bytes.hex(card.answer(of(parts.join(""))))

/** Status only. */
export const status = (card: VirtualCpuCard.VirtualCpuCard, ...parts: ReadonlyArray<string>): string =>
  say(card, ...parts).slice(-4)

export const select = "00A4040009A00000000386980701"

/** A test card in its application. */
export const entered = (
  options: Partial<VirtualCpuCard.Personalisation> = {},
  random = SeededRandom.make(1)
): VirtualCpuCard.VirtualCpuCard => {
  const card = VirtualCpuCard.make({ memory: VirtualCpuCard.testCard(options), random })
  card.answer(of(select))
  return card
}

/** The same card with something else in its memory. */
export const altered = (
  card: VirtualCpuCard.VirtualCpuCard,
  change: Partial<ReturnType<VirtualCpuCard.VirtualCpuCard["memory"]>>
): VirtualCpuCard.VirtualCpuCard => {
  const other = VirtualCpuCard.make({ memory: { ...card.memory(), ...change }, random: SeededRandom.make(2) })
  other.answer(of(select))
  return other
}

export const pinRight = "0020000003123456"

const number = (value: number, length: number): string => Bytes.hex(Bytes.ofNumber(value, length))

export const initialiseLoad = (amount: number, purse: "ed" | "ep" = "ep", key = "01"): string =>
  `8050 00 ${purse === "ed" ? "01" : "02"} 0B ${key} ${number(amount, 4)} ${terminal} 10`
export const initialisePurchase = (amount: number, purse: "ed" | "ep" = "ep", key = "01"): string =>
  `8050 01 ${purse === "ed" ? "01" : "02"} 0B ${key} ${number(amount, 4)} ${terminal} 0F`

const load = (amount: number, purse: "ed" | "ep") => ({
  amount: Bytes.ofNumber(amount, 4),
  type: purse === "ed" ? 1 : 2,
  terminal: of(terminal)
})

/** CREDIT FOR LOAD for what INITIALIZE has answered. */
export const credit = (
  card: VirtualCpuCard.VirtualCpuCard,
  begun: string,
  amount: number,
  purse: "ed" | "ep" = "ep"
): string => {
  const answer = of(begun)
  const session = PurseCrypto.loadSession(of(card.memory().keys.load), answer.slice(8, 12), answer.slice(4, 6))
  const mac2 = PurseCrypto.loadMac2(session, load(amount, purse), stamp)
  return `80 52 00 00 0B ${Bytes.hex(stamp.date)} ${Bytes.hex(stamp.time)} ${Bytes.hex(mac2)} 04`
}

/** DEBIT FOR PURCHASE for what INITIALIZE has answered. */
export const debit = (
  card: VirtualCpuCard.VirtualCpuCard,
  begun: string,
  amount: number,
  purse: "ed" | "ep" = "ep"
): string => {
  const answer = of(begun)
  const sequence = of("0000002A")
  const key = of(card.memory().keys.purchase)
  const session = PurseCrypto.purchaseSession(key, answer.slice(11, 15), answer.slice(4, 6), sequence)
  const purchase = { ...load(amount, purse), type: purse === "ed" ? 5 : 6 }
  const mac1 = PurseCrypto.purchaseMac1(session, purchase, stamp)
  return `80 54 01 00 0F 0000002A ${Bytes.hex(stamp.date)} ${Bytes.hex(stamp.time)} ${Bytes.hex(mac1)} 08`
}

/** Loads so many fen; gives the answer of CREDIT, or of INITIALIZE where that was refused. */
export const loads = (card: VirtualCpuCard.VirtualCpuCard, amount: number, purse: "ed" | "ep" = "ep"): string => {
  const begun = say(card, initialiseLoad(amount, purse))
  return begun.endsWith("9000") ? say(card, credit(card, begun, amount, purse)) : begun
}

/** Pays so many fen; gives the answer of DEBIT, or of INITIALIZE where that was refused. */
export const pays = (card: VirtualCpuCard.VirtualCpuCard, amount: number, purse: "ed" | "ep" = "ep"): string => {
  const begun = say(card, initialisePurchase(amount, purse))
  return begun.endsWith("9000") ? say(card, debit(card, begun, amount, purse)) : begun
}

/** A command with its signature. Asks for a challenge first. `header`: CLA INS P1 P2. */
export const signed = (
  card: VirtualCpuCard.VirtualCpuCard,
  header: string,
  data: string,
  key = card.memory().keys.maintenance
): string => {
  const challenge = card.answer(of("0084000004")).slice(0, 4)
  const lengthAndData = Bytes.join(of(data).length + 4, of(data))
  const mac = PurseCrypto.commandMac(of(key), challenge, Bytes.join(of(header), lengthAndData))
  return `${header} ${Bytes.hex(lengthAndData)} ${Bytes.hex(mac)}`
}

/** A PIN as PIN UNBLOCK carries it: its length and itself, filled up to whole blocks, enciphered. */
const concealed = (key: Bytes.Bytes, pin: Bytes.Bytes): Bytes.Bytes => {
  const told = Bytes.join(pin.length, pin)
  return Des.encrypt(key, told.length % 8 === 0 ? told : PurseCrypto.pad(told))
}

/** PIN UNBLOCK with this PIN. */
export const unblocking = (card: VirtualCpuCard.VirtualCpuCard, pin: string, header = "84240001"): string => {
  const key = card.memory().keys.unblockPin
  return signed(card, header, Bytes.hex(concealed(of(key), of(pin))), key)
}

/** RELOAD PIN with this PIN. */
export const reloading = (card: VirtualCpuCard.VirtualCpuCard, pin: string): string => {
  const [left, right] = [of(card.memory().keys.reloadPin).slice(0, 8), of(card.memory().keys.reloadPin).slice(8)]
  const mac = PurseCrypto.mac(Des.exclusiveOr(left, right), of(pin))
  return `80 5E 00 00 ${number(of(pin).length + 4, 1)} ${pin} ${Bytes.hex(mac)}`
}

/** The signature with one bit changed. */
export const spoilt = (command: string): string => {
  const bytes = of(command)
  return Bytes.hex(bytes.map((byte, at) => at === bytes.length - 1 ? byte ^ 1 : byte))
}

/** The MAC2 of a CREDIT, or the MAC1 of a DEBIT, with one bit changed: it stands before the length at the end. */
export const forged = (command: string): string => {
  const bytes = of(command)
  return Bytes.hex(bytes.map((byte, at) => at === bytes.length - 2 ? byte ^ 1 : byte))
}
