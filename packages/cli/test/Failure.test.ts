// What is said of a store that fails: in Chinese and English, and one thing only.
import { Fault } from "@yikatong/core"
import { Runtime } from "effect"
import { describe, expect, it } from "vitest"
import { Flawed, ofFault } from "../src/Failure.ts"

const because = { operation: "open /data", cause: new Error("why") }
/** As an adapter gives it: with the code of the server. */
const coded = (code: string) => ({ operation: "open /data", cause: Object.assign(new Error("why"), { code }) })
const details = "(详情 details: open /data: why)"

describe("Failure.ofFault", () => {
  it.each([
    [
      new Fault.StoreFull(because),
      `数据库空间已满，或不允许写入 / the database has no room left, or may not be written ${details}`
    ],
    [new Fault.StoreUnavailable(because), `数据库不可用 / the database can not be reached ${details}`],
    [
      new Fault.StoreBroken({ operation: "read the account", cause: undefined }),
      "数据库无法读取 / the database can not be read (详情 details: read the account)"
    ],
    [
      new Fault.Overloaded({ operation: "pay", waiting: 3 }),
      "排队的指令过多，请稍后再试 / too many commands wait, try again a little later (详情 details: pay)"
    ]
  ])("$_tag", (fault, said) => expect(ofFault(fault).message).toBe(said))

  it.each([
    ["42501", `没有读取权限 / this user may not read the campus ${details}`],
    ["25006", `这台服务器只能读，不能写入 / this server may only be read, not written ${details}`],
    ["28P01", `用户名或密码不对 / the server refuses this user or password ${details}`],
    ["3D000", `数据库不存在 / there is no such database on this server ${details}`],
    ["53100", `数据库的磁盘已满 / the disk of the database is full ${details}`],
    ["toString", `数据库无法读取 / the database can not be read ${details}`]
  ])("the true cause first: %s", (code, said) => {
    expect(ofFault(new Fault.StoreBroken(coded(code))).message).toBe(said)
  })

  it("where it is writing that was refused, it says so", () => {
    const refused = ofFault(new Fault.StoreBroken(coded("42501")), "write")
    expect(refused.message).toBe(
      `没有写入校园所需的权限 / this user lacks a right that it takes to write to the campus ${details}`
    )
    expect(ofFault(new Fault.StoreBroken(because), "write").message).toMatch(/^数据库拒绝写入 \/ the database refuses/)
  })

  it("exit code 3, since nothing is known of the books", () => {
    const fault = new Fault.StoreUnavailable(because)
    expect(Runtime.getErrorExitCode(ofFault(fault))).toBe(3)
    expect(Runtime.getErrorExitCode(new Flawed())).toBe(1)
  })
})
