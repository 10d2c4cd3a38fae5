/**
 * Text in GBK 汉字内码扩展规范, as the files and the older messages of Chinese banks are written: one byte for ASCII, two for a
 * Chinese character.
 *
 * Source: 汉字内码扩展规范 GBK 1.0 (1995), in the form of code page 936. The four bytes of its successor GB 18030 are no
 * GBK and are refused, like every other byte that begins no character: text that was only half understood would be
 * compared and stored as if it were whole.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import iconv from "iconv-lite"

const charset = "gbk"

// What the decoder writes for bytes that it does not know; GBK itself has no code for it.
const replacement = "\ufffd"

/** The text of bytes in GBK; refuses bytes that are none. */
export const decode = (bytes: Uint8Array): Result.Result<string, Callback.Refusal> => {
  // A byte order mark of UTF-8 is two legal characters here: it must stay one's own mistake that shows.
  const text = iconv.decode(bytes, charset, { stripBOM: false })
  return text.includes(replacement) ? Result.fail(Callback.refusal("charset", "text in GBK")) : Result.succeed(text)
}

/** Whether every character of a text exists in GBK; rare ones of names do not. */
export const isWritable = (text: string): boolean => iconv.decode(iconv.encode(text, charset), charset) === text

/** The bytes of a text in GBK; throws RangeError for a character that it lacks, see `isWritable`. */
export const encode = (text: string): Uint8Array => {
  if (!isWritable(text)) throw new RangeError("The text has a character that GBK lacks")
  return new Uint8Array(iconv.encode(text, charset))
}
