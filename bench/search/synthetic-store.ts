import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CollectionPage } from '../../src/collections/collection.ts';
import type { PageLine, PanelLine } from '../../src/jobs/embed/store-lines.ts';
import { getStorePaths } from '../../src/jobs/embed/store-paths.ts';
import { createZarrStore, publishZarrStore } from '../../src/zarr/create-zarr-store.ts';
import { writeChunk } from '../../src/zarr/zarr-chunk.ts';
import type { PanelVectors } from './panel-vectors.ts';
import { PANELS_PER_PAGE, syntheticParts } from './synthetic-collection.ts';

/** Writes the store that an embed job would have made of so many panels. @param space the model and the space of its vectors */
export async function writeSyntheticStore(
  home: string,
  name: string,
  vectors: PanelVectors,
  panels: number,
  space: { readonly model: string; readonly space: string },
): Promise<void> {
  const paths = getStorePaths(home, name);
  await mkdir(paths.folder, { recursive: true });
  const { dimensions } = vectors;
  const shape = { pages: Math.ceil(panels / PANELS_PER_PAGE), panels: PANELS_PER_PAGE, dimensions };
  const store = await createZarrStore(paths.store, shape, { ...space, dimensions }, path.join(paths.folder, 'scratch'));
  const pageLines: PageLine[] = [];
  const panelLines = Readable.from(writeChunks());
  await pipeline(panelLines, createWriteStream(paths.panels));
  await writeFile(paths.pages, pageLines.map(toLine).join(''));
  await publishZarrStore(store);
  await writeFile(paths.metadata, '[]');

  async function* writeChunks(): AsyncGenerator<string> {
    let chunk = 0;
    for (const pages of syntheticParts(vectors, panels)) {
      const [embeddings, masks] = toChunk(pages, dimensions);
      await writeChunk(store, chunk++, embeddings, masks);
      for (const page of pages) pageLines.push(toPageLine(page));
      yield pages.flatMap(toPanelLines).map(toLine).join('');
    }
  }
}

function toChunk(pages: readonly CollectionPage[], dimensions: number): [Float32Array, Uint8Array] {
  const embeddings = new Float32Array(pages.length * PANELS_PER_PAGE * dimensions);
  const masks = new Uint8Array(pages.length * PANELS_PER_PAGE);
  for (const [row, { panels }] of pages.entries()) {
    for (const { panel, embedding } of panels) {
      masks[row * PANELS_PER_PAGE + panel] = 1;
      embeddings.set(embedding, (row * PANELS_PER_PAGE + panel) * dimensions);
    }
  }
  return [embeddings, masks];
}

function toPageLine({ page, canonicalId, pageType, summary }: CollectionPage): PageLine {
  const image = `/nowhere/${canonicalId}.jpg`;
  return { sequence_index: page, canonical_id: canonicalId, page_type: pageType, image, image_member: null, summary };
}

function toPanelLines({ page, canonicalId, panels }: CollectionPage): PanelLine[] {
  return panels.map(({ panel, index, number, box: [left = 0, top = 0, width = 0, height = 0], text, gate }) => ({
    sequence_index: page,
    panel,
    canonical_id: canonicalId,
    panel_index: index,
    panel_number: number,
    box: [left, top, width, height],
    crop: [left, top, left + width, top + height],
    text,
    gate,
  }));
}

function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
