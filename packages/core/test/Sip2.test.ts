// The standard, 3M Standard Interchange Protocol 2.00, revision 2.12, says how messages are laid out and prints none. Messages that go from
// system to system as examples of its maker's (AY2AZDFC4, AY4AZ608F) bear checksums that are not theirs; they are tested as what they are.
// Every message that is not of this house names where it stands.
import { Option, Redacted, Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import * as Sip2 from "../src/Sip2.ts"
import * as Field from "../src/Sip2Field.ts"
import * as Frame from "../src/Sip2Frame.ts"
import * as Session from "../src/Sip2Session.ts"

const bytes = (line: string): Uint8Array => new TextEncoder().encode(line)
const text = (sent: Uint8Array): string => new TextDecoder().decode(sent)
/** A line with its carriage return. */
const parse = (line: string) => Sip2.parse(bytes(`${line}\r`))
const read = (line: string) => Result.getOrThrow(parse(line)).message
const refused = (line: string) => Option.getOrNull(Result.getFailure(parse(line)))
const write = (message: Sip2.Message, detection: Frame.Detection = "off") =>
  text(Result.getOrThrow(Sip2.format({ message, detection })))
const unwritten = (message: Sip2.Message, detection: Frame.Detection = "off") =>
  Option.getOrNull(Result.getFailure(Sip2.format({ message, detection })))

/** The message as others have it, without its secrets' wrapping. */
const plain = (message: Sip2.Message) =>
  Object.fromEntries(
    Object.entries(message).map(([name, value]) => [name, Redacted.isRedacted(value) ? Redacted.value(value) : value])
  )

const status =
  "24              00119960212    100239AO|AA104000000105|AEJohn Doe|AFScreen Message|AGCheck Print message|"
const information =
  "64              00119980723    104009000100000002000100020000AOInstitutionID for PatronID|AAPatronID|AEPatron Name|BZ0002|CA0003|" +
  "CB0010|BLY|ASItemID1 for PatronID |AUChargeItem1|AUChargeItem2|BDHome Address|BEE Mail Address|BFHome Phone for PatronID|" +
  "AFScreenMessage 0 for PatronID, Language 1|AFScreen Message 1 for PatronID, Language 1|AFScreen Message 2 for PatronID, Language 1|" +
  "AGPrint Line 0 for PatronID, Language 1|AGPrint Line 1 for PatronID, Language 1|AGPrint Line 2 for PatronID, language 1|"

describe("R17 messages of other systems are understood", () => {
  it("R17 23, patron status (frankdsm/node-sip2, test/requests.js)", () => {
    const line = "2300119960212    100239AOid_21|AA104000000105|AC|AD|AY2AZF271"
    const packet = Result.getOrThrow(parse(line))
    expect(packet.detection).toBe(2)
    expect(plain(packet.message)).toEqual({
      _tag: "PatronStatusRequest",
      language: "001",
      at: CivilTime.instant("1996-02-12 10:02:39"),
      institution: "id_21",
      patron: "104000000105",
      terminalPassword: "",
      patronPassword: ""
    })
    expect(write(packet.message, 2)).toBe(`${line}\r`)
  })

  it("R17 23 with a password and without error detection (evergreen-library-system/SIPServer, t/01patron_status.t, its account filled in)", () => {
    const message = read("2300120060101    084237AOUWOLS|AAdjfiander|AD6789|AC|")
    expect(plain(message)).toMatchObject({ patron: "djfiander", patronPassword: "6789", terminalPassword: "" })
    expect(JSON.stringify(message)).not.toContain("6789")
  })

  it("R17 23 without a field of the patron's password, which the standard wants (SIPServer, t/04patron_status.t, likewise)", () => {
    const message = read("2300120060101    084237AOUWOLS|AAdjfiander|ACterminal password|")
    expect(plain(message)).toMatchObject({ terminalPassword: "terminal password", patronPassword: "" })
  })

  it("R17 63, patron information (frankdsm/node-sip2, test/requests.js)", () => {
    const line = "6300119980723    091905Y         AOInstitutionID|AAPatronID|BP00001|BQ00005|AY1AZEA83"
    const packet = Result.getOrThrow(parse(line))
    expect(packet).toEqual({
      detection: 1,
      message: {
        _tag: "PatronInformation",
        language: "001",
        at: CivilTime.instant("1998-07-23 09:19:05"),
        summary: ["hold"],
        institution: "InstitutionID",
        patron: "PatronID",
        startItem: "00001",
        endItem: "00005"
      }
    })
    expect(write(packet.message, 1)).toBe(`${line}\r`)
  })

  it("R17 63 that wants no list (SIPServer, t/02patron_info.t, likewise)", () => {
    expect(read("6300020060329    201700          AOUWOLS|AAdjfiander|")).toMatchObject({
      language: "000",
      summary: []
    })
  })

  it("R17 24, patron status response (frankdsm/node-sip2, test/responses.js)", () => {
    const message = read(status)
    expect(message).toEqual({
      _tag: "PatronStatusResponse",
      status: [],
      language: "001",
      at: CivilTime.instant("1996-02-12 10:02:39"),
      institution: "",
      patron: "104000000105",
      name: "John Doe",
      screen: ["Screen Message"],
      print: ["Check Print message"]
    })
    expect(write(message)).toBe(`${status}\r`)
  })

  it("R17 64, patron information response, with fields that stand several times (frankdsm/node-sip2, test/responses.js; dp2)", () => {
    const message = read(information)
    expect(message).toEqual({
      _tag: "PatronInformationResponse",
      status: [],
      language: "001",
      at: CivilTime.instant("1998-07-23 10:40:09"),
      counts: [1, 0, 2, 1, 2, 0],
      institution: "InstitutionID for PatronID",
      patron: "PatronID",
      name: "Patron Name",
      holdLimit: 2,
      overdueLimit: 3,
      chargedLimit: 10,
      validPatron: true,
      hold: ["ItemID1 for PatronID "],
      overdue: [],
      charged: ["ChargeItem1", "ChargeItem2"],
      fine: [],
      recall: [],
      unavailableHold: [],
      address: "Home Address",
      email: "E Mail Address",
      phone: "Home Phone for PatronID",
      screen: [0, 1, 2].map((n) => `Screen${n === 0 ? "" : " "}Message ${n} for PatronID, Language 1`),
      print: [0, 1, 2].map((n) => `Print Line ${n} for PatronID, ${n === 2 ? "l" : "L"}anguage 1`)
    })
    expect(write(message)).toBe(`${information}\r`)
  })

  it.each([[status, "AY2AZDFC4"], [information, "AY4AZ608F"], [
    "2300119960212    100239AOid_21|AA104000000105|AC|AD|",
    "AY2AZF400"
  ]])(
    "R17 with the checksums that go round with them they are refused: %s%s",
    (line, detection) => {
      const problem = refused(`${line}${detection}`)
      expect(problem).toMatchObject({ problem: "ChecksumWrong" })
      expect(problem && text(Frame.answer(problem) ?? bytes(""))).toBe("96AZFEF6\r")
    }
  )

  it("R17 a Chinese system's, in UTF-8 (dp2, unit tests of DigitalPlatform.SIP2)", () => {
    const message = read(
      "64              01920200810    224914000000000002000000000000AOdp2Library|AAR0000001|AE张三|BZ0008|CB10|BLY|CQN|" +
        "AF您在本馆最多可借【10】册，还可以再借【8】册。|AU0000001|AUT0000131|"
    )
    expect(message).toMatchObject({
      name: "张三",
      chargedLimit: 10,
      validPatron: true,
      validPassword: false,
      language: "019"
    })
    expect(message).toMatchObject({ charged: ["0000001", "T0000131"] })
  })

  it("R17 zeroes where the time zone should be blank (NYPL-Simplified/circulation, tests of its SIP2 client, of a Sierra server)", () => {
    const message = read(
      "64Y  YYYYYYYYYYY000201610210000142725000000000000000000000000AOnypl |AA12345|AESHELDON, ALICE|BLY|CQN|"
    )
    expect(message).toMatchObject({ at: CivilTime.instant("2016-10-21 14:27:25"), validPassword: false })
    expect("status" in message && message.status).toEqual(
      Field.flags.filter((flag) => flag !== "renewalDenied" && flag !== "recallDenied")
    )
  })

  it.each([["97", "RequestAcsResend"], ["96", "RequestScResend"]])("R17 %s", (command, tag) => {
    expect(Result.getOrThrow(parse(command))).toEqual({ message: { _tag: tag }, detection: "off" })
  })
  it("R17 97 and 96 have a checksum and never a sequence number", () => {
    expect(Result.getOrThrow(parse("97AZFEF5"))).toEqual({
      message: { _tag: "RequestAcsResend" },
      detection: "checksumOnly"
    })
    expect(write({ _tag: "RequestScResend" }, 3)).toBe("96AZFEF6\r")
    expect(refused(text(Frame.write({ text: "97", detection: 1 }, Frame.utf8) ?? bytes("")).trim())).toMatchObject({
      where: "AY"
    })
  })
})

describe("R17 what a terminal says first is understood", () => {
  it("R17 93, login (evergreen-library-system/SIPServer, t/SIPtest.pm)", () => {
    const line = "9300CNscclient|COclientpwd|CPThe basement|"
    const message = read(line)
    expect(plain(message)).toEqual({
      _tag: "Login",
      userAlgorithm: "0",
      passwordAlgorithm: "0",
      user: "scclient",
      password: "clientpwd",
      location: "The basement"
    })
    expect(JSON.stringify(message)).not.toContain("clientpwd")
    expect(write(message)).toBe(`${line}\r`)
  })
  it("R17 93 with error detection and without a location (lordelph's SIP2 client in PHP, SIP2RequestTest)", () => {
    const packet = Result.getOrThrow(parse("9300CNuu|COpp|AY1AZF9E9"))
    expect(packet.detection).toBe(1)
    expect(plain(packet.message)).toMatchObject({ user: "uu", password: "pp" })
    expect("location" in packet.message).toBe(false)
  })
  it("R17 94, login response (Edmonton-Public-Library/MeCard, SIPMessageTest)", () => {
    const packet = Result.getOrThrow(parse("941AY1AZFDFC"))
    expect(packet).toEqual({ message: { _tag: "LoginResponse", ok: true }, detection: 1 })
    expect(write(packet.message, 1)).toBe("941AY1AZFDFC\r")
    expect(read("940")).toEqual({ _tag: "LoginResponse", ok: false })
  })
  it.each(
    [
      ["evergreen-library-system/SIPServer, t/SIPtest.pm", "9910302.00", "outOfPaper", 30],
      ["Studiosity/sip2-ruby, spec/sip2/messages/status_spec.rb", "9900572.00", "ready", 57],
      ["a terminal without a printer, Edmonton-Public-Library/MeCard", "990   2.00AY1AZFCD8", "ready", "unknown"]
    ] as const
  )("R17 99, status of the terminal (%s)", (_, line, condition, printWidth) => {
    const { detection, message } = Result.getOrThrow(parse(line))
    expect(message).toEqual({ _tag: "ScStatus", condition, printWidth, version: "2.00" })
    expect(write(message, detection)).toBe(`${line}\r`)
  })
  it("R17 98, status of a system (Edmonton-Public-Library/MeCard, SIPMessageTest)", () => {
    const line = "98YYYYYN60000320130424    1135112.00AOEPLMNA|AMEPLMNA|BXYYYYYYYYYYYNNYYY|ANSIPCHK|AY1AZE80C"
    const { detection, message } = Result.getOrThrow(parse(line))
    expect(message).toEqual({
      _tag: "AcsStatus",
      online: true,
      checkin: true,
      checkout: true,
      renewal: true,
      statusUpdate: true,
      offline: false,
      timeout: 600,
      retries: 3,
      clock: CivilTime.instant("2013-04-24 11:35:11"),
      version: "2.00",
      institution: "EPLMNA",
      library: "EPLMNA",
      abilities: Session.abilities.filter((one) => one !== "itemStatusUpdate" && one !== "patronEnable"),
      location: "SIPCHK",
      screen: [],
      print: []
    })
    expect(write(message, detection)).toBe(`${line}\r`)
  })
  it("R17 98 with a field that nobody knows (St. Albert's, likewise)", () => {
    const line =
      "98YYYYNN01000320130808    1509002.00AOst|AMSt. Albert Public Library|BXYYYYYYYYYYYYYYYY|ANUnassigned|" +
      "VNSIP 2.00.106 SirsiDynix Inc. 7.5.074.40|AY1AZD3FA"
    expect(read(line)).toMatchObject({
      library: "St. Albert Public Library",
      abilities: Session.abilities,
      timeout: 10
    })
  })
  it("R17 98 in UTF-8 (dp2, unit tests of DigitalPlatform.SIP2), without its checksum, which is not its own", () => {
    const line = "98YYYYYN01000320170623    1537532.00AOdp2Library|AMdp2Library|BXYYYYYYYYYYYYYYYY|AF连接成功!|"
    expect(read(line)).toMatchObject({ screen: ["连接成功!"], clock: CivilTime.instant("2017-06-23 15:37:53") })
    expect(refused(`${line}AY4AZ3EFC`)).toMatchObject({ problem: "ChecksumWrong" })
  })
  it("R17 A23 what a host of ours is able to do: no book is lent or taken back by it", () => {
    const message: Sip2.Message = {
      _tag: "AcsStatus",
      online: true,
      checkin: false,
      checkout: false,
      renewal: false,
      statusUpdate: false,
      offline: false,
      timeout: 100,
      retries: 3,
      clock: "unknown",
      version: "2.00",
      institution: "library-1",
      abilities: Session.supported,
      screen: [],
      print: []
    }
    const line = "98YNNNNN1000030000000000000000002.00AOlibrary-1|BXYNNNYYYYNNNNNNNN|\r"
    expect(write(message)).toBe(line)
    expect(read(line.trim())).toEqual(message)
  })
  it.each(
    [
      ["a login without a password", "9300CNuser_id|", "Missing", "CO"],
      [
        "a password that does not end (sip2-ruby's before its connection ends it)",
        "9300CNuser_id|COpassw0rd",
        "Delimiter",
        "CO"
      ],
      ["a login that is neither good nor bad", "942", "Field", "ok"],
      ["a terminal in no condition that there is", "9930802.00", "Field", "condition"],
      ["a width of letters", "990abc2.00", "Field", "printWidth"],
      ["a protocol that is none", "9900802,00", "Field", "version"],
      [
        "a system that does not say whether it is there",
        "98?YYYYN600003" + "0".repeat(18) + "2.00AO|",
        "Field",
        "online"
      ],
      ["half an hour to wait", "98YYYYYN-60003" + "0".repeat(18) + "2.00AO|", "Field", "timeout"],
      ["a clock that stands", "98YYYYYN600003" + " ".repeat(18) + "2.00AO|", "Field", "clock"],
      ["a system that is nobody's", "98YYYYYN600003" + "0".repeat(18) + "2.00", "Missing", "AO"],
      ["abilities that are neither", "98YYYYYN600003" + "0".repeat(18) + "2.00AO|BXYES|", "Field", "BX"]
    ] as const
  )("R17 refused: %s", (_, line, problem, where) => {
    expect(refused(line)).toMatchObject({ problem, where })
  })
})

describe("R17 dates on the line are Shanghai's", () => {
  const dated = (date: string) => parse(`23001${date}AO|AA1|`)
  it.each(
    [
      ["20251130    100005", "2025-11-30 10:00:05"],
      ["20251130   Z020005", "2025-11-30 10:00:05"],
      ["20251130   H100005", "2025-11-30 10:00:05"],
      // The standard's own: Q is Atlantic Standard Time, four hours behind Greenwich.
      ["20251129   Q220005", "2025-11-30 10:00:05"],
      ["20251130   M140005", "2025-11-30 10:00:05"],
      ["20251129   Y140005", "2025-11-30 10:00:05"],
      ["202511300000100005", "2025-11-30 10:00:05"],
      ["20240229    000000", "2024-02-29 00:00:00"]
    ] as const
  )("R17 %s is %s", (date, instant) => {
    expect(Result.getOrThrow(dated(date)).message).toMatchObject({ at: CivilTime.instant(instant) })
  })
  it.each([
    "20251130    240000",
    "20250229    100000",
    "20251130  +8100000",
    "20251130   J100000",
    "19911231    100000",
    " ".repeat(18)
  ])(
    "R17 %s is none",
    (date) => {
      expect(Option.getOrNull(Result.getFailure(dated(date)))).toMatchObject({ problem: "Field", where: "at" })
    }
  )
})

describe("R17 what is not understood is named, and what it held is not", () => {
  const head = "2300120060101    084237"
  it.each(
    [
      ["a command of no version", "55001", "UnknownCommand", ""],
      [
        "a message of other commands, giving a book back",
        "09N20251130    10000020251130    100000AP|AO|AB1|AC|",
        "UnknownCommand",
        ""
      ],
      ["nothing", "", "UnknownCommand", ""],
      ["a short one", "2300120060101", "Field", "at"],
      ["no letters in the language", "23abc20060101    084237AO|AA1|", "Field", "language"],
      ["no institution", `${head}AA1|`, "Missing", "AO"],
      [
        "no patron, as the example of 23 goes round too (frankdsm/node-sip2)",
        "2300119960212    100239AOid_21|104000000105|AC|AD|",
        "Missing",
        "AA"
      ],
      ["two patrons", `${head}AO|AAone|AAtwo|`, "Repeated", "AA"],
      ["no delimiter", `${head}AO|AAone`, "Delimiter", "AA"],
      ["a field too long", `${head}AO|AA${"1".repeat(256)}|`, "TooLong", "AA"],
      ["two lists at once", "6300120060101    084237YY        AO|AA1|", "Field", "summary"],
      ["a flag that is neither", "24N             00119960212    100239AO|AA1|AE|", "Field", "status"],
      ["neither yes nor no", `${status}BL1|`, "Field", "BL"],
      ["a count of letters", information.replace("0001000000020001", "000A000000020001"), "Field", "counts"],
      ["half a checksum", `${head}AO|AA1|AY1AZ00`, "ChecksumWrong", "AY"]
    ] as const
  )("R17 %s", (_, line, problem, where) => {
    expect(refused(line)).toEqual({ _tag: "Sip2Malformed", problem, where, detection: problem === "ChecksumWrong" })
  })

  it("R17 fields that nobody knows are ignored, in any order and however often", () => {
    const message = read(`${head}ZZwhat|AA1|PAx|AO|PAy|ADsecret|`)
    expect(plain(message)).toMatchObject({ institution: "", patron: "1", patronPassword: "secret" })
    expect(write(message)).toBe(`${head}AO|AA1|AC|ADsecret|\r`)
  })
  it("R17 what stands in the last four places of summary means nothing", () => {
    expect(read("6300120060101    084237     YYABCAO|AA1|")).toMatchObject({ summary: ["unavailableHold"] })
  })
  it("R17 a fault in a checked message is answered with a checksum", () => {
    const line = text(Frame.write({ text: `${head}AA1|`, detection: 5 }, Frame.utf8) ?? bytes("")).trim()
    expect(refused(line)).toEqual({ _tag: "Sip2Malformed", problem: "Missing", where: "AO", detection: true })
  })
  it("R17 a message of its own kind may not leave its number out", () => {
    const line = text(Frame.write({ text: `${head}AO|AA1|`, detection: "checksumOnly" }, Frame.utf8) ?? bytes(""))
      .trim()
    expect(refused(line)).toMatchObject({ problem: "Field", where: "AY" })
    expect(unwritten(read(`${head}AO|AA1|`), "checksumOnly")).toMatchObject({ problem: "Field", where: "AY" })
  })
})

describe("R17 what may not stand on the line is not written", () => {
  const response = { ...(read(status) as Sip2.PatronStatusResponse), name: "Doe" }
  it.each(
    [
      ["a delimiter", { name: "a|AFgo ahead" }, "Field", "name"],
      ["a carriage return", { name: "a\r24" }, "Field", "name"],
      ["a control character", { screen: ["fine", "a\u0007"] }, "Field", "screen"],
      ["half of a pair", { name: "\ud800" }, "Field", "name"],
      ["more than a field holds", { name: "x".repeat(256) }, "TooLong", "AE"],
      ["more than a field holds in bytes", { screen: ["读".repeat(86)] }, "TooLong", "AF"],
      ["more than a message holds", { screen: Array.from({ length: 40 }, () => "x".repeat(255)) }, "TooLong", ""],
      ["no language", { language: "en" }, "Field", "language"],
      ["no currency", { currency: "¥" }, "Field", "currency"]
    ] as const
  )("R17 %s", (_, change, problem, where) => {
    expect(unwritten({ ...response, ...change })).toMatchObject({ problem, where })
  })
  it("R17 a character that the character set does not have", () => {
    const ascii: Frame.Charset = {
      encode: (said) => /^[\x20-\x7e]*$/.test(said) ? bytes(said) : undefined,
      decode: (sent) => text(sent)
    }
    const message = { ...response, name: "张三" }
    expect(Option.getOrNull(Result.getFailure(Sip2.format({ message, detection: "off" }, ascii)))).toMatchObject({
      problem: "Charset",
      where: "AE"
    })
    expect(Result.isSuccess(Sip2.format({ message: response, detection: "off" }, ascii))).toBe(true)
  })
  it("R17 a character whose second byte is the delimiter's does no harm, in sets that have such", () => {
    // In GBK 墊 is 89 7C, and 7C alone is the delimiter.
    const gbk: Frame.Charset = {
      encode: (said) =>
        Uint8Array.from([...said].flatMap((letter) => letter === "墊" ? [0x89, 0x7c] : [letter.charCodeAt(0)])),
      decode: (sent) => [...sent].map((byte) => String.fromCharCode(byte)).join("").replaceAll("\u0089|", "墊")
    }
    const sent = Result.getOrThrow(Sip2.format({ message: { ...response, name: "墊" }, detection: 1 }, gbk))
    expect(Result.getOrThrow(Sip2.parse(sent, gbk)).message).toMatchObject({ name: "墊" })
  })
})

describe("R17 whatever is said", () => {
  const value = fc.string({ unit: "grapheme", maxLength: 40 }).filter((one) => !/[|\p{Cc}\p{Cs}]/u.test(one))
  const opt = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: undefined })
  const head = {
    language: fc.integer({ min: 0, max: 27 }).map((n) => String(n).padStart(3, "0")),
    at: fc.integer({ min: 800_000_000, max: 4_000_000_000 }).map((s) => s * 1_000 as CivilTime.Instant),
    institution: value,
    patron: value
  }
  const secret = value.map((one) => Redacted.make(one))
  const answer = {
    ...head,
    status: fc.subarray([...Field.flags]),
    name: value,
    validPatron: opt(fc.boolean()),
    validPassword: opt(fc.boolean()),
    currency: opt(fc.constant("CNY")),
    feeAmount: opt(value),
    screen: fc.array(value, { maxLength: 3 }),
    print: fc.array(value, { maxLength: 3 })
  }
  const number = fc.integer({ min: 0, max: 9_999 })
  const items = fc.array(value, { maxLength: 2 })
  const present = (message: object): object =>
    Object.fromEntries(Object.entries(message).filter(([, held]) => held !== undefined))
  const messages = fc.oneof(
    fc.record({ ...head, _tag: fc.constant("PatronStatusRequest"), terminalPassword: secret, patronPassword: secret }),
    fc.record({
      ...head,
      _tag: fc.constant("PatronInformation"),
      summary: fc.subarray([...Field.lists], { maxLength: 1 }),
      terminalPassword: opt(secret),
      startItem: opt(value)
    }),
    fc.record({ ...answer, _tag: fc.constant("PatronStatusResponse") }),
    fc.record({
      ...answer,
      _tag: fc.constant("PatronInformationResponse"),
      counts: fc.array(opt(number), { minLength: 6, maxLength: 6 }),
      holdLimit: opt(number),
      hold: items,
      overdue: items,
      charged: items,
      fine: items,
      recall: items,
      unavailableHold: items,
      email: opt(value)
    }),
    fc.record({
      _tag: fc.constant("Login"),
      userAlgorithm: fc.constantFrom("0", "1"),
      passwordAlgorithm: fc.constantFrom("0", "9"),
      user: value,
      password: secret,
      location: opt(value)
    }),
    fc.record({ _tag: fc.constant("LoginResponse"), ok: fc.boolean() }),
    fc.record({
      _tag: fc.constant("ScStatus"),
      condition: fc.constantFrom("ready", "outOfPaper", "shuttingDown"),
      printWidth: fc.oneof(fc.integer({ min: 0, max: 999 }), fc.constant("unknown")),
      version: fc.constantFrom("1.00", "2.00")
    }),
    fc.record({
      _tag: fc.constant("AcsStatus"),
      online: fc.boolean(),
      checkin: fc.boolean(),
      checkout: fc.boolean(),
      renewal: fc.boolean(),
      statusUpdate: fc.boolean(),
      offline: fc.boolean(),
      timeout: fc.integer({ min: 0, max: 999 }),
      retries: fc.integer({ min: 0, max: 999 }),
      clock: fc.oneof(head.at, fc.constant("unknown")),
      version: fc.constant("2.00"),
      institution: value,
      library: opt(value),
      abilities: opt(fc.subarray([...Session.abilities])),
      location: opt(value),
      screen: items,
      print: items
    })
  ).map((message) => present(message) as Sip2.Message)

  it("R17 what is written is read again", () => {
    fc.assert(fc.property(messages, fc.constantFrom<Frame.Detection>("off", 0, 7), (message, detection) => {
      const sent = Result.getOrThrow(Sip2.format({ message, detection }))
      const packet = Result.getOrThrow(Sip2.parse(sent))
      expect(packet.detection).toBe(detection)
      expect(plain(packet.message)).toEqual(plain(message))
      expect(Result.getOrThrow(Sip2.format(packet))).toEqual(sent)
    }))
  })

  it("R17 what one side was told to say cannot become another field", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), (name) => {
      const message = { ...(read(status) as Sip2.PatronStatusResponse), name }
      const sent = Sip2.format({ message, detection: 2 })
      if (Result.isSuccess(sent)) expect(Result.getOrThrow(Sip2.parse(sent.success)).message).toEqual(message)
      else expect(["name", "AE"]).toContain(sent.failure.where)
    }))
  })

  it("R17 I12 a line is understood or refused; what is understood can be written", () => {
    const garbled = fc.tuple(
      fc.constantFrom(
        status,
        information,
        "9300CNuu|COpp|",
        "9900802.00",
        "98YYYYYN60000320130424    1135112.00AOEPL|",
        "2300120060101    084237AOUWOLS|AAdjfiander|AD6789|AC|"
      ),
      fc.nat(),
      fc.uint8Array()
    )
      .map(([line, where, noise]) => {
        const whole = bytes(`${line}\r`)
        const at = where % whole.length
        return Uint8Array.of(...whole.slice(0, at), ...noise, ...whole.slice(at))
      })
    fc.assert(fc.property(garbled, (sent) => {
      const packet = Sip2.parse(sent)
      if (Result.isSuccess(packet)) expect(Result.isSuccess(Sip2.format(packet.success))).toBe(true)
      else expect(packet.failure.where).toMatch(/^[A-Z0-9]{2}$|^[a-zA-Z]*$/)
    }))
  })

  it("R17 the schemas of the messages are those of what is read", () => {
    expect(Schema.is(Sip2.PatronStatusResponse)(read(status))).toBe(true)
    expect(Schema.is(Sip2.PatronInformationResponse)(read(information))).toBe(true)
  })
})
