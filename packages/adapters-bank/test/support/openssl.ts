import { execFileSync } from "node:child_process"

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

/** Enciphers with openssl on the command line: a judge that is not the OpenSSL of Node, and has single DES as well. */
export const enciphered = (
  cipher: "des-ecb" | "des-cbc" | "des-ede-ecb" | "des-ede3-ecb" | "sm4-ecb" | "sm4-cbc",
  key: Uint8Array,
  data: Uint8Array
): Uint8Array => {
  const initial = cipher.endsWith("cbc") ? ["-iv", "0".repeat(cipher.startsWith("sm4") ? 32 : 16)] : []
  // OpenSSL 3 calls ECB of two keys by its old name.
  const name = cipher === "des-ede-ecb" ? "des-ede" : cipher
  const providers = ["-provider", "legacy", "-provider", "default"]
  return execFileSync("openssl", ["enc", `-${name}`, ...providers, "-nopad", "-K", hex(key), ...initial], {
    input: data,
    stdio: ["pipe", "pipe", "pipe"]
  })
}
