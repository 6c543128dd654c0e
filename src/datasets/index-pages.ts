import path from 'node:path';
import { elementAt } from '../util/arrays.ts';
import type { Dataset } from './dataset-spec.ts';
import { isReportDue, type ProgressOptions, reportProgress } from './index-progress.ts';
import { type IndexReport, SkipCounter, type SkippedPage } from './index-report.ts';
import { LabelFilter } from './labels/label-filter.ts';
import type { PageLabels } from './labels/page-labels.ts';
import { readLabels } from './labels/read-labels.ts';
import { imagePath, type Manifest, readManifest } from './page-list/manifest.ts';
import { PanelLookup } from './panel-files/panel-lookup.ts';

export type { IndexReport, SkippedPage } from './index-report.ts';

/** A page of a dataset that has a type, an image and panels. Paths are absolute; the files are not opened yet. */
export interface PageEntry {
  /** The id as the manifest writes it */
  readonly canonicalId: string;
  /** The id as the labels write it, where it differs */
  readonly labelId?: string;
  /** The id as the panel files write it, where it differs */
  readonly panelsId?: string;
  readonly pageType: string;
  /** The image, or the archive that holds it */
  readonly imagePath: string;
  /** The name of the image in its archive */
  readonly imageMember?: string;
  /** null if the page has no panel file of its own */
  readonly panelsPath: string | null;
  /** What a file for many pages says about this page, as a panel file of its own would */
  readonly panelsRecord?: unknown;
}

export interface IndexOptions extends ProgressOptions {
  /** Image paths must lie under one of these folders. Links are not followed here, but when a file is opened. */
  readonly dataRoots?: readonly string[] | undefined;
  /** Called with every page in the order of the labels. If it returns a promise, the index waits for it. */
  onPage(page: PageEntry): void | Promise<void>;
  /** Called likewise with every skipped page, except for pages over the limit, which are only counted. */
  onSkipped(entry: SkippedPage): void | Promise<void>;
}

/**
 * Joins the labels, manifest and panel files of a dataset to an index of its pages, in the order of the labels. Ambiguous and
 * contradictory pages are skipped and reported.
 * @throws PanelvecError naming the file or folder that cannot be used; the signal's reason; what the callbacks throw
 */
export async function indexPages(dataset: Dataset, options: IndexOptions): Promise<IndexReport> {
  options.signal?.throwIfAborted();
  const allowInexactIds = dataset.identifiers === 'bridged';
  const manifest = await readManifest(path.resolve(dataset.manifest ?? ''), { ...options, encoding: dataset.encoding });
  const labels = await readLabels(path.resolve(dataset.pss_labels ?? ''), manifest, allowInexactIds, options);
  const filter = new LabelFilter(dataset, manifest, labels, options.dataRoots);
  const wantedRows = new Uint8Array(manifest.ids.length);
  for (let i = 0; i < labels.length; i++) {
    if (isReportDue(i)) await reportProgress(options, i, 'labels');
    if (filter.check(i) === undefined) wantedRows[elementAt(labels.rows, i)] = 1;
  }
  const panels = await PanelLookup.find(dataset.panels.root ?? '', manifest, { wantedRows, allowInexactIds }, options);

  const skips = new SkipCounter();
  let kept = 0;
  for (let i = 0; i < labels.length; i++) {
    if (isReportDue(i)) await reportProgress(options, i, 'pages');
    const entry = filter.check(i) ?? findEntry(i, manifest, labels, panels);
    if (!('reason' in entry) && kept === dataset.limit) {
      skips.add({ id: entry.canonicalId, reason: 'over_limit' });
      continue;
    }
    if ('reason' in entry) skips.add(entry);
    else kept++;
    const pending = 'reason' in entry ? options.onSkipped(entry) : options.onPage(entry);
    // An await of undefined costs a turn of the event loop, and there are millions of pages.
    if (pending !== undefined) await pending;
  }
  options.onProgress?.(labels.length, 'pages');
  const { rows, repeated, withoutId, conflicts } = manifest;
  const rowCounts = { rows, pages: manifest.ids.length, repeated, conflicts: conflicts.size, withoutId };
  return {
    labels: labels.count,
    manifest: { ...rowCounts, unlabelled: filter.unlabelled },
    panels: panels.fileCounts,
    kept,
    bridged: { labels: labels.matchCounts, panels: panels.matchCounts },
    skipped: skips.skipped,
    examples: skips.examples,
  };
}

function findEntry(
  index: number,
  manifest: Manifest,
  labels: PageLabels,
  panels: PanelLookup,
): PageEntry | SkippedPage {
  const row = elementAt(labels.rows, index);
  const canonicalId = elementAt(manifest.ids, row);
  const panelFile = panels.get(row);
  if ('reason' in panelFile) return { id: canonicalId, ...panelFile };
  return {
    canonicalId,
    pageType: labels.typeAt(index),
    imagePath: imagePath(manifest, row),
    panelsPath: panelFile.file,
  };
}
