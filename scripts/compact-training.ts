/**
 * Writes the specs of the jobs that train and measure the head of `compact`:
 *
 *     node scripts/compact-training.ts COMICS OUT
 *
 * COMICS is a folder with manifest.csv, pss_labels.json and vlm/. OUT/train.json trains the head on all episodes; OUT/evaluate.json
 * measures the same recipe beside the baselines, in six folds of whole episodes, and OUT/held-out.json on four episodes that the
 * recipe is not trained on. Then run
 *
 *     PANELVEC_DATA_ROOTS=COMICS,OUT npx panelvec evaluate OUT/evaluate.json
 *     PANELVEC_DATA_ROOTS=COMICS,OUT npm start
 *     npx panelvec jobs submit OUT/train.json --watch
 *     npm run build:compact -- --head var/models/compact-head
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bookOfPage } from '../src/datasets/identifiers.ts';
import { BUNDLED_MODELS } from '../src/model/model-folders.ts';

const FOLDS = 6;

const [comics, outputFolder] = process.argv.slice(2).map((folder) => path.resolve(folder));
if (comics === undefined || outputFolder === undefined) {
  throw new Error('usage: node scripts/compact-training.ts COMICS OUT');
}
const record = JSON.parse(await readFile(path.join(BUNDLED_MODELS, 'compact/training.json'), 'utf8'));
const labelsFile = path.join(comics, 'pss_labels.json');
const dataset = {
  ...record.spec.dataset,
  manifest: path.join(comics, 'manifest.csv'),
  pss_labels: labelsFile,
  panels: { format: 'vlm', root: path.join(comics, 'vlm') },
};
const { val_fraction: _, ...evaluatedDataset } = dataset;
const { model, training } = record.spec;
const evaluation = {
  type: 'evaluate',
  output: 'compact-folds',
  dataset: evaluatedDataset,
  trainings: [{ name: 'compact', model, training }],
  baselines: ['v1', 'reference', 'raw'],
};

await mkdir(outputFolder, { recursive: true });
const writeJson = (name: string, value: object) =>
  writeFile(path.join(outputFolder, name), `${JSON.stringify(value, undefined, 2)}\n`);
const labels: Record<string, string> = JSON.parse(await readFile(labelsFile, 'utf8'));
const heldOut = Object.entries(labels).filter(([id]) => record.held_out.includes(bookOfPage(id)));
await writeJson('held-out-labels.json', Object.fromEntries(heldOut));
await writeJson('train.json', { ...record.spec, dataset });
await writeJson('evaluate.json', { ...evaluation, folds: FOLDS });
await writeJson('held-out.json', {
  ...evaluation,
  output: 'compact-held-out',
  test_pss_labels: path.join(outputFolder, 'held-out-labels.json'),
});
