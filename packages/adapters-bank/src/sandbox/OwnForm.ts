/**
 * A form of the sandbox's own pages 本页表单: it bears a seal that only this start can make, for one page, so that no other page
 * can send it.
 */
import type { Callback } from "@yikatong/core"
import { Redacted, Result } from "effect"
import { createHmac, timingSafeEqual } from "node:crypto"
import * as FormBody from "../FormBody.ts"
import type { Desk } from "./Desk.ts"

/** The hidden field of a form that stands in `page`. */
export const field = (desk: Pick<Desk, "token">, page: string): string =>
  `<input type="hidden" name="csrf" value="${seal(desk, page)}">`

/** What was sent from `page`; nothing where it came from elsewhere, or is no form. */
export const read = (
  desk: Pick<Desk, "token">,
  page: string,
  request: Callback.Raw
): ReadonlyMap<string, string> | undefined => {
  const form = isOwn(request) ? FormBody.parse(request.body) : Result.fail(undefined)
  if (Result.isFailure(form)) return undefined
  return isSame(form.success.get("csrf") ?? "", seal(desk, page)) ? form.success : undefined
}

/** Browsers say which page a form stood in; other programs say nothing. */
const isOwn = ({ headers }: Callback.Raw): boolean => (headers["sec-fetch-site"] ?? "same-origin") === "same-origin"

const seal = ({ token }: Pick<Desk, "token">, page: string): string =>
  createHmac("sha256", Redacted.value(token)).update(page).digest("hex")

const isSame = (one: string, other: string): boolean =>
  Buffer.byteLength(one) === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
