/**
 * The value of one field of a described record, and the text that stands for it on the wire.
 *
 * Money is whole fen on this side, whatever the wire writes; a day is a civil day; a time stays its six digits. Nothing
 * is an empty text. What is read and written again is the same text, so a value that padding would change is refused.
 */
import { Callback, CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import type { Field } from "./Layout.ts"

/** A value; a day and money are numbers. */
export type LayoutValue = string | number | boolean

const malformed = (field: Field): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal("malformed", `the field ${field.name}`))

const isTime = (text: string): boolean => /^(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$/.test(text)

const isMoney = (value: LayoutValue): value is Money.Money =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0

const isDay = (value: LayoutValue): value is CivilTime.Day =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= CivilTime.firstDay && value <= CivilTime.lastDay

const controls = /[\p{Cc}\p{Cs}]/u

const written = (field: Field, value: LayoutValue): string | undefined => {
  switch (field.type) {
    case "text":
      return typeof value === "string" && value !== "" && !controls.test(value) ? value : undefined
    case "digits":
      return typeof value === "string" && /^[0-9]+$/.test(value) ? value : undefined
    case "fen":
      return isMoney(value) ? String(value) : undefined
    case "yuan":
      return isMoney(value) ? Money.format(value) : undefined
    case "date":
      return isDay(value) ? CivilTime.formatDay(value).replaceAll("-", "") : undefined
    case "time":
      return typeof value === "string" && isTime(value) ? value : undefined
    case "flag":
      return typeof value === "boolean" ? (value ? "Y" : "N") : undefined
  }
}

/** The text of a value; empty for none, where the field may be empty. */
export const write = (field: Field, value: LayoutValue | undefined): Result.Result<string, Callback.Refusal> => {
  if (value === undefined) return field.optional ? Result.succeed("") : malformed(field)
  const text = written(field, value)
  return text === undefined || unpadded(field, text) !== bare(field, text) ? malformed(field) : Result.succeed(text)
}

/** The text without its padding. */
export const unpadded = (field: Field, text: string): string => {
  if (field.align === "left") {
    let to = text.length
    while (to > 0 && text[to - 1] === field.pad) to--
    return text.slice(0, to)
  }
  let from = 0
  while (from < text.length && text[from] === field.pad) from++
  return bare(field, text.slice(from))
}

/** Money whose zeros were taken for padding: nothing is left of 0, and nothing before the point of 0.50. */
const bare = (field: Field, text: string): string => {
  if (field.type === "fen") return text === "" ? "0" : text
  if (field.type === "yuan") return text.startsWith(".") ? `0${text}` : text
  return text
}

const money = (field: Field, fen: number): Result.Result<LayoutValue, Callback.Refusal> =>
  Number.isSafeInteger(fen) ? Result.succeed(fen) : malformed(field)

/** The value of a text without padding; nothing where it is empty and may be. */
export const read = (field: Field, text: string): Result.Result<LayoutValue | undefined, Callback.Refusal> => {
  if (text === "") return field.optional ? Result.succeed(undefined) : malformed(field)
  switch (field.type) {
    case "text":
      return controls.test(text) ? malformed(field) : Result.succeed(text)
    case "digits":
      return /^[0-9]+$/.test(text) ? Result.succeed(text) : malformed(field)
    case "fen":
      return /^(?:0|[1-9][0-9]*)$/.test(text) ? money(field, Number(text)) : malformed(field)
    case "yuan":
      return /\.[0-9]{2}$/.test(text)
        ? Result.mapError(Money.parse(text), () => Callback.refusal("malformed", `the field ${field.name}`))
        : malformed(field)
    case "date":
      return /^[0-9]{8}$/.test(text)
        ? Result.mapError(
          CivilTime.parseDay(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`),
          () => Callback.refusal("malformed", `the field ${field.name}`)
        )
        : malformed(field)
    case "time":
      return isTime(text) ? Result.succeed(text) : malformed(field)
    case "flag":
      return text === "Y" || text === "N" ? Result.succeed(text === "Y") : malformed(field)
  }
}
