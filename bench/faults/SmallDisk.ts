/**
 * A file system of its own with little room 小盘: a tmpfs, which needs the right to mount one. It is taken down when this
 * process ends, however it ends.
 */
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { unprivilegedUser } from "../../scripts/postgres-server.ts"

const mib = 2 ** 20

export class SmallDisk {
  readonly folder: string
  readonly #guard: ReturnType<typeof spawn>

  constructor(mebibytes: number) {
    this.folder = mkdtempSync("/tmp/yikatong-disk-")
    const { gid = process.getgid?.(), uid = process.getuid?.() } = unprivilegedUser() ?? {}
    const options = `size=${mebibytes}m,mode=755,uid=${uid},gid=${gid}`
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", this.folder], { encoding: "utf8" })
    if (mounted.status !== 0) {
      rmSync(this.folder, { recursive: true })
      throw new Error(
        `A small file system can not be mounted (${mounted.stderr.trim()}): run this as root, in a container with CAP_SYS_ADMIN`
      )
    }
    // Lazily, since a server may still be leaving.
    this.#guard = spawn("/bin/sh", ["-c", `cat >/dev/null; umount -l "$FOLDER"; rmdir "$FOLDER"`], {
      cwd: "/",
      env: { PATH: process.env["PATH"], FOLDER: this.folder },
      detached: true,
      stdio: ["pipe", "ignore", "ignore"]
    })
    this.#guard.unref()
  }

  /** Leaves so much room and no more. */
  fill(leaving: number): void {
    const { bavail, bsize } = statfsSync(this.folder)
    try {
      writeFileSync(this.#ballast, Buffer.alloc(Math.max(0, bavail * bsize - Math.round(leaving * mib))))
    } catch (error) {
      // Somebody else took the rest meanwhile: then it is full already.
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error
    }
  }

  /** Makes room again, as an operator does. */
  makeRoom(): void {
    rmSync(this.#ballast, { force: true })
  }

  get #ballast(): string {
    return join(this.folder, "ballast")
  }

  close(): void {
    this.#guard.stdin?.end()
  }
}
