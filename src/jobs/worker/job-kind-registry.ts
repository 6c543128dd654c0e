import { isObject } from '../../util/json.ts';
import { EMBED_DRY_RUN } from '../embed/dry-run.ts';
import { finishEmbed } from '../embed/embed-finish-step.ts';
import { embedPart } from '../embed/embed-part-step.ts';
import { planEmbed } from '../embed/embed-plan-step.ts';
import { getStorePaths } from '../embed/store-paths.ts';
import { reportBadEvaluationPages } from '../evaluate/evaluate-bad-pages.ts';
import { finishEvaluate } from '../evaluate/evaluate-finish-step.ts';
import { encodeEvaluationPart } from '../evaluate/evaluate-part-step.ts';
import { planEvaluate } from '../evaluate/evaluate-plan-step.ts';
import { finishIndex } from '../index/index-finish-step.ts';
import { indexPart } from '../index/index-part-step.ts';
import { getIndexPaths } from '../index/index-paths.ts';
import { planIndex } from '../index/index-plan-step.ts';
import type { JobKind } from '../job-kind.ts';
import type { JobSpec, JobSpecs, JobType } from '../job-spec.ts';
import { reportRecordedBadPages } from '../pages/recorded-bad-pages.ts';
import type { StartedTask } from '../queue/task-records.ts';
import { reportBadTrainingPages } from '../train/train-bad-pages.ts';
import { finishTrain } from '../train/train-finish-step.ts';
import { encodeTrainingPart } from '../train/train-part-step.ts';
import { planTrain } from '../train/train-plan-step.ts';

const JOB_KINDS: { readonly [T in JobType]: JobKind<JobSpecs[T]> } = {
  // A store of all panels of a dataset: an index of its pages, chunks of the store, and the files beside it.
  embed: {
    phases: { plan: 'indexing', part: 'embedding', finish: 'finishing' },
    plan: planEmbed,
    part: embedPart,
    finish: finishEmbed,
    // The store stays as it is, so that another job can continue it.
    reportBadPages: (spec, context) =>
      reportRecordedBadPages(getStorePaths(context.resources.home, spec.output), spec.max_bad_pages, context),
  },
  // A model trained on a dataset: an index of its pages, files of what is trained on, and the training itself.
  train: {
    phases: { plan: 'indexing', part: 'encoding', finish: 'training' },
    plan: planTrain,
    part: encodeTrainingPart,
    finish: finishTrain,
    reportBadPages: reportBadTrainingPages,
  },
  // What vectors are worth: an index of pages, features of all views of their panels, and the trainings and measures.
  evaluate: {
    phases: { plan: 'indexing', part: 'encoding', finish: 'evaluating' },
    plan: planEvaluate,
    part: encodeEvaluationPart,
    finish: finishEvaluate,
    reportBadPages: reportBadEvaluationPages,
  },
  // A collection that is searched: an index of pages, the rows of their panels, and what is made of all rows.
  index: {
    phases: { plan: 'indexing', part: 'embedding', finish: 'finishing' },
    plan: planIndex,
    part: indexPart,
    finish: finishIndex,
    // The collection is removed later, as that of any failed job.
    reportBadPages: (spec, context) =>
      reportRecordedBadPages(getIndexPaths(context.resources.home, context.jobId), spec.max_bad_pages, context),
  },
};

/** The kind of a stored job. The caller passes it the spec that was stored with this type. */
export function getJobKind({ type, spec }: Pick<StartedTask, 'type' | 'spec'>): JobKind<JobSpec> {
  const isDryRun = isObject(spec) && spec['dry_run'] === true;
  const kind = type === 'embed' && isDryRun ? EMBED_DRY_RUN : JOB_KINDS[type as JobType];
  return kind as JobKind<JobSpec>;
}
