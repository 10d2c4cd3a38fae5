/**
 * The keys of Alipay in the sandbox 支付宝沙箱密钥: with what its answers and notices are signed, or falsified where that is
 * wanted; in both modes, by bare keys 公钥模式 and by certificates 公钥证书模式.
 *
 * A merchant that names certificates in a request gets one named in the answer. A rotation changes the gateway's certificate,
 * and with it the key that signs for such merchants; the bare key stays.
 */
import { CivilTime } from "@yikatong/core"
import { randomBytes } from "node:crypto"
import * as AlipayCertificate from "../alipay/AlipayCertificate.ts"
import * as AlipayCertificates from "../alipay/AlipayCertificates.ts"
import * as AlipayNotice from "../alipay/AlipayNotice.ts"
import type { Application } from "../alipay/AlipayRequest.ts"
import * as AlipayResponse from "../alipay/AlipayResponse.ts"
import * as FormBody from "../FormBody.ts"
import * as SandboxMark from "../SandboxMark.ts"
import type { Body } from "./AlipaySaid.ts"
import * as Authority from "./CertificateAuthority.ts"
import type { Forgery } from "./Mischief.ts"

interface Chain {
  readonly root: Authority.Certified
  readonly middle: Authority.Certified
  readonly application: Authority.Certified
}

/** Longer than any clock of a test goes. */
const lasting = { from: CivilTime.instant("2020-01-01 00:00"), to: CivilTime.instant("2045-01-01 00:00") }
/** The serial by which Alipay names a certificate is made of its issuer's name and its number: no two starts have the same. */
const wanted = (commonName: string, organization: string): Authority.Wanted => ({
  subject: { commonName, organization },
  serial: BigInt(`0x${SandboxMark.serial(randomBytes(8).toString("hex"))}`),
  ...lasting
})

/** A serial that nobody has. */
const nobody = "0".repeat(32)

export class AlipaySeals {
  readonly merchant = SandboxMark.keyPair()
  readonly ours = SandboxMark.keyPair()
  readonly #foreign = SandboxMark.keyPair()
  readonly #application: string
  #chain: Chain | undefined
  #leaf: Authority.Certified | undefined

  /** `application`: whose certificate is made beside the gateway's. */
  constructor(application: string) {
    this.#application = application
  }

  /** Made when they are asked for: most runs want none. */
  get #certified(): Chain {
    if (this.#chain !== undefined) return this.#chain
    const authority = "SANDBOX Financial"
    const root = Authority.root(wanted("SANDBOX Alipay Root R1", authority), SandboxMark.keyPair())
    const middle = Authority.middle(root, wanted("SANDBOX Alipay Class 2 R1", authority), SandboxMark.keyPair())
    const application = Authority.leaf(middle, wanted(this.#application, "SANDBOX School"), this.merchant)
    return this.#chain = { root, middle, application }
  }

  get #gateway(): Authority.Certified {
    return this.#leaf ??= this.#issue(this.ours)
  }

  #issue(keys: Authority.Keys): Authority.Certified {
    return Authority.leaf(
      this.#certified.middle,
      wanted("SANDBOX Alipay", AlipayCertificates.alipay),
      keys
    )
  }

  /** From now on another certificate signs for those who use certificates. */
  rotate(): void {
    this.#leaf = this.#issue(SandboxMark.keyPair())
  }

  /** The three files of a merchant, in PEM; the gateway's with the authority between. */
  get files(): AlipayCertificates.Files {
    const { application, middle, root } = this.#certified
    return { application: application.pem, alipay: `${this.#gateway.pem}${middle.pem}`, root: root.pem }
  }

  /** Whether a request names the certificates that were handed out. */
  isKnown({ application, root }: NonNullable<Application["certificates"]>): boolean {
    const own = this.#certified
    return application === AlipayCertificate.serial(own.application.certificate) &&
      root === AlipayCertificate.rootSerial([own.root.certificate])
  }

  /** An answer, signed. `isCertified`: the request named certificates. */
  answer(method: string, body: Body, isCertified: boolean, forgery: Forgery | undefined): string {
    const key = isCertified ? this.#gateway.key : this.ours.privateKey
    const serial = isCertified ? AlipayCertificate.serial(this.#gateway.certificate) : undefined
    switch (forgery) {
      case "otherKey":
      case "ownCertificate":
      case "probe":
        return AlipayResponse.write(method, body, this.#foreign.privateKey, serial)
      case "unknownKey":
        return AlipayResponse.write(method, body, key, nobody)
      case "tamper":
        return raised(AlipayResponse.write(method, body, key, serial))
      case "wrongAmount":
        return AlipayResponse.write(method, JSON.parse(raised(JSON.stringify(body))), key, serial)
      case "otherMerchant":
        return AlipayResponse.write(method, { ...body, out_trade_no: "another1" }, key, serial)
      default:
        return AlipayResponse.write(method, body, key, serial)
    }
  }

  /** A notice, signed by the key that has no certificate: a notice names none. */
  notice(notice: AlipayNotice.AlipayNotice, receiver: AlipayNotice.Receiver, forgery: Forgery | undefined): string {
    const { privateKey } = this.ours
    switch (forgery) {
      case "otherKey":
      case "ownCertificate":
      case "probe":
        return AlipayNotice.write(notice, receiver, this.#foreign.privateKey)
      case "unknownKey":
        return `${AlipayNotice.write(notice, receiver, privateKey)}&${FormBody.encode([["alipay_cert_sn", nobody]])}`
      case "tamper":
        return AlipayNotice.write(notice, receiver, privateKey).replace("total_amount=", "$&9")
      case "wrongAmount":
        return AlipayNotice.write(
          { ...notice, amount: (notice.amount + 1) as typeof notice.amount },
          receiver,
          privateKey
        )
      case "otherMerchant":
        return AlipayNotice.write(notice, { ...receiver, seller: "2088000000000002" }, privateKey)
      case "skewPast":
      case "skewFuture": {
        const skew = forgery === "skewPast" ? -6 * CivilTime.minute : 6 * CivilTime.minute
        return AlipayNotice.write({ ...notice, sentAt: CivilTime.later(notice.sentAt, skew) }, receiver, privateKey)
      }
      case undefined:
        return AlipayNotice.write(notice, receiver, privateKey)
    }
  }
}

/** A larger amount, or another code where there is none. */
const raised = (written: string): string => {
  const changed = written.replace(/"(?:total_amount|refund_amount|refund_fee)":"/, "$&9")
  return changed === written ? written.replace("\"code\":\"", "$&1") : changed
}
