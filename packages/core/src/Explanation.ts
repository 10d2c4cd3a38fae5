/**
 * What a person reads when the campus says no 拒绝说明, and what a clerk reads in a report (R73, D1, D14).
 *
 * First the fact with its numbers, then what to do next: the manual's remedies, with the windows, documents, hours and
 * phone of the school's profile. Readers are the small display of a terminal and somebody in a hurry, so it is short,
 * blames nobody and shows no tag. A sentence bears no full stop at its end; {@link inWords} sets it. A text that came
 * from outside unchecked (an unknown channel, an unknown meal) is not repeated, and names, numbers of persons and
 * passwords never come here.
 *
 * Money is written "30.00 元" and "¥30.00". A time from which something may be done is rounded up to the minute, so that
 * nobody comes too early.
 */
import { format, formatDay, formatMinute, type Instant, lastInstant, minute } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import type { Quota } from "./LimitPolicy.ts"
import type { Medium } from "./Medium.ts"
import * as Money from "./Money.ts"
import type { Category, Link } from "./Point.ts"
import type { Procedure } from "./Procedure.ts"
import type { Channel, FundingSource } from "./Recharge.ts"
import type { Report } from "./Report.ts"
import { channelOf, type SchoolProfile } from "./SchoolProfile.ts"

/** The same in Chinese and in English. */
export interface Text {
  readonly zh: string
  readonly en: string
}

/** `what`: the fact with its numbers. `remedy`: what the reader does next. */
export interface Explanation {
  readonly what: Text
  readonly remedy: Text
}

/**
 * Explains a decline in the words and places of this school. Every decline has a text, or this file does not compile.
 */
export const explain = (decline: Decline.Decline, profile: SchoolProfile): Explanation => {
  const entry = declines[decline._tag] as (decline: Decline.Decline, profile: SchoolProfile) => Entry
  const [what, remedy] = entry(decline, profile)
  return { what: spaced(what), remedy: spaced(remedy) }
}

/** Tells a clerk what was out of order about a fact that was posted all the same (D11). */
export const describe = (report: Report): Text => {
  const entry = reports[report._tag] as (report: Report) => Text
  return spaced(entry(report))
}

/**
 * Two lines for a display: Chinese, then English.
 *
 * @example
 * ```ts
 * import { Csmzxy, Explanation } from "@yikatong/core"
 *
 * const explained = Explanation.explain({ _tag: "NothingToLoad" }, Csmzxy.csmzxy)
 * Explanation.inWords(explained).split("\n").length // => 2
 * ```
 */
export const inWords = ({ remedy, what }: Explanation): string =>
  `${what.zh}。${remedy.zh}。\n${what.en}. ${remedy.en}.`

// Texts with blanks

type Blank = Text | string | number
type Entry = readonly [what: Text, remedy: Text]
type Declines = { readonly [Tag in Decline.Decline["_tag"]]: (it: Decline.Of<Tag>, profile: SchoolProfile) => Entry }
type Reports = { readonly [Tag in Report["_tag"]]: (it: Extract<Report, { readonly _tag: Tag }>) => Text }

/** As many blanks as there are `{}` in a sentence. */
type Blanks<Sentence extends string> = Sentence extends `${string}{}${infer Rest}` ? [Blank, ...Blanks<Rest>] : []

/** A text in both languages; each `{}` is filled with the next blank. A missing one does not compile. */
const text = <const Zh extends string, const En extends string>(
  zh: Zh,
  en: En & (Blanks<En> extends Blanks<Zh> ? unknown : never),
  ...blanks: Blanks<Zh>
): Text => {
  const all: ReadonlyArray<Blank | undefined> = blanks
  const filled = (sentence: string, language: keyof Text): string => {
    let next = 0
    return sentence.replace(/\{\}/g, () => {
      const blank = all[next++]
      return typeof blank === "object" ? blank[language] : `${blank}`
    })
  }
  return { zh: filled(zh, "zh"), en: filled(en, "en") }
}

/** Sets a blank between Han and Latin or digits, as the manual does: "今日校园 APP 充值". */
const spaced = ({ en, zh }: Text): Text => ({
  zh: zh.replace(/(\p{Script=Han})(?=[A-Za-z0-9])/gu, "$1 ").replace(/([A-Za-z0-9])(?=\p{Script=Han})/gu, "$1 "),
  en
})

const list = (names: ReadonlyArray<string>, comma: string, last: string): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(comma)}${last}${names.slice(-1).join("")}`
const joined = (texts: ReadonlyArray<Text>, zh: string, en: string): Text => ({
  zh: texts.map((one) => one.zh).join(zh),
  en: texts.map((one) => one.en).join(en)
})
const anyOf = (texts: ReadonlyArray<Text>): Text => ({
  zh: list(texts.map(({ zh }) => zh), "、", "或"),
  en: list(texts.map(({ en }) => en), ", ", " or ")
})
const nothing = text("", "")

// The names of things

const categories: Record<Category, Text> = {
  canteen: text("食堂消费机", "a canteen terminal"),
  shop: text("超市消费机", "a shop terminal"),
  kiosk: text("自助机", "a kiosk"),
  counter: text("校园卡服务窗口", "a card service window"),
  bankWindow: text("银行窗口", "the bank window"),
  app: text("手机 APP", "a phone app"),
  office: text("校园卡管理中心", "the card centre")
}

const media: Record<Medium, Text> = {
  physicalCard: text("校园卡", "the campus card"),
  todayCampusCode: text("今日校园付款码", "the Today Campus pay code"),
  ecodePayCode: text("e码通付款码", "the e码通 pay code"),
  ecodeIdentityCode: text("e码通身份码", "the e码通 identity code"),
  alipayCode: text("支付宝付款码", "the Alipay pay code"),
  keyRing: text("钥匙串", "the key ring")
}

const sources: Record<FundingSource, Text> = {
  unionPayCard: text("银联卡", "UnionPay card"),
  ccbCard: text("建设银行卡", "China Construction Bank card"),
  weChat: text("微信", "WeChat"),
  alipay: text("支付宝", "Alipay")
}

const procedures: Record<Procedure, Text> = {
  openAccount: text("开户", "Opening an account"),
  issueCard: text("领取校园卡", "Getting a card"),
  activateCard: text("激活校园卡", "Activating a card"),
  cancelCard: text("注销校园卡", "Cancelling a card"),
  reportLost: text("挂失", "Reporting a card lost"),
  reportFound: text("解挂", "Reporting a card found"),
  reportBankSideLost: text("银行卡挂失", "Reporting the bank card lost"),
  extendValidity: text("修改校园卡有效期", "Extending the validity of a card"),
  changePassword: text("修改密码", "Changing the password"),
  resetPassword: text("重置密码", "Resetting the password"),
  openWallet: text("开通电子钱包", "Opening the e-wallet"),
  bindTransfer: text("绑定银行卡和校园一卡通账号", "Binding a bank card to the campus account"),
  bindWallet: text("电子钱包绑定银行卡", "Binding a bank card to the e-wallet"),
  bindAlipay: text("支付宝校园卡认证", "Binding the campus card in Alipay"),
  moveToTransit: text("电子钱包转入过渡余额", "Moving money from the e-wallet to the card"),
  placeRecharge: text("充值", "Topping up"),
  creditRecharge: text("充值入账", "Crediting a top-up"),
  grantSubsidy: text("发放补助", "Granting a subsidy"),
  expireSubsidy: text("收回到期补助", "Taking back a subsidy"),
  claimFrozen: text("领取冻结金额", "Claiming frozen money"),
  closeAccount: text("销户", "Closing an account"),
  payOut: text("销户退款", "Paying a closed account out"),
  reversePurchase: text("消费冲正", "Reversing a purchase")
}

const meals: Readonly<Record<string, Text>> = {
  breakfast: text("早餐", "breakfast"),
  lunch: text("午餐", "lunch"),
  dinner: text("晚餐", "dinner"),
  other: text("其他时段", "off-meal")
}

/** An entry of a table by a name from outside, which may be none of its names. */
const known = (table: Readonly<Record<string, Text>>, name: string): Text | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

/** A meal in words; a window that the school named itself stands in quotes. */
const mealOf = (window: string): Text => known(meals, window) ?? text("“{}”", "\"{}\"", window)

// Numbers

const yuan = (fen: number): Text => text("{} 元", "¥{}", Money.format(fen as Money.Money))
const fullMinute = (at: Instant): string => formatMinute(Math.min(lastInstant, at + minute - 1) as Instant)
const clock = (minutes: number): string => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`

const duration = (milliseconds: number): Text => {
  const seconds = Math.ceil(milliseconds / 1_000)
  if (seconds < 120) return text("{} 秒", "{} s", seconds)
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 120) return text("{} 分钟", "{} min", minutes)
  const hours = Math.ceil(minutes / 60)
  return hours < 48 ? text("{} 小时", "{} h", hours) : text("{} 天", "{} days", Math.ceil(hours / 24))
}

// Places, hours, phone

/** Names, each without what it repeats of the one before: "服务大厅 3 号窗口", "4 号窗口". */
const shortened = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.map((name, at) => {
    const before = names[at - 1] ?? ""
    let same = 0
    while (same < name.length && name[same] === before[same]) same++
    return name.slice(name.lastIndexOf(" ", same - 1) + 1)
  })

const withArticle = (name: string): string => name.startsWith("the ") ? name : `the ${name}`

/**
 * The points of a category by name; the category, where they are tills or too many. Of the apps it is the profile's
 * first.
 */
const named = (profile: SchoolProfile, category: Category): Text => {
  const all = Object.values(profile.points).filter((point) => point.category === category)
  const points = category === "app" ? all.slice(0, 1) : all
  if (points.length === 0 || points.length > 4 || category === "canteen" || category === "shop") {
    return categories[category]
  }
  return {
    zh: shortened(points.map(({ nameZh }) => nameZh)).join("、"),
    en: withArticle(list(shortened(points.map(({ nameEn }) => nameEn)), ", ", " or "))
  }
}

const nameOf = ({ nameEn, nameZh }: Channel): Text => ({ zh: nameZh, en: nameEn })
const channels = ({ recharge }: SchoolProfile, endsIn?: Channel["endsIn"]): ReadonlyArray<Text> =>
  Object.values(recharge).filter((channel) => endsIn === undefined || channel.endsIn === endsIn).map(nameOf)

const alipayApp = text("支付宝小程序“完美校园”", "the 完美校园 mini program of Alipay")
const walletApp = (profile: SchoolProfile): Text =>
  channels(profile, "wallet")[0] ?? text("校园 e 码通小程序", "the e码通 mini program")

/** The app in which a procedure is done; the profile tells only that it is one. */
const appFor = (profile: SchoolProfile, procedure: string): Text => {
  if (procedure === "openWallet" || procedure === "bindWallet" || procedure === "moveToTransit") {
    return walletApp(profile)
  }
  return procedure === "bindAlipay" ? alipayApp : named(profile, "app")
}

/** Where to go, with its preposition: "到教育阳光服务大厅 3 号窗口、4 号窗口", "在今日校园 APP". */
const at = (profile: SchoolProfile, where: ReadonlyArray<Category>, app = named(profile, "app")): Text => {
  const kinds = [...new Set(where.length === 0 ? ["office" as const] : where)]
  const places = kinds.filter((category) => category !== "app").map((category) => named(profile, category))
  return anyOf([
    ...(places.length > 0 ? [text("到{}", "at {}", anyOf(places))] : []),
    ...(kinds.includes("app") ? [text("在{}", "in {}", { zh: app.zh, en: withArticle(app.en) })] : [])
  ])
}

/** Where a procedure is done, with its preposition. */
const placeOf = (profile: SchoolProfile, procedure: Procedure): Text =>
  at(profile, profile.places[procedure], appFor(profile, procedure))

/** When the windows are open and whom to call: "办理时间：周一至周五 9:30—12:00, 13:00—17:30，电话：…". */
const opening = ({ hours, phone }: SchoolProfile): Text => {
  if (hours.weekdays.length === 0 || hours.spans.length === 0) return text("电话：{}", "Phone {}", phone)
  const runs: Array<{ readonly from: number; to: number }> = []
  for (const day of [...new Set(hours.weekdays)].sort((one, other) => one - other)) {
    const last = runs.at(-1)
    if (last?.to === day - 1) last.to = day
    else runs.push({ from: day, to: day })
  }
  const name = (day: number): Text => ({
    zh: `周${"一二三四五六日".charAt(day - 1)}`,
    en: "MonTueWedThuFriSatSun".slice(3 * day - 3, 3 * day)
  })
  const days = runs.map(({ from, to }) => from === to ? name(from) : text("{}至{}", "{}–{}", name(from), name(to)))
  const times = hours.spans.map(({ from, to }) => text("{}—{}", "{}–{}", clock(from), clock(to)))
  return text(
    "办理时间：{} {}，电话：{}",
    "Open {} {}, phone {}",
    joined(days, "、", ", "),
    joined(times, ", ", ", "),
    phone
  )
}

/** A sentence, and hours and phone after it if somebody sits there. */
const attended = (profile: SchoolProfile, where: ReadonlyArray<Category>, sentence: Text): Text =>
  where.includes("counter") || where.includes("bankWindow")
    ? text("{}。{}", "{}. {}", sentence, opening(profile))
    : sentence

const idAndCard = text("本人身份证和校园卡", "your identity card and campus card")
const idOnly = text("本人身份证", "your identity card")

/** Go there with these documents and have `done` done: the manual's remedy. */
const visit = (profile: SchoolProfile, where: ReadonlyArray<Category>, documents: Text, done: Text): Text => {
  const place = at(profile, where)
  return attended(profile, where, {
    zh: `请持${documents.zh}${place.zh}${done.zh}`,
    en: `${done.en} ${place.en}, with ${documents.en}`
  })
}

const call = ({ phone }: SchoolProfile): Text => text("请致电校园卡服务中心：{}", "Call the card service: {}", phone)

// Limits

const limitName = ({ measure, per, window }: Quota): Text => {
  const sum = measure === "sum"
  if (per === "payment") return text("单笔限额", "the limit per payment")
  if (per === "day") return sum ? text("日限", "the day limit") : text("当日次数上限", "the day's count limit")
  const meal = window === undefined ? text("本餐", "meal") : mealOf(window)
  return sum ? text("{}餐限", "the {} limit", meal) : text("{}次数上限", "the {} count limit", meal)
}

const figures = ({ measure, per, remaining, threshold, used }: Quota, amount: Money.Money): Text => {
  const counted = (n: number) => measure === "sum" ? yuan(n) : text("{} 次", "{}", n)
  const left = text("，已用 {}，剩余 {}", ", used {}, left {}", counted(used), counted(remaining))
  return text(
    "限额 {}{}，本次 {}",
    "limit {}{}, this payment {}",
    counted(threshold),
    per === "payment" ? nothing : left,
    yuan(amount)
  )
}

/** From when on a limit counts anew. */
const anew = ({ per, window }: Quota, { meals }: SchoolProfile): Text => {
  if (per === "day") return text("明日", "tomorrow")
  const to = meals.find(({ name }) => name === window)?.to
  return to === undefined ? text("下一餐", "with the next meal") : text("{} 起", "from {} on", clock(to))
}

const exceeded = (
  { amount, quota }: Decline.Of<
    "PaymentLimitExceeded" | "MealLimitExceeded" | "DailyLimitExceeded" | "CountLimitExceeded"
  >,
  profile: SchoolProfile
): Entry => [
  text("超过{}：{}", "Over {}: {}", limitName(quota), figures(quota, amount)),
  belowLimit(quota, profile)
]

const belowLimit = (quota: Quota, profile: SchoolProfile): Text => {
  const most = yuan(quota.remaining)
  if (quota.tier === "password") {
    return text(
      "请到可输入密码的联网消费机，凭卡密码付款",
      "Pay with the card password at a terminal that has a keypad and is online"
    )
  }
  if (quota.per === "payment") return text("本次最多可付 {}", "Up to {} can be paid at once", most)
  const when = anew(quota, profile)
  return quota.measure === "sum" && quota.remaining > 0
    ? text("本次最多可付 {}，{}重新计算", "Up to {} can be paid now; it counts anew {}", most, when)
    : text("{}重新计算，请届时再消费", "It counts anew {}: please come back then", when)
}

// Money

/** The pockets that hold something. `chip`: what the chip holds, if that has been told already. */
const holdings = (elsewhere: typeof Decline.Elsewhere.Type, chip?: Money.Money): ReadonlyArray<Text> => {
  const holding = (fen: Money.Money, name: Text) => fen === 0 ? [] : [text("{} {}", "{} {}", name, yuan(fen))]
  return [
    // A chip with less than the books have: what it paid offline has not arrived yet.
    ...(chip === undefined ? holding(elsewhere.chip, text("卡余额", "chip")) : []),
    ...(chip === undefined || chip === elsewhere.chip
      ? []
      : holding(elsewhere.chip, text("账面卡余额", "chip by the books"))),
    ...holding(elsewhere.transit, text("过渡余额", "in transit")),
    ...holding(elsewhere.held, text("圈存待确认", "load to be confirmed")),
    ...holding(elsewhere.wallet, text("电子钱包", "e-wallet")),
    ...holding(elsewhere.subsidy, text("补助", "subsidy"))
  ]
}

const loaders = ({ points }: SchoolProfile): ReadonlyArray<Category> => [
  ...new Set(Object.values(points).filter(({ loads }) => loads).map(({ category }) => category))
]
const tapAt = (profile: SchoolProfile, where: ReadonlyArray<Category>): Text =>
  text("请{}刷卡两秒圈存", "Tap the card {} for two seconds to load it", at(profile, where))
/** Two seconds at a canteen terminal (R27), or wherever else the school loads cards. */
const tap = (profile: SchoolProfile): Text => {
  const where = loaders(profile)
  return tapAt(profile, where.includes("canteen") ? ["canteen"] : where)
}
const topUp = (profile: SchoolProfile, endsIn?: Channel["endsIn"]): Text => {
  const ways = channels(profile, endsIn)
  return ways.length === 0 ? text("请先充值", "Top up first") : text("请用{}充值", "Top up with {}", anyOf(ways))
}

/** Top up, then tap: what is paid by app waits for the tap (R27). */
const topUpAndTap = (profile: SchoolProfile): Text =>
  text("{}；到账后{}", "{}. {}", topUp(profile, "transit"), tap(profile))

const chipTooSmall = (
  { amount, chip, elsewhere }: Decline.Of<"InsufficientChipPurse">,
  profile: SchoolProfile
): Entry => {
  const numbers = [
    text("本次 {}", "this payment {}", yuan(amount)),
    text("卡余额 {}", "chip {}", yuan(chip)),
    ...(elsewhere === undefined ? [] : holdings(elsewhere, chip))
  ]
  return [
    text("卡余额不足：{}", "Not enough on the card: {}", joined(numbers, "，", ", ")),
    elsewhere === undefined
      // A terminal that is cut off does not know what waits.
      ? text("已充值的{}；未充值的{}", "Topped up already? {}. Otherwise: {}", tap(profile), topUp(profile, "transit"))
      : fillChip(amount - chip, amount, elsewhere, profile)
  ]
}

/** How to get what is `missing` in fen onto the chip, or to pay without it. */
const fillChip = (
  missing: number,
  amount: Money.Money,
  { held, subsidy, transit, wallet }: typeof Decline.Elsewhere.Type,
  profile: SchoolProfile
): Text => {
  const enoughWaits = transit + held + subsidy >= missing
  const code = media.ecodePayCode
  if (wallet < amount) return enoughWaits ? tap(profile) : topUpAndTap(profile)
  return enoughWaits
    ? text("{}；也可用{}付款", "{}. Or pay with {}", tap(profile), code)
    : text("请用{}付款", "Pay with {}", code)
}

const walletTooSmall = (
  { amount, available, elsewhere }: Decline.Of<"InsufficientWallet">,
  profile: SchoolProfile
): Entry => {
  const told = joined(elsewhere === undefined ? [] : holdings(elsewhere), "，", ", ")
  return [
    text(
      "可用余额不足：本次 {}，可用 {}{}",
      "Not enough money: this payment {}, available {}{}",
      yuan(amount),
      yuan(available),
      told.zh === "" ? nothing : text("（{}）", " ({})", told)
    ),
    elsewhere === undefined ? topUp(profile) : payOtherwise(amount, elsewhere, profile)
  ]
}

const payOtherwise = (
  amount: Money.Money,
  { chip, held, subsidy, transit, wallet }: typeof Decline.Elsewhere.Type,
  profile: SchoolProfile
): Text => {
  if (chip >= amount) return text("请刷{}付款", "Pay with {}", media.physicalCard)
  if (transit + subsidy + wallet >= amount) return text("可用{}付款", "You can pay with {}", media.todayCampusCode)
  return chip + transit + held + subsidy >= amount
    ? text("{}，再刷卡付款", "{}, then pay with the card", tap(profile))
    : topUp(profile)
}

// Acceptance

/** What pays at such a place while its link is so. */
const accepted = ({ acceptance }: SchoolProfile, category: Category, link: Link): ReadonlyArray<Text> => {
  const rows = acceptance.filter((row) => row.category === category && row.link === link)
  return [...new Set(rows.flatMap((row) => row.media))].map((medium) => media[medium])
}

/** Use one of the media that pay here, or go where something can be bought at all. */
const otherwise = (profile: SchoolProfile, category: Category): Text => {
  const here = accepted(profile, category, "up")
  if (here.length > 0) return text("请改用{}", "Use {}", anyOf(here))
  return text("请{}付款", "Pay {}", at(profile, [...new Set(profile.acceptance.map((row) => row.category))]))
}

/** What pays at terminals that are cut off, by kind of place. */
const whileCutOff = (profile: SchoolProfile): Text => {
  const canteen = accepted(profile, "canteen", "down")
  const shop = accepted(profile, "shop", "down")
  const ways = [
    ...(canteen.length > 0 ? [text("食堂可用{}", "in the canteen use {}", anyOf(canteen))] : []),
    ...(shop.length > 0 ? [text("超市可用{}", "in the shop use {}", anyOf(shop))] : [])
  ]
  return ways.length === 0
    ? text("请等网络恢复后再付款", "Pay when the network is back")
    : text("断网时{}", "While the network is down: {}", joined(ways, "，", "; "))
}

// The declines, in the order of Decline.ts

const declines: Declines = {
  UnknownAccount: (_, profile) => [text("未查到该账户", "No such account"), call(profile)],
  UnknownCard: (_, profile) => [
    text("未查到该卡", "This card is not known here"),
    visit(profile, ["counter"], idAndCard, text("核查", "Have it looked up"))
  ],
  UnknownHandle: ({ kind }) => {
    if (kind === "number") {
      return [
        text("未查到该学号（工号）", "No such student or staff number"),
        text("请核对后重新输入", "Check it and type it again")
      ]
    }
    return kind === "alipay"
      ? alipayUnbound
      : [text("无法识别该码", "This code is not known"), text("请刷新后重新出示", "Refresh it and show it again")]
  },
  UnknownPoint: ({ point }, profile) => [
    text("设备 {} 未在本校登记", "Device {} is not registered at this school", point),
    text("请换一台设备；{}", "Use another device. {}", call(profile))
  ],
  UnknownMealWindow: () => [
    text("该笔流水的餐次未在本校登记", "The meal of this record is not known at this school"),
    text("请工作人员核对消费机的餐次设置，再重新上传", "Staff: check the meals set in the terminal, then upload again")
  ],
  AccountExists: () => [
    text("该账户已开通", "This account is open already"),
    text("无需重复开户", "Nothing more is needed")
  ],
  AccountClosed: ({ since }, profile) => [
    text("账户已于 {} 销户", "Account closed since {}", formatMinute(since)),
    call(profile)
  ],
  AccountNotClosing: (_, profile) => [
    text("账户尚未销户", "This account is not being closed"),
    visit(profile, profile.places.closeAccount, idAndCard, text("办理销户", "Close the account"))
  ],
  PayOutTooEarly: ({ availableAt }) => [
    text("销户退款 {} 起可办理", "The account can be paid out from {} on", fullMinute(availableAt)),
    text("此前仍可能有脱机流水上传，请届时再退款", "Late records may still arrive until then: pay it out after that")
  ],
  AlreadyPaidOut: ({ paidOutAt }, profile) => [
    text("账户余额已于 {} 退还", "The account was paid out at {}", formatMinute(paidOutAt)),
    call(profile)
  ],
  NotEligibleForTempCard: (_, profile) => [
    text(
      "临时校园卡仅限在职老师、短期培训人员及其他临时人员办理",
      "Temporary cards are for serving staff, trainees and visitors"
    ),
    visit(profile, profile.places.issueCard, idOnly, text("领取校园卡", "Get a campus card"))
  ],
  NotEligibleForRegularCard: (_, profile) => [
    text("培训及其他临时人员只能办理临时校园卡", "Trainees and visitors get a temporary card only"),
    text(
      "请由对应管理单位{}办理临时校园卡",
      "The unit that invited you applies for it {}",
      placeOf(profile, "openAccount")
    )
  ],
  CardTaken: () => [
    text("该卡片已登记过，不能再次发放", "This card has been handed out before"),
    text("请换一张新卡片", "Take a new card")
  ],
  ChannelNotAllowed: ({ allowed, category, procedure }, profile) => {
    const done = known(procedures, procedure) ?? text("此业务", "This")
    const here = categories[category]
    return [
      {
        zh: `${here.zh}不办理${done.zh}`,
        en: `${done.en} is not possible ${category === "app" ? "in" : "at"} ${here.en}`
      },
      attended(profile, allowed, text("请{}办理", "It is done {}", at(profile, allowed, appFor(profile, procedure))))
    ]
  },
  IdentityNotMatched: (_, profile) => [
    text("学号（工号）、证件号码与姓名不一致", "Number, identity document and name do not match"),
    text(
      "请核对后重新输入；仍不一致时，{}",
      "Check and type them again. If it stays so: {}",
      visit(profile, ["counter"], idOnly, text("核对", "have them checked"))
    )
  ],

  MediumNotAcceptedHere: ({ category, medium }, profile) => [
    text("{}不支持{}付款", "At {}: no payment with {}", categories[category], media[medium]),
    otherwise(profile, category)
  ],
  AlipayOnlyWhenTerminalOffline: (_, profile) => [
    text("支付宝付款码仅在食堂消费机断网时可用", "Alipay pays only while the canteen terminal is cut off"),
    otherwise(profile, "canteen")
  ],
  NotAcceptedOffline: ({ medium }, profile) => [
    text("消费机断网，暂不支持{}", "Terminal cut off: no payment with {} now", media[medium]),
    whileCutOff(profile)
  ],
  WrongCodeKind: ({ medium }, profile) =>
    medium === "ecodeIdentityCode" || medium === "keyRing"
      ? [
        text("{}不能付款", "No payment with {}", media[medium]),
        text("请打开{}，点击付款码", "Open {} and choose the pay code", walletApp(profile))
      ]
      : [
        text("{}不能识别身份", "No identification with {}", media[medium]),
        text("请打开{}，点击身份码", "Open {} and choose the identity code", walletApp(profile))
      ],
  AlipayNotBound: () => alipayUnbound,

  CardNotActivated: (_, profile) => [
    text("校园卡尚未激活", "Campus card not activated yet"),
    visit(profile, profile.places.activateCard, idAndCard, text("激活校园卡功能", "Have it activated"))
  ],
  CardLost: ({ reportedAt }, profile) => [
    text("校园卡已于 {} 挂失", "Campus card reported lost at {}", formatMinute(reportedAt)),
    text(
      "已找回：请持{}{}解挂；未找回：请持{}{}补办。{}",
      "Found: bring {} and have it unlocked {}. Not found: bring {} and get a new one {}. {}",
      idAndCard,
      placeOf(profile, "reportFound"),
      idOnly,
      placeOf(profile, "issueCard"),
      opening(profile)
    )
  ],
  CardFrozenDormant: ({ months, since }, profile) => [
    text(
      "校园卡已过期：连续 {} 个月没有消费，有效期自 {} 起冻结",
      "Campus card expired: no purchase for {} months, frozen since {}",
      months,
      formatDay(since)
    ),
    visit(profile, profile.places.extendValidity, idAndCard, text("修改校园卡有效期", "Have its validity extended"))
  ],
  CardSuperseded: (_, profile) => [
    text("该卡已补办新卡，不能再使用", "A new card has replaced this one"),
    text(
      "请使用新卡；老卡余额请用新卡{}领取",
      "Use the new card, and claim the old balance with it {}",
      placeOf(profile, "claimFrozen")
    )
  ],
  CardCancelled: (_, profile) => [
    text("该卡已注销", "This card is cancelled"),
    visit(profile, profile.places.issueCard, idOnly, text("领取新卡", "Get a new card"))
  ],
  ActiveCardExists: (_, profile) => [
    text("名下已有一张使用中的校园卡", "There is a campus card in use already"),
    text(
      "该卡如已丢失或损坏，请先{}挂失，再补办新卡",
      "If that card is lost or damaged, first report it {}",
      placeOf(profile, "reportLost")
    )
  ],
  CardAwaitingActivation: (_, profile) => [
    text("新卡已领取，尚未激活", "The new card is handed out but not activated yet"),
    visit(profile, profile.places.activateCard, idAndCard, text("激活新卡", "Have it activated"))
  ],
  CardNotLost: () => [
    text("该卡没有挂失，无需解挂", "This card is not reported lost"),
    text("可直接使用", "Just use it")
  ],

  PaymentLimitExceeded: exceeded,
  MealLimitExceeded: exceeded,
  DailyLimitExceeded: exceeded,
  CountLimitExceeded: exceeded,

  PasswordRequired: ({ amount, quota }) => [
    text("需要卡密码：超过{}，{}", "Card password needed: over {}, {}", limitName(quota), figures(quota, amount)),
    text("请输入卡密码", "Type the card password")
  ],
  PasswordMissing: () => [
    text("需要卡密码", "Card password needed"),
    text("请输入卡密码后重试", "Type the card password and try again")
  ],
  PasswordWrong: ({ left, waitUntil }, profile) => {
    if (waitUntil !== undefined) {
      return [
        text("密码错误，{} 前不能再试", "Wrong password: no other try before {}", fullMinute(waitUntil)),
        text("请届时再试", "Try again then")
      ]
    }
    if (left === 0) return [text("密码错误，此处已锁定", "Wrong password: locked here"), reset(profile)]
    return [
      left === undefined
        ? text("密码错误", "Wrong password")
        : text("密码错误，还可再试 {} 次", "Wrong password, tries left: {}", left),
      text(
        "请重新输入；忘记密码请{}重置",
        "Type it again; if forgotten, have it reset {}",
        placeOf(profile, "resetPassword")
      )
    ]
  },
  PasswordLocked: ({ until }, profile) =>
    until === undefined
      ? [text("密码错误次数过多，此处已锁定", "Too many wrong passwords: locked here"), reset(profile)]
      : [
        text("密码错误次数过多，{} 前不能再试", "Too many wrong passwords: locked until {}", fullMinute(until)),
        text("请届时再试", "Try again then")
      ],
  PasswordStale: () => [
    text("密码刚刚修改过", "The password has just been changed"),
    text("请输入新密码", "Type the new one")
  ],
  PasswordMustChange: (_, profile) => [
    text("初始密码须先修改才能使用", "The initial password must be changed first"),
    visit(profile, profile.places.changePassword, idAndCard, text("修改密码", "Change it"))
  ],
  PasswordTooWeak: ({ weakness }) => [
    {
      sameAsInitial: text("新密码不能与初始密码相同", "The new password is the initial one"),
      allSame: text("新密码不能是同一个数字", "The new password is one digit repeated"),
      sequence: text("新密码不能是连续数字", "The new password is a plain sequence")
    }[weakness],
    text("请换一个不易猜到的六位数字", "Choose six digits that are hard to guess")
  ],

  InsufficientChipPurse: chipTooSmall,
  InsufficientWallet: walletTooSmall,
  PurseCeiling: ({ ceiling, chip, waiting }, profile) => [
    text(
      "卡余额已到上限：上限 {}，卡余额 {}，待圈存 {}",
      "The card is full: ceiling {}, chip {}, waiting {}",
      yuan(ceiling),
      yuan(chip),
      yuan(waiting)
    ),
    text("待圈存金额已保留；刷卡消费后，{}", "The waiting money is kept. Spend from the card first. {}", tap(profile))
  ],
  NothingToLoad: (_, profile) => [
    text("没有待圈存的金额", "Nothing waits to be loaded"),
    text("刚充值的请稍后再刷卡；未充值的{}", "Just topped up? Tap again later. {}", topUp(profile, "transit"))
  ],
  PointCannotLoad: ({ category }, profile) => [
    { zh: `此${categories[category].zh}不能圈存`, en: "Cards are not loaded here" },
    tapAt(profile, loaders(profile))
  ],
  LoadNotOpen: (_, profile) => [text("没有进行中的圈存", "No load is under way"), tap(profile)],
  LoadUnprovable: ({ held }, profile) => [
    text("圈存结果待核实，{}已保留", "The outcome of the load is unclear, {} is kept safe", yuan(held)),
    visit(profile, ["counter"], idAndCard, text("核实", "Have it checked"))
  ],

  ChannelUnknown: (_, profile) => [text("没有该充值渠道", "No such way to top up"), topUp(profile)],
  FundingSourceNotAccepted: ({ accepted, channel, source }, profile) => {
    const found = channelOf(profile, channel)
    const ways = accepted.flatMap((one) => known(sources, one) ?? [])
    return [
      text(
        "{}不支持{}充值",
        "Top-up in {}: {} is not accepted",
        found === undefined ? text("该渠道", "this channel") : nameOf(found),
        known(sources, source) ?? text("该支付方式", "this way of paying")
      ),
      ways.length === 0 ? topUp(profile) : text("请选择{}", "Choose {}", anyOf(ways))
    ]
  },
  NotOwnBankCard: (_, { recharge }) => {
    const own = Object.values(recharge).flatMap((channel) => channel.sources).filter(({ holder }) => holder === "own")
    const cards = [...new Set(own.map(({ source }) => source))].map((source) => sources[source])
    return [
      text(
        "仅支持本人{}充值",
        "Only your own {} can be used",
        cards.length === 0 ? text("银行卡", "bank card") : anyOf(cards)
      ),
      text("请换用本人名下的卡", "Use a card in your own name")
    ]
  },
  BankCardNotBound: ({ channel }, profile) => {
    const bindings = channelOf(profile, channel)?.sources.map(({ binding }) => binding) ?? []
    return [
      text("尚未绑定银行卡", "No bank card is bound yet"),
      bindings.includes("wallet")
        ? text("请{}绑定银行卡", "Bind one {}", placeOf(profile, "bindWallet"))
        : text("请{}绑定银行卡和校园一卡通账号", "Bind one to the campus account {}", placeOf(profile, "bindTransfer"))
    ]
  },
  EWalletNotOpened: (_, profile) => [
    text("电子钱包尚未开通", "The e-wallet is not opened yet"),
    text(
      "请{}输入学号（工号）、校园卡密码和姓名，开通电子钱包",
      "Open it {} with your number, card password and name",
      placeOf(profile, "openWallet")
    )
  ],
  AmountNotAllowed: ({ amount, choices, max, min }) => [
    text("不能充值 {}", "{} cannot be topped up", yuan(amount)),
    choices === undefined || choices.length === 0
      ? text("请输入 {}至 {}之间的金额", "Choose an amount from {} to {}", yuan(min), yuan(max))
      : text("请选择 {}", "Choose {}", anyOf(choices.map(yuan)))
  ],
  OrderAlreadyCredited: () => [
    text("该充值订单已入账", "This top-up has been credited already"),
    text(
      "无需重复入账；如重复付款，请联系充值渠道退款",
      "Nothing more is needed. If it was paid twice, ask the channel for a refund"
    )
  ],
  NotPaid: (_, profile) => [
    text("尚未查到该订单的付款", "No payment of this order is known yet"),
    text(
      "如已扣款，请勿重复付款，稍后再查；仍未到账，{}",
      "If you have paid, do not pay again but look later. Still missing? {}",
      call(profile)
    )
  ],

  HoldNotElapsed: ({ availableAt }, profile) => [
    text("冻结金额 {} 起可领取", "The frozen money can be claimed from {} on", fullMinute(availableAt)),
    text("请届时用新卡{}领取冻结金额", "Claim it then with the new card {}", placeOf(profile, "claimFrozen"))
  ],
  AlreadyClaimed: ({ claimedAt }, profile) => [
    text("冻结金额已于 {} 领取", "The frozen money was claimed at {}", formatMinute(claimedAt)),
    text("领取的金额如未到卡上，{}", "Not on the card yet? {}", tap(profile))
  ],
  NothingToClaim: (_, profile) => [
    text("没有可领取的冻结金额", "There is no frozen money to claim"),
    call(profile)
  ],
  WrongCardForClaim: (_, profile) => [
    text("老卡不能领取冻结金额", "Frozen money is not claimed with the old card"),
    text("请用新卡{}领取冻结金额", "Claim it with the new card {}", placeOf(profile, "claimFrozen"))
  ],
  FeeUnpaid: ({ fee }) =>
    fee === 0
      ? [
        text("此业务应缴 {}", "The fee here is {}", yuan(fee)),
        text("无需缴费，请重新办理", "Nothing is to be paid: begin again")
      ]
      : [
        text("应缴费用 {}，尚未缴清", "A fee of {} is due", yuan(fee)),
        text("请缴费后再办理", "Pay it, then begin again")
      ],

  ClockUntrusted: ({ skew, tolerance }) => [
    text(
      "设备时间相差 {}，最多允许 {}",
      "The clock of this device is off by {}, at most {} is allowed",
      duration(skew),
      duration(tolerance)
    ),
    text("请校准设备时间后重新操作", "Set the clock of this device, then begin again")
  ],
  RecordDatedInFuture: ({ at, receivedAt }) => [
    text(
      "流水时间 {} 晚于收到时间 {}",
      "Record dated {}, yet it arrived before that, at {}",
      format(at),
      format(receivedAt)
    ),
    checkClock
  ],
  RecordBeforeActivation: ({ activatedAt, at }) => [
    activatedAt === undefined
      ? text("流水时间 {}，该卡尚未激活", "Record dated {}: the card is not activated yet", format(at))
      : text(
        "流水时间 {} 早于校园卡激活时间 {}",
        "Record dated {}: the card was activated later, at {}",
        format(at),
        format(activatedAt)
      ),
    checkClock
  ],
  RecordTooOld: ({ at, days }) => [
    text("流水时间 {}，已超过 {} 天", "Record dated {}: more than {} days old", formatMinute(at), days),
    text("请工作人员人工核对该笔流水", "Staff: look at this record")
  ],
  RecordAlreadyPosted: () => [
    text("该笔流水已入账", "This record is posted already"),
    text("无需重复上传", "Nothing more is needed")
  ],
  NotReversible: ({ reason }, profile) => {
    switch (reason) {
      case "unknown":
        return [
          text("未查到可冲正的消费", "No such purchase that could be reversed"),
          text("请核对交易明细后重试", "Check the list of purchases and try again")
        ]
      case "alreadyReversed":
        return [
          text("该笔消费已冲正", "This purchase is reversed already"),
          text("款项已退回，请查看交易明细", "The money is back: see the list of purchases")
        ]
      case "otherDay":
        return [text("只能冲正当日的消费", "Only a purchase of the same day can be reversed"), call(profile)]
      case "otherMeal":
        return [text("只能冲正本餐的消费", "Only a purchase of the same meal can be reversed"), call(profile)]
      case "otherPoint":
        return [
          text("只能在原消费机冲正", "A purchase is reversed only where it was paid"),
          text("请到原消费机办理", "Go to that terminal")
        ]
    }
  }
}

const alipayUnbound: Entry = [
  text("支付宝尚未绑定校园卡", "No campus card is bound in Alipay"),
  text("请打开{}，选择学校，完成校园卡认证", "Open {}, choose the school and bind the campus card", alipayApp)
]

const reset = (profile: SchoolProfile): Text =>
  visit(profile, profile.places.resetPassword, idAndCard, text("重置密码", "Have the password reset"))

const checkClock = text("请工作人员核对消费机时间和该笔流水", "Staff: check the terminal's clock and this record")

// The reports, in the order of Report.ts

const reports: Reports = {
  SpendAfterLoss: ({ amount, borneBy, reportedAt }) =>
    text(
      "{} 挂失后消费 {}，由{}承担",
      "Reported lost at {}, then {} spent, borne by {}",
      formatMinute(reportedAt),
      yuan(amount),
      borneBy === "school" ? text("学校", "the school") : text("持卡人", "the holder")
    ),
  LimitExceeded: ({ amount, quota }) =>
    text("脱机消费超过{}：{}", "Offline purchase over {}: {}", limitName(quota), figures(quota, amount)),
  DebtArisen: ({ debt }) =>
    text(
      "余额不足，欠款 {}，下次入账时先行扣还",
      "Balance too small: a debt of {}, repaid first by the next credit",
      yuan(debt)
    ),
  SpentWhileDormant: ({ since }) =>
    text("校园卡有效期自 {} 起已冻结，仍有脱机消费", "Offline purchase with a card frozen since {}", formatDay(since)),
  MediumWasNotAccepted: ({ medium }) =>
    text("该处断网时不支持{}，仍有消费", "Purchase with {}, which does not pay there while cut off", media[medium]),
  BalanceChainBroken: ({ amount, chipAfter, chipBefore }) =>
    text(
      "卡余额不连续：消费前 {}，消费 {}，消费后 {}",
      "Chip balance does not add up: {} before, {} spent, {} after",
      yuan(chipBefore),
      yuan(amount),
      yuan(chipAfter)
    ),
  MealWindowDiffers: ({ ours, recorded }) =>
    text(
      "餐次不一致：消费机记为{}，按本校餐次应为{}",
      "Meals differ: {} by the terminal, {} by the school's table",
      mealOf(recorded),
      mealOf(ours)
    )
}
