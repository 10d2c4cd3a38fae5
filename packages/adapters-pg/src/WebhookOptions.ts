/**
 * What may stand in the options of a webhook 回调选项, one by one: each is what it must be, or a sentence that names the option and
 * says what it may be. Whatever comes here may be anything; of what could be a secret nothing is repeated.
 */
import { Duration, Option, Redacted, Result } from "effect"
import { X509Certificate } from "node:crypto"
import * as WebhookAddress from "./WebhookAddress.ts"
import { type EventName, isEventName } from "./WebhookBody.ts"
import * as WebhookSignature from "./WebhookSignature.ts"

type Checked<A> = Result.Result<A, string>

/** `https:`, or `http:` where the rule leads to this machine alone; an address in it is one that the rule allows. */
export const url = (given: unknown, rule: WebhookAddress.Rule): Checked<URL> => {
  const text = Redacted.isRedacted(given) ? Redacted.value(given) : given
  if (typeof text !== "string" || !URL.canParse(text)) return Result.fail("`url` is no URL")
  const url = new URL(text)
  const isHere = rule === WebhookAddress.onlyLoopback
  if (url.protocol !== "https:" && !(isHere && url.protocol === "http:")) return Result.fail("`url` is not https:")
  if (url.username !== "" || url.password !== "") {
    return Result.fail("`url` has a user or a password: the signature proves who sends")
  }
  if (!WebhookAddress.isRefusedLiteral(rule, url.hostname)) return Result.succeed(url)
  return Result.fail(
    isHere
      ? "`url` has an address of another machine, and with `loopback` it is this one"
      : "`url` has an address that is not of the public Internet, and a webhook goes nowhere else"
  )
}

/** The bytes of the secrets. */
export const keys = (secrets: unknown): Checked<ReadonlyArray<Uint8Array>> => {
  if (!Array.isArray(secrets) || secrets.length === 0) {
    return Result.fail("`secrets` is a list of secrets, one at least")
  }
  const keys: Array<Uint8Array> = []
  for (const [at, secret] of secrets.entries()) {
    if (secret === undefined || secret === null) {
      return Result.fail(`\`secrets\` has nothing at place ${at + 1}: is the variable set?`)
    }
    if (!Redacted.isRedacted(secret)) {
      return Result.fail("`secrets` has one that is not redacted: Redacted.make(text), or Config.Redacted(name)")
    }
    const key = WebhookSignature.keyOf(secret as WebhookSignature.Secret)
    if (key === undefined) {
      return Result.fail("each of `secrets` is base64 of 24 to 64 bytes, with whsec_ before it or without")
    }
    keys.push(key)
  }
  return Result.succeed(keys)
}

/** The kinds of events. */
export const events = (given: unknown): Checked<ReadonlySet<EventName>> => {
  const where = "its kinds are the keys of Webhook.fields, such as Purchased and CardIssued"
  if (!Array.isArray(given) || given.length === 0) {
    return Result.fail(`\`events\` is a list of kinds of events, one at least; ${where}`)
  }
  const names = new Set<EventName>()
  for (const [at, name] of given.entries()) {
    if (typeof name !== "string" || !isEventName(name)) {
      const which = typeof name === "string" && /^[A-Za-z]{1,40}$/.test(name) ? ` (${name})` : ""
      return Result.fail(`\`events\` has at place ${at + 1} no kind of event${which}; ${where}`)
    }
    names.add(name)
  }
  return Result.succeed(names)
}

/** Certificates that can be read: others Node passes over in silence, and then believes nobody. */
export const authorities = (ca: unknown): Checked<string | undefined> => {
  if (ca === undefined) return Result.succeed(ca)
  const all = typeof ca === "string" ? ca.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) : null
  return typeof ca === "string" && all?.every(isCertificate) === true
    ? Result.succeed(ca)
    : Result.fail("`ca` is certificates in PEM: -----BEGIN CERTIFICATE----- and so on")
}
const isCertificate = (pem: string): boolean => {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

export const number = (name: string, given: number): Checked<number> =>
  Number.isSafeInteger(given) && given >= 1
    ? Result.succeed(given)
    : Result.fail(`\`${name}\` is a whole number, 1 or more`)

/** A time in milliseconds. `may`: the longest one in words, and a sample. */
export const time = (
  { may, most, name }: { readonly name: string; readonly most: number; readonly may: string },
  given: Duration.Input
): Checked<number> => {
  const millis = Option.match(Duration.fromInput(given), { onNone: () => Number.NaN, onSome: Duration.toMillis })
  return millis >= 1 && millis <= most
    ? Result.succeed(millis)
    : Result.fail(`\`${name}\` is a time of 1 millisecond to ${may}`)
}
