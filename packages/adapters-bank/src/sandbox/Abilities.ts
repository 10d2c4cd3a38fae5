/**
 * What can go wrong where 故障能力: every wire's operations, and which mischief each can be told. So a rule that can never fit is
 * refused when it is made, and does not wait for ever.
 *
 * A forgery is listed where it changes what is sent; a wire without a mark of its own for one may do it as another does, as
 * WeChat Pay does `ownCertificate`, which sends none. A wire that is not of this house can be told anything.
 */
import { Forgery, type Mischief, type Rule } from "./Mischief.ts"
import type { Said } from "./PageFrame.ts"

/** What one operation can be told. `forges`: which forgeries, where it can be told to forge. */
export interface Ability {
  readonly does: ReadonlyArray<Mischief["_tag"]>
  readonly forges: ReadonlyArray<Forgery>
}

/** By wire, by operation; `*`: any other operation. */
export type Abilities = Readonly<Record<string, Readonly<Record<string, Ability>>>>

const every = Forgery.literals
const without = (...not: ReadonlyArray<Forgery>) => every.filter((one) => !not.includes(one))

/** A request over HTTP. What is not signed, and tells no money, can not be forged. */
const request = (forges: ReadonlyArray<Forgery> = [], ...more: ReadonlyArray<Mischief["_tag"]>): Ability => ({
  does: ["Drop", "Delay", "Error", "Limit", "Truncate", ...(forges.length === 0 ? [] : ["Forge" as const]), ...more],
  forges
})
const notice = (forges: ReadonlyArray<Forgery>): Ability => request(forges, "Duplicate", "Reorder", "Replay")
/** A message of a bank over TCP; its MAC is made with another key, or before it is changed, where it has one. */
const message = (...does: ReadonlyArray<Mischief["_tag"]>): Ability => ({
  does,
  forges: does.includes("Forge") ? ["otherKey", "tamper"] : []
})
const all = (names: ReadonlyArray<string>, ability: Ability) => Object.fromEntries(names.map((name) => [name, ability]))

const weChatSigned = without("wrongAmount", "otherMerchant")
const unionPaySigned = without("probe")
const alipaySigned = without("skewPast", "skewFuture")

const known: Abilities = {
  wechat: {
    ...all(["create", "query", "refund", "queryRefund"], request(every)),
    ...all(["close", "reverse", "fundFlow", "certificates", "echo", "unknown"], request(weChatSigned)),
    bill: request(weChatSigned, "Bill"),
    // Its file is not signed.
    download: request(),
    notice: notice(every)
  },
  unionpay: {
    ...all(["create", "query", "refund", "refused"], request(unionPaySigned)),
    bill: request(unionPaySigned, "Bill"),
    notice: notice(unionPaySigned)
  },
  alipay: {
    ...all(["create", "query", "close", "refund", "queryRefund", "unknown"], request(alipaySigned)),
    bill: request(alipaySigned, "Bill"),
    ...all(["download", "refused"], request()),
    notice: notice(every)
  },
  // Its answers are not signed, and it writes no bill.
  ccb: {
    ...all(["create", "query", "close"], request(["wrongAmount", "otherMerchant"])),
    ...all(["register", "refused"], request()),
    notice: notice(without("skewPast", "skewFuture"))
  },
  iso8583: {
    // They bear no MAC.
    ...all(["signIn", "signOut"], message("Drop", "Delay", "Truncate")),
    ...all(["debit", "reverse"], message("Drop", "Delay", "Truncate", "Forge", "Replay"))
  },
  transferLink: {
    ...all(
      ["SignIn", "SignOut", "Contract", "Terminate", "Transfer", "Reversal", "Download"],
      message("Drop", "Delay", "Truncate", "Forge", "Replay")
    ),
    bill: message("Bill")
  },
  // What it asks the school, not what it is answered.
  ccbApp: {
    ...all(
      ["Lookup", "Deposit", "Reverse", "Inquiry", "SignIn"],
      message("Drop", "Delay", "Duplicate", "Truncate", "Forge", "Replay")
    ),
    bill: message("Bill")
  }
}

const banks = ["iso8583", "transferLink", "ccbApp"]
const another = { notice: notice(every), "*": request(every, "Bill") }

/** Those of a sandbox with these wires; its banks are always there. */
export const of = (wires: ReadonlyArray<{ readonly name: string }>): Abilities =>
  Object.fromEntries([...wires.map(({ name }) => name), ...banks].map((name) => [name, known[name] ?? another]))

const can = ({ does: all, forges }: Ability, does: Mischief): boolean =>
  all.includes(does._tag) && (does._tag !== "Forge" || forges.includes(does.how))

/** A name may be any text, also one that every object has. */
const abilityOf = (operations: Abilities[string], name: string): Ability | undefined =>
  Object.hasOwn(operations, name) ? operations[name] : operations["*"]

/** Whether an operation can do this wrong; what it can not goes on waiting for one that can. */
export const isAble = (abilities: Abilities) => (does: Mischief, wire: string, operation: string): boolean => {
  const ability = Object.hasOwn(abilities, wire) ? abilityOf(abilities[wire] ?? {}, operation) : undefined
  return ability !== undefined && can(ability, does)
}

/** Why a rule can never hold, and what would; nothing where it can. */
export const refusal = ({ does, operation, wire }: Rule, abilities: Abilities): Said | undefined => {
  const wires = Object.entries(abilities).filter(([name]) => name === (wire ?? name))
  if (wires.length === 0) return saying("没有这个通道", "there is no such wire", Object.keys(abilities))
  const found = wires.flatMap(([, operations]) =>
    operation === undefined ? Object.values(operations) : abilityOf(operations, operation) ?? []
  )
  if (found.length === 0) {
    const names = wires.flatMap(([, operations]) => Object.keys(operations))
    return saying("没有这个操作", "there is no such operation", names)
  }
  if (found.some((ability) => can(ability, does))) return undefined
  const told = found.filter((ability) => ability.does.includes(does._tag))
  if (told.length === 0) {
    return saying("这里做不到这种故障", "that can not go wrong here", found.flatMap((ability) => ability.does))
  }
  return saying("这里没有这种伪造", "that can not be forged here", told.flatMap(({ forges }) => forges))
}

const saying = (zh: string, en: string, fit: ReadonlyArray<string>): Said => {
  const names = [...new Set(fit)].join(", ")
  return [`${zh}；可用：${names}`, `${en}; what fits: ${names}`]
}
