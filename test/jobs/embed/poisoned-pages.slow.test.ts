import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { FAULTY_TOKENS, useFaultySessions } from '../../support/faulty-sessions.ts';
import { drawPanel } from '../../support/images.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { letterOf, makeTinyModel } from '../../support/tiny-model.ts';
import { type CorpusDataset, writeCorpus } from '../../support/write-corpus.ts';

const PAGES = 40;
const POISONED_PAGE = 17;

let folder: string;
let dataset: CorpusDataset;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  tiny = await makeTinyModel();
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-poisoned-'));
  await drawPanel(1, 90, 120).jpeg().toFile(path.join(folder, 'page.jpg'));
  dataset = await writeCorpus(folder, PAGES, (page) => ({ image: 'page.jpg', panels: makePage(page) }));
  const stopFaults = useFaultySessions();
  service = await startJobService(tiny.home, { folder }).finally(stopFaults);
});
after(async () => {
  await service?.stop();
  await tiny?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Two panels; the second one of one page ends its engine. */
function makePage(page: number): object {
  const last = page === POISONED_PAGE ? letterOf(FAULTY_TOKENS.crash) : letterOf(1 + (page % 26));
  const panels = ['first', `second ${last}`].map((description, i) => ({
    panel_number: i + 1,
    box_2d: [100 + 400 * i, 100, 450 + 400 * i, 900],
    description,
  }));
  return { panels };
}

it('a page that ends its engine costs an embed job that page alone', async () => {
  const { id } = await service.submit({ type: 'embed', output: 'poisoned', dataset, max_bad_pages: 0.1 });
  const { state, attempts, error } = await service.waitForEnd(id);
  assert.deepEqual([state, attempts], ['succeeded', 1], JSON.stringify(error));
  const report = JSON.parse(await readFile(path.join(tiny.home, 'stores/poisoned/report.json'), 'utf8'));
  assert.deepEqual(report.store.bad_pages_by_reason, { poisoned_input: 1 }, JSON.stringify(report));
  const [example] = report.store.examples.bad_pages.poisoned_input;
  assert.equal(example.id, 'Book 0/page_017');
});
