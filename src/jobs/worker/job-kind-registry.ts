import { isObject } from '../../util/json.ts';
import { EMBED_DRY_RUN } from '../embed/dry-run.ts';
import { reportBadStorePages } from '../embed/embed-bad-pages.ts';
import { finishEmbed } from '../embed/embed-finish-step.ts';
import { embedPart } from '../embed/embed-part-step.ts';
import { planEmbed } from '../embed/embed-plan-step.ts';
import { reportBadEvaluationPages } from '../evaluate/evaluate-bad-pages.ts';
import { finishEvaluate } from '../evaluate/evaluate-finish-step.ts';
import { encodeEvaluationPart } from '../evaluate/evaluate-part-step.ts';
import { planEvaluate } from '../evaluate/evaluate-plan-step.ts';
import type { JobKind } from '../job-kind.ts';
import type { JobSpec, JobSpecs, JobType } from '../job-spec.ts';
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
    reportBadPages: reportBadStorePages,
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
};

/** The kind of a stored job. The caller passes it the spec that was stored with this type. */
export function getJobKind({ type, spec }: Pick<StartedTask, 'type' | 'spec'>): JobKind<JobSpec> {
  const isDryRun = isObject(spec) && spec['dry_run'] === true;
  const kind = type === 'embed' && isDryRun ? EMBED_DRY_RUN : JOB_KINDS[type as JobType];
  return kind as JobKind<JobSpec>;
}
