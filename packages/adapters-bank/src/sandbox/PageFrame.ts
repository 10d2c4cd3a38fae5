/**
 * The frame of the sandbox's pages 页面外框: plain HTML without a script, in Chinese and English, so that it works in whatever opens
 * it, and shows as text what others wrote.
 */
import { Money } from "@yikatong/core"
import { createHash } from "node:crypto"
import { style } from "./PayerStyle.ts"
import type { Answer } from "./Wire.ts"

/** Text in two languages. */
export type Said = readonly [zh: string, en: string]

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

export const both = ([zh, en]: Said): string => `${escaped(zh)}<small lang="en">${escaped(en)}</small>`

export const yuan = (fen: number): string => Money.format(fen as Money.Money)

/** What became of it, large. */
export const aside = (sign: string, said: Said, kind = "plain"): string =>
  `<section class="end ${kind}"><p class="sign" aria-hidden="true">${sign}</p><h1>${both(said)}</h1></section>`

/** What is wrong, and what helps; nothing where nothing is. */
export const problem = (said: Said | undefined): string =>
  said === undefined ? "" : `<p class="problem" role="alert">${both(said)}</p>`

/** Names and values, below each other. */
export const rows = (of: ReadonlyArray<readonly [Said, string]>): string =>
  `<dl>${of.map(([said, value]) => `<div><dt>${both(said)}</dt><dd>${escaped(value)}</dd></div>`).join("\n")}</dl>`

/** Payers to choose from; the first, where none is `chosen`. */
export const payers = (
  all: ReadonlyArray<{ readonly name: string; readonly has: number }>,
  chosen = all[0]?.name
): string =>
  `<fieldset><legend>${both(["付款人", "Who pays"])}</legend>
${
    all.map(({ has, name }) =>
      `<label><input type="radio" name="payer" value="${escaped(name)}"${name === chosen ? " checked" : ""}>` +
      `<span class="who">${escaped(name)}</span><span class="has">¥${yuan(has)}</span></label>`
    ).join("\n")
  }
</fieldset>`

/** Every payer's password in the sandbox; every other is a wrong one. */
export const password = "123456"

export const passwordField = `<label class="password">${both(["支付密码", `Password, ${password} here`])}
<input type="password" name="password" inputmode="numeric" maxlength="6" autocomplete="off" placeholder="${password}"></label>`

const styleHash = createHash("sha256").update(style).digest("base64")

/** `onwardTo`: an origin beside this one that the page's forms may be sent to. `width`: of a page that is read. */
export const page = (
  status: number,
  content: string,
  { onwardTo = "", title = ["沙箱收银台", "Sandbox cashier"], width = "narrow" }: {
    readonly onwardTo?: string | undefined
    readonly title?: Said
    readonly width?: "narrow" | "wide"
  } = {}
): Answer => ({
  status,
  headers: {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy":
      `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self' ${onwardTo}; frame-ancestors 'none'; base-uri 'none'`,
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff"
  },
  body: new TextEncoder().encode(`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title.join(" · ")}</title>
<style>${style}</style>
</head>
<body>
<p class="banner">${both(["沙箱，不是真钱", "Sandbox: no real money"])}</p>
<main class="${width}">
${content}
</main>
</body>
</html>
`)
})
