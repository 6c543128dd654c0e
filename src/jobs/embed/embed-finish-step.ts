import { existsSync } from 'node:fs';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { removeIfFree } from '../../files/files-in-use.ts';
import { publishZarrStore, type ZarrStore } from '../../zarr/create-zarr-store.ts';
import { chunkCount } from '../../zarr/store-shape.ts';
import { hasChunk } from '../../zarr/zarr-chunk.ts';
import { createArtifact } from '../create-artifact.ts';
import type { Artifact } from '../job.ts';
import type { TaskContext } from '../job-kind.ts';
import { readPartTable } from '../pages/page-index-file.ts';
import { RESUBMIT_HINT, readPageRecords } from '../pages/recorded-pages.ts';
import { writePageReports } from '../pages/write-page-reports.ts';
import type { EmbedSpec } from './embed-spec.ts';
import { assertSameSpace } from './store-attributes.ts';
import { metadataChunks, pageLines, panelLines } from './store-lines.ts';
import { ARTIFACT_NAMES, getStorePaths } from './store-paths.ts';

/** Joins the records of all parts. The metadata is written last: a store that has it is complete. */
export async function finishEmbed(spec: EmbedSpec, { resources }: TaskContext): Promise<readonly Artifact[]> {
  const paths = getStorePaths(resources.home, spec.output);
  if (!existsSync(paths.metadata)) {
    const { scratch } = paths.work;
    const { model } = await resources.loadModel(spec.model);
    await assertSameSpace(paths.store, model);
    const { pages } = await readPartTable(paths.work);
    const shape = { pages, panels: spec.dataset.max_panels_per_page, dimensions: model.spec.dimensions };
    const store = { folder: paths.store, shape, scratch };
    assertAllChunks(store);
    await publishZarrStore(store);
    await writeFileAtomic(paths.panels, panelLines(readPageRecords(paths)), scratch);
    await writeFileAtomic(paths.pages, pageLines(readPageRecords(paths)), scratch);
    const { index, totals } = await writePageReports(paths);
    await writeFileAtomic(paths.report, `${JSON.stringify({ index, store: totals }, undefined, 2)}\n`, scratch);
    await writeFileAtomic(paths.metadata, metadataChunks(readPageRecords(paths)), scratch);
  }
  await removeIfFree(paths.work.folder);
  // A store that an earlier version finished has no list of pages.
  const files = ARTIFACT_NAMES.map((name) => path.join(paths.folder, name)).filter(
    (file) => file !== paths.pages || existsSync(file),
  );
  return Promise.all(files.map((file) => createArtifact(resources.home, file)));
}

/** @throws PanelvecError if a chunk is missing: somebody may have removed it */
function assertAllChunks(store: ZarrStore): void {
  for (let chunk = 0; chunk < chunkCount(store.shape); chunk++) {
    if (!hasChunk(store, chunk))
      throw new PanelvecError('internal', `chunk ${chunk} of the store is gone: ${RESUBMIT_HINT}`);
  }
}
