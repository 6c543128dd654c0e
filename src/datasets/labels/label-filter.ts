import path from 'node:path';
import { elementAt } from '../../util/arrays.ts';
import { type Dataset, NARRATIVE_TYPES } from '../dataset-spec.ts';
import { REASONS_WITHOUT_TYPE, type SkippedPage } from '../index-report.ts';
import type { PageList } from '../page-list/page-list.ts';
import { type PageLabels, UNLABELLED } from './page-labels.ts';

/** Decides which labels are skipped, as far as labels and the list of pages alone can tell. */
export class LabelFilter {
  readonly #pages: PageList;
  readonly #labels: PageLabels;
  readonly #roots: readonly string[] | undefined;
  /** null: all */
  readonly #wantedTypes: ReadonlySet<string> | null;
  /** The first label of each row, or -1 */
  readonly #firstLabel: Int32Array;
  /** The types of rows whose labels contradict each other */
  readonly #conflictingTypes = new Map<number, Set<string>>();

  constructor(dataset: Dataset, pages: PageList, labels: PageLabels, dataRoots: readonly string[] | undefined) {
    this.#pages = pages;
    this.#labels = labels;
    this.#roots = dataRoots?.map((root) => path.resolve(root));
    // Without a file of labels nobody has said which pages tell the story.
    const narrativeTypes = dataset.pss_labels === null ? [...NARRATIVE_TYPES, UNLABELLED] : NARRATIVE_TYPES;
    this.#wantedTypes = dataset.only_narrative ? new Set(narrativeTypes) : null;
    this.#firstLabel = new Int32Array(pages.ids.length).fill(-1);
    for (const [i, row] of labels.rows.entries()) {
      if (row < 0) continue;
      const first = elementAt(this.#firstLabel, row);
      if (first < 0) this.#firstLabel[row] = i;
      else if (labels.typeAt(first) !== labels.typeAt(i)) {
        const types = this.#conflictingTypes.get(row) ?? new Set([labels.typeAt(first)]);
        this.#conflictingTypes.set(row, types.add(labels.typeAt(i)));
      }
    }
  }

  /** The number of rows without a label */
  get unlabelled(): number {
    return this.#firstLabel.reduce((count, label) => count + (label < 0 ? 1 : 0), 0);
  }

  /** Returns why a label is skipped, undefined if it is not. */
  check(index: number): SkippedPage | undefined {
    const row = elementAt(this.#labels.rows, index);
    const type = this.#labels.typeAt(index);
    const isUnwanted = this.#wantedTypes !== null && !this.#wantedTypes.has(type);
    if (row < 0) {
      const unmatched = elementAt(this.#labels.unmatched, ~row);
      const entry: SkippedPage = typeof unmatched === 'string' ? { id: unmatched, reason: 'no_image' } : unmatched;
      const hasType = !REASONS_WITHOUT_TYPE.has(entry.reason);
      return isUnwanted && hasType ? { ...entry, reason: 'page_type', detail: entry.detail ?? type } : entry;
    }
    const id = this.#labels.writtenIdAt(index) ?? elementAt(this.#pages.ids, row);
    const types = this.#conflictingTypes.get(row);
    if (types !== undefined) return { id, reason: 'conflict', detail: `labelled ${[...types].join(' and ')}` };
    if (isUnwanted) return { id, reason: 'page_type', detail: type };
    return this.#checkRow(index, row, id);
  }

  #checkRow(index: number, row: number, id: string): SkippedPage | undefined {
    const first = elementAt(this.#firstLabel, row);
    if (first !== index) {
      const detail = `labelled before as ${JSON.stringify(this.#labels.writtenIdAt(first) ?? this.#pages.ids[row])}`;
      return { id, reason: 'duplicate', detail };
    }
    const image = this.#pages.imageAt(row);
    if ('reason' in image) return { id, ...image };
    if (this.#roots === undefined || this.#roots.some((root) => isUnder(root, image.path))) return undefined;
    return { id, reason: 'outside_data_roots', detail: image.path };
  }
}

function isUnder(root: string, file: string): boolean {
  const prefix = root.endsWith(path.sep) ? root : root + path.sep;
  // On Windows C: is c:, and names have no case.
  return process.platform === 'win32' ? file.toLowerCase().startsWith(prefix.toLowerCase()) : file.startsWith(prefix);
}
