import path from 'node:path';
import { elementAt } from '../util/arrays.ts';
import type { ArchiveMember } from './archives/zip-members.ts';
import type { Dataset } from './dataset-spec.ts';
import { isReportDue, type ProgressOptions, reportProgress } from './index-progress.ts';
import { type IndexReport, SkipCounter, type SkippedPage, zeroMatchCounts } from './index-report.ts';
import { LabelFilter } from './labels/label-filter.ts';
import { type PageLabels, UNLABELLED } from './labels/page-labels.ts';
import { labelAllPages, readLabels } from './labels/read-labels.ts';
import { createPathMap } from './page-list/image-path.ts';
import { readManifest } from './page-list/manifest.ts';
import { readPageFiles } from './page-list/page-files.ts';
import type { PageList } from './page-list/page-list.ts';
import type { PageRecord } from './panel-files/many-page-files.ts';
import { type PanelFileResult, PanelLookup } from './panel-files/panel-lookup.ts';

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
  readonly imageMember?: ArchiveMember;
  /** null if the page has no panel file of its own */
  readonly panelsPath: string | null;
  /** What a file for many pages says about this page */
  readonly panelsRecord?: PageRecord;
  /** The file with its texts, or what a file for many pages says; null if there is none. Absent if the dataset has none apart */
  readonly textsPath?: string | null;
  readonly textsRecord?: PageRecord;
}

/** Other tasks of the process, such as the lease of the job, must not wait longer. */
const MAX_BLOCK_MS = 200;

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
  const pages = await readPageList(dataset, options);
  const labels =
    dataset.pss_labels === null
      ? labelAllPages(pages)
      : await readLabels(path.resolve(dataset.pss_labels), pages, allowInexactIds, options);
  for (const problem of pages.problems) labels.addUnmatched(problem, UNLABELLED);
  const filter = new LabelFilter(dataset, pages, labels, options.dataRoots);
  const wantedRows = new Uint8Array(pages.ids.length);
  const wantedLabels = new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    if (isReportDue(i)) await reportProgress(options, i, 'labels');
    if (filter.check(i) !== undefined) continue;
    wantedLabels[i] = 1;
    wantedRows[elementAt(labels.rows, i)] = 1;
  }
  const { root, format, texts } = dataset.panels;
  const lookupOptions = { wantedRows, allowInexactIds };
  const panels = root === null ? null : await PanelLookup.find({ root, format }, pages, lookupOptions, options);
  const textFiles = texts === null ? null : await PanelLookup.find(texts, pages, lookupOptions, options);

  const skips = new SkipCounter();
  let kept = 0;
  let dueTime = 0;
  for (let i = 0; i < labels.length; i++) {
    // A file for many pages may be read again for each page, where the labels mix their books.
    if (isReportDue(i) || performance.now() > dueTime) {
      await reportProgress(options, i, 'pages');
      dueTime = performance.now() + MAX_BLOCK_MS;
    }
    const skipped = wantedLabels[i] === 1 ? undefined : filter.check(i);
    const entry = skipped ?? findEntry(i, pages, labels, panels, textFiles);
    if (!('reason' in entry) && kept === dataset.limit) {
      skips.add({ id: entry.labelId ?? entry.canonicalId, reason: 'over_limit' });
      continue;
    }
    if ('reason' in entry) skips.add(entry);
    else kept++;
    const pending = 'reason' in entry ? options.onSkipped(entry) : options.onPage(entry);
    // An await of undefined costs a turn of the event loop, and there are millions of pages.
    if (pending !== undefined) await pending;
  }
  options.onProgress?.(labels.length, 'pages');
  return {
    labels: labels.count,
    files: pages.files,
    manifest: { ...pages.counts, unlabelled: filter.unlabelled },
    panels: panels?.fileCounts ?? { files: 0, links: 0 },
    manyPageFiles: panels?.manyPageFiles ?? { files: 0, pages: 0, matched: 0, unread: [] },
    kept,
    bridged: { labels: labels.matchCounts, panels: panels?.matchCounts ?? zeroMatchCounts() },
    skipped: skips.skipped,
    examples: skips.examples,
  };
}

/** A page is read without its texts, with a note, if their file is missing or ambiguous. */
function findTexts(result: PanelFileResult): Pick<PageEntry, 'textsPath' | 'textsRecord'> {
  if ('reason' in result) return { textsPath: null };
  return { textsPath: result.file, ...(result.record !== undefined && { textsRecord: result.record }) };
}

function readPageList(dataset: Dataset, options: IndexOptions): Promise<PageList> {
  const { manifest, pages, encoding, path_map: map } = dataset;
  if (pages !== null) return readPageFiles(path.resolve(pages), dataset, options);
  return readManifest(path.resolve(manifest ?? ''), { ...options, encoding, pathMap: createPathMap(map) });
}

function findEntry(
  index: number,
  pages: PageList,
  labels: PageLabels,
  panels: PanelLookup | null,
  textFiles: PanelLookup | null,
): PageEntry | SkippedPage {
  const row = elementAt(labels.rows, index);
  const canonicalId = elementAt(pages.ids, row);
  const labelId = labels.writtenIdAt(index);
  const id = labelId ?? canonicalId;
  const image = pages.imageAt(row);
  if ('reason' in image) return { id, ...image };
  const panelFile = panels === null ? { file: null, id: undefined } : panels.get(row);
  if ('reason' in panelFile) return { id, ...panelFile };
  return {
    canonicalId,
    ...(labelId !== undefined && { labelId }),
    ...(panelFile.id !== undefined && { panelsId: panelFile.id }),
    pageType: labels.typeAt(index),
    imagePath: image.path,
    ...(image.member !== undefined && { imageMember: image.member }),
    panelsPath: panelFile.file,
    ...(panelFile.record !== undefined && { panelsRecord: panelFile.record }),
    ...(textFiles !== null && findTexts(textFiles.get(row))),
  };
}
