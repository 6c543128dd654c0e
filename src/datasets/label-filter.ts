import path from 'node:path';
import { type Dataset, NARRATIVE_TYPES } from './dataset-spec.ts';
import type { SkippedPage } from './index-report.ts';
import { imagePath, type Manifest } from './manifest.ts';
import type { PageLabels } from './page-labels.ts';

/** Decides of each label what labels and manifest alone can decide. */
export class LabelFilter {
  readonly #manifest: Manifest;
  readonly #labels: PageLabels;
  readonly #roots: readonly string[] | undefined;
  readonly #onlyNarrative: boolean;
  /** By row: the first label that speaks of it, or -1 */
  readonly #firstLabel: Int32Array;
  /** Types of the rows of which labels say different things */
  readonly #conflictingTypes = new Map<number, Set<string>>();

  constructor(dataset: Dataset, manifest: Manifest, labels: PageLabels, dataRoots: readonly string[] | undefined) {
    this.#manifest = manifest;
    this.#labels = labels;
    this.#roots = dataRoots?.map((root) => path.resolve(root));
    this.#onlyNarrative = dataset.only_narrative;
    this.#firstLabel = new Int32Array(manifest.ids.length).fill(-1);
    for (let i = 0; i < labels.length; i++) {
      const row = labels.rows[i]!;
      if (row < 0) continue;
      const first = this.#firstLabel[row]!;
      if (first < 0) this.#firstLabel[row] = i;
      else if (labels.typeAt(first) !== labels.typeAt(i)) {
        const types = this.#conflictingTypes.get(row) ?? new Set([labels.typeAt(first)]);
        this.#conflictingTypes.set(row, types.add(labels.typeAt(i)));
      }
    }
  }

  /** Rows of which no label speaks */
  get unlabelled(): number {
    return this.#firstLabel.reduce((count, label) => count + (label < 0 ? 1 : 0), 0);
  }

  /** Why a label leads nowhere, whatever panel files there are. Asked again, it says the same. */
  check(index: number): SkippedPage | undefined {
    const row = this.#labels.rows[index]!;
    const type = this.#labels.typeAt(index);
    const isUnwanted = this.#onlyNarrative && !NARRATIVE_TYPES.includes(type);
    if (row < 0) {
      const unmatched = this.#labels.unmatched[~row]!;
      const entry: SkippedPage = typeof unmatched === 'string' ? { id: unmatched, reason: 'no_image' } : unmatched;
      const hasNoType = entry.reason === 'unknown_type' || entry.reason === 'conflict';
      return isUnwanted && !hasNoType ? { ...entry, reason: 'page_type', detail: entry.detail ?? type } : entry;
    }
    const id = this.#labels.writtenIdAt(index) ?? this.#manifest.ids[row]!;
    const types = this.#conflictingTypes.get(row);
    if (types !== undefined) return { id, reason: 'conflict', detail: `labelled ${[...types].join(' and ')}` };
    if (isUnwanted) return { id, reason: 'page_type', detail: type };
    return this.#checkRow(index, row, id);
  }

  #checkRow(index: number, row: number, id: string): SkippedPage | undefined {
    const first = this.#firstLabel[row]!;
    if (first !== index) {
      const detail = `labelled before as ${JSON.stringify(this.#labels.writtenIdAt(first) ?? this.#manifest.ids[row])}`;
      return { id, reason: 'duplicate', detail };
    }
    const images = this.#manifest.conflicts.get(row);
    if (images !== undefined) {
      return {
        id,
        reason: 'conflict',
        detail: `the manifest gives it ${[...images].map((image) => image || 'no path').join(' and ')}`,
      };
    }
    const { paths, ids } = this.#manifest;
    if (paths.get(row, ids[row]!) === '') return { id, reason: 'no_image', detail: 'the manifest gives it no path' };
    if (this.#roots === undefined) return undefined;
    const image = imagePath(this.#manifest, row);
    if (this.#roots.some((root) => isUnder(root, image))) return undefined;
    return { id, reason: 'outside_data_roots', detail: image };
  }
}

function isUnder(root: string, file: string): boolean {
  return file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}
