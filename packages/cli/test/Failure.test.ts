// What is said of a store that fails: in Chinese and English, and one thing only.
import { Fault } from "@yikatong/core"
import { describe, expect, it } from "vitest"
import { ofFault } from "../src/Failure.ts"

const because = { operation: "open /data", cause: new Error("why") }

describe("Failure.ofFault", () => {
  it.each([
    [
      new Fault.StoreFull(because),
      "数据库空间已满，或不允许写入 / the database has no room left, or may not be written (详情 details: open /data: why)"
    ],
    [
      new Fault.StoreUnavailable(because),
      "数据库不可用 / the database can not be reached (详情 details: open /data: why)"
    ],
    [
      new Fault.StoreBroken({ operation: "read the account", cause: undefined }),
      "数据库无法读取 / the database can not be read (详情 details: read the account)"
    ]
  ])("$_tag", (fault, said) => expect(ofFault(fault).message).toBe(said))
})
