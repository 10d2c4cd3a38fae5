/**
 * What node:crypto does not tell of a certificate 证书域: by which algorithm it was signed, and what its key may be used
 * for.
 *
 * Source: RFC 5280, chapters 4.1 and 4.2.1.3; X.690 (DER). Only certificates come here that node:crypto has read, so what
 * can not be taken apart is odd, and nothing is said of it.
 */
import type { X509Certificate } from "node:crypto"

/** By what a certificate was signed. "other": by what is not known here, or is known to be broken for long, such as MD5. */
export type Digest = "sha1" | "sha2" | "other"

/** `signs`: whether the key may sign messages 数字签名; a certificate without this extension restricts nothing. */
export interface CertificateFields {
  readonly digest: Digest
  readonly signs: boolean
}

interface Element {
  readonly tag: number
  readonly content: Buffer
}

/** The elements that stand one after another in these bytes; throws RangeError where they are not whole. */
const elementsOf = (bytes: Buffer): ReadonlyArray<Element> => {
  const elements: Array<Element> = []
  for (let at = 0; at < bytes.length;) {
    const tag = bytes.readUInt8(at)
    const short = bytes.readUInt8(at + 1)
    const more = short < 0x80 ? 0 : short & 0x7f
    const length = short < 0x80 ? short : bytes.readUIntBE(at + 2, more)
    const from = at + 2 + more
    at = from + length
    if (at > bytes.length) throw new RangeError("An element is cut off")
    elements.push({ tag, content: bytes.subarray(from, at) })
  }
  return elements
}

const sequence = 0x30
/** The extensions of a certificate, [3]. */
const extensionsTag = 0xa3
const bitString = 0x03
const octetString = 0x04

/** With RSA: sha1WithRSAEncryption; sha256-, sha384- and sha512WithRSAEncryption. */
const digests: ReadonlyMap<string, Digest> = new Map([
  ["2a864886f70d010105", "sha1"],
  ["2a864886f70d01010b", "sha2"],
  ["2a864886f70d01010c", "sha2"],
  ["2a864886f70d01010d", "sha2"]
])
const keyUsage = "551d0f"
const digitalSignature = 0x80

const only = (elements: ReadonlyArray<Element>, tag: number): Buffer => {
  const [element, more] = elements.filter((element) => element.tag === tag)
  if (element === undefined || more !== undefined) throw new RangeError("Not one such element")
  return element.content
}

/** Whether the key may sign messages, by the list of extensions. */
const signsBy = (extensions: Buffer): boolean => {
  const usages = elementsOf(only(elementsOf(extensions), sequence)).map(({ content }) => elementsOf(content))
    .filter(([id]) => id?.content.toString("hex") === keyUsage)
  if (usages.length > 1) throw new RangeError("A use of the key twice")
  const [usage] = usages
  if (usage === undefined) return true
  const [, flags = 0] = only(elementsOf(only(usage, octetString)), bitString)
  return (flags & digitalSignature) !== 0
}

/** What a certificate says; nothing if it can not be taken apart. */
export const read = ({ raw }: X509Certificate): CertificateFields | undefined => {
  try {
    const [body, algorithm] = elementsOf(only(elementsOf(raw), sequence))
    const [id] = elementsOf(algorithm?.content ?? Buffer.alloc(0))
    const extensions = elementsOf(body?.content ?? Buffer.alloc(0)).find(({ tag }) => tag === extensionsTag)
    return {
      digest: digests.get(id?.content.toString("hex") ?? "") ?? "other",
      signs: extensions === undefined || signsBy(extensions.content)
    }
  } catch {
    return undefined
  }
}
