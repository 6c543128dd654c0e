/** What the report of an evaluation needs beside the style of all reports. */
export const EVALUATION_STYLE = `nav ul { columns: 2; padding-left: 1.2rem; margin: 0; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: 0.75rem 0; }
.data { font-size: 0.875rem; }
.data caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
.data th, .data td { overflow-wrap: normal; }
.data tbody th { font-weight: 400; min-width: 9rem; }
.data .group th { font-weight: 600; padding-top: 0.75rem; }
.interval { color: color-mix(in srgb, CanvasText 72%, Canvas); white-space: nowrap; font-size: 0.8125rem; }
.keys { list-style: none; padding: 0; margin: 0.5rem 0; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; font-size: 0.875rem; }
.marker { vertical-align: -0.1rem; }
.swatch { display: inline-block; width: 0.9rem; height: 0.9rem; vertical-align: -0.1rem; }
.maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; }
.maps svg { display: block; width: 100%; height: auto; }
summary { cursor: pointer; padding: 0.25rem 0; }
.sheet { border-top: 1px solid rgb(128 128 128 / 0.35); padding: 0.25rem 0 0.5rem; }
.sheet p { margin: 0.25rem 0; font-size: 0.875rem; }
.sheet .hint { font-size: inherit; }
.sheet ol { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: flex-end; }
.sheet li { display: flex; flex-direction: column; align-items: center; font-size: 0.8125rem; border: 3px solid transparent; padding: 2px; }
.sheet li svg { display: block; max-width: 7.5rem; max-height: 7.5rem; width: auto; height: auto; }
.sheet .right { border-color: #1c8a5b; }
.sheet .missed { border-style: dashed; margin-left: 1rem; }
.no-picture { display: block; max-width: 7.5rem; padding: 0.5rem; border: 1px dotted; overflow-wrap: anywhere; }
.definitions { position: absolute; }
dt { font-weight: 600; margin-top: 0.5rem; }
dd { margin: 0 0 0 1rem; }
@page { margin: 14mm; }
@media print {
  nav { display: none; }
  body { font-size: 10pt; }
  .data { font-size: 7.5pt; }
  .data th, .data td { padding-right: 0.35rem; }
  .data tbody th { min-width: 0; }
  .interval { font-size: 6.5pt; }
  .scroll, .picture, figcaption { overflow: visible; }
  .maps { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .sheet, figure, tr, li { break-inside: avoid; }
  .sheet ol { display: block; }
  .sheet li { display: inline-block; vertical-align: bottom; border-width: 2px; }
  .sheet li svg { max-width: 4.6rem; max-height: 4.6rem; }
  .sheet p, .sheet li { font-size: 8pt; }
  .sheet .missed { margin-left: 0.5rem; }
  h2, h3, summary, dt { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .long { break-inside: auto; }
  .swatch, .sheet li { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
