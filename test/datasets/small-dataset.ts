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

/** A dataset in a folder of its own, as its files say. */
export class SmallDataset implements Disposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'panelvec-dataset-'));
  readonly manifest = path.join(this.folder, 'manifest.csv');
  readonly labels = path.join(this.folder, 'labels.json');
  readonly panels = path.join(this.folder, 'panels');

  /**
   * @param files ids of the manifest, each with the image <id>.png, or the whole text of it; labels as JSON value or text;
   * ids of the panel files
   */
  constructor(files: { manifest: readonly string[] | string; labels: unknown; panels?: readonly string[] }) {
    const rows = typeof files.manifest === 'string' ? [] : files.manifest.map((id) => `"${id}","images/${id}.png"`);
    const csv = ['canonical_id,absolute_image_path', ...rows].join('\n');
    writeFileSync(this.manifest, typeof files.manifest === 'string' ? files.manifest : csv);
    writeFileSync(this.labels, typeof files.labels === 'string' ? files.labels : JSON.stringify(files.labels));
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
