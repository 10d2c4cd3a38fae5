/**
 * Base64 in which a signature is written: one text for some bytes, and no other.
 *
 * Source: RFC 4648, chapters 3.5 and 4. Node passes over what is no Base64, a lacking end and bits that say nothing, so
 * that many texts would be one signature.
 */

/** The bytes of a text; nothing if they are written otherwise, or longer than `longest` characters. */
export const read = (text: string, longest: number): Buffer | undefined => {
  if (text.length > longest) return undefined
  const bytes = Buffer.from(text, "base64")
  // Written again it is looked through sooner than by a pattern.
  return bytes.toString("base64") === text ? bytes : undefined
}
