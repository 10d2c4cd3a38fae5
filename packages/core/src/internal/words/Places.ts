/**
 * Where something is done 地点, as a person is sent there: windows, kiosks and apps by their names in the school's profile,
 * with documents, hours and phone (R30-R37, R39, R43, R47).
 *
 * What is named to be brought is what the counter then asks for (`Attendance.required`). A phrase that sends people to a
 * counter says so (`attended`).
 */
import * as Attendance from "../../Attendance.ts"
import { type Category, isAttended } from "../../Point.ts"
import type { Procedure } from "../../Procedure.ts"
import type { Channel } from "../../Recharge.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import { hours } from "./Hours.ts"
import { categories, type Paper, papers } from "./Names.ts"
import { anyOf, list, of, type Phrase, type Text, text } from "./Text.ts"

/** Names, each without what it repeats of the one before: "服务大厅 3 号窗口", "4 号窗口". */
const shortened = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.map((name, at) => {
    const before = names[at - 1] ?? ""
    let same = 0
    while (same < name.length && name[same] === before[same]) same++
    return name.slice(name.lastIndexOf(" ", same - 1) + 1)
  })

const withArticle = (name: string): string => name.startsWith("the ") ? name : `the ${name}`

/** Tills and doors are many, and whoever stands before one knows which. */
const isNamed = (category: Category): boolean => category !== "canteen" && category !== "shop" && category !== "access"

/**
 * The points of a category by name; the category, where they are tills, doors or too many. Of the apps it is the
 * profile's first.
 */
export const named = (profile: SchoolProfile, category: Category): Text => {
  const all = Object.values(profile.points).filter((point) => point.category === category)
  const points = category === "app" ? all.slice(0, 1) : all
  if (points.length === 0 || points.length > 4 || !isNamed(category)) return categories[category]
  return {
    zh: shortened(points.map(({ nameZh }) => nameZh)).join("、"),
    en: withArticle(list(shortened(points.map(({ nameEn }) => nameEn)), ", ", " or "))
  }
}

/** What a recharge channel is called. */
export const nameOf = ({ nameEn, nameZh }: Pick<Channel, "nameEn" | "nameZh">): Text => ({ zh: nameZh, en: nameEn })

/** Alipay's mini program, which no profile names. */
export const alipayApp = text("支付宝小程序“完美校园”", "the 完美校园 mini program of Alipay")

/** The app of the e-wallet: the channel whose money ends there. */
export const walletApp = ({ recharge }: SchoolProfile): Text => {
  const channel = Object.values(recharge).find(({ endsIn }) => endsIn === "wallet")
  return channel === undefined ? text("校园 e 码通小程序", "the e码通 mini program") : nameOf(channel)
}

/** The app in which a procedure is done; the profile tells only that it is one. */
export const appFor = (profile: SchoolProfile, procedure: string): Text => {
  if (procedure === "openWallet" || procedure === "bindWallet" || procedure === "moveToTransit") {
    return walletApp(profile)
  }
  return procedure === "bindAlipay" ? alipayApp : named(profile, "app")
}

/** Where to go, with its preposition: "到教育阳光服务大厅 3 号窗口、4 号窗口", "在今日校园 APP". */
export const at = (
  profile: SchoolProfile,
  where: ReadonlyArray<Category>,
  app: Text = named(profile, "app")
): Phrase => {
  // The office's programs do many things by themselves: people are sent there only where there is nowhere else.
  const elsewhere = where.filter((category) => category !== "office")
  const kinds = [...new Set(elsewhere.length === 0 ? ["office" as const] : elsewhere)]
  const places = kinds.filter((category) => category !== "app").map((category) => named(profile, category))
  const { en, zh } = anyOf([
    ...(places.length > 0 ? [text("到{}", "at {}", anyOf(places))] : []),
    ...(kinds.includes("app") ? [text("在{}", "in {}", { zh: app.zh, en: withArticle(app.en) })] : [])
  ])
  return kinds.some(isAttended) ? { zh, en, attended: true } : { zh, en }
}

/** Where a procedure is done, with its preposition. */
export const placeOf = (profile: SchoolProfile, procedure: Procedure): Phrase =>
  at(profile, profile.places[procedure], appFor(profile, procedure))

/**
 * What is asked for where a procedure is done: at a counter its papers, and for a temporary card the form, wherever it is
 * handed in (R53).
 */
export const asked = (
  profile: SchoolProfile,
  procedure: Procedure,
  where: ReadonlyArray<Category> = profile.places[procedure]
): ReadonlyArray<Paper> => [
  ...(where.some(isAttended) ? Attendance.required(profile, procedure) : []),
  ...(procedure === "openTemporary" ? ["applicationForm" as const] : [])
]

/** A sentence, and hours and phone after it if somebody sits there. */
export const withHours = (profile: SchoolProfile, sentence: Phrase): Phrase =>
  sentence.attended === true ? text("{}。{}", "{}. {}", sentence, hours(profile)) : sentence

/** Go there with these documents and have `done` done. */
export const go = (profile: SchoolProfile, place: Phrase, documents: ReadonlyArray<Paper>, done: Text): Phrase => {
  const brought = papers(documents)
  const sentence = documents.length === 0
    ? of(`请${place.zh}${done.zh}`, `${done.en} ${place.en}`, [place])
    : of(`请持${brought.zh}${place.zh}${done.zh}`, `${done.en} ${place.en}, with ${brought.en}`, [place])
  return withHours(profile, sentence)
}

/** Go where a procedure is done, with the documents that it takes, and have `done` done: the manual's remedy. */
export const visit = (profile: SchoolProfile, procedure: Procedure, done: Text): Phrase =>
  go(profile, placeOf(profile, procedure), asked(profile, procedure), done)

/** Go to a window with these documents for something that no procedure is. */
export const ask = (profile: SchoolProfile, documents: ReadonlyArray<Paper>, done: Text): Phrase =>
  go(profile, at(profile, ["counter"]), documents, done)

/** Whom to call (R34). */
export const call = ({ phone }: Pick<SchoolProfile, "phone">): Text =>
  text("请致电校园卡服务中心：{}", "Call the card service: {}", phone)
