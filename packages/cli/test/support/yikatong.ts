/** The command line as a process of its own, from its sources. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url))

/** What a call came to. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Calls `yikatong` and waits for its end. `begun`: is given the way to send it a signal. */
export const yikatong = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
  begun: (signal: (name: NodeJS.Signals) => void) => void = () => {}
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=yikatong-source", main, ...args], {
      env: { PATH: process.env["PATH"] ?? "", NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    begun((name) => void child.kill(name))
    let out = ""
    let err = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => out += text)
    child.stderr.setEncoding("utf8").on("data", (text: string) => err += text)
    child.on("error", reject).on("close", (code) => resolve({ code, out, err }))
  })

/** A folder of its own for the files of a test file. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "yikatong-cli-"))

  /** Writes a file; what is no text or bytes is written as JSON. */
  file(name: string, content: unknown): string {
    const path = join(this.path, name)
    const bytes = typeof content === "string" || content instanceof Uint8Array
    writeFileSync(path, bytes ? content : JSON.stringify(content, null, 2))
    return path
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
