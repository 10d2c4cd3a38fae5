// What docs/manual.md cannot read from elsewhere: each requirement in one line of Chinese and English, the files that hold it, and the declines
// that a person meets there. scripts/manual.ts checks that each file is there and names the requirement.
import type { Decline } from "@yikatong/core"

type Tag = Decline.Decline["_tag"]

/** `files`: under packages/core/src, the first is where to begin. `declines`: in the order in which they are looked for. */
export interface Rule {
  readonly zh: string
  readonly en: string
  readonly files: ReadonlyArray<string>
  readonly declines: ReadonlyArray<Tag>
}

/** The headings of docs/requirements.md under which requirements stand, in Chinese. */
export const headings: Readonly<Record<string, string>> = {
  "3.1 Paying": "消费",
  "3.2 Proving who one is": "身份识别",
  "3.3 Recharging": "充值",
  "3.4 Issue and activation": "领卡与激活",
  "3.5 The card password": "校园卡密码",
  "3.6 Lost, found, damaged": "挂失、解挂、补办",
  "3.7 Dormancy": "过期",
  "3.8 Limits": "消费限额",
  "3.9 Temporary cards": "临时校园卡",
  "3.10 Questions a holder asks": "查询",
  "4. The acceptance matrix": "受理矩阵",
  "5. The recharge matrix": "充值矩阵",
  "6. Requirements that cut across": "通用要求"
}

/** Why a code on a phone may be no good. */
const codes: ReadonlyArray<Tag> = [
  "CodeRequired",
  "CodeMalformed",
  "CodeIssuerUnknown",
  "WrongCodeKind",
  "BadSignature",
  "ClockNotSet",
  "ClockUntrusted",
  "CodeAuthorisationNotYetValid",
  "CodeAuthorisationExpired",
  "CodeRevoked",
  "CodeForOtherPoint",
  "CodeNotYetValid",
  "CodeExpired",
  "CodeAlreadyUsed"
]

/** One for each of R1 to R76. */
export const rules: Readonly<Record<string, Rule>> = {
  R1: {
    zh: "消费机分两类：食堂、超市。每台消费机只属于其中一类。",
    en: "There are two kinds of points of sale, canteen and shop, and each terminal is of exactly one.",
    files: ["Point"],
    declines: ["UnknownPoint"]
  },
  R2: {
    zh: "师生可用四种方式付款：实体卡、今日校园付款码、e码通付款码、支付宝付款码。",
    en: "Students and staff pay with the card, the Today Campus code, the e码通 code or the Alipay code.",
    files: ["Medium", "presets/Csmzxy"],
    declines: ["MediumNotAcceptedHere"]
  },
  R3: {
    zh: "实体卡刷卡消费。钱在卡上，联网、断网都能刷；断网时有单笔、天数、笔数上限。",
    en: "The card is tapped. It carries its own money, so it pays online and offline; offline there are caps.",
    files: ["OfflineTerminal", "Medium"],
    declines: ["InsufficientChipPurse", "OfflineCapExceeded", "OfflineTooLong", "TerminalRecordFull"]
  },
  R4: {
    zh: "手机出示今日校园付款码，对准消费机摄像头。学校自行发码时，码有签名，30 秒一换，只能用一次。",
    en:
      "The phone shows a Today Campus pay code to the camera. Where the school signs it, it changes every 30 s and serves once.",
    files: ["PresentedCode", "VerifiedCode", "flows/Codes", "Medium"],
    declines: [...codes, "InsufficientWallet"]
  },
  R5: {
    zh: "手机出示 e码通付款码，对准消费机摄像头。规则与今日校园付款码相同。",
    en: "The phone shows an e码通 pay code to the camera, under the same rules as the Today Campus code.",
    files: ["PresentedCode", "VerifiedCode", "flows/Codes", "Medium"],
    declines: [...codes, "InsufficientWallet"]
  },
  R6: {
    zh: "支付宝先在小程序“完美校园”选择学校、完成校园卡认证；没有认证的不能付款。",
    en: "Alipay pays after the school was chosen and the campus card bound in the 完美校园 mini program, else not.",
    files: ["Enrolment", "Medium"],
    declines: ["AlipayNotBound"]
  },
  R7: {
    zh: "支付宝只在食堂消费机断网时可用；食堂联网时不可用，超市任何时候都不可用。",
    en: "Alipay pays only at a canteen terminal that is cut off: not while it is online, and never in a shop.",
    files: ["Acceptance"],
    declines: ["AlipayOnlyWhenTerminalOffline", "MediumNotAcceptedHere"]
  },
  R8: {
    zh: "外来人员由对应管理单位申请临时校园卡，只能用 e码通或（食堂断网时）支付宝付款。",
    en: "An outside person gets a temporary card through a unit and pays by e码通, or by Alipay under R7, only.",
    files: ["TemporaryCard"],
    declines: ["NotEligibleForRegularCard", "NoPlasticForHolder", "MediumNotForHolder"]
  },
  R9: {
    zh: "开通临时校园卡须有临时卡申请表。",
    en: "No temporary card is opened without the application form.",
    files: ["TemporaryCard"],
    declines: ["DocumentMissing"]
  },
  R10: {
    zh: "身份识别有三类：学生公寓大门、青年公寓门锁、图书馆；学校可以增加。",
    en: "There are three classes of access points, dormitory gate, room lock and library; a school may add others.",
    files: ["Access", "Point"],
    declines: ["NotAnAccessPoint", "DoorClosed", "AntiPassback"]
  },
  R11: {
    zh: "学生公寓大门：可刷实体卡。",
    en: "The dormitory gate opens to the card.",
    files: ["Access", "presets/Csmzxy"],
    declines: ["MediumNotForDoor", "CardLost", "CardFrozenDormant", "CardNotActivated"]
  },
  R12: {
    zh: "学生公寓大门：可扫今日校园付款码开门。只识别身份，绝不扣款，码当即作废。",
    en: "The dormitory gate opens to the Today Campus pay code, as identity only: no money moves, the code is burnt.",
    files: ["Access", "VerifiedCode", "flows/Codes"],
    declines: ["WrongCodeKind", "MediumNotForDoor", "CodeAlreadyUsed"]
  },
  R13: {
    zh: "学生公寓大门：可扫 e码通身份码；e码通付款码不行。",
    en: "The dormitory gate opens to the e码通 identity code, and not to the e码通 pay code.",
    files: ["Access", "VerifiedCode"],
    declines: ["WrongCodeKind", "MediumNotForDoor"]
  },
  R14: {
    zh: "青年公寓门锁只有两种开法：刷卡、钥匙串。",
    en: "The room lock opens to the card and to the key ring, and to nothing else.",
    files: ["Access", "presets/Csmzxy"],
    declines: ["MediumNotForDoor"]
  },
  R15: {
    zh: "青年公寓门锁只认在这把锁上授权过的校园卡，授权可限定时段。",
    en: "The room lock opens to a card that is granted on that lock, within the hours of the grant.",
    files: ["AccessGrant", "Access", "WeeklySchedule"],
    declines: ["NoGrantForDoor", "OutsideGrantWindow", "UnknownGrant"]
  },
  R16: {
    zh: "钥匙串：在今日校园中列出已授权的门，选中并确认后开门；不确认不开。",
    en: "The key ring lists the doors that are granted; the one that is picked and confirmed opens.",
    files: ["Access", "Passage"],
    declines: ["NoGrantForDoor", "NotConfirmed"]
  },
  R17: {
    zh: "图书馆只刷实体卡，读取身份后即可借书。",
    en: "The library reads the card only; the reading says who it is, then lending goes on.",
    files: ["Access", "Sip2Patron"],
    declines: ["MediumNotForDoor"]
  },
  R18: {
    zh: "借书须识别身份；还书不需要校园卡。",
    en: "Borrowing needs an identity; returning a book needs no card.",
    files: ["Sip2Patron", "flows/Lending"],
    declines: ["CardLost", "CardFrozenDormant", "CardNotActivated"]
  },
  R19: {
    zh: "今日校园充值：银联卡或微信。",
    en: "Today Campus takes money from a UnionPay card or from WeChat.",
    files: ["Recharge", "presets/Csmzxy"],
    declines: ["FundingSourceNotAccepted"]
  },
  R20: {
    zh: "今日校园充值先选金额，再选充值方式；金额从列出的档位中选。",
    en: "In Today Campus the amount is chosen from a list first, then the way of paying.",
    files: ["Recharge", "presets/Csmzxy"],
    declines: ["AmountNotAllowed"]
  },
  R21: {
    zh: "e码通充值：任何银联卡都可以，其他都不行。",
    en: "e码通 takes money from any UnionPay card, and from nothing else.",
    files: ["Recharge"],
    declines: ["FundingSourceNotAccepted"]
  },
  R22: {
    zh: "e码通依次：选学校、输学号（工号）、验校园卡密码和姓名、开通电子钱包、绑定银行卡，然后充值。",
    en: "e码通 has its order: school, number, password and name, e-wallet, bank card; only then a top-up.",
    files: ["Enrolment", "Password", "Recharge"],
    declines: [
      "IdentityNotMatched",
      "IdentityLocked",
      "PasswordMissing",
      "PasswordWrong",
      "EWalletNotOpened",
      "BankCardNotBound"
    ]
  },
  R23: {
    zh: "建行 APP 充值只支持本人的建设银行卡。",
    en: "The CCB app takes the holder's own CCB card only.",
    files: ["Recharge"],
    declines: ["FundingSourceNotAccepted", "NotOwnBankCard"]
  },
  R24: {
    zh: "建行 APP 要核对学号和身份证号码，须为同一人；填了姓名，姓名也须相符。金额自填。",
    en:
      "The CCB app asks for number and identity number of one person; a name that is typed must be that person's too.",
    files: ["Recharge", "Person"],
    declines: ["IdentityNotMatched", "IdentityLocked"]
  },
  R25: {
    zh: "今日校园也可用建设银行卡转账充值（手册两处说法不一，都受理）。",
    en: "Today Campus also takes a CCB transfer: the manual says both, and both are taken.",
    files: ["Recharge", "presets/Csmzxy"],
    declines: ["FundingSourceNotAccepted"]
  },
  R26: {
    zh: "用建设银行卡转账充值，须先在自助圈存机上绑定银行卡和校园一卡通账号。",
    en: "A CCB transfer needs the bank card to be bound to the campus account at the kiosk once.",
    files: ["Enrolment", "Recharge"],
    declines: ["BankCardNotBound"]
  },
  R27: {
    zh: "手机或银行充值后，钱先在过渡余额，到食堂消费机刷卡写入校园卡后才能刷卡用。",
    en: "Money paid by app or bank waits until a terminal writes it to the card; before, the card cannot spend it.",
    files: ["CardLoad", "Wallet"],
    declines: ["NothingToLoad", "PurseCeiling", "InsufficientChipPurse"]
  },
  R28: {
    zh: "写卡约需两秒。提前拿开，要么全写上，要么一分没写，下次刷卡自动核实补写。",
    en: "A write takes two seconds. A card that leaves early has all of it or nothing, and the next tap settles it.",
    files: ["OpenLoad", "CardLoad"],
    declines: ["LoadNotOpen", "LoadUnprovable", "ReadingOutdated"]
  },
  R29: {
    zh: "消费机中只有食堂的能写卡（自助机也能）。",
    en: "Of the points of sale only canteen terminals write money to cards (and kiosks, D9).",
    files: ["CardLoad", "Point"],
    declines: ["PointCannotLoad"]
  },
  R30: {
    zh: "本人持身份证到建设银行窗口领卡。",
    en: "The bank window hands out the card, in person, on the identity card.",
    files: ["Replacement", "Procedure"],
    declines: ["ChannelNotAllowed", "DocumentMissing"]
  },
  R31: {
    zh: "领到的卡须到 3/4 窗口激活，激活前校园功能都不能用。",
    en: "A card that is handed out does nothing on campus until window 3/4 has activated it.",
    files: ["Card", "Standing"],
    declines: ["CardNotActivated", "CardAwaitingActivation"]
  },
  R32: {
    zh: "服务大厅周一至周五 9:30—12:00、13:00—17:30 办理；午休和节假日不办。",
    en: "The hall is open Monday to Friday 9:30–12:00 and 13:00–17:30; lunch break and holidays are closed.",
    files: ["ServiceDesk", "WeeklySchedule"],
    declines: ["OutsideServiceHours"]
  },
  R33: {
    zh: "寒暑假办理时间与平时相同。",
    en: "The same hours hold in the vacations.",
    files: ["ServiceDesk"],
    declines: []
  },
  R34: {
    zh: "联系电话写在学校配置里。",
    en: "The telephone number is a value of the school profile.",
    files: ["SchoolProfile", "presets/Csmzxy"],
    declines: []
  },
  R35: {
    zh: "初始密码为身份证后 6 位，X 用 0 代替。",
    en: "The initial password is the last six characters of the identity number, X read as 0.",
    files: ["Pin", "IdentityDocument"],
    declines: ["PasswordTooWeak"]
  },
  R36: {
    zh: "忘记密码：本人持身份证和校园卡到 3/4 窗口重置，别处不能重置。",
    en: "A password is reset at window 3/4 only, in person, with identity card and campus card.",
    files: ["Enrolment", "Attendance"],
    declines: ["ChannelNotAllowed", "DocumentMissing", "PasswordMustChange"]
  },
  R37: {
    zh: "修改密码：持身份证和校园卡到 3/4 窗口，或到自助机；手机上不能改。",
    en: "A password is changed at window 3/4 or at the kiosk, and not in an app.",
    files: ["Enrolment", "Procedure"],
    declines: ["ChannelNotAllowed", "DocumentMissing", "PasswordMissing", "PasswordWrong", "PasswordTooWeak"]
  },
  R38: {
    zh: "绑定第三方也用校园卡密码。密码不外传，输错有次数限制。",
    en: "The card password also binds third parties. It never leaves its verifier, and wrong tries are throttled.",
    files: ["Password"],
    declines: ["PasswordWrong", "PasswordLocked", "PasswordStale", "IdentityLocked"]
  },
  R39: {
    zh: "丢了或坏了，先由本人在今日校园中挂失。",
    en: "A lost or damaged card is reported by its holder in the app first.",
    files: ["Replacement", "Procedure"],
    declines: ["ChannelNotAllowed", "CardLost", "ActiveCardExists"]
  },
  R40: {
    zh: "银行卡另到建设银行窗口挂失并领新卡；校园状态和银行状态互不影响。",
    en: "The bank side is reported at the bank window, which hands out the new card; the two statuses are apart.",
    files: ["Card", "Replacement"],
    declines: ["ChannelNotAllowed", "ActiveCardExists"]
  },
  R41: {
    zh: "新卡到 3/4 窗口激活，补办即完成。",
    en: "Window 3/4 activates the new card, and with it the replacement is complete.",
    files: ["Replacement", "Card"],
    declines: ["ChannelNotAllowed", "FeeUnpaid"]
  },
  R42: {
    zh: "老卡余额冻结，补办完成三天后到自助机用新卡领取，只领一次。",
    en: "The old balance is frozen and claimed once, with the new card at a kiosk, three days after the replacement.",
    files: ["Replacement", "Calendar"],
    declines: ["ChannelNotAllowed", "WrongCardForClaim", "AlreadyClaimed", "NothingToClaim", "HoldNotElapsed"]
  },
  R43: {
    zh: "找回的卡由本人持身份证和该卡到 3/4 窗口解挂；手机上不能解挂。",
    en: "A card that is found is unlocked at window 3/4 only, with identity card and the card; not in the app.",
    files: ["Replacement", "Attendance"],
    declines: ["ChannelNotAllowed", "DocumentMissing", "CardNotLost"]
  },
  R44: {
    zh: "补办完成后，老卡永远不能解挂。",
    en: "Once the new card is active, the old one can never be unlocked.",
    files: ["Card", "Standing"],
    declines: ["CardSuperseded", "CardCancelled"]
  },
  R45: {
    zh: "卡坏了与丢了走同样的步骤：挂失、领新卡、激活、三天后领取余额。",
    en: "A damaged card takes the way of a lost one: report, new card, activation, claim after three days.",
    files: ["Replacement", "Card"],
    declines: ["HoldNotElapsed"]
  },
  R46: {
    zh: "连续三个月没有消费，有效期自动临时冻结。充值、开门、借书不算消费。",
    en: "Three months without a purchase freeze the validity. Top-ups, doors and loans are no purchases.",
    files: ["Dormancy", "flows/Sweep"],
    declines: ["CardFrozenDormant"]
  },
  R47: {
    zh: "过期的卡持身份证和校园卡到 3/4 窗口修改有效期，之后可用。",
    en: "Window 3/4 extends the validity, with identity card and campus card; then everything works again.",
    files: ["Dormancy", "Procedure"],
    declines: ["ChannelNotAllowed", "DocumentMissing"]
  },
  R48: {
    zh: "消费机上显示的是“过期”。",
    en: "What a person reads at the terminal is 过期, expired.",
    files: ["Dormancy"],
    declines: ["CardFrozenDormant", "CardExpired"]
  },
  R49: {
    zh: "餐限 30 元，日限 50 元：正好 30.00 可以，30.01 不行。",
    en: "¥30 per meal and ¥50 per day: exactly 30.00 is accepted, 30.01 is not.",
    files: ["LimitPolicy", "MealWindow"],
    declines: ["MealLimitExceeded", "DailyLimitExceeded"]
  },
  R50: {
    zh: "两个限额同时有效，以更紧的为准，并说明是哪一个、还剩多少。",
    en: "Both limits hold at once; the tighter one decides, and the answer names it and what remains.",
    files: ["LimitPolicy"],
    declines: ["MealLimitExceeded", "DailyLimitExceeded"]
  },
  R51: {
    zh: "临时校园卡给在职老师、短期培训人员和其他临时人员；学生不办。",
    en: "Temporary cards are for serving teachers, trainees and other temporary persons; not for students.",
    files: ["Person", "TemporaryCard"],
    declines: ["NotEligibleForTempCard", "NotEligibleForRegularCard"]
  },
  R52: {
    zh: "由报账员或对应管理单位申请，不由本人申请；记录是谁。",
    en: "The department's clerk or the sponsoring unit applies, not the person; which of them is recorded.",
    files: ["TemporaryCard", "AccountEvent"],
    declines: ["DocumentMissing"]
  },
  R53: {
    zh: "申请表须填好、签字、盖章，三项分别核对。",
    en: "The form must be filled in, signed and stamped: three checks, each told by itself.",
    files: ["TemporaryCard"],
    declines: ["DocumentMissing"]
  },
  R54: {
    zh: "工本费 20 元，计入收费收入，不进卡余额，不退。",
    en: "The fee is ¥20.00. It is fee income, never a balance, and is not returned.",
    files: ["TemporaryCard", "CashDesk"],
    declines: ["DeskUnknown", "FeeUnpaid"]
  },
  R55: {
    zh: "在 3/4 窗口、办理时间内开通。",
    en: "It is opened at window 3/4 in opening hours.",
    files: ["TemporaryCard", "Procedure", "SchoolProfile"],
    declines: ["ChannelNotAllowed", "OutsideServiceHours"]
  },
  R56: {
    zh: "本人在手机上查交易明细，也能看到钱在哪里：卡上、待写卡、电子钱包。",
    en: "A holder sees the own transactions, and where the money is: on the card, waiting, in the wallet.",
    files: ["Statement", "Holdings"],
    declines: []
  },
  R57: {
    zh: "校园一卡通服务网页的地址写在学校配置里。",
    en: "The address of the card service's page is a value of the school profile.",
    files: ["SchoolProfile", "presets/Csmzxy"],
    declines: []
  },
  R58: {
    zh: "食堂联网：实体卡、今日校园付款码、e码通付款码可用；身份码、支付宝不可用。",
    en: "Canteen online: card, Today Campus code and e码通 pay code; no identity code, no Alipay.",
    files: ["Acceptance"],
    declines: ["WrongCodeKind", "AlipayOnlyWhenTerminalOffline", "MediumNotAcceptedHere"]
  },
  R59: {
    zh: "食堂断网：实体卡、支付宝可用；今日校园和 e码通的码不可用。",
    en: "Canteen cut off: card and Alipay; the codes of Today Campus and e码通 wait for the server.",
    files: ["Acceptance"],
    declines: ["WrongCodeKind", "NotAcceptedOffline", "MediumNotAcceptedHere"]
  },
  R60: {
    zh: "超市联网：实体卡、今日校园付款码、e码通付款码可用；支付宝不可用。",
    en: "Shop online: card, Today Campus code and e码通 pay code; no Alipay.",
    files: ["Acceptance"],
    declines: ["WrongCodeKind", "MediumNotAcceptedHere"]
  },
  R61: {
    zh: "超市断网：只能刷实体卡。",
    en: "Shop cut off: the card only.",
    files: ["Acceptance"],
    declines: ["WrongCodeKind", "NotAcceptedOffline", "MediumNotAcceptedHere"]
  },
  R62: {
    zh: "学生公寓大门：实体卡、今日校园付款码（只识别身份）、e码通身份码。",
    en: "Dormitory gate: card, Today Campus code as identity, e码通 identity code.",
    files: ["Access", "presets/Csmzxy"],
    declines: ["WrongCodeKind", "MediumNotForDoor"]
  },
  R63: {
    zh: "青年公寓门锁：授权的实体卡和钥匙串。",
    en: "Room lock: card and key ring, both with a grant.",
    files: ["Access", "presets/Csmzxy"],
    declines: ["MediumNotForDoor", "NoGrantForDoor"]
  },
  R64: {
    zh: "图书馆：只刷实体卡。",
    en: "Library: the card only.",
    files: ["Access", "presets/Csmzxy"],
    declines: ["MediumNotForDoor"]
  },
  R65: {
    zh: "自助机领取冻结金额：只用新卡。",
    en: "The kiosk pays a claim to the new card only.",
    files: ["Replacement", "Procedure"],
    declines: ["ChannelNotAllowed", "WrongCardForClaim"]
  },
  R66: {
    zh: "自助机修改密码：刷实体卡。",
    en: "The kiosk changes a password with the card.",
    files: ["Enrolment", "Procedure"],
    declines: ["ChannelNotAllowed"]
  },
  R67: {
    zh: "今日校园：银联卡、微信、本人建行卡转账（须先绑定）；进过渡余额，刷卡写入。",
    en: "Today Campus: UnionPay, WeChat, own CCB transfer once bound; it waits in transit for a tap.",
    files: ["Recharge", "Funding"],
    declines: ["ChannelUnknown", "FundingSourceNotAccepted", "NotOwnBankCard", "BankCardNotBound"]
  },
  R68: {
    zh: "e码通：任何银联卡，先开通电子钱包、绑定银行卡；进电子钱包。",
    en: "e码通: any UnionPay card, after the e-wallet is opened and a card bound; it lands in the wallet.",
    files: ["Recharge", "Funding"],
    declines: ["ChannelUnknown", "FundingSourceNotAccepted", "EWalletNotOpened", "BankCardNotBound"]
  },
  R69: {
    zh: "建行 APP：只用本人建行卡，核对学号、身份证、姓名；进过渡余额，刷卡写入。",
    en: "CCB app: the own CCB card, with number, identity and name; it waits in transit for a tap.",
    files: ["Recharge", "Funding"],
    declines: ["ChannelUnknown", "FundingSourceNotAccepted", "NotOwnBankCard", "IdentityNotMatched"]
  },
  R70: {
    zh: "金额以元为单位，两位小数；内部用整数分，溢出即报错。",
    en: "Money is yuan with two decimals, kept as whole fen; an overflow is an error.",
    files: ["Money"],
    declines: []
  },
  R71: {
    zh: "所有时间规则按北京时间。",
    en: "All rules of time use civil time in Asia/Shanghai.",
    files: ["CivilTime"],
    declines: []
  },
  R72: {
    zh: "窗口业务记录经办人、窗口和出示的证件，留审计记录。",
    en: "What is done at a counter carries operator, window and documents, and leaves an audit entry.",
    files: ["Attendance", "flows/Auditing"],
    declines: ["OperatorMissing", "OperatorNotAllowed", "SameOperator"]
  },
  R73: {
    zh: "每次拒绝都有原因、数字、中英文说明和办法。",
    en: "Every decline has its tag, numbers, a sentence in both languages and what to do next.",
    files: ["Explanation", "Decline"],
    declines: []
  },
  R74: {
    zh: "一个账户最多一张使用中的实体卡；临时校园卡另有账户。",
    en: "An account has at most one active card; a temporary card belongs to an account of its own.",
    files: ["Card", "Person"],
    declines: ["CardTaken", "ActiveCardExists", "CardAwaitingActivation"]
  },
  R75: {
    zh: "名称、窗口、时间、电话、费用、限额、矩阵都在学校配置里；自相矛盾的不加载，并说明原因。",
    en: "All that a school sets is its profile; a contradictory one does not load, and says why.",
    files: ["SchoolProfile", "Contradictions"],
    declines: ["UnknownPoint", "DeskUnknown"]
  },
  R76: {
    zh: "手册没写的也要有：销户、商户结算、补助、错账更正。",
    en: "Also what the manual leaves out: closing, settlement with merchants, subsidies, corrections.",
    files: ["Closure", "Reversal", "Refund", "SubsidyBatch", "Settlement", "CashDesk"],
    declines: [
      "NotReversible",
      "NotRefundable",
      "AccountNotClosing",
      "PayOutTooEarly",
      "AlreadyPaidOut",
      "DebtSmaller",
      "SubsidyNotEnded",
      "BatchStepRefused",
      "SameOperator",
      "DayNotOver",
      "DayAlreadyClosed",
      "DayBeforeOpen",
      "DeskUnknown"
    ]
  }
}
