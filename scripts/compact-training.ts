/**
 * The job that trained the head of `compact`: `node scripts/compact-training.ts COMICS OUT [--fold 0..5]` writes its labels and
 * its spec for a folder of the comics with manifest.csv, pss_labels.json and vlm/. Then
 *
 *     PANELVEC_DATA_ROOTS=COMICS,OUT npm start
 *     npx panelvec jobs submit OUT/train.json --watch
 *     node scripts/build-compact.ts --head var/models/compact-head
 *
 * With a fold, the same recipe trains on five sixths of all episodes and is weighed on the rest: the last line of
 * var/trainings/compact-fold-N/history.jsonl, and `baseline` in its summary.json for the head before.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bookOfPage } from '../src/datasets/identifiers.ts';
import { BUNDLED_MODELS } from '../src/model/model-folders.ts';

const FOLDS = 6;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { fold: { type: 'string' } } });
const [comics, outputFolder] = positionals.map((folder) => path.resolve(folder)) as [string, string];
const trainingRecord = JSON.parse(await readFile(path.join(BUNDLED_MODELS, 'compact/training.json'), 'utf8'));
const labels: Record<string, string> = JSON.parse(await readFile(path.join(comics, 'pss_labels.json'), 'utf8'));

async function writeLabels(name: string, books: readonly string[]): Promise<string> {
  const selected = Object.entries(labels).filter(([id]) => books.includes(bookOfPage(id)));
  const file = path.join(outputFolder, name);
  await writeFile(file, JSON.stringify(Object.fromEntries(selected)));
  return file;
}

/** Labels of what is trained on, and of what is held out where there is a fold. */
async function writeSplits(): Promise<object> {
  const { training, held_out: heldOut } = trainingRecord.episodes;
  if (values.fold === undefined) return { pss_labels: await writeLabels('training.json', training) };
  const episodes: string[] = [...training, ...heldOut].sort();
  const isHeldOut = (_: string, i: number) => i % FOLDS === Number(values.fold);
  return {
    pss_labels: await writeLabels(
      'training.json',
      episodes.filter((book, i) => !isHeldOut(book, i)),
    ),
    val_pss_labels: await writeLabels('validation.json', episodes.filter(isHeldOut)),
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
    ...(await writeSplits()),
  },
};
await writeFile(path.join(outputFolder, 'train.json'), `${JSON.stringify(spec, undefined, 2)}\n`);
