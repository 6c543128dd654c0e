import { existsSync } from 'node:fs';
import { PanelvecError } from '../../errors.ts';
import { EvaluatorProcess } from '../../evaluation/evaluator-process/evaluator-process.ts';
import type { MeasurePlan } from '../../evaluation/measure-evaluation.ts';
import { removeIfFree, renameWhenFree } from '../../files/files-in-use.ts';
import { elementAt } from '../../util/arrays.ts';
import { createArtifact } from '../create-artifact.ts';
import type { Artifact } from '../job.ts';
import type { TaskContext } from '../job-kind.ts';
import { assertSameSpaces } from './begun-evaluation.ts';
import { makeVectors } from './contender-files.ts';
import { listContenders } from './contenders.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import { evaluationFingerprint } from './evaluation-fingerprint.ts';
import { evaluationNotes } from './evaluation-notes.ts';
import { countPartPages } from './evaluation-pages.ts';
import { type EvaluationPartRecord, readPartRecord } from './evaluation-part-record.ts';
import { type EvaluationPaths, evaluationPaths } from './evaluation-paths.ts';
import { type EvaluationSplit, splitEvaluation } from './evaluation-split.ts';
import { leftOutNotes } from './left-out-notes.ts';
import { writeEvaluationReport } from './write-evaluation-report.ts';

/** The work of some measures grows with the square of the panels. */
const MAX_PANELS = 20_000;

/** The last step of a job: trains on each fold, computes all vectors, measures them, and writes the report. */
export async function finishEvaluate(spec: EvaluateSpec, context: TaskContext): Promise<readonly Artifact[]> {
  const { resources, signal } = context;
  const paths = evaluationPaths(resources.home, spec.output);
  if (!existsSync(paths.result)) {
    if (!existsSync(paths.work.result)) await measure(spec, paths, context, signal);
    await writeEvaluationReport(spec, paths, context);
    // The last of all files: an evaluation that has it is finished.
    await renameWhenFree(paths.work.result, paths.result);
  }
  await removeIfFree(paths.work.folder);
  return Promise.all([paths.result, paths.report, paths.table].map((file) => createArtifact(resources.home, file)));
}

async function measure(
  spec: EvaluateSpec,
  paths: EvaluationPaths,
  context: TaskContext,
  signal: AbortSignal,
): Promise<void> {
  const begun = await assertSameSpaces(paths, spec, context.resources);
  const parts = await countPartPages(spec, paths);
  const records: EvaluationPartRecord[] = [];
  for (const part of parts.keys()) records.push(await readPartRecord(paths.work.partRecord(part)));
  const split = splitEvaluation(spec, records);
  if (split.panels.length > MAX_PANELS) {
    const message = `${split.panels.length} panels are too many to measure: ${MAX_PANELS} are possible`;
    throw new PanelvecError('dataset_invalid', message, { param: 'dataset.limit' });
  }
  const contenders = await listContenders(spec, context.resources);
  await using evaluator = new EvaluatorProcess(signal);
  const files = await makeVectors(contenders, { spec, split, paths, context, evaluator });
  const plan: MeasurePlan = {
    panels: split.panels,
    galleries: split.folds.map(({ rows }) => rows),
    viewFiles: split.measuredParts.map((part) => paths.work.views(part, elementAt(contenders, 0).encoders.key)),
    contenders: contenders.map((contender) => ({
      name: contender.name,
      kind: contender.kind,
      description: contender.description,
      space: contender.kind === 'model' ? contender.model.space : null,
      vectors: files.get(contender.key) ?? [],
    })),
    facts: {
      created_at: begun.created_at,
      fingerprint: evaluationFingerprint(begun, spec, split, elementAt(contenders, 0).encoders.key),
      dataset: datasetFacts(records, split),
      split: split.facts,
      notes: [...(await leftOutNotes(spec, paths)), ...(await evaluationNotes(spec, split, contenders))],
    },
    seed: spec.seed,
    output: paths.work.result,
  };
  await evaluator.measure(plan);
}

function datasetFacts(records: readonly EvaluationPartRecord[], { measuredParts, panels }: EvaluationSplit) {
  const pages = measuredParts.flatMap((part) => records[part]?.pages ?? []);
  const evaluated = pages.flatMap((page) => page.panels);
  const isPresent = (text: string | null) => text !== null;
  return {
    books: new Set(panels.map(({ book }) => book)).size,
    pages: pages.filter(({ problem }) => problem === null).length,
    panels: panels.length,
    panels_with_lettering: evaluated.filter(({ lettering }) => isPresent(lettering)).length,
    panels_with_description: evaluated.filter(({ description }) => isPresent(description)).length,
    bad_pages: pages.filter(({ problem }) => problem !== null).length,
  };
}
