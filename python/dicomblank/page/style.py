"""How the page looks: on a screen, light or dark and of any width, and on paper."""

from __future__ import annotations

__all__ = ["CSS"]

#: Every color is a variable, so that the two lists below are all there are; a test computes their contrasts.
CSS = """
:root{--ground:#fff;--raised:#f5f7f9;--text:#1c2127;--quiet:#56606b;--line:#d9dfe5;--strong:#858f9a;--link:#0b57a0;
--pass:#13663a;--pass-ground:#e8f4ec;--review:#7a4300;--review-ground:#fcf3e3;--bad:#ab2018;
--bar-done:#2b7a78;--bar-same:#6f9a94;--bar-left:#8c959f;--bar-bad:#c4453b;--example:#f5f7f9;color-scheme:light}
@media screen and (prefers-color-scheme:dark){:root{--ground:#15181c;--raised:#1d2126;--text:#e6e9ec;--quiet:#a5aeb8;
--line:#343b43;--strong:#6b757f;--link:#85bdf7;--pass:#83d3a2;--pass-ground:#15291d;--review:#f0c27b;
--review-ground:#2c2213;--bad:#ff9f96;--bar-done:#56b3ae;--bar-same:#3f7f7b;--bar-left:#7b858f;--bar-bad:#e5756b;
--example:#1d2126;color-scheme:dark}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--ground);color:var(--text);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue","Liberation Sans","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
.page{max-width:60rem;margin:0 auto;padding:2.5rem clamp(1rem,4vw,3rem) 4rem}
nav{display:none}
h1,h2,h3,p,ul,ol,dl,dd,table{margin:0}
h1{font-size:1.9rem;line-height:1.2;font-weight:650;letter-spacing:-.015em}
h2{font-size:1.3rem;line-height:1.3;font-weight:650;letter-spacing:-.01em}
h3{font-size:1rem;font-weight:650}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.2em}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
section{border-top:1px solid var(--line);padding:2rem 0 .5rem;margin-top:2rem;scroll-margin-top:1rem}
section>*+*,.kind>*+*{margin-top:.75rem}
section>*+h3{margin-top:1.75rem}
section>h2+*,section>h2+h3{margin-top:.6rem}
.lead,.about,.small{color:var(--quiet)}
.lead{margin-top:.35rem}
.about{max-width:44rem}
.small{font-size:.875rem}
.kicker{color:var(--quiet);font-size:.8125rem;font-weight:600;letter-spacing:.04em}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;
font-size:.875em}
.name{unicode-bidi:isolate;direction:ltr}
.verdict{border:0;border-left:.4rem solid;border-radius:.3rem;margin-top:1.75rem;padding:1.25rem 1.5rem}
.verdict .word{font-size:1.6rem;line-height:1.25;font-weight:700;letter-spacing:.005em}
.verdict p+*{margin-top:.25rem}
.verdict .small{margin-top:.75rem}
.pass{background:var(--pass-ground);border-color:var(--pass)}
.pass .word{color:var(--pass)}
.review{background:var(--review-ground);border-color:var(--review)}
.review .word{color:var(--review)}
.verdict .small,.verdict .kicker{color:var(--text)}
.reasons{list-style:none;padding:0}
.verdict .reasons{margin-top:.75rem}
.reasons a{display:grid;grid-template-columns:minmax(2.6rem,auto) 1fr;column-gap:.6rem;padding:.3rem 0;
color:var(--text);text-decoration:none;border-top:1px solid var(--strong)}
.reasons a span{text-decoration:underline;text-decoration-color:var(--strong);text-underline-offset:.2em}
.reasons a:hover span{text-decoration-color:currentColor}
.notes{padding-left:1.1rem;color:var(--quiet)}
.notes li+li{margin-top:.2rem}
.beside{margin-top:1rem}
.beside .kicker{margin-bottom:.2rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(7rem,1fr));gap:1rem 1.25rem;margin-top:1.75rem}
.figures div{display:flex;flex-direction:column-reverse;justify-content:flex-end}
.figures dt{color:var(--quiet);font-size:.875rem}
.figures dd{font-size:1.6rem;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
.facts{display:grid;grid-template-columns:minmax(8rem,11rem) 1fr;gap:.45rem 1.25rem}
.facts dt{color:var(--quiet)}
.run+.run{margin-top:1.5rem;padding-top:1.5rem;border-top:1px solid var(--line)}
table{width:100%;border-collapse:collapse;font-size:.9375rem;font-variant-numeric:tabular-nums}
thead th{color:var(--quiet);font-size:.8125rem;font-weight:600;vertical-align:bottom;
border-bottom:1px solid var(--strong)}
th,td{text-align:left;vertical-align:top;padding:.42rem 1.1rem .42rem 0;font-weight:400;
border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
.r{text-align:right;white-space:nowrap}
.nowrap td:nth-child(2){white-space:nowrap}
.kind{margin-top:1.6rem;padding-left:1rem;border-left:3px solid var(--line)}
.kind.bad{border-color:var(--bar-bad)}
.kind h3{display:flex;flex-wrap:wrap;gap:0 .6rem;align-items:baseline}
.kind h3 b{font-variant-numeric:tabular-nums}
.kind>*+*{margin-top:.3rem}
.todo b{font-weight:600}
.files{list-style:none;padding:0;font-size:.875rem}
.files{columns:24rem 2;column-gap:2rem}
.files li{padding:.12rem 0;break-inside:avoid}
.opt{white-space:nowrap}
.files span{color:var(--quiet)}
.bar{display:block;width:100%;height:1.1rem;border-radius:.25rem;overflow:hidden;background:var(--raised)}
.chart{display:block;width:100%;height:7rem;border-bottom:1px solid var(--strong)}
.axis{display:flex;justify-content:space-between;color:var(--quiet);font-size:.8125rem}
svg .done{fill:var(--bar-done)}svg .same{fill:var(--bar-same)}svg .left{fill:var(--bar-left)}
svg .bad{fill:var(--bar-bad)}
.swatch{display:inline-block;width:.8rem;height:.8rem;border-radius:.15rem;margin-right:.55rem;vertical-align:-.08rem}
.swatch rect{width:100%;height:100%}
.words{columns:15rem;column-gap:2rem;list-style:none;padding:0;font-size:.875rem}
details summary{cursor:pointer;color:var(--link)}
details>*+*{margin-top:.6rem}
.example{background:var(--example);border-radius:.3rem;padding:.5rem 1rem}
.example tr:last-child>*{border-bottom:0}
.example td{white-space:pre-wrap}
.pad{color:var(--quiet)}
.example .small{font-size:.8125rem}
.sign{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:1.5rem 2.5rem;break-inside:avoid}
.sign div{border-bottom:1px solid var(--strong);min-height:4.2rem;display:flex;align-items:flex-start;
color:var(--quiet);font-size:.8125rem}
.boxes{display:flex;flex-wrap:wrap;gap:.5rem 2.5rem;list-style:none;padding:0}
.boxes li{display:flex;align-items:center;gap:.6rem}
.box{width:1rem;height:1rem;border:1.5px solid var(--strong);border-radius:.15rem;flex:none}
footer{margin-top:2.5rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--quiet);font-size:.8125rem}
@media screen and (min-width:76rem){
.page{max-width:78rem;display:grid;grid-template-columns:12rem minmax(0,1fr);column-gap:4rem}
nav{display:block;position:sticky;top:2.5rem;align-self:start;font-size:.875rem}
nav ol{list-style:none;padding:0;border-left:1px solid var(--line)}
nav li a{display:block;padding:.25rem 0 .25rem 1rem;color:var(--quiet);text-decoration:none}
nav li a:hover{color:var(--text)}
}
@media screen and (max-width:44rem){
.page{padding-top:1.5rem}
h1{font-size:1.55rem}
.verdict{padding:1rem}
.verdict .word{font-size:1.4rem}
.figures{grid-template-columns:1fr 1fr}
.figures dd{font-size:1.35rem}
.facts{grid-template-columns:1fr;gap:0}
.facts dd+dt{margin-top:.6rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,tbody th,td{display:block}
tr{padding:.55rem 0;border-bottom:1px solid var(--line)}
th,td,th:last-child,td:last-child{border:0;padding:.08rem 0}
tbody th{font-weight:600}
td{display:grid;grid-template-columns:7.5rem minmax(0,1fr);column-gap:.75rem}
td::before{content:attr(data-label);color:var(--quiet);font-size:.8125rem;line-height:1.9}
.r{text-align:left}
}
@media print{
@page{size:A4;margin:16mm 15mm 18mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif}}
:root{--raised:#f2f4f6}
html{font-size:9.5pt;scroll-behavior:auto}
body{line-height:1.45}
.page{max-width:none;padding:0}
.figures{grid-template-columns:repeat(auto-fit,minmax(5rem,1fr))}
.sign{grid-template-columns:repeat(3,1fr)}
section{margin-top:1.2rem;padding-top:1.2rem}
.files{columns:20rem 2}
th,td{padding-top:.25rem;padding-bottom:.25rem}
h2,h3,thead,.kicker{break-after:avoid}
tr,li,.verdict,.figures,.bar,.chart,.example,.whole,#sign{break-inside:avoid}
.kind h3,.kind .about{break-after:avoid}
a{color:inherit;text-decoration:none}
.verdict,.bar,.swatch,svg,.example,.box{-webkit-print-color-adjust:exact;print-color-adjust:exact}
details:not([open]){display:none}
}
"""
