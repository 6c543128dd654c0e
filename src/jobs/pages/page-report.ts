import { EXAMPLES_PER_REASON } from '../../datasets/index-report.ts';
import type { PageNote } from '../../datasets/page-notes.ts';
import type { PagePanels } from '../../datasets/panel-files/page-panels.ts';

/** Why a page could not be read. */
export interface PageProblem {
  readonly reason: string;
  readonly detail: string;
}

/** What came of reading a page. */
export interface PageOutcome {
  readonly id: string;
  readonly panels: number;
  readonly problem: PageProblem | null;
  readonly skipped: PagePanels['skipped'];
  readonly notes: readonly PageNote[];
}

export interface PageExample {
  readonly id: string;
  /** The index of the panel in its file */
  readonly panel?: number | undefined;
  readonly detail?: string | undefined;
}

/** The counts over all pages, and the first examples of each, as plain JSON. */
export interface PageTotals {
  readonly pages: number;
  readonly panels: number;
  readonly pages_without_panels: number;
  readonly bad_pages: number;
  readonly bad_pages_by_reason: Readonly<Record<string, number>>;
  readonly skipped_panels: Readonly<Record<string, number>>;
  readonly notes: Readonly<Record<string, number>>;
  readonly examples: {
    readonly bad_pages: Readonly<Record<string, readonly PageExample[]>>;
    readonly skipped_panels: Readonly<Record<string, readonly PageExample[]>>;
    readonly notes: Readonly<Record<string, readonly PageExample[]>>;
  };
}

const MAX_DETAIL_LENGTH = 300;
const MAX_NAMED_REASONS = 8;
const MAX_NAMED_PAGES = 3;
const MAX_NAMED_ID_LENGTH = 100;

/** Counts what came of pages. Its size does not grow with the pages. */
export class PageReport {
  #pages = 0;
  #panels = 0;
  #pagesWithoutPanels = 0;
  readonly #problems = new ExamplesByName();
  readonly #skippedPanels = new ExamplesByName();
  readonly #notes = new ExamplesByName();

  add({ id, panels, problem, skipped, notes }: PageOutcome): void {
    this.#pages++;
    this.#panels += panels;
    if (problem) this.#problems.add(problem.reason, { id, detail: problem.detail });
    else if (panels === 0) this.#pagesWithoutPanels++;
    for (const { panel, reason } of skipped) this.#skippedPanels.add(reason, { id, panel });
    for (const { panel, note, detail } of notes) this.#notes.add(note, { id, panel, detail });
  }

  get badPages(): number {
    return this.#problems.total;
  }

  totals(): PageTotals {
    return {
      pages: this.#pages,
      panels: this.#panels,
      pages_without_panels: this.#pagesWithoutPanels,
      bad_pages: this.badPages,
      bad_pages_by_reason: this.#problems.counts(),
      skipped_panels: this.#skippedPanels.counts(),
      notes: this.#notes.counts(),
      examples: {
        bad_pages: this.#problems.examples(),
        skipped_panels: this.#skippedPanels.examples(),
        notes: this.#notes.examples(),
      },
    };
  }

  /** Why pages could not be read: `10 image_missing (A/p1, A/p2, ...), 2 panels_unreadable (B/p1, B/p2)`. */
  describeProblems(): string {
    return describeReasons(this.#problems.counts(), this.#problems.examples());
  }
}

/** Names reasons with their counts and first ids in a bounded text, the most frequent reason first. */
export function describeReasons(
  countByReason: Readonly<Record<string, number>>,
  examples: Readonly<Record<string, readonly { readonly id: string }[]>>,
): string {
  const counts = Object.entries(countByReason).filter(([, count]) => count > 0);
  counts.sort(([, a], [, b]) => b - a);
  const named = counts.slice(0, MAX_NAMED_REASONS).map(([reason, count]) => {
    const ids = (examples[reason] ?? []).slice(0, MAX_NAMED_PAGES).map(({ id }) => shorten(id, MAX_NAMED_ID_LENGTH));
    if (ids.length === 0) return `${count} ${reason}`;
    return `${count} ${reason} (${[...ids, ...(count > ids.length ? ['...'] : [])].join(', ')})`;
  });
  const further = counts.length - named.length;
  return [...named, ...(further > 0 ? [`${further} further reasons`] : [])].join(', ');
}

class ExamplesByName {
  readonly #entries = new Map<string, { count: number; readonly examples: PageExample[] }>();
  total = 0;

  add(name: string, { detail, ...example }: PageExample): void {
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = { count: 0, examples: [] };
      this.#entries.set(name, entry);
    }
    this.total++;
    entry.count++;
    if (entry.examples.length === EXAMPLES_PER_REASON) return;
    entry.examples.push(detail === undefined ? example : { ...example, detail: shorten(detail, MAX_DETAIL_LENGTH) });
  }

  counts(): Record<string, number> {
    return Object.fromEntries([...this.#entries].map(([name, { count }]) => [name, count]));
  }

  examples(): Record<string, readonly PageExample[]> {
    return Object.fromEntries([...this.#entries].map(([name, { examples }]) => [name, examples]));
  }
}

function shorten(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
}
