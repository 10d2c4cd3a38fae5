/**
 * The enciphered parameter of China Construction Bank's payment by shown code 被扫支付参数 (ccbParam, the bank's class
 * MCipherEncryptor).
 *
 * DES in ECB, padded after PKCS #5, with the first eight characters of PUB as key; the clear text in UTF-16, high byte
 * first, behind its mark FE FF; the result in base64 in lines of 76, in which "," stands for "+". It hides little: DES
 * is broken, and no MAC says who wrote it. Source: 建设银行聚合支付商户接口规范, 被扫支付.
 */
import { Callback } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as BlockCipher from "../BlockCipher.ts"
import type { LoongpayKey } from "./LoongpayKey.ts"

const key = ({ secret }: Pick<LoongpayKey, "secret">): BlockCipher.Key =>
  BlockCipher.key("des", Buffer.from(Redacted.value(secret).slice(0, 8), "latin1"))

const column = 76
const block = 8

/** The value of ccbParam for a text; whoever sends it escapes it like any other value of a form. */
export const seal = (text: string, merchant: Pick<LoongpayKey, "secret">): string => {
  const clear = Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, "utf16le").swap16()])
  const fill = block - clear.length % block
  const padded = Buffer.concat([clear, new Uint8Array(fill).fill(fill)])
  const written = Buffer.from(BlockCipher.encrypt(key(merchant), padded)).toString("base64")
  return written.replaceAll(new RegExp(`(.{${column}})(?=.)`, "g"), "$1\r\n").replaceAll("+", ",")
}

const largest = 65_536
const refused = Callback.refusal("malformed", "ccbParam")

/**
 * The text of a value that was sealed. Lines may end anywhere and in any way, as the writers of base64 differ in it.
 */
export const open = (
  value: string,
  merchant: Pick<LoongpayKey, "secret">
): Result.Result<string, Callback.Refusal> => {
  if (value.length > largest) return Result.fail(Callback.refusal("tooLarge", "ccbParam"))
  const written = value.replaceAll(/[\r\n]/g, "").replaceAll(",", "+")
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(written)) return Result.fail(refused)
  const sealed = Buffer.from(written, "base64")
  if (sealed.length === 0 || sealed.length % block !== 0) return Result.fail(refused)
  const padded = Buffer.from(BlockCipher.decrypt(key(merchant), sealed))
  const fill = padded.at(-1) ?? 0
  const isPadded = fill >= 1 && fill <= block && padded.subarray(-fill).every((byte) => byte === fill)
  const clear = padded.subarray(0, -fill)
  if (!isPadded || clear.length % 2 !== 0 || clear[0] !== 0xfe || clear[1] !== 0xff) return Result.fail(refused)
  return Result.succeed(Buffer.from(clear.subarray(2)).swap16().toString("utf16le"))
}
