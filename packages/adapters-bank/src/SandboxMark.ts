/**
 * The mark of what a sandbox made 沙箱标记: whoever gets a key, a secret or a name of it by mistake can tell, and a channel that
 * is set up for the real world refuses it.
 *
 * An RSA key bears the mark in itself, whatever file it stands in: its public exponent is 65539, which signs and verifies
 * as any other does, and which no channel's tool makes; they all take 65537. So a certificate over such a key is marked as
 * well. A secret, a key of a block cipher, a name or a serial number begins with `SANDBOX`, as text, as bytes or in hexadecimal, and is random behind
 * that; names that are digits alone can not be marked, but there is a key beside each of them.
 *
 * The real world is every address outside this machine, since a sandbox listens at loopback addresses alone.
 */
import { Redacted, Result, Schema } from "effect"
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  KeyObject,
  randomBytes,
  randomInt,
  X509Certificate
} from "node:crypto"
import * as BlockCipher from "./BlockCipher.ts"

/** What marked text begins with. */
export const prefix = "SANDBOX"

/** The public exponent of a marked RSA key: a prime. */
export const publicExponent = 65_539

/** Something that may be marked; keys as text: PEM, or DER in Base64 or in hexadecimal. */
export type Suspect = string | Uint8Array | KeyObject | X509Certificate | Redacted.Redacted<string | Uint8Array>

/** The settings lead to the real world with keys of a sandbox. `what`: which setting. It repeats neither key nor secret. */
export class SandboxKeys extends Schema.TaggedError<SandboxKeys>()("SandboxKeys", {
  host: Schema.String,
  what: Schema.String
}) {
  override get message(): string {
    return `沙箱密钥不能用于 ${this.host} / a sandbox made this, it is not for ${this.host}: ${this.what}`
  }
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** A marked RSA key pair, from the machine's own source of secrets. */
export const keyPair = (bits = 2048): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } =>
  generateKeyPairSync("rsa", { modulusLength: bits, publicExponent })

/** A marked secret of so many letters and digits, such as the 32 of WeChat Pay's APIv3 key. */
export const secret = (length: number): Redacted.Redacted<string> => {
  let text = prefix
  while (text.length < length) text += letters[randomInt(letters.length)] ?? ""
  if (text.length !== length) throw new RangeError(`A marked secret takes more than ${prefix.length} characters`)
  return Redacted.make(text)
}

/** A marked key of a block cipher, of so many bytes: behind the mark it is random. */
export const blockKey = (algorithm: BlockCipher.Algorithm, length: number): BlockCipher.Key =>
  BlockCipher.key(algorithm, Buffer.concat([Buffer.from(prefix, "latin1"), randomBytes(length - prefix.length)]))

/** A marked serial number of a certificate, in hexadecimal and upper case: `rest` is what makes it one of its own. */
export const serial = (rest: string): string => Buffer.from(prefix, "latin1").toString("hex").toUpperCase() + rest

/** Whether a sandbox made it. */
export const isSandboxKey = (suspect: Suspect): boolean => {
  if (Redacted.isRedacted(suspect)) return isSandboxKey(Redacted.value(suspect))
  if (suspect instanceof X509Certificate) return hasMark(suspect.publicKey) || suspect.subject.includes(`=${prefix}`)
  if (suspect instanceof KeyObject) return hasMark(suspect)
  const bytes = typeof suspect === "string" ? Buffer.from(suspect.trim(), "utf8") : Buffer.from(suspect)
  const text = bytes.toString("latin1")
  if (text.startsWith(prefix) || text.toUpperCase().startsWith(serial(""))) return true
  if (text.startsWith("-----BEGIN")) return pem(text)
  // A key takes at least these many characters, and what is no key is no DER.
  if (/^(?:[0-9a-fA-F]{2}){60,}$/.test(text)) return der(Buffer.from(text, "hex"))
  if (/^[A-Za-z0-9+/\s]{80,}={0,2}$/.test(text)) return der(Buffer.from(text, "base64"))
  return der(bytes)
}

/**
 * Refuses what a sandbox made, where an address leads out of this machine. `suspects`: by the names of their settings; what
 * is not set is not looked at.
 */
export const refuse = (
  address: string,
  suspects: Readonly<Record<string, Suspect | undefined>>
): Result.Result<void, SandboxKeys> => {
  const host = hostOf(address)
  if (isHere(host)) return Result.void
  for (const [what, suspect] of Object.entries(suspects)) {
    if (suspect !== undefined && isSandboxKey(suspect)) return Result.fail(new SandboxKeys({ host, what }))
  }
  return Result.void
}

/**
 * The same where no address says where it leads, such as over a line that somebody else opens: refused, unless the settings
 * say that they are a sandbox's. `what` is named in the place of a host.
 */
export const refuseUntold = (
  what: string,
  isSandbox: boolean | undefined,
  suspects: Readonly<Record<string, Suspect | undefined>>
): Result.Result<void, SandboxKeys> => {
  if (isSandbox === true) return Result.void
  const [found] = Object.entries(suspects).filter(([, suspect]) => suspect !== undefined && isSandboxKey(suspect))
  return found === undefined ? Result.void : Result.fail(new SandboxKeys({ host: what, what: found[0] }))
}

/** The host of an address or a host itself, with no port. */
const hostOf = (address: string): string => {
  const url = URL.parse(address.includes("://") ? address : `tcp://${address}`)
  return (url?.hostname ?? "?").toLowerCase()
}

/** This machine, or a name that leads nowhere (RFC 6761, for programs that route requests in their own process). */
const isHere = (host: string): boolean =>
  /^127(?:\.\d{1,3}){3}$/.test(host) || host === "[::1]" || /^(?:.+\.)?(?:localhost|test|invalid)$/.test(host)

/** Whoever hands out keys of DES sets the last bit of each byte as parity: it does not count. */
const hasMark = (key: KeyObject): boolean =>
  key.type === "secret"
    ? Array.from(prefix).every((letter, at) => (letter.charCodeAt(0) | 1) === ((key.export()[at] ?? 0) | 1))
    : key.asymmetricKeyDetails?.publicExponent === BigInt(publicExponent)

const readable = (read: () => boolean): boolean => Result.getOrElse(Result.try(read), () => false)

/** A file of PEM may hold several. A key under a password can not be looked into. */
const pem = (text: string): boolean =>
  (text.match(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g) ?? []).some((block) =>
    block.startsWith("-----BEGIN CERTIFICATE")
      ? readable(() => isSandboxKey(new X509Certificate(block)))
      : readable(() => hasMark(createPublicKey(block)))
  )

const der = (key: Buffer): boolean =>
  key[0] === 0x30 && (
    (["spki", "pkcs1"] as const).some((type) =>
      readable(() => hasMark(createPublicKey({ key, format: "der", type })))
    ) ||
    (["pkcs8", "pkcs1"] as const).some((type) =>
      readable(() => hasMark(createPrivateKey({ key, format: "der", type })))
    ) ||
    readable(() => isSandboxKey(new X509Certificate(key)))
  )
