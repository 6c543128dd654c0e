import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { findFreePort } from '../../support/databases.ts';
import { drawPanel } from '../../support/images.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { makeZip } from '../../support/make-zip.ts';
import { readZarrStore } from '../../support/read-zarr.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const DIMENSIONS = 16;

let folder: string;
let images: Buffer[];
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
let port: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-books-'));
  images = await Promise.all([1, 2, 3].map((number) => drawPanel(number).jpeg().toBuffer()));
  tiny = await makeTinyModel();
  const [first, second, third] = images;
  assert.ok(first && second && third);
  await mkdir(path.join(folder, 'shelf/B'), { recursive: true });
  await writeFile(
    path.join(folder, 'shelf/A.cbz'),
    makeZip([
      { name: 'p10.jpg', content: second },
      { name: 'p9.jpg', content: first },
    ]),
  );
  await writeFile(path.join(folder, 'shelf/B/1.jpg'), third);
  await writeFile(path.join(folder, 'shelf/broken.cbz'), 'PK\x03\x04');
  port = String(await findFreePort());
  service = await startJobService(tiny.home, { folder }, { PORT: port });
});
after(async () => {
  await service.stop();
  await tiny.remove();
  await rm(folder, { recursive: true, force: true });
});

const storePath = (output: string, file: string) => path.join(tiny.home, 'stores', output, file);
const readJson = async (output: string, file: string) => JSON.parse(await readFile(storePath(output, file), 'utf8'));

async function submit(dataset: string, output: string): Promise<void> {
  const { code, stderr } = await runPanelvec(
    ['jobs', 'submit', '--dataset', path.join(folder, dataset), '--output', output, '--watch'],
    { PORT: port },
  );
  assert.equal(code, 0, stderr);
}

async function readIds(output: string): Promise<string[]> {
  const metadata: { canonical_id: string }[] = await readJson(output, 'metadata.json');
  return metadata.map(({ canonical_id }) => canonical_id);
}

describe('a job over CBZ files and folders', () => {
  it('embeds each page as one panel, with one command', async () => {
    await submit('shelf', 'shelf');
    assert.deepEqual(await readIds('shelf'), ['A/p9', 'A/p10', 'B/1']);
    const { embeddings, masks } = await (await readZarrStore(storePath('shelf', 'embeddings.zarr'))).readChunk(0);
    const panels = masks.length / images.length;
    for (const [page, image] of images.entries()) {
      const { body } = await request(service.address)
        .post('/v1/embeddings/page')
        .field('request', JSON.stringify({ panels: [{ bbox: [0, 0, 120, 90] }] }))
        .attach('image', image, 'page.jpg')
        .expect(200);
      const start = page * panels * DIMENSIONS;
      assert.deepEqual(
        [...embeddings.subarray(start, start + DIMENSIONS)],
        body.data[0].panel_embeddings[0].map(Math.fround),
      );
      assert.equal(
        masks.subarray(page * panels, (page + 1) * panels).reduce((sum, mask) => sum + mask, 0),
        1,
      );
    }
    const { index } = await readJson('shelf', 'report.json');
    assert.deepEqual([index.files.images, index.files.archives, index.skipped.bad_archive], [3, 2, 1]);
    assert.match(index.examples.bad_archive[0].detail, /broken\.cbz: it is truncated/);
  });

  it('embeds one CBZ file', async () => {
    await submit('shelf/A.cbz', 'book');
    assert.deepEqual(await readIds('book'), ['A/p9', 'A/p10']);
  });

  it('takes labels and panel files that lie in the folder', async () => {
    const shelf = path.join(folder, 'shelf');
    const panel = { panel_number: 1, box_2d: [0, 0, 500, 500] };
    await mkdir(path.join(shelf, 'vlm/A'), { recursive: true });
    await writeFile(path.join(shelf, 'vlm/A/p10.json'), JSON.stringify({ panels: [panel, panel] }));
    await writeFile(path.join(shelf, 'pss_labels.json'), JSON.stringify({ 'A/p10': 'story', 'A/p9': 'cover' }));
    await submit('shelf', 'labelled');
    assert.deepEqual(await readIds('labelled'), ['A/p10']);
    assert.equal((await readJson('labelled', 'metadata.json'))[0].num_panels, 2);
  });
});
