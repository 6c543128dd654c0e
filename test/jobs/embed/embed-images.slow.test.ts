import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { drawPanel } from '../../support/images.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { readZarrStore } from '../../support/read-zarr.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const STRIP = { width: 100, height: 2000 };

let folder: string;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-images-'));
  tiny = await makeTinyModel();
  service = await startJobService(tiny.home, { folder }, { PANELVEC_MAX_IMAGE_PIXELS: '60000' });
});
after(async () => {
  await service.stop();
  await tiny.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a job over a book of pages. */
async function embed(book: string, output: string, images: object, panels?: object) {
  const dataset = { pages: path.join(folder, book), images, ...(panels && { panels }) };
  const { id } = await service.submit({ type: 'embed', output, max_bad_pages: 1, dataset });
  const job = await service.waitForEnd(id);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  const read = (name: string) => readFile(path.join(tiny.home, 'stores', output, name), 'utf8');
  const lines = async (name: string) =>
    (await read(name))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  const store = await readZarrStore(path.join(tiny.home, 'stores', output, 'embeddings.zarr'));
  return {
    chunk: await store.readChunk(0),
    errors: await lines('errors.jsonl'),
    skipped: await lines('skipped.jsonl'),
    report: JSON.parse(await read('report.json')),
  };
}

describe('a job over images of many kinds', () => {
  before(async () => {
    await mkdir(path.join(folder, 'kinds'));
    const write = (name: string, bytes: Buffer | string) => writeFile(path.join(folder, 'kinds', name), bytes);
    const jpeg = await drawPanel(5).jpeg().toBuffer();
    await write('1.avif', await drawPanel(1).avif().toBuffer());
    await write('2.gif', await drawPanel(2).gif().toBuffer());
    await write('3.tiff', await drawPanel(3).tiff().toBuffer());
    await write('4.jpg', jpeg.subarray(0, Math.floor(jpeg.length * 0.6)));
    await write('5.jpg', jpeg.subarray(0, -2));
    await write('6.jpg', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n');
  });

  const all = { formats: ['gif', 'tiff'], tolerant: true };

  it('embeds those that the dataset lists, and notes what was truncated', async () => {
    const { errors, skipped, report } = await embed('kinds', 'all', all);
    assert.equal(report.store.pages, 6);
    assert.deepEqual(
      errors.map(({ canonical_id: id, reason }) => [id, reason]),
      [['6', 'unsupported_media_type']],
    );
    assert.match(errors[0].detail, /Git LFS pointer/);
    const truncated = skipped.filter(({ note }) => note === 'image_truncated');
    assert.deepEqual(
      truncated.map(({ id }) => id),
      ['4'],
    );
    assert.equal(report.store.notes.image_truncated, 1);
  });

  it('notes the same when all features are in the cache', async () => {
    const first = await embed('kinds', 'all', all);
    const again = await embed('kinds', 'again', all);
    assert.deepEqual(again.skipped, first.skipped);
    assert.deepEqual(again.chunk, first.chunk);
  });

  it('does not take features of a truncated image from the cache where such images are refused', async () => {
    const { errors } = await embed('kinds', 'strict', { formats: ['gif', 'tiff'] });
    assert.deepEqual(
      errors.map(({ canonical_id: id, reason }) => [id, reason]),
      [
        ['4', 'image_unreadable'],
        ['6', 'unsupported_media_type'],
      ],
    );
  });
});

describe('a job over strips', () => {
  it('has the vectors of the same panels in requests, and leaves out a panel that is over the limit', async () => {
    await mkdir(path.join(folder, 'strips'));
    await mkdir(path.join(folder, 'boxes'));
    const strip = await drawPanel(7, STRIP.width, STRIP.height).jpeg().toBuffer();
    await writeFile(path.join(folder, 'strips/1.jpg'), strip);
    const panels = [
      { bbox: [0, 0, 100, 500], text: '' },
      { bbox: [0, 400, 100, 1600], text: '' },
      { bbox: [10, 1500.5, 80, 480], text: 'who goes there?' },
    ];
    await writeFile(path.join(folder, 'boxes/1.json'), JSON.stringify({ panels }));
    const boxes = { format: 'ocr', root: path.join(folder, 'boxes') };
    const { chunk, skipped } = await embed('strips', 'strips', {}, boxes);
    assert.deepEqual(
      skipped.filter(({ reason }) => reason),
      [{ id: '1', panel: 1, reason: 'crop_too_large' }],
    );
    const response = await request(service.address)
      .post('/v1/embeddings/page')
      .attach('image', strip, 'strip.jpg')
      .field('request', JSON.stringify({ panels: [panels[0], panels[2]] }));
    assert.equal(response.status, 200, response.text);
    const expected: number[] = response.body.data[0].panel_embeddings.flat().map(Math.fround);
    const actual = [...chunk.embeddings.subarray(0, expected.length)];
    assert.deepEqual(actual, expected);
  });
});
