/**
 * Writes the labels and the spec of the job that trained the head of `compact`:
 *
 *     node scripts/compact-training.ts COMICS OUT [--fold 0..5]
 *
 * COMICS is a folder with manifest.csv, pss_labels.json and vlm/. Then run
 *
 *     PANELVEC_DATA_ROOTS=COMICS,OUT npm start
 *     npx panelvec jobs submit OUT/train.json --watch
 *     node scripts/build-compact.ts --head var/models/compact-head
 *
 * With --fold, the same recipe trains on five sixths of all episodes and is validated on the rest. The metrics are in the last
 * line of var/trainings/compact-fold-N/history.jsonl, those of the previous head under `baseline` in its summary.json.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bookOfPage } from '../src/datasets/identifiers.ts';
import { BUNDLED_MODELS } from '../src/model/model-folders.ts';

const FOLDS = 6;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { fold: { type: 'string' } } });
const [comics, outputFolder] = positionals.map((folder) => path.resolve(folder));
if (comics === undefined || outputFolder === undefined) {
  throw new Error('usage: node scripts/compact-training.ts COMICS OUT [--fold 0..5]');
}
const trainingRecord = JSON.parse(await readFile(path.join(BUNDLED_MODELS, 'compact/training.json'), 'utf8'));
const labels: Record<string, string> = JSON.parse(await readFile(path.join(comics, 'pss_labels.json'), 'utf8'));

async function writeLabels(folder: string, name: string, books: readonly string[]): Promise<string> {
  const selected = Object.entries(labels).filter(([id]) => books.includes(bookOfPage(id)));
  const file = path.join(folder, name);
  await writeFile(file, JSON.stringify(Object.fromEntries(selected)));
  return file;
}

/** Writes labels of the training episodes and, with a fold, of the held-out ones. Resolves with their fields of the spec. */
async function writeSplits(folder: string): Promise<object> {
  const { training, held_out: heldOut } = trainingRecord.episodes;
  if (values.fold === undefined) return { pss_labels: await writeLabels(folder, 'training.json', training) };
  const episodes: string[] = [...training, ...heldOut].sort();
  const isHeldOut = (_: string, i: number) => i % FOLDS === Number(values.fold);
  return {
    pss_labels: await writeLabels(
      folder,
      'training.json',
      episodes.filter((book, i) => !isHeldOut(book, i)),
    ),
    val_pss_labels: await writeLabels(folder, 'validation.json', episodes.filter(isHeldOut)),
  };
}

await mkdir(outputFolder, { recursive: true });
const spec = {
  ...trainingRecord.spec,
  ...(values.fold !== undefined && { output: `compact-fold-${values.fold}` }),
  dataset: {
    ...trainingRecord.spec.dataset,
    manifest: path.join(comics, 'manifest.csv'),
    panels: { format: 'vlm', root: path.join(comics, 'vlm') },
    ...(await writeSplits(outputFolder)),
  },
};
await writeFile(path.join(outputFolder, 'train.json'), `${JSON.stringify(spec, undefined, 2)}\n`);
