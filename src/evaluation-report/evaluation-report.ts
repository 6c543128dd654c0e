import type { EvaluationResult } from '../evaluation/evaluation-result.ts';
import { escapeHtml } from '../report/escape-html.ts';
import { htmlDocument } from '../report/html-document.ts';
import { EVALUATION_STYLE } from './evaluation-style.ts';
import { type PanelPictures, PictureLibrary } from './panel-pictures.ts';
import { clusteringSection } from './sections/clustering-section.ts';
import { collapseSection } from './sections/collapse-section.ts';
import { comparisonsSection } from './sections/comparisons-section.ts';
import { gateSection } from './sections/gate-section.ts';
import { glossarySection } from './sections/glossary-section.ts';
import { layoutSection } from './sections/layout-section.ts';
import { mapSection } from './sections/map-section.ts';
import { resultsSection } from './sections/results-section.ts';
import { retrievalSection } from './sections/retrieval-section.ts';
import { sheetsSection } from './sections/sheets-section.ts';
import { summarySection } from './sections/summary-section.ts';

/** A file of this size still goes through most mail servers. */
const MAX_REPORT_BYTES = 8_000_000;

export interface EvaluationReportOptions {
  readonly title: string;
  /** Of the panels that `sheetPanels` names; a panel without one is shown by its id */
  readonly pictures: PanelPictures;
}

/**
 * The report of an evaluation as one HTML file that needs neither network nor scripts: tables, charts, maps and neighbour sheets.
 * The same result and pictures make the same bytes. All texts are plain text: markup in them is escaped.
 */
export function evaluationReport(result: EvaluationResult, { title, pictures }: EvaluationReportOptions): string {
  const sections: Section[] = [
    { id: 'summary', title: 'Summary', content: summarySection(result) },
    { id: 'notes', title: 'Notes', content: notes(result.notes) },
    { id: 'results', title: 'Results', content: resultsSection(result) },
    { id: 'comparisons', title: 'Comparisons', content: comparisonsSection(result) },
    { id: 'retrieval', title: 'Retrieval', content: retrievalSection(result) },
    { id: 'clusters', title: 'Clusters', content: clusteringSection(result) },
    { id: 'map', title: 'Map', content: mapSection(result) },
    { id: 'gate', title: 'Gate and modalities', content: gateSection(result) },
    { id: 'layout', title: 'Layout in the vectors', content: layoutSection(result) },
    { id: 'collapse', title: 'Collapse', content: collapseSection(result) },
    { id: 'terms', title: 'Measures and terms', content: glossarySection() },
  ];
  const textBytes = sections.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  const library = new PictureLibrary(pictures, MAX_REPORT_BYTES - textBytes);
  const sheets = { id: 'sheets', title: 'What queries find', content: sheetsSection(result, library) };
  const ordered = sections.toSpliced(
    sections.findIndex(({ id }) => id === 'map'),
    0,
    sheets,
  );
  const content = [navigation(ordered), ...ordered.map(renderSection), library.definitions(), footer(result)].join(
    '\n',
  );
  return htmlDocument({ title, content, style: EVALUATION_STYLE });
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: string;
}

function renderSection({ id, title, content }: Section): string {
  return `<section class="long" id="${id}">\n<h2>${escapeHtml(title)}</h2>\n${content}\n</section>`;
}

function navigation(sections: readonly Section[]): string {
  const links = sections.map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`);
  return `<nav aria-label="Contents"><ul>${links.join('')}</ul></nav>`;
}

function notes(texts: readonly string[]): string {
  if (texts.length === 0) return '<p>None.</p>';
  return `<ul>${texts.map((text) => `<li>${escapeHtml(text)}</li>`).join('\n')}</ul>`;
}

function footer({ created_at }: EvaluationResult): string {
  return `<p class="hint">Measured at ${escapeHtml(created_at)}. The numbers are those of evaluation.json.</p>`;
}
