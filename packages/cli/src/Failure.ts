/**
 * Why a command ends without success 失败: a sentence for a person, and the exit code. 1: something is wrong with what was
 * looked at. 2: the command was used in the wrong way. 3: nothing is known of it, since it could not be looked at.
 */
import type { Fault, WhatIf } from "@yikatong/core"
import { Runtime, Schema } from "effect"

/** A sentence in Chinese and English. */
export const both = (zh: string, en: string): string => `${zh} / ${en}`

/** What the help of each command that looks at a campus says of its exit codes. */
export const exitCodes = both(
  "退出码：0 无误，1 有差错，2 用法不对，3 无法查看（数据库不可用、口令不对、没有校园等）",
  "exit codes: 0 good, 1 something is wrong with what was looked at, 2 wrong use, 3 nothing is known " +
    "(no database, no entry, no campus)"
)

/** It can not be done: a file or the journal in it is not as it must be. */
export class Failed extends Schema.TaggedError<Failed>()("Failed", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 1
}

/** The campus could not be looked at, or not to the end: nothing is known of it, good or bad. */
export class Unknown extends Schema.TaggedError<Unknown>()("Unknown", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 3
}

/** The command was called in a way that means nothing. */
export class WrongUse extends Schema.TaggedError<WrongUse>()("WrongUse", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 2
}

/** What was looked at is flawed; all of that has been said already. */
export class Flawed extends Schema.TaggedError<Flawed>()("Flawed", {}) {
  override readonly [Runtime.errorExitCode] = 1
}

/** What a store does not do, in a sentence, where its cause tells no more. */
const faults = {
  StoreUnavailable: both("数据库不可用", "the database can not be reached"),
  Overloaded: both("排队的指令过多，请稍后再试", "too many commands wait, try again a little later"),
  StoreFull: both("数据库空间已满，或不允许写入", "the database has no room left, or may not be written"),
  StoreBroken: both("数据库无法读取", "the database can not be read")
} satisfies Record<Fault.StoreFault["_tag"], string>

/** The same where something was to be written: seals, tables. */
const unwritten = { ...faults, StoreBroken: both("数据库拒绝写入", "the database refuses what was to be written") }

/** Causes that a person can do something about, by SQLSTATE or by the code of a failed socket. */
const causes: Readonly<Record<string, string>> = {
  "25006": both("这台服务器只能读，不能写入", "this server may only be read, not written"),
  "28000": both("用户名或密码不对", "the server refuses this user or password"),
  "28P01": both("用户名或密码不对", "the server refuses this user or password"),
  "3D000": both("数据库不存在", "there is no such database on this server"),
  "53100": both("数据库的磁盘已满", "the disk of the database is full"),
  "55P03": both("另一会话占着锁", "another session holds a lock")
}
const standby = both("这台服务器是备库，请连接主库", "this server is a standby: ask the one that writes")
const late = both("数据库未在限定时间内答复", "the database did not answer in the time that was allowed")
const withoutRight = {
  read: both("没有读取权限", "this user may not read the campus"),
  write: both("没有写入校园所需的权限", "this user lacks a right that it takes to write to the campus")
}

/** What a command does with the campus. */
export type Doing = "read" | "write"

const sentence = (fault: Fault.StoreFault, doing: Doing): string => {
  const cause = fault._tag === "Overloaded" ? undefined : fault.cause
  const problem = fault._tag === "Overloaded" ? undefined : fault.problem
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : ""
  if (code === "42501") return withoutRight[doing]
  if (problem?.startsWith("this server is a standby") === true) return standby
  if (problem?.startsWith("the database did not answer in time") === true) return late
  const known = Object.hasOwn(causes, code) ? causes[code] : undefined
  return known ?? (doing === "write" ? unwritten : faults)[fault._tag]
}

/**
 * A fault of the store, its true cause first. The details are the database's own words, in its own language; adapters leave
 * data out of them.
 */
export const ofFault = (fault: Fault.FolderInUse | Fault.StoreFault, doing: Doing = "read"): Unknown => {
  if (fault._tag === "FolderInUse") {
    const { folder, lock, process } = fault
    const zh = process === undefined ? `占用 ${lock} 者` : `进程 ${process}`
    const en = process === undefined ? `whoever holds ${lock}` : `process ${process}`
    return new Unknown({
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
  return new Unknown({ message: `${sentence(fault, doing)} (详情 details: ${details})` })
}

/** A journal that lacks the beginning of an account, or a line of it. */
export const ofIncomplete = ({ account, sequence }: WhatIf.JournalIncomplete): Failed =>
  new Failed({
    message: both(
      `流水不完整：第 ${sequence} 行之前缺少账户 ${account ?? "?"} 的记录`,
      `the journal is incomplete: lines of account ${account ?? "?"} are missing before line ${sequence}`
    )
  })
