import { instant } from "@yikatong/core/promise"
import { describe, expect, it } from "vitest"
import { School } from "./school.ts"

describe("the hall (R32, R33, A20)", () => {
  it.each([
    ["a Monday morning", "2026-03-02 10:00", { _tag: "Open", until: instant("2026-03-02 12:00") }],
    ["the lunch break", "2026-03-02 12:00", { _tag: "Closed", opensAt: instant("2026-03-02 13:00") }],
    ["a Friday evening", "2026-03-06 17:30", { _tag: "Closed", opensAt: instant("2026-03-09 09:30") }]
  ])("R32 on %s", async (_, at, status) => {
    const school = await School.open()
    expect(await school.campus.hallStatus(instant(at))).toEqual(status)
    school.now = instant(at)
    expect(await school.campus.hallStatus()).toEqual(status)
  })
})
