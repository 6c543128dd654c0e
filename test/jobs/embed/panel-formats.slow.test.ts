import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type MadePage,
  makePage,
  toCoco,
  toKumiko,
  toMagi,
  toMokuroPage,
  toOcr,
} from '../../datasets/panel-files/made-panel-files.ts';
import { drawPanel } from '../../support/images.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { mulberry32 } from '../../support/mulberry32.ts';
import { readZarrStore } from '../../support/read-zarr.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const BOOKS = ['Moon', 'Sun'];
const PAGES_PER_BOOK = 4;

let folder: string;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
const made = new Map<string, MadePage>();

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-formats-'));
  const random = mulberry32(11);
  for (const book of BOOKS) {
    await mkdir(path.join(folder, 'pages', book), { recursive: true });
    for (let i = 0; i < PAGES_PER_BOOK; i++) {
      const page = makePage(`page_${i}`, random);
      made.set(`${book}/${page.name}`, page);
      await drawPanel(made.size, page.width, page.height)
        .png()
        .toFile(path.join(folder, 'pages', book, `${page.name}.png`));
    }
  }
  tiny = await makeTinyModel();
  service = await startJobService(tiny.home, { folder });
});
after(async () => {
  await service?.stop();
  await tiny?.remove();
  if (folder) await rm(folder, { recursive: true });
});

async function write(name: string, json: unknown): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(json));
  return file;
}

/** Embeds the pages with these panels, and reads all vectors and masks. */
async function embed(output: string, panels: object) {
  const dataset = { pages: path.join(folder, 'pages'), panels };
  const { id } = await service.submit({ type: 'embed', output, dataset });
  const job = await service.waitForEnd(id);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  const store = await readZarrStore(path.join(tiny.home, 'stores', output, 'embeddings.zarr'));
  const report = JSON.parse(await readFile(path.join(tiny.home, 'stores', output, 'report.json'), 'utf8'));
  return { ...(await store.readChunk(0)), notes: report.store.notes };
}

async function writePageFiles(root: string, toJson: (page: MadePage) => object): Promise<string> {
  for (const [id, page] of made) await write(`${root}/${id}.json`, toJson(page));
  return path.join(folder, root);
}

describe('panel files of other tools', () => {
  it('give the vectors that the OCR form of the same boxes gives, bit for bit', async () => {
    const ocr = await embed('ocr', { format: 'ocr', root: await writePageFiles('ocr', toOcr) });
    assert.ok(ocr.masks.filter(Boolean).length > made.size);
    const named = Array.from(made, ([id, page]) => ({ ...page, name: id }));
    const books = path.join(folder, 'mokuro');
    for (const book of BOOKS) {
      const pages = [...made].filter(([id]) => id.startsWith(book)).map(([, page]) => toMokuroPage(page));
      await write(`mokuro/${book}.mokuro`, { version: '0.2.1', pages });
    }
    const others = {
      coco: { root: await write('coco.json', toCoco(named)) },
      kumiko: { root: await write('kumiko.json', named.map(toKumiko)), texts: { format: 'mokuro', root: books } },
      magi: { root: await writePageFiles('magi', toMagi) },
    };
    for (const [name, panels] of Object.entries(others)) {
      const { embeddings, masks, notes } = await embed(name, panels);
      assert.deepEqual(masks, ocr.masks, name);
      assert.deepEqual(embeddings, ocr.embeddings, name);
      assert.deepEqual(notes, { [`read_as_${name}`]: made.size });
    }
    const whole = await embed('whole', {
      format: 'ocr',
      root: await writePageFiles('whole', ({ width, height, panels }) => {
        const text = panels
          .map((panel) => panel.text)
          .filter(Boolean)
          .join(' ');
        return { panels: [{ bbox: [0, 0, width, height], text }] };
      }),
    });
    const mokuro = await embed('mokuro', { root: books });
    assert.deepEqual(mokuro.embeddings, whole.embeddings);
  });
});
