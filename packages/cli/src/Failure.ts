/**
 * Why a command ends without success 失败: a sentence for a person, and the exit code. 1: something is wrong with what was
 * looked at. 2: the command was used in the wrong way.
 */
import type { Fault, WhatIf } from "@yikatong/core"
import { Runtime, Schema } from "effect"

/** A sentence in Chinese and English. */
export const both = (zh: string, en: string): string => `${zh} / ${en}`

/** It can not be done: a file, the journal or the database is not as it must be. */
export class Failed extends Schema.TaggedError<Failed>()("Failed", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 1
}

/** The command was called in a way that means nothing. */
export class WrongUse extends Schema.TaggedError<WrongUse>()("WrongUse", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 2
}

/** What was looked at is flawed; all of that has been said already. */
export class Flawed extends Schema.TaggedError<Flawed>()("Flawed", {}) {
  override readonly [Runtime.errorExitCode] = 1
}

/** What a store does not do, in a sentence. */
const faults = {
  StoreUnavailable: both("数据库不可用", "the database can not be reached"),
  Overloaded: both("排队的指令过多，请稍后再试", "too many commands wait, try again a little later"),
  StoreFull: both("数据库空间已满，或不允许写入", "the database has no room left, or may not be written"),
  StoreBroken: both("数据库无法读取", "the database can not be read")
} satisfies Record<Fault.StoreFault["_tag"], string>

/** A fault of the store. The details are the database's own words, in its own language; adapters leave data out of them. */
export const ofFault = (fault: Fault.FolderInUse | Fault.StoreFault): Failed => {
  if (fault._tag === "FolderInUse") {
    const { folder, lock, process } = fault
    const zh = process === undefined ? `占用 ${lock} 者` : `进程 ${process}`
    const en = process === undefined ? `whoever holds ${lock}` : `process ${process}`
    return new Failed({
      message: both(
        `${folder} 已被打开（${zh}），请先在那里关闭`,
        `${folder} is open already, by ${en}: close it there first`
      )
    })
  }
  const { _tag, operation } = fault
  const cause = _tag === "Overloaded" ? undefined : fault.cause
  const problem = _tag === "Overloaded" || fault.problem === undefined ? "" : `; ${fault.problem}`
  const details = `${cause instanceof Error ? `${operation}: ${cause.message}` : operation}${problem}`
  return new Failed({ message: `${faults[_tag]} (详情 details: ${details})` })
}

/** A journal that lacks the beginning of an account, or a line of it. */
export const ofIncomplete = ({ account, sequence }: WhatIf.JournalIncomplete): Failed =>
  new Failed({
    message: both(
      `流水不完整：第 ${sequence} 行之前缺少账户 ${account ?? "?"} 的记录`,
      `the journal is incomplete: lines of account ${account ?? "?"} are missing before line ${sequence}`
    )
  })
