import type { PageEntry } from '../../datasets/index-pages.ts';
import type { PageNote } from '../../datasets/page-notes.ts';
import type { DatasetPanel, PagePanels } from '../../datasets/panel-files/page-panels.ts';
import type { PageProblem } from '../pages/page-report.ts';
import { type PageContent, toPageProblem } from '../pages/read-page.ts';
import type { TextNote } from '../pages/read-panel-text.ts';

/** A panel that has been found on its page, and where. */
export type PlacedPanel = Pick<DatasetPanel, 'index' | 'number' | 'box' | 'crop'>;

/** All about a page that a store holds except its vectors. An unreadable page has a problem and no panels. */
export interface PageDescription {
  readonly entry: PageEntry;
  readonly panels: readonly PlacedPanel[];
  readonly summary: string;
  readonly problem: PageProblem | null;
  readonly skipped: PagePanels['skipped'];
  readonly notes: readonly PageNote[];
}

interface ReadPage {
  readonly content: PageContent;
  /** By panel */
  readonly textNotes: readonly (TextNote | undefined)[];
}

/** Describes what `read` has read. If it throws because the page itself is bad, the description says why. */
export async function describePage(entry: PageEntry, read: () => Promise<ReadPage>): Promise<PageDescription> {
  try {
    const { content, textNotes } = await read();
    const { panels, overallSummary: summary, skipped, notes } = content;
    return {
      entry,
      panels: panels.map(({ index, number, box, crop }) => ({ index, number, box, crop })),
      summary,
      problem: null,
      skipped,
      notes: [...notes, ...panels.flatMap(({ index }, i) => toNotes(index, textNotes[i]))],
    };
  } catch (error) {
    const problem = toPageProblem(error);
    if (problem === undefined) throw error;
    return { entry, panels: [], summary: '', problem, skipped: [], notes: [] };
  }
}

function toNotes(panel: number, note: TextNote | undefined): PageNote[] {
  return note === undefined ? [] : [{ panel, note }];
}
