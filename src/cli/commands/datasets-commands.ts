import { stat } from 'node:fs/promises';
import type { Config } from '../../config.ts';
import type { Dataset } from '../../datasets/dataset-spec.ts';
import { PanelvecError } from '../../errors.ts';
import { parse } from '../../http/validation.ts';
import { checkDataset } from '../../jobs/embed/check-dataset.ts';
import { ASSUMED_RATE, describeCheck, type EmbedRate } from '../../jobs/embed/describe-check.ts';
import { type JobRequest, jobSpecSchema } from '../../jobs/job-spec.ts';
import { resolveDataset } from '../../jobs/submission.ts';
import { findModel, modelRoots } from '../../model/model-folders.ts';
import { loadTokenizer } from '../../preprocess/text-tokenizer.ts';
import { createCheckView } from '../check-view.ts';
import { type DatasetFlags, datasetFromPath, foldersOfCaller } from '../dataset-from-path.ts';
import { describeCheckFailure, formatCheck } from '../format-check.ts';
import { readSpecFile } from '../read-spec-file.ts';

export interface CheckFlags extends DatasetFlags {
  readonly maxBadPages?: number;
  readonly panelsPerSecond?: number;
  readonly withinDataRoots: boolean;
  readonly json: boolean;
}

/** Prints what an embed job would do with a dataset. @throws PanelvecError if the job would fail, or embed nothing */
export async function checkDatasetCommand(config: Config, target: string, flags: CheckFlags): Promise<void> {
  const spec = await readSpec(target, flags);
  const dataRoots = flags.withinDataRoots ? config.dataRoots : foldersOfCaller(config.dataRoots, target);
  const dataset: Dataset = await resolveDataset(spec.dataset, dataRoots);
  const { model, tokenizer } = await loadModel(config, spec.model);
  const view = createCheckView();
  const result = checkDataset({ dataset, limits: { dataRoots, imageLimits: config }, tokenizer }, view);
  const { index, totals } = await result.finally(() => view.stop());
  const check = describeCheck(index, totals, {
    dataset,
    maxBadPages: flags.maxBadPages ?? spec.maxBadPages,
    model,
    rate: toRate(flags.panelsPerSecond),
  });
  process.stdout.write(flags.json ? `${JSON.stringify(check, undefined, 2)}\n` : formatCheck(check));
  const failure = describeCheckFailure(check);
  if (failure !== undefined) throw new PanelvecError(check.would_fail ?? 'dataset_invalid', failure);
}

interface CheckedSpec {
  readonly dataset: Dataset;
  readonly maxBadPages: number;
  /** undefined if the spec names none */
  readonly model: string | undefined;
}

async function readSpec(target: string, flags: CheckFlags): Promise<CheckedSpec> {
  const isFile = (await stat(target).catch(() => undefined))?.isFile() ?? false;
  const fields =
    isFile && target.endsWith('.json') ? await readSpecFile(target) : { dataset: datasetFromPath(target, flags) };
  // A spec that is not finished yet may lack what the check does not need.
  const spec = parse(jobSpecSchema, { type: 'embed', output: 'check', ...fields });
  if (spec.dataset === undefined)
    throw new PanelvecError('invalid_request', `${target} names a store, and no dataset to check`, {
      param: 'dataset',
    });
  return { dataset: spec.dataset, maxBadPages: spec.max_bad_pages, model: modelOf(spec) };
}

function modelOf(spec: JobRequest): string | undefined {
  if (spec.type === 'embed' || spec.type === 'index') return spec.model;
  const name = spec.type === 'train' ? spec.model.base : (spec.models[0] ?? spec.trainings[0]?.model.base);
  return name ?? undefined;
}

/** Loads a model without its weights. Without a model, texts are not checked and the size of the store is not known. */
async function loadModel({ models, home }: Config, wanted: string | undefined) {
  const name = wanted ?? models[0] ?? '';
  try {
    const model = await findModel(name.replace(/@\d+$/, ''), modelRoots(home));
    const tokenizer = model.spec.text.tokenizer === undefined ? undefined : await loadTokenizer(model);
    return { model, tokenizer };
  } catch (error) {
    if (wanted !== undefined) throw error;
    return { model: undefined, tokenizer: undefined };
  }
}

function toRate(panelsPerSecond: number | undefined): EmbedRate {
  if (panelsPerSecond === undefined) return ASSUMED_RATE;
  return { unit: 'panels', perSecond: panelsPerSecond, basis: 'as given' };
}
