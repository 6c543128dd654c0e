import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Dataset, datasetSchema } from '../../src/datasets/dataset-spec.ts';
import {
  type IndexOptions,
  type IndexReport,
  indexPages,
  type PageEntry,
  type SkippedPage,
} from '../../src/datasets/index-pages.ts';

type FileContent = string | Uint8Array;

/** A dataset in a folder of its own, as its files say. */
export class SmallDataset implements Disposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'panelvec-dataset-'));
  readonly manifest = path.join(this.folder, 'manifest.csv');
  readonly labels = path.join(this.folder, 'labels.json');
  readonly panels = path.join(this.folder, 'panels');

  /**
   * @param files ids of the manifest, each with the image <id>.png, or the whole file; labels as JSON value or the whole file;
   * ids of the panel files
   */
  constructor(files: { manifest: readonly string[] | FileContent; labels: unknown; panels?: readonly string[] }) {
    const { manifest, labels } = files;
    writeFileSync(this.manifest, isFileContent(manifest) ? manifest : toCsv(manifest));
    writeFileSync(this.labels, isFileContent(labels) ? labels : JSON.stringify(labels));
    mkdirSync(this.panels);
    for (const id of files.panels ?? []) {
      const file = path.join(this.panels, `${id}.json`);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, '{"panels": []}');
    }
  }

  dataset(fields: Partial<Dataset> = {}): Dataset {
    const panels = { format: 'vlm', root: this.panels };
    return { ...datasetSchema.parse({ manifest: this.manifest, pss_labels: this.labels, panels }), ...fields };
  }

  index(fields: Partial<Dataset> = {}, options: Partial<IndexOptions> = {}): Promise<IndexResult> {
    return indexDataset(this.dataset(fields), options);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function isFileContent(value: unknown): value is FileContent {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function toCsv(ids: readonly string[]): string {
  return ['canonical_id,absolute_image_path', ...ids.map((id) => `"${id}","images/${id}.png"`)].join('\n');
}

export interface IndexResult {
  readonly pages: PageEntry[];
  readonly kept: string[];
  readonly skipped: SkippedPage[];
  /** `id: reason` */
  readonly reasons: string[];
  readonly report: IndexReport;
}

export async function indexDataset(dataset: Dataset, options: Partial<IndexOptions> = {}): Promise<IndexResult> {
  const pages: PageEntry[] = [];
  const skipped: SkippedPage[] = [];
  const report = await indexPages(dataset, {
    onPage: (page) => void pages.push(page),
    onSkipped: (entry) => void skipped.push(entry),
    ...options,
  });
  const reasons = skipped.map(({ id, reason }) => `${id}: ${reason}`);
  return { pages, kept: pages.map(({ canonicalId }) => canonicalId), skipped, reasons, report };
}
