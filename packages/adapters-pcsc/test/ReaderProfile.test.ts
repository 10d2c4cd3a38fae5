import { describe, expect, it } from "vitest"
import * as ReaderProfile from "../src/ReaderProfile.ts"

describe("a reader's profile by its name in PC/SC (top 10, 9)", () => {
  it.each([
    ["ACS ACR122U PICC Interface 00 00", "ACS"],
    ["ACS ACR1252 1S CL Reader [ACR1252 Dual Reader PICC] 00 00", "ACS"],
    ["ACS ACR1281 1S Dual Reader 00 01", "ACS"],
    ["ACR1281U-C1", "ACS"],
    ["Identiv CLOUD 3700 F Contactless Reader 0", "Identiv/SCM"],
    ["Identiv uTrust 3700 F CL Reader [CCID Interface] 00 00", "Identiv/SCM"],
    ["SCM Microsystems Inc. SCL011 Contactless Reader [CCID Interface] 00 00", "Identiv/SCM"],
    ["SCL3711", "Identiv/SCM"],
    ["SCM Microsystems Inc. SDI011G Contactless Reader 0", "Identiv/SCM"],
    ["HID Global OMNIKEY 5022 Smart Card Reader 0", "PC/SC part 3"],
    ["Virtual PCD 00 00", "PC/SC part 3"],
    ["Macsbook", "PC/SC part 3"],
    ["", "PC/SC part 3"]
  ])("%s: %s", (reader, name) => expect(ReaderProfile.ofName(reader).name).toBe(name))
})
