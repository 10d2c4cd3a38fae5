/**
 * What a person tells the bank's app 充值申请, read so strictly that the link can carry it: GBK, and no wider than its fields. Names
 * and numbers of documents are kept `Redacted`.
 */
import { Schema } from "effect"
import * as Gbk from "../Gbk.ts"

/** Text of at most so many bytes in GBK, with no blank at its ends, which padding would swallow. */
const written = (most: number) =>
  Schema.String.check(
    Schema.isPattern(/^[^\p{Cc}\p{Cs}]{1,64}$/u),
    Schema.makeFilter(
      (text: string) => text.trim() === text && Gbk.isWritable(text) && Gbk.encode(text).length <= most,
      { expected: `text of at most ${most} bytes in GBK` }
    )
  )

/** A person's name 姓名. */
export const Name = Schema.RedactedFromValue(written(64))
/** The number of a document 证件号码. */
export const IdNumber = Schema.RedactedFromValue(Schema.String.check(Schema.isPattern(/^[0-9A-Za-z()]{5,20}$/)))
/** 学号; it stands between separators in the bank's list of the day. */
export const StudentNumber = Schema.String.check(Schema.isPattern(/^[0-9A-Za-z-]{1,20}$/))
/** The account as the school answered it. */
export const Account = written(64)
/** The last four digits of a card 尾号. */
export const Tail = Schema.String.check(Schema.isPattern(/^[0-9]{4}$/))

/** Who is it 查询? */
export const Claim = Schema.Struct({
  studentNumber: StudentNumber,
  name: Name,
  idNumber: Schema.optionalKey(IdNumber)
})
export interface Claim extends Schema.Schema.Type<typeof Claim> {}
