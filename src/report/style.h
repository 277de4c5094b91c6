/* style.h: how the page looks: on a screen, light or dark, on a telephone, on paper. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#define STYLE_COLOURS                                                                              \
    ":root{color-scheme:light dark;--bg:#f4f5f7;--card:#fff;--ink:#16202c;--dim:#5a6775;"          \
    "--line:#dfe3e8;--s1:#2a7f62;--s2:#3a6ea5;--s3:#c2452d;--s4:#d79a1e;--s5:#8b95a1;"             \
    "--accent:#1d3f66}"                                                                            \
    "@media(prefers-color-scheme:dark){:root{--bg:#11161c;--card:#1a212a;--ink:#e6eaef;"           \
    "--dim:#9aa6b3;--line:#2e3843;--s1:#4fb08e;--s2:#6ea3db;--s3:#ea7b63;--s4:#e5b54a;"            \
    "--s5:#76828f;--accent:#8fb8e8}}"                                                              \
    "@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--dim:#444;"           \
    "--line:#bbb;--s1:#2a7f62;--s2:#3a6ea5;--s3:#c2452d;--s4:#d79a1e;--s5:#8b95a1;--accent:#000}}"

#define STYLE_TEXT                                                                                 \
    "*{box-sizing:border-box}"                                                                     \
    "body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"   \
    "\"Segoe UI\",Roboto,\"Noto Sans\",\"PingFang SC\",\"Microsoft YaHei\",\"Noto Sans CJK SC\","  \
    "\"WenQuanYi Micro Hei\",sans-serif;overflow-wrap:anywhere}"                                   \
    "main{max-width:1080px;margin:0 auto;padding:24px 20px 48px}"                                  \
    "header{border-bottom:3px solid var(--accent);padding-bottom:12px;margin-bottom:20px}"         \
    "h1{font-size:26px;line-height:1.25;margin:0}h1 time{font-weight:400;white-space:nowrap}"      \
    "h2{font-size:18px;margin:0 0 2px}h3{font-size:15px;margin:20px 0 4px}"                        \
    "p{margin:2px 0 12px}.dim,.note{color:var(--dim)}.note{font-size:13px}"                        \
    "header p{margin:4px 0 0}code{font:13px/1.4 ui-monospace,\"SF Mono\",Consolas,"                \
    "\"DejaVu Sans Mono\",monospace;unicode-bidi:isolate}"                                         \
    "section{background:var(--card);border:1px solid var(--line);border-radius:8px;"               \
    "padding:16px 18px;margin:0 0 18px}a{color:var(--accent)}"

#define STYLE_TILES                                                                                \
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;"       \
    "margin:0 0 18px;padding:0;list-style:none}"                                                   \
    ".tiles li{background:var(--card);border:1px solid var(--line);border-top:4px solid "          \
    "var(--s5);border-radius:8px;padding:10px 14px}.tiles b{display:block;font-size:30px;"         \
    "line-height:1.2;font-variant-numeric:tabular-nums}.tiles span{display:block;font-size:14px}"  \
    ".tiles small{display:block;color:var(--dim);font-size:12.5px;line-height:1.35}"               \
    ".tiles .t1{border-top-color:var(--s1)}.tiles .t3{border-top-color:var(--s3)}"                 \
    ".tiles .t4{border-top-color:var(--s4)}.tiles .t2{border-top-color:var(--s2)}"

#define STYLE_PLOTS                                                                                \
    ".plot{display:block;width:100%;max-width:1000px;height:auto}"                                 \
    ".grid{stroke:var(--line);stroke-width:1}.tick{fill:var(--dim);font-size:13px}"                \
    ".s1{fill:var(--s1);background:var(--s1)}.s2{fill:var(--s2);background:var(--s2)}"             \
    ".s3{fill:var(--s3);background:var(--s3)}.s4{fill:var(--s4);background:var(--s4)}"             \
    ".s5{fill:var(--s5);background:var(--s5)}.soft{opacity:.38}.track{fill:var(--line);"           \
    "opacity:.45}.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;margin:8px 0}"    \
    ".legend i{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px}"    \
    ".bar{display:block;width:100%;min-width:60px;height:12px;border-radius:2px}"

#define STYLE_TABLES                                                                               \
    "table{border-collapse:collapse;width:100%;font-size:14px}"                                    \
    "th,td{text-align:left;vertical-align:top;padding:6px 10px 6px 0;"                             \
    "border-bottom:1px solid var(--line)}th{font-size:12.5px;font-weight:600;color:var(--dim);"    \
    "white-space:nowrap}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;"             \
    "white-space:nowrap}td.t{white-space:nowrap;font-variant-numeric:tabular-nums}"                \
    "td.k code{white-space:nowrap}td.p{width:26%;vertical-align:middle}"                           \
    "tbody tr:last-child td{border-bottom:0}td small{color:var(--dim);display:block;"              \
    "font-size:12.5px}.tag{display:inline-block;margin:0 10px 1px 0}.tag code{color:var(--s3)}"

#define STYLE_NARROW                                                                               \
    "@media(min-width:701px){#hours-section .n{width:64px;padding-right:18px}}"                    \
    "@media(max-width:700px){main{padding:16px 10px 32px}h1{font-size:21px}"                       \
    "section{padding:12px}.tiles{grid-template-columns:1fr 1fr;gap:8px}.tiles b{font-size:25px}"   \
    ".tick{font-size:25px}thead{position:absolute;clip-path:inset(50%);height:1px;width:1px;"      \
    "overflow:hidden}table,tbody,tr,td,td.p{display:block;width:100%}"                             \
    "tr{padding:8px 0;border-bottom:1px solid var(--line)}tbody tr:last-child{border-bottom:0}"    \
    "td,td.n,td.t{border:0;padding:1px 0 1px 38%;position:relative;text-align:left;"               \
    "white-space:normal;min-height:1.5em}td:empty{display:none}"                                   \
    "td::before{content:attr(data-l);position:absolute;left:0;width:36%;color:var(--dim);"         \
    "font-size:12.5px}td.p{padding:4px 0}td.k code{white-space:normal}}"

#define STYLE_PRINT                                                                                \
    "@page{margin:14mm}@media print{body{font-size:10pt}main{max-width:none;padding:0}"            \
    "section{border:0;padding:0;margin:0 0 14pt}.tiles li,.plot,tr,h2,h3{break-inside:avoid}"      \
    "h2,h3,.note{break-after:avoid}thead{display:table-header-group}"                              \
    "table{font-size:9pt}code{font-size:8.3pt}.tiles{grid-template-columns:repeat(3,1fr);gap:6pt}" \
    ".tiles b{font-size:18pt}svg,.legend i,.tiles li{print-color-adjust:exact;"                    \
    "-webkit-print-color-adjust:exact}.files{display:none}}"

#endif
