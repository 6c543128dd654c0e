import type { StoreShape } from '../../zarr/store-shape.ts';
import { hasChunk, removeChunk, writeChunk } from '../../zarr/zarr-chunk.ts';
import type { PartResult, TaskContext } from '../job-kind.ts';
import type { EmbeddedPage } from '../pages/embed-page.ts';
import { embedPages } from '../pages/embed-pages.ts';
import { readPartPages } from '../pages/page-index-file.ts';
import { readPartRecord, writePartRecord } from '../pages/part-record.ts';
import type { EmbedSpec } from './embed-spec.ts';
import { assertSameSpace } from './store-attributes.ts';
import { getStorePaths } from './store-paths.ts';

/**
 * Embeds the pages of one chunk of the store. The record is written first and the masks last: a chunk that has masks is
 * finished and not made again, unless another job left bad pages in it.
 */
export async function embedPart(spec: EmbedSpec, part: number, context: TaskContext): Promise<PartResult> {
  const { resources } = context;
  const paths = getStorePaths(resources.home, spec.output);
  const { pages: totalPages, entries } = await readPartPages(paths.work, part);
  const served = await resources.loadModel(spec.model);
  await assertSameSpace(paths.store, served.model);
  const { dimensions } = served.model.spec;
  const shape = { pages: totalPages, panels: spec.dataset.max_panels_per_page, dimensions };
  const store = { folder: paths.store, shape, scratch: paths.work.scratch };
  const existingRecord = hasChunk(store, part) ? await readPartRecord(paths, part) : undefined;
  if (existingRecord) {
    const badPages = existingRecord.pages.filter(({ problem }) => problem).length;
    if (badPages === 0 || existingRecord.jobId === context.jobId)
      return { done: existingRecord.pages.length, badPages };
    await removeChunk(store, part);
  }

  const pages = await embedPages(entries, spec.dataset, spec.model, context);
  await writePartRecord(paths, part, context.jobId, pages);
  const { embeddings, masks } = toChunk(pages, shape, spec.empty_pages);
  await writeChunk(store, part, embeddings, masks);
  return { done: pages.length, badPages: pages.filter(({ problem }) => problem).length };
}

/** Puts vectors into the rows of their page and panel; rows without a panel are zero, with mask 0 unless they stand for a page. */
function toChunk(
  pages: readonly EmbeddedPage[],
  { panels, dimensions }: StoreShape,
  emptyPages: EmbedSpec['empty_pages'],
): { embeddings: Float32Array; masks: Uint8Array } {
  const embeddings = new Float32Array(pages.length * panels * dimensions);
  const masks = new Uint8Array(pages.length * panels);
  for (const [pageIndex, { vectors }] of pages.entries()) {
    if (vectors.length === 0 && emptyPages === 'zero_vector') masks[pageIndex * panels] = 1;
    for (const [panel, vector] of vectors.entries()) {
      const row = pageIndex * panels + panel;
      embeddings.set(vector, row * dimensions);
      masks[row] = 1;
    }
  }
  return { embeddings, masks };
}
