/**
 * Reading a file as text 读文件: never more than a limit of it, and only as UTF-8. Pipes are files, too, so the size that the
 * system tells is not believed.
 */
import { Effect } from "effect"
import { createReadStream, statSync } from "node:fs"
import { both, Failed } from "./Failure.ts"

/** Why a file can not be read, in a sentence. */
export const unreadable = (file: string, cause: unknown): Failed => {
  if (cause instanceof Failed) return cause
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return new Failed({ message: `${file}: ${both("文件不存在", "there is no such file")}` })
    case "EISDIR":
      return new Failed({ message: `${file}: ${both("这是文件夹，不是文件", "this is a folder, not a file")}` })
    case "EACCES":
    case "EPERM":
      return new Failed({ message: `${file}: ${both("没有读取权限", "it may not be read")}` })
    default:
      return new Failed({
        message: `${file}: ${both("无法读取", "it can not be read")}${code === "" ? "" : ` (${code})`}`
      })
  }
}

export const tooLarge = (where: string, bytes: number): Failed =>
  new Failed({ message: `${where}: ${both(`超过 ${bytes} 字节`, `it is larger than ${bytes} bytes`)}` })

/** A text of bytes, which must be UTF-8. A byte order mark is left out. */
export const decode = (where: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    throw new Failed({ message: `${where}: ${both("不是 UTF-8 文本", "this is no text in UTF-8")}` })
  }
}

const readAtMost = async (file: string, limit: number): Promise<string> => {
  const chunks: Array<Buffer> = []
  let size = 0
  // One byte more than allowed tells that there is more.
  for await (const chunk of createReadStream(file, { end: limit }) as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
  }
  if (size > limit) throw tooLarge(file, limit)
  return decode(file, Buffer.concat(chunks))
}

/** The text of a file that has so many bytes at most. */
export const text = (file: string, limit: number): Effect.Effect<string, Failed> =>
  Effect.tryPromise({ try: () => readAtMost(file, limit), catch: (cause) => unreadable(file, cause) })

/**
 * The same of a regular file alone: a pipe that nobody writes to, or a terminal, would be read for ever. What keeps keys is
 * no pipe either.
 */
export const textOfFile = (file: string, limit: number): Effect.Effect<string, Failed> =>
  Effect.andThen(Effect.try({ try: () => regular(file), catch: (cause) => unreadable(file, cause) }), text(file, limit))

const regular = (file: string): void => {
  const stat = statSync(file)
  if (stat.isFile() || stat.isDirectory()) return
  throw new Failed({
    message: `${file}: ${both("不是普通文件（是管道或设备）", "this is no regular file, but a pipe or a device")}`
  })
}
