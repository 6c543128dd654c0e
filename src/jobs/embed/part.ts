import { allSettled } from '../../settled.ts';
import { hasChunk, removeChunk, writeChunk } from '../../zarr/chunk.ts';
import type { StoreShape } from '../../zarr/store-shape.ts';
import type { PartResult, TaskContext } from '../job-kind.ts';
import { PageFeatures } from '../pages/page-features.ts';
import { readPartPages } from '../pages/page-index.ts';
import { type EmbeddedPage, embedPage, type PageWork } from './embed-page.ts';
import type { EmbedSpec } from './embed-spec.ts';
import { readPartRecord, writePartRecord } from './part-record.ts';
import { storeFolder } from './store-folder.ts';

/**
 * One chunk of the store. Its record is written first and its mask last: a chunk that has a mask is finished, and is not
 * made again.
 */
export async function embedPart(spec: EmbedSpec, part: number, context: TaskContext): Promise<PartResult> {
  const { resources, signal, progress } = context;
  const place = storeFolder(resources.home, spec.output);
  const { pages: all, entries } = await readPartPages(place.work, part);
  const served = await resources.served(spec.model);
  const { dimensions } = served.model.spec;
  const shape = { pages: all, panels: spec.dataset.max_panels_per_page, dimensions };
  const store = { folder: place.store, shape, scratch: place.work.scratch };
  const found = hasChunk(store, part) ? await readPartRecord(place, part) : undefined;
  if (found) {
    const bad = found.pages.filter(({ problem }) => problem).length;
    if (bad === 0 || found.jobId === context.jobId) return { done: found.pages.length, bad };
    await removeChunk(store, part);
  }

  using computed = await resources.model(spec.model);
  const failed = new AbortController();
  const work: PageWork = {
    spec,
    computed,
    resources,
    features: new PageFeatures(resources.features, served.model),
    signal: AbortSignal.any([signal, failed.signal]),
  };
  let done = 0;
  const jobs = entries.map((entry) =>
    resources.pages(async () => {
      const page = await embedPage(entry, work);
      progress(++done);
      return page;
    }),
  );
  const pages = await allSettled(jobs, () => failed.abort());
  await writePartRecord(place, part, context.jobId, pages);
  const { embeddings, masks } = toChunk(pages, shape);
  await writeChunk(store, part, embeddings, masks);
  return { done: pages.length, bad: pages.filter(({ problem }) => problem).length };
}

/** Vectors in rows of (page, panel), absent ones zero with a false mask. */
function toChunk(
  pages: readonly EmbeddedPage[],
  { panels, dimensions }: StoreShape,
): { embeddings: Float32Array; masks: Uint8Array } {
  const embeddings = new Float32Array(pages.length * panels * dimensions);
  const masks = new Uint8Array(pages.length * panels);
  for (const [at, { vectors }] of pages.entries()) {
    for (const [panel, vector] of vectors.entries()) {
      const row = at * panels + panel;
      embeddings.set(vector, row * dimensions);
      masks[row] = 1;
    }
  }
  return { embeddings, masks };
}
