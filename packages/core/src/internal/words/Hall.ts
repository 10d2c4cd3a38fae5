/**
 * Declines of the service hall 教育阳光服务大厅: operators, documents, hours (R9, R32, R36, R43, R53, R72, A19).
 */
import { Schema } from "effect"
import type { Missing } from "../../Decline.ts"
import { Procedure } from "../../Procedure.ts"
import type { Declines } from "./Entry.ts"
import { dated } from "./Figures.ts"
import { hours } from "./Hours.ts"
import { type Paper, papers, procedures } from "./Names.ts"
import { placeOf } from "./Places.ts"
import { joined, known, type Text, text } from "./Text.ts"

const isProcedure = Schema.is(Procedure)

const isPaper = (missing: Missing): missing is Paper => !missing.startsWith("form")

const onForm = (missing: Exclude<Missing, Paper>): Text => {
  switch (missing) {
    case "formFilled":
      return text("未填写完整", "not filled in")
    case "formSigned":
      return text("未签字", "not signed")
    case "formStamped":
      return text("未盖章", "not stamped")
  }
}

/** What is not on the desk, and what is not on the form. */
const lacking = (missing: ReadonlyArray<Missing>): Text => {
  const brought = missing.filter(isPaper)
  const form = missing.flatMap((one) => isPaper(one) ? [] : [onForm(one)])
  return joined(
    [
      ...(brought.length === 0 ? [] : [text("缺少{}", "missing {}", papers(brought))]),
      ...(form.length === 0 ? [] : [text("临时卡申请表{}", "application form {}", joined(form, "、", ", "))])
    ],
    "，",
    ", "
  )
}

const complete = text("填好临时卡申请表并签字盖章", "have the application form filled in, signed and stamped")
const again = text("请带齐材料后再办理", "Bring them, then begin again")
const anything = text("此业务", "this")

/** Operators, documents, hours. */
export const hall = {
  OperatorMissing: () => [
    text("此业务须由工作人员办理", "A member of staff does this"),
    text("请工作人员登录后再办理", "Staff: sign in, then begin again")
  ],
  OperatorNotAllowed: ({ procedure }, profile) => [
    text("当前岗位不办理{}", "Not among the duties of this post: {}", known(procedures, procedure) ?? anything),
    isProcedure(procedure)
      ? text(
        "请{}，由负责此业务的岗位办理",
        "Have it done {}, by whoever is in charge of it",
        placeOf(profile, procedure)
      )
      : text("请由负责此业务的岗位办理", "Have it done by whoever is in charge of it")
  ],
  DocumentMissing: ({ missing }) => {
    const brought = missing.filter(isPaper).filter((one) => one !== "applicationForm")
    const steps = [
      ...(brought.length === 0 ? [] : [text("带齐{}", "bring {}", papers(brought))]),
      ...(missing.length === brought.length ? [] : [complete])
    ]
    if (steps.length === 0) return [text("材料不全", "Documents are missing"), again]
    return [
      text("材料不全：{}", "Documents: {}", lacking(missing)),
      text("请{}后再办理", "Please {}, then begin again", joined(steps, "，", ", "))
    ]
  },
  OutsideServiceHours: ({ nextOpening }, profile) => [
    text("现在不在办理时间内", "The service hall is closed now"),
    nextOpening === undefined
      ? hours(profile)
      : text("下次开放：{}。{}", "Next open: {}. {}", dated(nextOpening), hours(profile))
  ]
} satisfies Partial<Declines>
