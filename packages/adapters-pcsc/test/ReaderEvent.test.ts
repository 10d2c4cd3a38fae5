// What is told of readers, in words for people.
import { describe, expect, it } from "vitest"
import { Bytes, CardFault } from "../src/index.ts"
import * as ReaderEvents from "../src/ReaderEvent.ts"

const reader = "R"
const cases: ReadonlyArray<readonly [ReaderEvents.ReaderEvent, ReadonlyArray<string>]> = [
  [{ _tag: "ServiceUp" }, ["已连接", "answers"]],
  [{ _tag: "ServiceDown", fault: new CardFault.ServiceGone({ code: "NoService" }) }, ["未运行", "pcscd", "NoService"]],
  [{ _tag: "ServiceDown", fault: new CardFault.AccessDenied({ code: "AccessDenied" }) }, ["无权", "polkit"]],
  [{ _tag: "ReaderAttached", reader }, ["接入", "attached: R"]],
  [{ _tag: "ReaderDetached", reader }, ["断开", "detached: R"]],
  [{ _tag: "CardInserted", reader, atr: Bytes.of("3B80800101"), insertion: 1 }, ["放入", "3B80800101"]],
  [{ _tag: "CardUnreadable", reader, insertion: 1 }, ["无应答", "turn it"]],
  [{ _tag: "CardHeld", reader, insertion: 1 }, ["占用", "another program"]],
  [{ _tag: "CardRemoved", reader }, ["拿开", "removed"]],
  [{ _tag: "ReaderSetAside", reader, milliseconds: 5000 }, ["5000", "plug the reader in anew"]],
  [{ _tag: "ReaderBack", reader }, ["恢复", "again"]],
  [{ _tag: "ReadersHidden", seen: 4, there: 6 }, ["6 个", "6 readers are there, only 4"]],
  [{ _tag: "ReadersHidden", seen: 4 }, ["可能", "4 readers are seen"]],
  [{ _tag: "ReadersShown", seen: 4 }, ["全部", "all 4"]]
]

describe("events of readers in words", () => {
  it.each(cases)("%o", (event, parts) => {
    const { en, zh } = ReaderEvents.explain(event)
    const line = ReaderEvents.inWords(event)
    expect(line).toBe(`${zh} / ${en}`)
    for (const part of parts) expect(line).toContain(part)
    expect([zh, en]).not.toContain("")
  })
})
