/**
 * The keys of WeChat Pay in the sandbox 微信支付沙箱密钥, and what is signed with them: answers, notices, and what of them is
 * forged when that is wanted.
 *
 * WeChat Pay has a public key, which stays, and platform certificates, which are changed 证书轮换: for a day after a change
 * old and new ones sign in turn. Whoever names the public key in a request gets everything signed with it.
 */
import { CivilTime } from "@yikatong/core"
import { Redacted, Result } from "effect"
import type { KeyObject } from "node:crypto"
import * as SandboxMark from "../SandboxMark.ts"
import * as WeChatCertificates from "../wechat/WeChatCertificates.ts"
import * as WeChatResource from "../wechat/WeChatResource.ts"
import * as WeChatSignature from "../wechat/WeChatSignature.ts"
import * as CertificateAuthority from "./CertificateAuthority.ts"
import type { Forgery } from "./Mischief.ts"

/** How long an old certificate signs beside a new one. */
export const overlap = CivilTime.dayLength

interface Issued {
  readonly serial: string
  readonly certified: CertificateAuthority.Certified
  readonly retiresAt: CivilTime.Instant | undefined
}

const year = 365 * CivilTime.dayLength
const clockError = 6 * CivilTime.minute

export class WeChatSeals {
  readonly apiKeyText = SandboxMark.secret(32)
  readonly apiKey: KeyObject = Result.getOrThrow(WeChatResource.apiKey(this.apiKeyText))
  readonly publicKeyId = "PUB_KEY_ID_SANDBOX00000000000001"
  readonly #pair = SandboxMark.keyPair()
  readonly #foreign = SandboxMark.keyPair()
  readonly #root: CertificateAuthority.Certified
  #issued: ReadonlyArray<Issued> = []
  #count = 0

  constructor(now: CivilTime.Instant) {
    const subject = { commonName: "SANDBOX WeChat Pay CA" }
    this.#root = CertificateAuthority.root({ subject, serial: serialOf(1), ...lasting(now, 10) }, SandboxMark.keyPair())
    this.rotate(now)
  }

  get publicKeyPem(): string {
    return this.#pair.publicKey.export({ type: "spki", format: "pem" }).toString()
  }

  get rootPem(): string {
    return this.#root.pem
  }

  get apiKeyValue(): string {
    return Redacted.value(this.apiKeyText)
  }

  /** Twelve characters that never come again under one key. */
  nonce(): string {
    return String(++this.#count).padStart(12, "0")
  }

  /** A new certificate; those before it go on for a while. */
  rotate(now: CivilTime.Instant): void {
    const serial = serialOf(this.#issued.length + 2)
    const certified = CertificateAuthority.leaf(this.#root, {
      subject: { commonName: "SANDBOX WeChat Pay" },
      serial,
      ...lasting(now, 5)
    }, SandboxMark.keyPair())
    const retiresAt = CivilTime.later(now, overlap)
    this.#issued = [
      ...this.#issued.map((one) => one.retiresAt === undefined ? { ...one, retiresAt } : one),
      { serial: hex(serial), certified, retiresAt: undefined }
    ]
  }

  #live(now: CivilTime.Instant): ReadonlyArray<Issued> {
    return this.#issued.filter(({ retiresAt }) => retiresAt === undefined || now <= retiresAt)
  }

  /** The list of certificates, encrypted for the merchant. */
  certificates(now: CivilTime.Instant): Uint8Array {
    const list = this.#live(now).map(({ certified: { pem } }) => ({ pem, nonce: this.nonce() }))
    return WeChatCertificates.write(list, this.apiKey)
  }

  /** Who signs now. `isOldest`: the list of certificates has to be signed with one that is known. */
  #signer(now: CivilTime.Instant, byPublicKey: boolean, isOldest: boolean): WeChatSignature.Signer {
    if (byPublicKey) return { serial: this.publicKeyId, key: this.#pair.privateKey }
    const live = this.#live(now)
    const one = live[isOldest ? 0 : this.#count % live.length]
    if (one === undefined) throw new RangeError("There is always a certificate that signs")
    return { serial: one.serial, key: one.certified.key }
  }

  /** The headers that sign a body, forged where that is wanted; what is changed in a body is changed by its writer. */
  sign(
    body: Uint8Array,
    now: CivilTime.Instant,
    { byPublicKey, forgery, isOldest = false }: {
      readonly byPublicKey: boolean
      readonly forgery: Forgery | undefined
      readonly isOldest?: boolean
    }
  ): Readonly<Record<string, string>> {
    const nonce = this.nonce()
    const true_ = this.#signer(now, byPublicKey, isOldest)
    const isForeign = forgery === "otherKey" || forgery === "ownCertificate" || forgery === "unknownKey"
    const signer = isForeign
      ? {
        key: this.#foreign.privateKey,
        serial: forgery === "unknownKey" ? "PUB_KEY_ID_SANDBOX99999999999999" : true_.serial
      }
      : true_
    const shift = forgery === "skewPast" ? -clockError : forgery === "skewFuture" ? clockError : 0
    const headers = WeChatSignature.signAnswer(signer, body, { nonce, now: CivilTime.later(now, shift) })
    return forgery === "probe" ? WeChatSignature.probing(headers) : headers
  }
}

const serialOf = (count: number): bigint =>
  BigInt(`0x${SandboxMark.serial(count.toString(16).padStart(8, "0").toUpperCase())}`)
const hex = (serial: bigint): string => serial.toString(16).toUpperCase()

/** From a day before, so that nobody's clock is too slow for it. */
const lasting = (now: CivilTime.Instant, years: number) => {
  const from = Math.floor((now - CivilTime.dayLength) / 1_000) * 1_000 as CivilTime.Instant
  return { from, to: CivilTime.later(from, years * year) }
}
