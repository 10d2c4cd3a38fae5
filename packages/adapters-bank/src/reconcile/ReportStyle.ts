/** How a report looks, on a screen and on A4 paper: dark text, few lines, colours that also differ in grey. */
export const style = `
:root{--ink:#1b2430;--soft:#66707d;--line:#dfe3e8;--good:#1d6b45;--bad:#a4321f;--wash:#f5f7f9}
*{box-sizing:border-box;margin:0}
body{font:14px/1.55 "Noto Sans SC","Noto Sans CJK SC","PingFang SC","Microsoft YaHei","Source Han Sans SC",system-ui,sans-serif;color:var(--ink);background:#eceff2}
main{max-width:1040px;margin:32px auto;padding:44px 48px;background:#fff;border-radius:6px;box-shadow:0 1px 4px #1b243022}
small{display:block;font-size:.78em;line-height:1.4;color:var(--soft);font-weight:400}
header{display:flex;justify-content:space-between;align-items:flex-end;gap:32px;padding-bottom:18px;border-bottom:2px solid var(--ink)}
.school{color:var(--soft)}.school small{display:inline;margin-left:.6em}
h1{font-size:26px;line-height:1.3;font-weight:650}h1 small{font-size:14px}
h2{font-size:15px;font-weight:600;margin:20px 0 10px}h2 small{display:inline;margin-left:.6em}
dl{display:grid;grid-template-columns:auto auto;gap:2px 14px;text-align:right}dt{color:var(--soft)}dt small{display:inline;margin-left:.4em}
dd,.sum,.amount,.count{font-variant-numeric:tabular-nums}
dd,.n,.sum{white-space:nowrap}dd{font-weight:600}
.verdict{padding:10px 16px;border-left:5px solid;border-radius:3px;background:var(--wash);font-weight:600}
.good{border-color:var(--good);color:var(--good)}.bad{border-color:var(--bad);color:var(--bad)}
.totals{display:grid;grid-template-columns:repeat(3,1fr);gap:10px;margin:14px 0 26px}
.card{border:1px solid var(--line);border-radius:4px;padding:11px 16px}
h3{font-size:13px;font-weight:500;color:var(--soft)}h3 small{display:inline;margin-left:.5em}
.sum{font-size:21px;font-weight:650;line-height:1.5}.count small{display:inline;margin-left:.5em}
.scroll{overflow-x:auto}table{width:100%;border-collapse:collapse}
th{font-size:13px;text-align:left;font-weight:600;vertical-align:bottom;border-bottom:1.5px solid var(--ink);padding:0 12px 7px 0}
td{vertical-align:top;padding:11px 12px 11px 0;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}td b{font-weight:600}
td b span{margin-right:.4em}td b small{display:inline-block}
.amount{text-align:right;white-space:nowrap}td.amount{font-weight:600}
td:first-child{width:17%}td:nth-child(2){width:28%}td:nth-child(4){width:24%}td.amount{width:9%}
.id{font:12px/1.6 ui-monospace,"SF Mono",Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}.id i{color:var(--soft)}
.status{display:block;width:fit-content;margin-top:4px;padding:0 9px;white-space:nowrap;border:1px solid;border-radius:10px;font-size:12px;color:var(--bad)}
.status small{display:inline;margin-left:.4em;color:inherit}
.corrected{color:var(--good)}.carried,.waiting{color:var(--soft)}
footer{display:flex;gap:56px;margin-top:40px;color:var(--soft)}footer p{display:flex;align-items:baseline;gap:.5em}footer small{display:inline}
.line{display:inline-block;width:130px;border-bottom:1px solid var(--soft)}
@media(max-width:720px){main{margin:0;padding:22px 18px;border-radius:0}header{flex-wrap:wrap}.totals{grid-template-columns:1fr 1fr}table{min-width:820px}.card{padding:9px 12px}.sum{font-size:18px}h3 small{display:block;margin:0}}
@page{size:A4;margin:14mm 13mm}
@media print{.scroll{overflow:visible}table{min-width:0}body{background:#fff;font-size:10.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}main{max-width:none;margin:0;padding:0;border-radius:0;box-shadow:none}
table{font-size:9pt}.id{font-size:6.8pt}td:nth-child(4){width:25%}td:nth-child(2){width:27%}.sum{font-size:14pt}thead{display:table-header-group}tr,.card,footer{break-inside:avoid}}
`.replaceAll("\n", "")
