import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import type { CollectionPage, CollectionPanel } from '../../src/collections/collection.ts';
import { beginCollection, publishCollection } from '../../src/collections/collection-records.ts';
import { writePart } from '../../src/collections/part-writer.ts';
import { drawPanel } from './images.ts';
import { seeded } from './numeric.ts';
import { type TinyService, useTinyService } from './tiny-service.ts';

/** A page as a test describes it. Its picture has 200 x 300 pixels. */
export interface TestPage {
  readonly canonicalId: string;
  readonly book?: string;
  readonly pageType?: string;
  readonly texts: readonly (string | null)[];
  /** Whether the page has a picture; default true */
  readonly hasImage?: boolean;
}

export interface CollectionService extends TinyService {
  /** The data root, with the pictures of all pages */
  readonly pages: string;
  /** Makes a collection of pages, each with its picture in the data root. */
  fill(name: string, pages: readonly TestPage[], space?: string): Promise<void>;
}

/** The picture of a page: page-<index>.png in the data root. */
export function pictureName(page: number): string {
  return `page-${page}.png`;
}

/** Starts a service with the model `tiny` and an embedded database of collections, without workers. */
export function useCollectionService(environment: Record<string, string> = {}): CollectionService {
  const pages = mkdtempSync(path.join(tmpdir(), 'panelvec-pages-'));
  const tiny = useTinyService({
    PANELVEC_JOBS: 'on',
    PANELVEC_SEARCH: 'on',
    PANELVEC_WORKERS: '0',
    PANELVEC_DATA_ROOTS: pages,
    ...environment,
  });
  after(() => rm(pages, { recursive: true, force: true }));
  // The fields of the service are there once its tests run.
  return Object.assign(tiny, {
    pages,
    fill: (name: string, content: readonly TestPage[], space?: string) =>
      fillCollection(tiny, pages, name, content, space),
  });
}

export async function fillCollection(
  { services }: Pick<TinyService, 'services'>,
  folder: string,
  name: string,
  pages: readonly TestPage[],
  space?: string,
): Promise<void> {
  const [model] = services.models.all;
  if (model === undefined) throw new Error('the service has no model');
  const { dimensions } = model.spec;
  const random = seeded(1);
  const rows: CollectionPage[] = [];
  for (const [
    page,
    { canonicalId, book = 'book', pageType = 'narrative', texts, hasImage = true },
  ] of pages.entries()) {
    const image = { path: path.join(folder, pictureName(page)) };
    await writeFile(image.path, await drawPanel(page, 200, 300).png().toBuffer());
    const panels = texts.map((text, panel) => makePanel(panel, text, dimensions, random));
    const summary = `summary of ${canonicalId}`;
    rows.push({ page, canonicalId, book, pageType, summary, image: hasImage ? image : null, panels });
  }
  const source = { type: 'index', dataset: { images: { tolerant: false } } };
  await services.collections.use(async (database) => {
    const fields = { name, jobId: randomUUID(), model: model.id, space: space ?? model.space, dimensions, source };
    const collection = await beginCollection(database, fields);
    await writePart(database, collection, 0, rows, new AbortController().signal);
    const facets = { books: [{ value: 'book', panels: 1 }], booksTotal: 1, pageTypes: [{ value: 'story', panels: 1 }] };
    await publishCollection(database, collection, {
      pages: rows.length,
      panels: rows.reduce((sum, page) => sum + page.panels.length, 0),
      facets,
    });
  });
}

function makePanel(panel: number, text: string | null, dimensions: number, random: () => number): CollectionPanel {
  const embedding = Float32Array.from({ length: dimensions }, () => random() - 0.5);
  const length = Math.hypot(...embedding);
  return {
    panel,
    index: panel,
    number: panel + 1,
    box: [10, 20 + 50 * panel, 100, 40],
    text,
    gate: panel === 0 ? [0.5, 0.25, 0.25] : null,
    embedding: embedding.map((value) => value / length),
  };
}
