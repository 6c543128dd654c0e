import type { IndexReport } from '../datasets/index-report.ts';
import type { PageFilesReport } from '../datasets/page-list/page-files-report.ts';
import type { DatasetCheck } from '../jobs/embed/describe-check.ts';
import type { PageExample } from '../jobs/pages/page-report.ts';

const MAX_EXAMPLES = 3;

/** Formats the check of a dataset for people. */
export function formatCheck({ index, store, would_embed: embed, max_bad_pages: maxBadPages }: DatasetCheck): string {
  const { rows, pages } = index.manifest;
  const { examples } = store;
  const found = [`${pages} pages in ${rows} rows`, `${index.labels} labels`, `${index.panels.files} panel files`];
  const withoutPanels = store.pages_without_panels > 0 ? ` (${store.pages_without_panels} pages have none)` : '';
  return [
    `Found: ${found.join(', ')}`,
    ...(index.files === null ? [] : formatFiles(index.files)),
    ...formatUnread(index.manyPageFiles.unread),
    ...formatSection('Left out by the index', index.skipped, index.examples),
    ...formatSection(`Not readable (${maxBadPages} are tolerated)`, store.bad_pages_by_reason, examples.bad_pages),
    ...formatSection('Panels left out', store.skipped_panels, examples.skipped_panels),
    ...formatSection('Notes', store.notes, examples.notes),
    `Would be embedded: ${embed.pages} pages with ${embed.panels} panels${withoutPanels}`,
    ...(embed.vector_bytes === null ? [] : [formatStore(embed)]),
    `Time: about ${formatDuration(embed.seconds)}, at ${Number(embed.rate.per_second.toPrecision(2))} ${embed.rate.unit} per second (${embed.rate.basis})`,
    'Pixels were not decoded: an image that is damaged in its middle counts as good here.',
    '',
  ].join('\n');
}

/** Why a job would fail over this dataset; undefined if it would not. */
export function describeCheckFailure({ store, max_bad_pages: maxBadPages, would_fail, would_embed }: DatasetCheck) {
  if (would_fail === 'too_many_bad_pages') {
    return `${store.bad_pages} of ${store.pages} pages cannot be read, more than the ${maxBadPages} that are tolerated`;
  }
  return would_embed.pages === 0 ? 'no page would be embedded' : undefined;
}

function formatSection(
  title: string,
  counts: Readonly<Record<string, number>>,
  examples: Readonly<Record<string, readonly PageExample[]>>,
): string[] {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  if (entries.length === 0) return [];
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  const lines = entries
    .sort(([, a], [, b]) => b - a)
    .flatMap(([name, count]) => {
      const shown = (examples[name] ?? []).slice(0, MAX_EXAMPLES).map((example) => `      ${formatExample(example)}`);
      return [`  ${count} ${name}`, ...shown, ...(count > shown.length && shown.length > 0 ? ['      ...'] : [])];
    });
  return [`${title}: ${total}`, ...lines];
}

function formatExample({ id, panel, detail }: PageExample): string {
  const place = panel === undefined ? id : `${id}, panel ${panel}`;
  return detail === undefined ? place : `${place}: ${detail}`;
}

function formatFiles({ images, archives, ignored, notes, noteExamples }: PageFilesReport): string[] {
  const examples = Object.keys(notes).map((name) => [
    name,
    noteExamples.filter(({ note }) => note === name).map(({ file, detail }) => ({ id: file, detail })),
  ]);
  return [
    `Files: ${images} images, ${archives} archives`,
    ...formatSection('Files that are no pages, by extension', ignored, {}),
    ...formatSection('Notes about files', notes, Object.fromEntries(examples)),
  ];
}

/** Panel files that belong to no page. The index keeps the first ones. */
function formatUnread(unread: IndexReport['manyPageFiles']['unread']): string[] {
  if (unread.length === 0) return [];
  const shown = unread.slice(0, MAX_EXAMPLES).map(({ file, problem }) => `      ${file}: ${problem}`);
  return ['Panel files without pages', ...shown, ...(unread.length > shown.length ? ['      ...'] : [])];
}

function formatStore({
  vector_bytes: vectors,
  array_bytes: array,
  model,
  dimensions,
}: DatasetCheck['would_embed']): string {
  return `Store: about ${formatBytes(vectors)} on disk, ${formatBytes(array)} in memory (${model}, ${dimensions} dimensions)`;
}

function formatBytes(bytes: number | null): string {
  let [value, unit] = [bytes ?? 0, 0];
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

function formatDuration(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 72 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
