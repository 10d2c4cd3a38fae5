/**
 * The certificate mode of Alipay 公钥证书模式: the three files that its console hands out, read into what a channel needs.
 *
 * 应用公钥证书 is the merchant's own, 支付宝公钥证书 the gateway's, 支付宝根证书 the roots of both. Requests name the first and the
 * last by their serials; an answer names the certificate whose key signed it, and one that names another is not believed.
 * When Alipay changes its certificate, the new file is given beside the old one: it is not fetched by the answer that names
 * it. Source: Alipay open platform, 公钥证书方式加签, 证书 SN.
 */
import { Callback, type CivilTime } from "@yikatong/core"
import { Result } from "effect"
import { createPublicKey, type KeyObject, type X509Certificate } from "node:crypto"
import * as AlipayCertificate from "./AlipayCertificate.ts"
import type { Application } from "./AlipayRequest.ts"
import type { Trust, TrustedKey } from "./AlipaySignature.ts"

/** The contents of the files, in PEM. */
export interface Files {
  /** 应用公钥证书, `appCertPublicKey_….crt`. */
  readonly application: string
  /** 支付宝公钥证书, `alipayCertPublicKey_RSA2.crt`; both while Alipay goes over to a new one. */
  readonly alipay: string | ReadonlyArray<string>
  /** 支付宝根证书, `alipayRootCert.crt`. */
  readonly root: string
}

/** `key`: the merchant's private key. `organisation`: whose the gateway's certificate must be, if not {@link alipay}. */
export interface Expected {
  readonly key: KeyObject
  readonly organisation?: string
}

/** What goes into the settings of a channel: `application.certificates`, and `trust`. */
export interface AlipayCertificates {
  readonly certificates: NonNullable<Application["certificates"]>
  readonly trust: Trust
}

/** The organisation in Alipay's own certificates. */
export const alipay = "支付宝(中国)网络技术有限公司"

type Read<A> = Result.Result<A, Callback.Refusal>
const refused = (what: string): Read<never> => Result.fail(Callback.refusal("certificate", what))

/** Reads the files, or says which of them is wrong. */
export const read = (
  files: Files,
  { key, organisation = alipay }: Expected,
  now: CivilTime.Instant
): Read<AlipayCertificates> =>
  Result.flatMap(named("the root certificates", AlipayCertificate.read(files.root)), (roots) => {
    const root = AlipayCertificate.rootSerial(roots)
    if (root === "") return refused("the root certificates: none for RSA")
    return Result.flatMap(
      named("the application's certificate", AlipayCertificate.read(files.application)),
      ([own]) => {
        const flaw = own === undefined ? "none" : flawOf(own, key, now)
        if (own === undefined || flaw !== undefined) return refused(`the application's certificate: ${flaw}`)
        const trust: Array<TrustedKey> = []
        for (const pem of typeof files.alipay === "string" ? [files.alipay] : files.alipay) {
          const leaf = Result.flatMap(
            AlipayCertificate.read(pem),
            (file) => AlipayCertificate.trusted(file, roots, organisation, now)
          )
          const trusted = Result.map(named("Alipay's certificate", leaf), trustedKey)
          if (Result.isFailure(trusted)) return Result.fail(trusted.failure)
          trust.push(trusted.success)
        }
        if (trust.length === 0) return refused("Alipay's certificate: none")
        return Result.succeed({ certificates: { application: AlipayCertificate.serial(own), root }, trust })
      }
    )
  })

const named = <A>(file: string, read: Read<A>): Read<A> =>
  Result.mapError(read, ({ reason, what }) => Callback.refusal(reason, `${file}: ${what}`))

/** The file has the merchant's certificate alone, without those above it, so that no chain can be followed from it. */
const flawOf = (own: X509Certificate, key: KeyObject, now: CivilTime.Instant): string | undefined => {
  if (!own.publicKey.equals(createPublicKey(key))) return "it is for another private key"
  if (now < Date.parse(own.validFrom)) return "it is not valid yet"
  return now > Date.parse(own.validTo) ? "it is no longer valid" : undefined
}

const trustedKey = (leaf: X509Certificate): TrustedKey => ({
  key: leaf.publicKey,
  certificate: AlipayCertificate.serial(leaf),
  expiresAt: Date.parse(leaf.validTo) as CivilTime.Instant
})

/** The keys whose certificates are still valid; those without a certificate are. */
export const validAt = (trust: Trust, now: CivilTime.Instant): Read<Trust> => {
  const valid = trust.filter(({ expiresAt }) => expiresAt === undefined || now <= expiresAt)
  return valid.length === 0 && trust.length > 0
    ? refused("Alipay's certificate is no longer valid: put the new one of its console beside it")
    : Result.succeed(valid)
}
