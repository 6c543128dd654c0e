import { PanelvecError } from '../errors.ts';
import { type Collection, type CollectionPage, type CollectionPanel, panelId } from './collection.ts';
import { tablesOf } from './collection-tables.ts';
import { formatVector } from './vector-format.ts';
import { withoutNul } from './without-nul.ts';

/** Books and page types have an index, whose rows may have no more than a third of 8 kilobytes. */
const MAX_FACET_BYTES = 2000;
/** Characters of an id in an error: a long one has a long book. */
const MAX_SHOWN_ID = 200;

/** The row of a panel, as `insertPanels` takes it. */
export function toPanelRow({ canonicalId, page, book, pageType }: CollectionPage, panel: CollectionPanel) {
  const { index, number, box, text, gate, embedding } = panel;
  return {
    id: panelId(canonicalId, index),
    page,
    panel: panel.panel,
    panel_index: index,
    number,
    box: box.map(Math.fround),
    text: withoutNul(text),
    book: withoutNul(book),
    page_type: withoutNul(pageType),
    gate: gate === null ? null : Array.from(gate),
    // pgvector reads its text; as an array it would be parsed twice.
    embedding: formatVector(embedding),
  };
}

/** The row of a page, as `insertPages` takes it. @throws PanelvecError dataset_invalid if its book or type is too long */
export function toPageRow({ page, canonicalId, book, pageType, summary, image, panels }: CollectionPage) {
  assertFacetSize(canonicalId, 'book', book);
  assertFacetSize(canonicalId, 'page type', pageType);
  return {
    page,
    canonical_id: withoutNul(canonicalId),
    book: withoutNul(book),
    page_type: withoutNul(pageType),
    summary: withoutNul(summary),
    image,
    panels: panels.length,
  };
}

function assertFacetSize(canonicalId: string, name: string, value: string): void {
  const bytes = Buffer.byteLength(value);
  if (bytes <= MAX_FACET_BYTES) return;
  const page = `the page "${canonicalId.slice(0, MAX_SHOWN_ID)}"`;
  throw new PanelvecError('dataset_invalid', `${page} has a ${name} of ${bytes} bytes, over ${MAX_FACET_BYTES}`);
}

/** The statement that inserts panels. Its parameters are the part, the attempt, and rows as JSON. */
export function insertPanels(collection: Pick<Collection, 'id'>): string {
  return `
    INSERT INTO ${tablesOf(collection).panels}
      (id, part, page, panel, panel_index, number, box, text, book, page_type, gate, embedding)
    SELECT id, $1, page, panel, panel_index, number, box, text, book, page_type, gate, embedding::halfvec
    FROM json_to_recordset($3::json) AS rows (id text, page integer, panel smallint, panel_index integer, number double precision,
      box real[], text text, book text, page_type text, gate real[], embedding text)
    WHERE ${isLatestAttempt(collection)} ON CONFLICT DO NOTHING`;
}

/** The statement that inserts pages. Its parameters are the part, the attempt, and rows as JSON. */
export function insertPages(collection: Pick<Collection, 'id'>): string {
  return `
    INSERT INTO ${tablesOf(collection).pages} (page, part, canonical_id, book, page_type, summary, image, panels)
    SELECT page, $1, canonical_id, book, page_type, summary, image, panels
    FROM json_to_recordset($3::json) AS rows (page integer, canonical_id text, book text, page_type text, summary text,
      image jsonb, panels integer)
    WHERE ${isLatestAttempt(collection)} ON CONFLICT DO NOTHING`;
}

/** Whether the attempt of a statement is still the one that writes the part (part-writer.ts). */
function isLatestAttempt({ id }: Pick<Collection, 'id'>): string {
  return `EXISTS (SELECT FROM panelvec.collection_parts AS parts
      WHERE parts.collection_id = ${id} AND parts.part = $1 AND parts.attempt = $2)`;
}
