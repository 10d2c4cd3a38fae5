/**
 * The name of a file of ours that lies beside somebody's file for a while 旁置文件: hidden, and seen to be ours and whose it is.
 */
import { createHash } from "node:crypto"
import { basename, dirname, join } from "node:path"

/** Names have 255 bytes at most, and 143 where folders are encrypted: a name that is longer than this gives way to its hash. */
const longest = 100

const stemOf = (path: string): string => {
  const name = basename(path)
  return Buffer.byteLength(name) <= longest ? name : createHash("sha256").update(name).digest("hex").slice(0, 32)
}

/** Where it lies. `what`: what it is. */
export const besideOf = (path: string, what: string): string => join(dirname(path), `.${stemOf(path)}.${what}.yikatong`)

/** What a name in the same folder says that it is; nothing where it is not ours, or lies beside another. */
export const whatOf = (path: string, name: string): string | undefined => {
  const [before, after] = [`.${stemOf(path)}.`, ".yikatong"]
  return name.startsWith(before) && name.endsWith(after) ? name.slice(before.length, -after.length) : undefined
}
