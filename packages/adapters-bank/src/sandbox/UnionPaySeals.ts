/**
 * By what the sandbox's UnionPay is known 沙箱签名证书: a root, a middle and a leaf of its own, made when it begins; and what
 * attackers would have.
 *
 * All keys bear the sandbox's mark. A new leaf takes over at a rotation; the old one stays good, as in the real world.
 */
import { CivilTime } from "@yikatong/core"
import * as SandboxMark from "../SandboxMark.ts"
import * as Certificate from "../unionpay/UnionPayCertificate.ts"
import * as Message from "../unionpay/UnionPayMessage.ts"
import * as Signature from "../unionpay/UnionPaySignature.ts"
import * as Authority from "./CertificateAuthority.ts"
import type { Forgery } from "./Mischief.ts"

/** So many bytes that nobody can tell before. */
export type Randomness = (size: number) => Uint8Array

const year = 365 * CivilTime.dayLength
const leafName = `041@Z@${Certificate.subjects.test}@1`

interface House {
  readonly root: Authority.Certified
  readonly middle: Authority.Certified
}

export class UnionPaySeals {
  readonly #randomness: Randomness
  readonly #house: House
  readonly #began: CivilTime.Instant
  /** The merchant's own, as UnionPay has registered it. */
  readonly merchant: Authority.Certified
  #leaf: Authority.Certified
  #attacker: House | undefined
  readonly #forged = new Map<string, Authority.Certified>()

  constructor(randomness: Randomness, now: CivilTime.Instant, merId: string) {
    this.#randomness = randomness
    this.#began = now
    this.#house = this.#build()
    this.merchant = Authority.leaf(this.#house.middle, this.#wanted(`041@8@${merId}@1`), SandboxMark.keyPair())
    this.#leaf = this.#issue(now)
  }

  get root(): string {
    return this.#house.root.pem
  }

  get middle(): string {
    return this.#house.middle.pem
  }

  /** From now on another key signs. */
  rotate(now: CivilTime.Instant): void {
    this.#leaf = this.#issue(now)
  }

  /** An answer or a notice, signed, or falsified as is asked for. */
  sign(message: Message.Message, forgery?: Forgery): Message.Message {
    const by = ({ key, pem }: Pick<Authority.Certified, "key" | "pem">, said = message) =>
      Signature.sign(said, { method: "01", key, certificate: pem })
    switch (forgery) {
      case "otherKey":
        return by({ key: this.#forge(forgery).key, pem: this.#leaf.pem })
      case "unknownKey":
      case "ownCertificate":
      case "skewPast":
      case "skewFuture":
        return by(this.#forge(forgery))
      case "tamper":
        return raised(by(this.#leaf))
      case "wrongAmount":
        return by(this.#leaf, raised(message))
      case "otherMerchant":
        return by(this.#leaf, Message.withFields(message, { merId: "SANDBOX99999999" }))
      // UnionPay sends no probes.
      case "probe":
      case undefined:
        return by(this.#leaf)
    }
  }

  #serial(): bigint {
    const bytes = this.#randomness(8)
    return BigInt(`0x01${Buffer.from(bytes).toString("hex")}`)
  }

  #wanted(commonName: string, from = -CivilTime.dayLength, to = 5 * year): Authority.Wanted {
    const [begins, ends] = [CivilTime.later(this.#began, from), CivilTime.later(this.#began, to)]
    return { subject: { commonName, organization: "SANDBOX" }, serial: this.#serial(), from: begins, to: ends }
  }

  #build(): House {
    const root = Authority.root(this.#wanted("SANDBOX UnionPay Root", -2 * year, 10 * year), SandboxMark.keyPair())
    const middle = this.#wanted("SANDBOX UnionPay Middle", -2 * year, 10 * year)
    return { root, middle: Authority.middle(root, middle, SandboxMark.keyPair()) }
  }

  #issue(now: CivilTime.Instant): Authority.Certified {
    const since = now - this.#began
    const wanted = this.#wanted(leafName, since - CivilTime.dayLength, since + 2 * year)
    return Authority.leaf(this.#house.middle, wanted, SandboxMark.keyPair())
  }

  /** Made when it is asked for: most runs want none. */
  #forge(forgery: "otherKey" | "ownCertificate" | "skewFuture" | "skewPast" | "unknownKey"): Authority.Certified {
    const known = this.#forged.get(forgery)
    if (known !== undefined) return known
    const made = this.#forgery(forgery)
    this.#forged.set(forgery, made)
    return made
  }

  #forgery(forgery: string): Authority.Certified {
    const keys = SandboxMark.keyPair()
    const { middle } = this.#house
    switch (forgery) {
      // UnionPay's own issuer, and another subject: any merchant has such a certificate.
      case "unknownKey":
        return Authority.leaf(middle, this.#wanted("041@8@SANDBOX99999999@1"), keys)
      case "skewPast":
        return Authority.leaf(middle, this.#wanted(leafName, -2 * year, -CivilTime.dayLength), keys)
      case "skewFuture":
        return Authority.leaf(middle, this.#wanted(leafName, 4 * year, 5 * year), keys)
      default:
        // An issuer of the same names, which anybody can make.
        this.#attacker ??= this.#build()
        return Authority.leaf(this.#attacker.middle, this.#wanted(leafName), keys)
    }
  }
}

/** A fen more; where there is no amount, other words. */
const raised = (message: Message.Message): Message.Message => {
  const amount = message.get("txnAmt")
  return amount === undefined
    ? Message.withFields(message, { respMsg: `${message.get("respMsg") ?? ""}!` })
    : Message.withFields(message, { txnAmt: String(Number(amount) + 1) })
}
