import { PanelvecError } from '../../errors.ts';
import type { SplitFacts } from '../../evaluation/evaluation-result.ts';
import type { PlannedPanel } from '../../evaluation/measure-evaluation.ts';
import { planFolds } from '../../evaluation/plan-folds.ts';
import { countFolds } from './count-folds.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import type { EvaluatedPage, EvaluationPartRecord } from './evaluation-part-record.ts';

/** Books of a part that are trained on, by their indices in the record of the part. */
export interface TrainingBooks {
  readonly part: number;
  readonly books: readonly number[];
}

/** Pages that are measured together, and what is trained for them. */
export interface EvaluationFold {
  readonly pages: readonly string[];
  /** Rows of their panels among all measured panels */
  readonly rows: readonly number[];
  readonly training: readonly TrainingBooks[];
}

/** All that is measured, and how it is split. */
export interface EvaluationSplit {
  readonly facts: SplitFacts;
  /** The parts whose pages are measured */
  readonly measuredParts: readonly number[];
  readonly panels: readonly PlannedPanel[];
  readonly folds: readonly EvaluationFold[];
}

/** Splits the pages of an evaluation. @throws PanelvecError dataset_invalid where no panel is there to be measured */
export function splitEvaluation(spec: EvaluateSpec, records: readonly EvaluationPartRecord[]): EvaluationSplit {
  const isHeldOut = spec.test_pss_labels !== null;
  const measuredParts = [...records.keys()].filter((part) => !isHeldOut || records[part]?.test === true);
  const pages = measuredParts.flatMap((part) => records[part]?.pages ?? []).filter(({ problem }) => problem === null);
  const panels = pages.flatMap(toPanels);
  if (panels.length === 0) throw new PanelvecError('dataset_invalid', 'no page has a panel', { param: 'dataset' });
  const panelsByBook = new Map<string, number>();
  for (const { book } of panels) panelsByBook.set(book, (panelsByBook.get(book) ?? 0) + 1);
  const foldCount = isHeldOut ? 0 : countFolds(spec, panelsByBook.size);
  const booksOfFolds =
    foldCount === 0 ? [[...panelsByBook.keys()].sort()] : planFolds(panelsByBook, foldCount, spec.seed);
  const isTrained = foldCount > 0 || (isHeldOut && spec.trainings.length + spec.baselines.length > 0);
  const folds = booksOfFolds.map((books): EvaluationFold => {
    const testBooks = new Set(books);
    const isTrainingBook = (book: string) => isHeldOut || !testBooks.has(book);
    return {
      pages: pages.filter(({ book }) => testBooks.has(book)).map(({ id }) => id),
      rows: [...panels.keys()].filter((row) => testBooks.has(panels[row]?.book ?? '')),
      training: isTrained ? trainingBooks(records, isTrainingBook) : [],
    };
  });
  return {
    facts: {
      kind: isHeldOut ? 'held_out' : foldCount > 0 ? 'folds' : 'none',
      folds: folds.map(({ rows, training }, i) => ({
        test_books: booksOfFolds[i] ?? [],
        test_panels: rows.length,
        training_panels: countTrainingPanels(records, training),
      })),
    },
    measuredParts,
    panels,
    folds,
  };
}

/** The id of a panel in results: its page, and its index in the panel file. */
export function panelId(page: string, index: number): string {
  return `${page}#${index}`;
}

function toPanels({ id, book, page_type, panels }: EvaluatedPage): PlannedPanel[] {
  return panels.map(({ index, aspect, area, description }) => ({
    id: panelId(id, index),
    book,
    page: id,
    page_type,
    aspect,
    area,
    panelCount: panels.length,
    description,
  }));
}

function trainingBooks(
  records: readonly EvaluationPartRecord[],
  isTrainingBook: (book: string) => boolean,
): TrainingBooks[] {
  return [...records.entries()].flatMap(([part, { test, books }]) => {
    const indices = test ? [] : [...books.keys()].filter((i) => isTrainingBook(books[i] ?? ''));
    return indices.length === 0 ? [] : [{ part, books: indices }];
  });
}

function countTrainingPanels(records: readonly EvaluationPartRecord[], training: readonly TrainingBooks[]): number {
  return training.reduce((sum, { part, books }) => {
    const names = new Set(books.map((i) => records[part]?.books[i]));
    const pages = (records[part]?.pages ?? []).filter(({ book }) => names.has(book));
    return sum + pages.reduce((total, { panel_count }) => total + panel_count, 0);
  }, 0);
}
