/** Colours follow the system's light or dark scheme. On a phone the charts scroll, as they would be illegible if they shrank. */
export const REPORT_STYLE = `:root { color-scheme: light dark; }
body { margin: 0; background: Canvas; color: CanvasText; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; overflow-wrap: anywhere; }
p { overflow-wrap: anywhere; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid rgb(128 128 128 / 0.35); padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; }
.facts td { white-space: pre-wrap; }
.facts th { min-width: 8rem; }
.legend { font-size: 0.875rem; }
.legend th[scope="row"] { font-weight: 400; }
.legend thead th, .legend td { text-align: right; padding: 0.15rem 0 0.15rem 0.9rem; overflow-wrap: normal; }
.key { display: inline-block; width: 1.5rem; margin-right: 0.5rem; vertical-align: middle; }
figure { margin: 0; }
figcaption { overflow-x: auto; }
.hint { font-size: 0.875rem; margin: 0.25rem 0; }
.picture { overflow-x: auto; }
.picture svg { display: block; width: 100%; min-width: 34rem; height: auto; }
@media print {
  :root { color-scheme: light; }
  main { max-width: none; padding: 0; }
  section { break-inside: avoid; }
  .picture svg { min-width: 0; }
  .key { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
