import { type CollectionPage, panelId } from '../../src/collections/collection.ts';
import { CounterRandom } from '../../src/util/counter-random.ts';
import { PANELS_PER_BOOK, type PanelVectors } from './panel-vectors.ts';

export const PANELS_PER_PAGE = 6;
const PAGES_PER_BOOK = PANELS_PER_BOOK / PANELS_PER_PAGE;
/** As an index job divides its pages */
const PAGES_PER_PART = 100;
const WORDS = 'the a harbour moon over sea says why not now we must go back and find her lost red ship again'.split(
  ' ',
);
const WORDS_PER_TEXT = 12;
/** One of so many panels has no text. */
const SILENT_PERIOD = 3;

/** Yields the parts of a collection of so many panels, as an index job writes them. */
export function* syntheticParts(vectors: PanelVectors, panels: number): Generator<CollectionPage[]> {
  const pages = Math.ceil(panels / PANELS_PER_PAGE);
  for (let start = 0; start < pages; start += PAGES_PER_PART) {
    const count = Math.min(PAGES_PER_PART, pages - start);
    yield Array.from({ length: count }, (_, i) => makePage(vectors, start + i, panels));
  }
}

/** The id of the panel of a row of vectors. */
export function panelIdOf(row: number): string {
  const { canonicalId } = namePage(Math.floor(row / PANELS_PER_PAGE));
  return panelId(canonicalId, row % PANELS_PER_PAGE);
}

function namePage(page: number): Pick<CollectionPage, 'book' | 'canonicalId'> {
  const book = `Book ${Math.floor(page / PAGES_PER_BOOK)}`;
  return { book, canonicalId: `${book}/page_${page % PAGES_PER_BOOK}` };
}

function makePage(vectors: PanelVectors, page: number, panels: number): CollectionPage {
  const first = page * PANELS_PER_PAGE;
  const count = Math.min(PANELS_PER_PAGE, panels - first);
  return {
    page,
    ...namePage(page),
    pageType: 'narrative',
    summary: '',
    image: null,
    panels: Array.from({ length: count }, (_, panel) => ({
      panel,
      index: panel,
      number: panel + 1,
      box: [10, 10 + 190 * panel, 800, 180],
      text: makeText(first + panel),
      gate: [0.5, 0.3, 0.2],
      embedding: vectors.panel(first + panel),
    })),
  };
}

function makeText(row: number): string | null {
  if (row % SILENT_PERIOD === 0) return null;
  const random = new CounterRandom(row);
  return Array.from({ length: WORDS_PER_TEXT }, (_, i) => WORDS[random.integer(i, WORDS.length)]).join(' ');
}
