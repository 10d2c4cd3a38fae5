/**
 * The file of a virtual card 虚拟卡文件: written as a whole or not at all, through links, with the rights that it has. What lies
 * beside it for a moment bears a name that is ours alone.
 */
import { randomBytes } from "node:crypto"
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import * as BesideName from "./BesideName.ts"
import { both, Failed } from "./Failure.ts"

/** What a file that is made here may be: its owner's alone, as its keys are. */
const ownersAlone = 0o600

/** It can not be written, or no longer holds what stood in it before. */
export class NotWritten extends Error {
  /** Whether somebody else has written it. */
  readonly isChanged: boolean
  constructor(isChanged: boolean, options?: ErrorOptions) {
    super("the file of the card was not written", options)
    this.isChanged = isChanged
  }
}

/** The true path of a file, which may not be there yet. Throws what the system says, or where it is no file. */
export const pathOf = (file: string): string => {
  const path = resolve(file)
  if (existsSync(path)) {
    if (!statSync(path).isFile()) {
      throw new Failed({
        message: `${file}: ${both("不是普通文件，不能存放虚拟卡", "this is no regular file, and can keep no card")}`
      })
    }
    return realpathSync(path)
  }
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    throw new Failed({ message: `${file}: ${both("符号链接指向的文件不存在", "this link leads to no file")}` })
  }
  return join(realpathSync(dirname(path)), basename(path))
}

const random = () => randomBytes(8).toString("hex")
const isLeft = (path: string) => (name: string): boolean => /^[0-9a-f]{16}$/.test(BesideName.whatOf(path, name) ?? "")

/** Deletes what a process left beside it that died as it wrote. For whoever has the file alone. */
export const tidy = (path: string): void => {
  for (const name of readdirSync(dirname(path)).filter(isLeft(path))) rmSync(join(dirname(path), name))
}

/** Writes it as a whole, where it holds `before` still (nothing: is not there); else throws `NotWritten`. */
export const replace = (path: string, before: string | undefined, text: string): void => {
  const beside = BesideName.besideOf(path, random())
  try {
    writeFileSync(beside, text, { mode: ownersAlone, flag: "wx", flush: true })
    const now = existsSync(path) ? readFileSync(path, "utf8") : undefined
    if (now !== before) throw new NotWritten(true)
    if (now !== undefined) chmodSync(beside, statSync(path).mode & 0o777)
    renameSync(beside, path)
  } catch (cause) {
    throw cause instanceof NotWritten ? cause : new NotWritten(false, { cause })
  } finally {
    rmSync(beside, { force: true })
  }
}
