import type { PageEntry } from '../../datasets/index-pages.ts';
import type { PageNote } from '../../datasets/page-notes.ts';
import type { DatasetPanel, PagePanels } from '../../datasets/panel-files/page-panels.ts';
import type { PageProblem } from './page-report.ts';
import { type PageContent, toPageProblem } from './read-page.ts';
import type { TextNote } from './read-panel-text.ts';

/** A panel that has been found on its page, where, and with which words. */
export interface PlacedPanel extends Pick<DatasetPanel, 'index' | 'number' | 'box' | 'crop' | 'text'> {
  /** The shares of vision, text and composition in its vector; null where it is not embedded */
  readonly gate: readonly number[] | null;
}

/** All about a page that a store holds except its vectors. An unreadable page has a problem and no panels. */
export interface PageDescription {
  readonly entry: PageEntry;
  readonly panels: readonly PlacedPanel[];
  readonly summary: string;
  readonly problem: PageProblem | null;
  readonly skipped: PagePanels['skipped'];
  readonly notes: readonly PageNote[];
}

/** Of a share; more would only make files longer. */
const SHARE_DIGITS = 6;

interface ReadPage {
  readonly content: PageContent;
  /** By panel */
  readonly textNotes: readonly (TextNote | undefined)[];
  /** By panel; absent where nothing is embedded */
  readonly gates?: readonly (Float32Array | null)[];
}

/** Describes what `read` has read. If it throws because the page itself is bad, the description says why. */
export async function describePage(entry: PageEntry, read: () => Promise<ReadPage>): Promise<PageDescription> {
  try {
    const { content, textNotes, gates } = await read();
    const { panels, overallSummary: summary, skipped, notes } = content;
    return {
      entry,
      panels: panels.map(({ index, number, box, crop, text }, i) => {
        return { index, number, box, crop, text, gate: toShares(gates?.[i]) };
      }),
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

function toShares(gate: Float32Array | null | undefined): number[] | null {
  return gate ? Array.from(gate, (share) => Number(share.toFixed(SHARE_DIGITS))) : null;
}

function toNotes(panel: number, note: TextNote | undefined): PageNote[] {
  return note === undefined ? [] : [{ panel, note }];
}
