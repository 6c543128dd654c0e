import { stat } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { type Dataset, datasetSchema } from '../datasets/dataset-spec.ts';
import { indexPages, type PageEntry } from '../datasets/index-pages.ts';
import { PanelvecError } from '../errors.ts';
import { parse } from '../http/validation.ts';
import { readPage, toPageProblem } from '../jobs/pages/read-page.ts';
import { resolveDataset } from '../jobs/submission.ts';
import type { PictureFormat } from '../model/model-spec.ts';
import { changeForQuery } from '../preprocess/augment/query-changes.ts';
import { cropImage } from '../preprocess/image/crop-image.ts';
import { CounterRandom } from '../util/counter-random.ts';
import { datasetFromPath, foldersOfCaller } from './dataset-from-path.ts';
import { readSpecFile } from './read-spec-file.ts';

/** A panel's picture, and what a snapshot of it looks like: uint8 (views, size, size, 3) each. */
export interface CalibrationPicture {
  readonly picture: Uint8Array;
  readonly snapshot: Uint8Array;
}

const MIN_PICTURES = 16;
/** More would take minutes and change no range by much. */
const MAX_PICTURES = 256;
const SEED = 17;

/**
 * Reads pictures of panels of a dataset: a folder as jobs take it, or the spec of a job. Pages are drawn at random, the same ones in
 * every run. Pages that cannot be read are left out.
 * @throws PanelvecError if there are too few
 */
export async function readCalibrationPictures(
  config: Config,
  target: string,
  format: PictureFormat,
): Promise<CalibrationPicture[]> {
  const dataRoots = foldersOfCaller(config.dataRoots, target);
  const dataset = await resolveDataset(await readDataset(target), dataRoots);
  const pages: PageEntry[] = [];
  const onPage = (page: PageEntry) => void pages.push(page);
  await indexPages(dataset, { dataRoots, onPage, onSkipped: () => {} });
  const pictures: CalibrationPicture[] = [];
  for (const page of new CounterRandom('calibration', SEED).shuffled(pages)) {
    if (pictures.length >= MAX_PICTURES) break;
    pictures.push(...(await readPictures(page, dataset, { dataRoots, imageLimits: config }, format)));
  }
  if (pictures.length < MIN_PICTURES) {
    const problem = `${target} has ${pictures.length} pictures of panels that can be read, in ${pages.length} pages`;
    throw new PanelvecError('dataset_invalid', `${problem}; a calibration needs ${MIN_PICTURES}`, {
      param: 'calibration',
    });
  }
  return pictures.slice(0, MAX_PICTURES);
}

async function readDataset(target: string): Promise<Dataset> {
  const isFile = (await stat(target).catch(() => undefined))?.isFile() ?? false;
  const isSpec = isFile && target.endsWith('.json');
  return parse(
    datasetSchema,
    isSpec ? (await readSpecFile(target))['dataset'] : datasetFromPath(target, { allPages: false }),
  );
}

async function readPictures(
  page: PageEntry,
  dataset: Dataset,
  limits: Parameters<typeof readPage>[2],
  format: PictureFormat,
): Promise<CalibrationPicture[]> {
  try {
    const { image, panels } = await readPage(page, dataset, limits);
    const crops = panels.flatMap(({ crop }) => (crop === null ? [] : [crop, changeForQuery(crop, 'snapshot')]));
    const pixels = await cropImage(image, crops, format, { isParallel: true, assertWanted: () => {} });
    return pixels.flatMap((picture, i) => {
      const snapshot = pixels[i + 1];
      return i % 2 === 0 && picture && snapshot ? [{ picture, snapshot }] : [];
    });
  } catch (error) {
    if (toPageProblem(error) === undefined) throw error;
    return [];
  }
}
