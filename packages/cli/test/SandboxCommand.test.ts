// `yikatong sandbox` as a process: it starts, answers whoever holds its token, and ends with a signal.
import { existsSync, readFileSync, statSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { Folder, yikatong } from "./support/yikatong.ts"

const folder = new Folder()
afterAll(() => folder.remove())

const written = async (path: string): Promise<
  { origin: string; token: string; wires: Record<string, Record<string, string>> }
> => {
  for (;;) {
    if (existsSync(path)) {
      const text = readFileSync(path, "utf8")
      if (text.endsWith("\n")) return JSON.parse(text)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A peer that has sent one byte of a message, and sends no more. */
const halfSaid = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(Uint8Array.of(0), () => resolve()))
    socket.on("error", reject)
  })

describe("yikatong sandbox", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "runs at the loopback address until %s, and shows its token once",
    async (name) => {
      const file = join(folder.path, `${name}.json`)
      let end: (name: NodeJS.Signals) => void = () => {}
      const ending = yikatong(["sandbox", "--write", file, "--payer", "ming=12.50"], {}, (signal) => end = signal)
      const { origin, token, wires } = await written(file)
      expect(statSync(file).mode & 0o777).toBe(0o600)
      expect(Object.keys(wires).toSorted()).toEqual([
        "alipay",
        "ccb",
        "ccbApp",
        "iso8583",
        "transferLink",
        "unionpay",
        "wechat"
      ])
      const ask = (path: string, headers: Record<string, string>) => fetch(`${origin}/__sandbox/${path}`, { headers })
      expect((await ask("status", {})).status).toBe(401)
      const payers = await ask("payers", { authorization: `Bearer ${token}` })
      expect(await payers.json()).toEqual([{ name: "ming", has: 1_250 }])
      for (const path of ["/", "/app/"]) {
        const page = await fetch(origin + path)
        expect([page.status, (await page.text()).includes(token)]).toEqual([200, false])
      }
      await Promise.all(["iso8583", "transferLink"].map((line) => halfSaid(Number(wires[line]?.["port"]))))
      end(name)
      const { code, err, out } = await ending
      expect({ code, err }).toEqual({ code: 130, err: "" })
      expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect(out.split(token)).toHaveLength(2)
      for (const line of ["iso8583", "transferLink"]) expect(out).toMatch(new RegExp(`${line} 127\\.0\\.0\\.1:\\d+`))
      for (const page of [`${origin}/`, `${origin}/app/`]) expect(out).toMatch(new RegExp(`: ${page}$`, "m"))
      expect(out).not.toContain("PRIVATE KEY")
      await expect(fetch(origin)).rejects.toThrow("fetch failed")
    }
  )

  it.each<[args: ReadonlyArray<string>, code: number, told: string]>([
    [["--port", "65536"], 2, "--port"],
    [["--seed", "-1"], 2, "--seed"],
    [["--payer", "ming"], 2, "--payer"],
    [["--payer", "ming=0.001"], 2, "0.01"],
    [["--payer", "ming=1", "--payer", "hong=1", "--payer", "ming=2"], 2, "ming is given twice"],
    [["--write", "/"], 3, "can not be made"]
  ])("%j is refused", async (args, code, told) => {
    const ended = await yikatong(["sandbox", ...args])
    expect([ended.code, (ended.out + ended.err).includes(told)]).toEqual([code, true])
  })
})
