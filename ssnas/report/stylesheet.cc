#include "ssnas/report/stylesheet.h"

namespace ssnas::report {

// Line colours: Okabe and Ito's, in an order in which neighbours differ in lightness too.
const char kStyleSheet[] = R"css(
:root {
  --page: #ffffff; --panel: #f6f7f8; --ink: #1d2329; --soft: #57616b; --rule: #dfe3e7;
  --k0: #0072b2; --k1: #d55e00; --k2: #009e73; --k3: #b8578f; --k4: #dc9600; --k5: #4aa5da;
  --k6: #7d868f; --heat: #08519c; --warn: #9a4a00; --warn-page: #fdf4ea;
  --edge: rgb(29 35 41 / 0.22);
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14181c; --panel: #1c2228; --ink: #e4e8ec; --soft: #9aa5b0; --rule: #333c45;
    --k0: #4b9fe0; --k1: #f08a4b; --k2: #2fbf95; --k3: #e191c1; --k4: #f0b93a; --k5: #9ad4f5;
    --k6: #8e99a4; --heat: #9fd0ff; --warn: #f2b279; --warn-page: #2b231b;
    --edge: rgb(228 232 236 / 0.28);
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial,
    "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
main { max-width: 1240px; margin: 0 auto; padding: 2.5rem clamp(1rem, 3vw, 2.5rem) 4rem; }
h1 { font-size: clamp(1.35rem, 1.05rem + 1.3vw, 2rem); line-height: 1.3; font-weight: 600;
  letter-spacing: -0.01em; max-width: 34em; margin: 0.4rem 0 1.6rem; text-wrap: pretty; }
h2 { font-size: 1.3rem; font-weight: 600; margin: 0 0 0.5rem; }
h3 { font-size: 0.98rem; font-weight: 600; margin: 0 0 0.5rem; }
ul + h3, .missing + h3 { margin-top: 2rem; }
p { max-width: 44em; margin: 0 0 1rem; }
section { margin-top: 3.2rem; border-top: 1px solid var(--rule); padding-top: 1.5rem; }
.eyebrow { color: var(--soft); font-size: 0.9rem; margin: 0; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 1rem 2rem;
  margin: 0; }
.facts div { border-top: 3px solid var(--k0); padding-top: 0.6rem; }
.facts dt { color: var(--soft); font-size: 0.9rem; }
.facts dd { margin: 0; }
.facts .value { font-size: clamp(1.35rem, 1rem + 1.6vw, 1.9rem); line-height: 1.25;
  font-weight: 600; letter-spacing: -0.02em; }
.facts .more { color: var(--soft); font-size: 0.86rem; line-height: 1.4; }
@media (max-width: 800px) { .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr));
  gap: 2rem 2.5rem; margin: 1.2rem 0; align-items: start; }
figure { margin: 0; min-width: 0; }
figure.wide { grid-column: 1 / -1; }
.drawing, .table { overflow-x: auto;
  background: linear-gradient(to right, var(--page) 30%, transparent) left / 2.4rem 100%,
    linear-gradient(to left, var(--page) 30%, transparent) right / 2.4rem 100%,
    linear-gradient(to right, var(--edge), transparent) left / 0.9rem 100%,
    linear-gradient(to left, var(--edge), transparent) right / 0.9rem 100%;
  background-repeat: no-repeat; background-attachment: local, local, scroll, scroll; }
.drawing svg { display: block; width: 100%; height: auto; max-width: 640px; }
.natural .drawing svg { width: auto; max-width: 100%; }
@media screen and (max-width: 560px) {
  .dense .drawing svg { max-width: none; width: auto; }
  .plain svg text, .plain svg .tick, .plain svg .name, .plain svg .note, .plain svg .key {
    font-size: 13px; }
  .plain svg .small { font-size: 12px; }
}
figcaption, .caption { color: var(--soft); font-size: 0.88rem; line-height: 1.45; max-width: 46em;
  margin-top: 0.5rem; }
.missing { color: var(--soft); border-left: 3px solid var(--rule); padding-left: 0.9rem; }
.notes { background: var(--warn-page); border-left: 3px solid var(--warn); padding: 0.8rem 1.1rem;
  margin: 1.6rem 0 0; }
.notes p { margin: 0; font-weight: 600; color: var(--warn); }
.notes ul { margin: 0.3rem 0 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
.table { margin: 1.2rem 0 0; }
table { border-collapse: collapse; font-size: 0.92rem; }
th, td { padding: 0.38rem 1rem 0.38rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule); }
th { font-weight: 600; }
thead th { color: var(--soft); font-weight: 500; font-size: 0.86rem; vertical-align: bottom;
  min-width: 4.8rem; }
td.number, th.number { text-align: right; }
td { white-space: nowrap; }
th.group { padding-top: 0.9rem; }
.swatches { display: flex; flex-wrap: wrap; gap: 0.3rem 1.4rem; list-style: none;
  margin: 0 0 0.4rem; padding: 0; font-size: 0.9rem; }
.swatches li { display: flex; align-items: center; gap: 0.5rem; }
.views { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr));
  gap: 1.1rem 1.6rem; margin: 1.2rem 0 0.4rem; padding: 0; list-style: none; }
.views li { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.35rem; }
.views img { width: 100%; height: auto; image-rendering: pixelated; display: block;
  border-radius: 3px; background: var(--panel); }
.views img:first-child { outline: 2px solid var(--soft); }
.neighbors { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr));
  gap: 1.1rem 2.2rem; margin: 1.2rem 0 0.4rem; padding: 0; list-style: none; }
.neighbors li { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 0.35rem; }
.neighbors img { width: 100%; height: auto; image-rendering: pixelated; display: block;
  border-radius: 3px; background: var(--panel); }
.neighbors figure:first-child img { outline: 2px solid var(--soft); }
.neighbors figcaption { font-size: 0.78rem; margin-top: 0.25rem; text-align: center; }
pre { background: var(--panel); padding: 0.9rem 1.1rem; border-radius: 6px; font-size: 0.84rem;
  line-height: 1.5; margin: 0.6rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
pre, code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
details { margin: 0.8rem 0; }
summary { cursor: pointer; font-weight: 500; }
.pairs { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.3rem 1.6rem;
  margin: 1.2rem 0; font-size: 0.94rem; }
.pairs dt { color: var(--soft); }
.pairs dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 3rem; color: var(--soft); font-size: 0.86rem; }
svg { font-family: inherit; overflow: visible; }
svg text { fill: var(--ink); font-size: 12px; }
svg .tick, svg .small { fill: var(--soft); font-size: 11px; }
svg .small { font-size: 10px; }
svg .name { fill: var(--soft); font-size: 12px; }
svg .note { fill: var(--soft); font-size: 11px; }
svg .key { font-size: 12px; }
svg .strong { font-weight: 600; }
svg .op { font-size: 11px; }
svg .node { font-size: 13px; font-weight: 600; }
svg .halo { stroke: var(--page); stroke-width: 3px; paint-order: stroke; stroke-linejoin: round; }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .axis { stroke: var(--soft); stroke-width: 1; }
svg .level { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 3; }
svg .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
svg .light { stroke-width: 1; opacity: 0.32; }
svg .edge { fill: none; stroke-linecap: butt; }
svg .dashed { stroke-dasharray: 7 3; }
svg .dotted { stroke-dasharray: 2 3; }
svg .concat { fill: none; stroke: var(--rule); stroke-width: 2; }
svg .state { fill: var(--page); stroke: var(--ink); stroke-width: 1.3; }
svg .end { fill: var(--panel); stroke: var(--soft); }
svg .heat { fill: var(--heat); }
svg .frame { fill: none; stroke: var(--rule); stroke-width: 1; pointer-events: all; }
svg .chosen { stroke: var(--ink); stroke-width: 1.4; }
svg .mark { fill: none; stroke: var(--ink); stroke-width: 1.6; }
svg .dot { stroke: var(--page); stroke-width: 1; }
svg .interval { stroke-width: 2; opacity: 0.55; }
svg .mean { stroke: var(--ink); stroke-width: 2; }
svg .wait { fill: var(--ink); fill-opacity: 0.35; }
.s0 { stroke: var(--k0); } .s1 { stroke: var(--k1); } .s2 { stroke: var(--k2); }
.s3 { stroke: var(--k3); } .s4 { stroke: var(--k4); } .s5 { stroke: var(--k5); }
.s6 { stroke: var(--k6); }
.f0 { fill: var(--k0); } .f1 { fill: var(--k1); } .f2 { fill: var(--k2); }
.f3 { fill: var(--k3); } .f4 { fill: var(--k4); } .f5 { fill: var(--k5); }
.f6 { fill: var(--k6); }
@media print {
  @page { margin: 14mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  section { margin-top: 1.6rem; }
  h2, h3 { break-after: avoid; }
  figure, tr, .facts, .views li, .neighbors li { break-inside: avoid; }
  .facts { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.2rem 1.6rem; }
  table { font-size: 8pt; }
  th, td { padding-right: 0.7rem; }
  td, th { white-space: nowrap; }
  .drawing, .table { overflow: visible; background: none; }
  svg, img { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace ssnas::report
