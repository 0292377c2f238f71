/** The look of the page: sober, readable on paper, light or dark as its reader likes it. No script, nothing from elsewhere. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1c2024; --soft: #5b6470; --line: #dfe3e8; --panel: #f6f7f9;
  --bad: #b3261e; --doubtful: #8a5a00; --good: #1b6e3c; --bad-soft: #fdf1f0; --doubtful-soft: #fdf6e7; --good-soft: #eff8f2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --ink: #e6e8eb; --soft: #9aa4b0; --line: #2c3238; --panel: #1c2126;
    --bad: #ff8a80; --doubtful: #f2c14e; --good: #7ad39b; --bad-soft: #2a1a19; --doubtful-soft: #2a2316; --good-soft: #16261c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; margin: 2.75rem 0 .75rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line); }
h3 { font-size: .95rem; margin: 1.5rem 0 .5rem; }
p { margin: .4rem 0; }
.soft { color: var(--soft); }
.verdict { margin: 1.5rem 0 0; padding: 1.1rem 1.3rem; border-left: 5px solid; border-radius: 4px; }
.verdict p { margin: 0; font-size: 1.2rem; line-height: 1.4; font-weight: 600; }
.verdict .soft { font-size: .8rem; font-weight: 400; text-transform: uppercase; letter-spacing: .06em; margin-bottom: .3rem; }
.verdict p.now { margin: 1rem 0 0; }
.verdict.bad { border-color: var(--bad); background: var(--bad-soft); }
.verdict.doubtful { border-color: var(--doubtful); background: var(--doubtful-soft); }
.verdict.good { border-color: var(--good); background: var(--good-soft); }
.counts { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1.25rem 0 0; padding: 0; list-style: none; }
.counts li { flex: 1 1 7.5rem; padding: .7rem .9rem; background: var(--panel); border-radius: 4px; }
.counts b { display: block; white-space: nowrap; font-size: 1.35rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.counts span { color: var(--soft); font-size: .82rem; }
ol.faults { margin: 0; padding: 0; list-style: none; }
ol.faults li { padding: .85rem 0; border-top: 1px solid var(--line); break-inside: avoid; }
ol.faults li:first-child { border-top: 0; }
.subject { font-weight: 600; overflow-wrap: anywhere; }
.code { color: var(--soft); font-size: .78rem; margin-left: .5rem; white-space: nowrap; }
h3.lost { color: var(--bad); } h3.broken, h3.doubtful { color: var(--doubtful); }
pre {
  margin: .5rem 0 0; padding: .6rem .8rem; background: var(--panel); border: 1px solid var(--line); border-radius: 4px;
  font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere;
}
.verdict pre { background: var(--page); margin-top: .3rem; }
pre code { font: inherit; display: inline-block; width: 100%; padding-left: 1.6em; text-indent: -1.6em; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .86rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
td.long { overflow-wrap: anywhere; min-width: 9rem; }
th { color: var(--soft); font-weight: 600; font-size: .72rem; letter-spacing: .04em; white-space: nowrap; }
td.never { color: var(--bad); font-weight: 600; }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .82rem; }
@media print {
  :root { --page: #fff; --ink: #000; --soft: #444; --line: #bbb; --panel: #f4f4f4; --bad: #8c1d18; --doubtful: #6b4600; --good: #14532d;
    --bad-soft: #fff; --doubtful-soft: #fff; --good-soft: #fff; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; } h2, h3 { break-after: avoid; } tr { break-inside: avoid; }
  @page { margin: 16mm; }
}`;
