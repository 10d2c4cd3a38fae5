/** A folder that stands for the "/" of some machine, with the files that tell of readers. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

export class MachineFolder {
  readonly path = mkdtempSync(join(tmpdir(), "yikatong-machine-"))
  readonly #servers: Array<Server> = []

  /** Writes files, each with its text. */
  write(files: Readonly<Record<string, string>>): this {
    for (const [path, text] of Object.entries(files)) writeFileSync(this.#at(path), text)
    return this
  }

  link(path: string, target: string): this {
    symlinkSync(this.#at(target), this.#at(path))
    return this
  }

  folder(...paths: ReadonlyArray<string>): this {
    for (const path of paths) mkdirSync(join(this.path, path), { recursive: true })
    return this
  }

  /** A service that takes connections and answers nothing. */
  listen(path: string): Promise<void> {
    const server = createServer((socket) => socket.resume().on("error", () => {}))
    this.#servers.push(server)
    return new Promise((resolve, reject) => server.on("error", reject).listen(this.#at(path), resolve))
  }

  /** Where a path of that machine lies on this one; its folder is made. */
  place(path: string): string {
    return this.#at(path)
  }

  async remove(): Promise<void> {
    for (const server of this.#servers) await new Promise((resolve) => server.close(resolve))
    rmSync(this.path, { recursive: true, force: true })
  }

  #at(path: string): string {
    const place = join(this.path, path)
    mkdirSync(dirname(place), { recursive: true })
    return place
  }
}
