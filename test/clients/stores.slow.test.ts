import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { JobResponse } from '../../src/http/routes/jobs/job-schemas.ts';
import { type JobService, startJobService } from '../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../support/make-corpus.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { type PythonEnvironment, runPythonClient, skipPython } from './clients.ts';

const PAGES = 130;
/** A page of each number of panels, from both chunks */
const COMPARED_PAGES = [1, 2, 3, 4, 5, 123];

interface StoreContent {
  readonly shape: readonly number[];
  readonly types: readonly string[];
  readonly masks: readonly number[][];
  readonly vectors: readonly number[][][];
  readonly space: string | null;
  readonly dimensions?: readonly string[][];
  readonly chunks?: readonly number[][];
}

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let corpus: Corpus;
let service: JobService;
let job: JobResponse;
before(async () => {
  if (skipPython) return;
  tiny = await makeTinyModel();
  corpus = await makeCorpus(PAGES);
  service = await startJobService(tiny.home, corpus);
  const { id } = await service.submit({ type: 'embed', output: 'pepper', dataset: corpus.dataset });
  job = await service.waitForEnd(id);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
});
after(async () => {
  if (skipPython) return;
  await service.stop();
  await corpus.remove();
  await tiny.remove();
});

/** The vectors of a page of the corpus, by a request. */
async function embedPage(page: number): Promise<number[][]> {
  const manifest = (await readFile(corpus.dataset.manifest, 'utf8')).trim().split('\n').slice(1);
  const [id = '', image = ''] = (manifest[page] ?? '').split(',');
  const form = new FormData();
  form.append('image', new Blob([await readFile(path.join(corpus.folder, image))]), 'page.jpg');
  form.append('request', await readFile(path.join(corpus.dataset.panels.root, `${id}.json`), 'utf8'));
  const response = await fetch(`${service.address}/v1/embeddings/page`, { method: 'POST', body: form });
  const { data } = (await response.json()) as { data: { panel_embeddings: number[][] }[] };
  return data[0]?.panel_embeddings ?? [];
}

describe('the store of an embed job', () => {
  const environments: readonly [PythonEnvironment, RegExp][] = [
    ['python', /^3\./],
    ['python-zarr2', /^2\./],
  ];
  for (const [environment, version] of environments) {
    it(`opens in ${environment}: zarr, xarray and dask, from a folder and over HTTP`, {
      skip: skipPython,
    }, async () => {
      const folder = path.join(tiny.home, 'stores/pepper/embeddings.zarr');
      const url = `${service.address}/v1/jobs/${job.id}/artifacts/embeddings.zarr`;
      const { versions, ...readers } = await runPythonClient<
        Record<string, StoreContent> & { versions: Record<string, string> }
      >('read_store.py', [folder, url], environment);
      assert.match(versions['zarr'] ?? '', version);
      const { zarr: expected } = readers;
      assert.ok(expected !== undefined);
      assert.deepEqual(
        [expected.shape, expected.types],
        [
          [PAGES, 16, 16],
          ['float32', 'bool'],
        ],
      );
      for (const [reader, { shape, types, masks, vectors, space, dimensions, chunks }] of Object.entries(readers)) {
        assert.deepEqual(
          { shape, types, masks, vectors },
          {
            shape: expected.shape,
            types: expected.types,
            masks: expected.masks,
            vectors: expected.vectors,
          },
          reader,
        );
        if (reader.startsWith('dask'))
          assert.deepEqual(
            chunks,
            [
              [100, 16, 16],
              [100, 16],
            ],
            reader,
          );
        else assert.equal(space, expected.space, reader);
        if (reader.startsWith('xarray'))
          assert.deepEqual(
            dimensions,
            [
              ['page', 'panel', 'dimension'],
              ['page', 'panel'],
            ],
            reader,
          );
      }
      for (const page of COMPARED_PAGES) {
        const requested = (await embedPage(page)).map((vector) => Float32Array.from(vector));
        assert.ok(requested.length > 0);
        assert.deepEqual(
          expected.vectors[page]?.map((vector) => Float32Array.from(vector)),
          requested,
          `page ${page}`,
        );
      }
    });
  }
});
