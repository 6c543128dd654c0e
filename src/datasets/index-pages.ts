import path from 'node:path';
import type { Dataset } from './dataset-spec.ts';
import { PanelLookup } from './find-panels.ts';
import { type IndexReport, type SkippedPage, Skips } from './index-report.ts';
import { LabelJudge } from './label-judge.ts';
import { imagePath, type Manifest, readManifest } from './manifest.ts';
import type { PageLabels } from './page-labels.ts';
import { readLabels } from './read-labels.ts';
import { isStep, step, type Watch } from './watch.ts';

export type { IndexReport, SkippedPage, SkipReason } from './index-report.ts';

/** A page of a dataset that has a type, an image and panels. Paths are absolute; nothing has been opened yet. */
export interface PageEntry {
  /** As the manifest writes it */
  readonly canonicalId: string;
  readonly pageType: string;
  readonly imagePath: string;
  readonly panelsPath: string;
}

export interface IndexOptions extends Watch {
  /** Images must lie under one of these folders by their path; where links lead is for whoever opens them to see. */
  readonly dataRoots?: readonly string[] | undefined;
  /** Called with every page in the order of the labels; waited for where it gives a promise. */
  onPage(page: PageEntry): void | Promise<void>;
  /** The same for what is left out, except for pages behind the limit, which are only counted. */
  onSkipped(entry: SkippedPage): void | Promise<void>;
}

/**
 * Brings labels, manifest and panel files of a dataset together. The order of the pages is that of the labels, the same
 * every time. What is ambiguous or contradictory is not decided: it is skipped and reported.
 * @throws PanelvecError naming the file or folder that cannot be used; the signal's reason; what the callbacks throw
 */
export async function indexPages(dataset: Dataset, options: IndexOptions): Promise<IndexReport> {
  options.signal?.throwIfAborted();
  const bridged = dataset.identifiers === 'bridged';
  const manifest = await readManifest(path.resolve(dataset.manifest), options);
  const labels = await readLabels(path.resolve(dataset.pss_labels), manifest, bridged, options);
  const judge = new LabelJudge(dataset, manifest, labels, options.dataRoots);
  const wanted = new Uint8Array(manifest.ids.length);
  for (let at = 0; at < labels.length; at++) {
    if (isStep(at)) await step(options, at, 'labels');
    if (judge.skip(at) === undefined) wanted[labels.rows[at]!] = 1;
  }
  const panels = await PanelLookup.find(dataset.panels.root, manifest, { wanted, bridged }, options);

  const skips = new Skips();
  let kept = 0;
  for (let at = 0; at < labels.length; at++) {
    if (isStep(at)) await step(options, at, 'pages');
    const found = judge.skip(at) ?? entryAt(at, manifest, labels, panels);
    if (!('reason' in found) && kept === dataset.limit) {
      skips.add({ id: found.canonicalId, reason: 'over_limit' });
      continue;
    }
    if ('reason' in found) skips.add(found);
    else kept++;
    const waits = 'reason' in found ? options.onSkipped(found) : options.onPage(found);
    // To wait for nothing costs a turn of the queue, a million times.
    if (waits !== undefined) await waits;
  }
  options.onProgress?.(labels.length, 'pages');
  const { rows, repeated, withoutId, conflicts } = manifest;
  const rowCounts = { rows, pages: manifest.ids.length, repeated, conflicts: conflicts.size, withoutId };
  return {
    labels: labels.count,
    manifest: { ...rowCounts, unlabelled: judge.unlabelled },
    panels: panels.files,
    kept,
    bridged: { labels: labels.bridged, panels: panels.bridged },
    skipped: skips.skipped,
    examples: skips.examples,
  };
}

function entryAt(at: number, manifest: Manifest, labels: PageLabels, panels: PanelLookup): PageEntry | SkippedPage {
  const row = labels.rows[at]!;
  const canonicalId = manifest.ids[row]!;
  const found = panels.of(row);
  if ('reason' in found) return { id: canonicalId, ...found };
  return { canonicalId, pageType: labels.typeAt(at), imagePath: imagePath(manifest, row), panelsPath: found.file };
}
