/**
 * What a campus card is to a library 图书馆读者状态: the answer to patron status (23) and patron information (63), R17, R18.
 *
 * Borrowing needs an identity and a card in order (A6); giving back needs none (A23), and the standard's check-in has no
 * patron at all. The library asks about a card; whether it is in order was decided before ({@link Standing}) and comes in
 * with the {@link View}, as do all personal data. Whatever is the matter, everything is denied: what a library would have
 * to guess is refused.
 *
 * "Valid patron" (BL) is told for who has a card here, were it lost or dormant; not for a card that is nobody's any more.
 * A terminal that looks at BL alone would lend on a lost card, so one that does must be told to look at patron status.
 * Whoever holds a lost card does not read its owner's name from the screen.
 *
 * A campus card system counts no books: counts are left blank, and debts of meals are none of a library's fees.
 */
import type { Instant } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import * as Explanation from "./Explanation.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import type { PatronInformation, PatronInformationResponse, PatronStatusRequest, PatronStatusResponse } from "./Sip2.ts"
import type { Flag } from "./Sip2Field.ts"
import * as Frame from "./Sip2Frame.ts"

/** What the library may know about whoever shows a card. */
export interface View {
  /** The library's id for itself, as both sides agreed on it. */
  readonly institution: string
  readonly standing: "good" | Decline.Decline
  /** How the patron is called on a screen; left out where the library has no need of it. */
  readonly name?: string
  /** What became of the patron's password; left out where none was looked at. */
  readonly password?: "verified" | "wrong"
  /** The language for a terminal that asks for none. */
  readonly language: "zh" | "en"
  /** What the terminal can show. */
  readonly characters: "utf8" | "ascii"
}

const denied: ReadonlyArray<Flag> = ["chargeDenied", "renewalDenied", "recallDenied", "holdDenied"]

/** The flags of patron status for this standing. */
export const flagsOf = (standing: View["standing"]): ReadonlyArray<Flag> => {
  if (standing === "good") return []
  return isLost(standing) ? [...denied, "cardReportedLost"] : denied
}

const isLost = (standing: View["standing"]): boolean => standing !== "good" && standing._tag === "CardLost"

/** Cards and accounts that are nobody's, or nobody's any more. */
const nobodys: ReadonlySet<Decline.Decline["_tag"]> = new Set([
  "UnknownAccount",
  "UnknownCard",
  "UnknownHandle",
  "AccountClosed",
  "CardSuperseded",
  "CardCancelled"
])

/** Whether the card is that of a patron, who may still be denied everything. */
export const isPatron = (standing: View["standing"]): boolean => standing === "good" || !nobodys.has(standing._tag)

/** Answers patron status (24). `now`: when the answer is made. */
export const status = (
  profile: SchoolProfile,
  request: PatronStatusRequest | PatronInformation,
  view: View,
  now: Instant
): PatronStatusResponse => {
  const { institution, password, standing } = view
  const language = languageOf(request.language, view)
  return {
    _tag: "PatronStatusResponse",
    status: flagsOf(standing),
    language: language === "zh" ? chinese : english,
    at: now,
    institution,
    patron: request.patron,
    name: isPatron(standing) && !isLost(standing) ? nameOf(view) : "",
    validPatron: isPatron(standing),
    ...(password === undefined ? {} : { validPassword: password === "verified" }),
    screen: standing === "good" ? [] : screenOf(Explanation.explain(standing, profile), language, view.characters),
    print: []
  }
}

/** Answers patron information (64) with no list, whichever was wanted. */
export const information = (
  profile: SchoolProfile,
  request: PatronInformation,
  view: View,
  now: Instant
): PatronInformationResponse => ({
  ...status(profile, request, view, now),
  _tag: "PatronInformationResponse",
  counts: [undefined, undefined, undefined, undefined, undefined, undefined],
  hold: [],
  overdue: [],
  charged: [],
  fine: [],
  recall: [],
  unavailableHold: []
})

const english = "001"
const chinese = "019"
const taiwanese = "027"
const unspecified = "000"

/** A terminal that cannot show Chinese is spoken to in English, as is one that asks for a language not spoken here. */
const languageOf = (asked: string, { characters, language }: View): View["language"] => {
  if (characters === "ascii") return "en"
  if (asked === unspecified) return language
  return asked === chinese || asked === taiwanese ? "zh" : "en"
}

/** As it is written in a field: no delimiter, no control characters, no more than the field holds. */
const nameOf = ({ characters, name = "" }: View): string => {
  const [line = ""] = cut(plain(name))
  return characters === "ascii" && !isAscii(line) ? "" : line
}

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)
const plain = (text: string): string => text.replace(/[|\p{Cc}\p{Cs}]+/gu, " ")

/** What is the matter and what to do, a sentence a line. In ASCII, one that would still lose something is left out. */
const screenOf = (
  { remedy, what }: Explanation.Explanation,
  language: View["language"],
  characters: View["characters"]
): ReadonlyArray<string> => {
  const said = [what[language], remedy[language]].flatMap((text) => plain(text).split(/。|\. /))
  const shown = characters === "ascii" ? said.map(inAscii).filter(isAscii) : said
  return shown.flatMap(cut)
}

/** The two signs of our English texts that ASCII does not have. */
const inAscii = (text: string): string => text.replaceAll("–", "-").replaceAll("¥", "CNY ")

/** Cuts a text into lines that a field holds, never within a character. */
const cut = (text: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  let length = 0
  for (const character of text) {
    const bytes = Frame.utf8.encode(character)?.length ?? 0
    if (length + bytes > Frame.maxValue) {
      lines.push(line)
      line = ""
      length = 0
    }
    line += character
    length += bytes
  }
  return line === "" ? lines : [...lines, line]
}
