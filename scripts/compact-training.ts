/**
 * The job that trained the head of `compact`: `node scripts/compact-training.ts COMICS OUT` writes its labels and its spec
 * for a folder of the comics with manifest.csv, pss_labels.json and vlm/. Then
 *
 *     PANELVEC_DATA_ROOTS=COMICS,OUT npm start
 *     npx panelvec jobs submit OUT/train.json --watch
 *     node scripts/build-compact.ts --head var/models/compact-head
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bookOf } from '../src/datasets/identifiers.ts';
import { BUNDLED_MODELS } from '../src/model/model-folders.ts';

const [comics, out] = process.argv.slice(2).map((folder) => path.resolve(folder)) as [string, string];
const origin = JSON.parse(await readFile(path.join(BUNDLED_MODELS, 'compact/training.json'), 'utf8'));
const labels: Record<string, string> = JSON.parse(await readFile(path.join(comics, 'pss_labels.json'), 'utf8'));

async function writeLabels(name: string, books: readonly string[]): Promise<string> {
  const chosen = Object.entries(labels).filter(([id]) => books.includes(bookOf(id)));
  const file = path.join(out, name);
  await writeFile(file, JSON.stringify(Object.fromEntries(chosen)));
  return file;
}

await mkdir(out, { recursive: true });
const spec = {
  ...origin.spec,
  dataset: {
    ...origin.spec.dataset,
    manifest: path.join(comics, 'manifest.csv'),
    pss_labels: await writeLabels('training.json', origin.episodes.training),
    panels: { format: 'vlm', root: path.join(comics, 'vlm') },
  },
};
await writeFile(path.join(out, 'train.json'), `${JSON.stringify(spec, undefined, 2)}\n`);
