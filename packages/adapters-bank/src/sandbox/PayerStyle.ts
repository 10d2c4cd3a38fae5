/** How the pages look 样式: light and dark, from a small phone to a desk. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#eef2f1, #10161a);
  --sheet: light-dark(#fff, #182127);
  --ink: light-dark(#14211f, #e8efed);
  --soft: light-dark(#5b6b68, #9aaba7);
  --line: light-dark(#dde5e3, #2b373c);
  --jade: light-dark(#0a7d5f, #3fc59b);
  --on-jade: light-dark(#fff, #06231a);
  --mist: light-dark(#eaf6f2, #17302a);
  --red: light-dark(#b3261e, #ff9a90);
  --rose: light-dark(#fdeeec, #391d1b);
  --sand: light-dark(#7a4f00, #f0c36a);
}
* { box-sizing: border-box; margin: 0 }
body {
  min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column; align-items: center;
  background: var(--ground); color: var(--ink); padding: 0 16px 32px;
  font: 16px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  -webkit-text-size-adjust: 100%;
}
small { font-size: .8125rem; font-weight: 400; color: var(--soft); margin-inline-start: .5em }
.banner { padding: 12px 0; font-size: .875rem; font-weight: 600; color: var(--sand) }
.banner small { color: inherit; opacity: .85 }
main {
  width: 100%; max-width: 424px; background: var(--sheet); border-radius: 20px; overflow: hidden;
  box-shadow: 0 1px 2px #0000000d, 0 12px 32px #0000001a;
}
header { padding: 28px 24px 24px; text-align: center; border-bottom: 1px dashed var(--line) }
.wire { display: inline-block; padding: 2px 12px; border-radius: 99px; background: var(--mist); color: var(--jade); font-size: .875rem; font-weight: 600 }
.what { margin-top: 14px; overflow-wrap: anywhere }
.amount { font-size: 2.75rem; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -.02em }
.amount span { font-size: .55em; margin-inline-end: .12em; vertical-align: .22em }
.number { font-size: .8125rem; color: var(--soft); overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
form { padding: 20px 24px 24px; display: grid; gap: 14px }
fieldset { border: 0; padding: 0; display: grid; gap: 8px; min-width: 0 }
legend { padding: 0 0 8px; font-weight: 600 }
fieldset label {
  display: flex; align-items: center; gap: 12px; min-height: 52px; padding: 8px 16px; cursor: pointer;
  border: 1px solid var(--line); border-radius: 12px;
}
fieldset label:has(:checked) { border-color: var(--jade); background: var(--mist); box-shadow: inset 0 0 0 1px var(--jade) }
input[type=radio] { width: 18px; height: 18px; flex: none; accent-color: var(--jade) }
.who { flex: 1; min-width: 0; overflow-wrap: anywhere }
.has { color: var(--soft); font-variant-numeric: tabular-nums }
.password, .field { font-weight: 600 }
.password input {
  display: block; width: 100%; height: 52px; margin-top: 8px; padding: 0 16px; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: 12px; font: inherit; font-size: 1.25rem; letter-spacing: .35em;
}
.field input {
  display: block; width: 100%; height: 48px; margin-top: 6px; padding: 0 16px; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: 12px; font: inherit; font-weight: 400;
}
.password input::placeholder, .field input::placeholder { color: var(--line); opacity: 1 }
button {
  min-height: 54px; border: 0; border-radius: 14px; background: var(--jade); color: var(--on-jade); cursor: pointer;
  font: inherit; font-size: 1.0625rem; font-weight: 650;
}
button small { color: inherit; opacity: .85 }
button:hover { filter: brightness(1.06) }
button.no { min-height: 44px; background: transparent; color: var(--soft); font-size: 1rem; font-weight: 500 }
button.no small { opacity: 1 }
:focus-visible { outline: 3px solid color-mix(in srgb, var(--jade) 45%, transparent); outline-offset: 2px }
.problem { padding: 10px 14px; border-radius: 12px; background: var(--rose); color: var(--red); font-weight: 600 }
.problem small { display: block; margin: 0; color: inherit }
.end { padding: 32px 24px 24px; text-align: center }
.end h1 { font-size: 1.25rem }
.end h1 small { display: block; margin: 2px 0 0 }
.sign {
  width: 64px; height: 64px; margin: 0 auto 14px; display: grid; place-items: center; border-radius: 50%;
  background: var(--line); font-size: 1.75rem; line-height: 1;
}
.good .sign { background: var(--jade); color: var(--on-jade) }
dl { margin: 0 24px 12px; border-top: 1px solid var(--line) }
header + dl { border-top: 0 }
dl div { display: flex; justify-content: space-between; gap: 16px; padding: 10px 0; border-bottom: 1px solid var(--line) }
dt { flex: none }
dd { text-align: end; font-size: .9375rem; min-width: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
.onward { padding: 0 24px 28px; text-align: center }
a { color: var(--jade) }
.how { padding: 0 24px 12px; text-align: center }
.how small { display: block; margin: 0 }
pre, code { font: .8125rem/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere }
pre { margin: 0 24px 28px; padding: 14px 16px; background: var(--ground); border-radius: 12px; white-space: pre-wrap }
.wide { max-width: 860px; padding-bottom: 20px }
.wide header { text-align: start }
.wide h1 { font-size: 1.5rem; line-height: 1.3 }
.wide h2 { margin: 24px 24px 8px; font-size: 1.0625rem }
.wide h1 small, .wide h2 small { margin-inline-start: .4em }
.wide > p { padding: 10px 24px }
.wide li small, .wide p small { display: block; margin: 0 }
.wide ul { list-style: none; margin: 0 24px; padding: 0; border-top: 1px solid var(--line) }
.wide li { padding: 10px 0; border-bottom: 1px solid var(--line); display: grid; gap: 2px 24px }
.wide li code { display: block }
.wide .body { color: var(--soft) }
@media (min-width: 720px) { .wide li { grid-template-columns: minmax(0, 2fr) minmax(0, 3fr) } }
`
