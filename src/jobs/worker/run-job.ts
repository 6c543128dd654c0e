import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Artifact, ProgressDetail, TaskStep } from '../job.ts';
import type { Resources, TaskContext } from '../job-kind.ts';
import type { JobSpec } from '../job-spec.ts';
import { getJobKind } from './job-kind-registry.ts';

/** How far a job is, as a command shows it. */
export interface RunProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number | undefined;
  readonly detail: ProgressDetail | undefined;
}

export interface RunOptions {
  readonly resources: Resources;
  readonly signal: AbortSignal;
  readonly log: Logger;
  onProgress(progress: RunProgress): void;
}

/**
 * Does a job in this process, without a service and its queue. What is finished when it stops is found again by another run.
 * @throws PanelvecError as the steps of the job do; the signal's reason
 */
export async function runJob(
  spec: JobSpec,
  { resources, signal, log, onProgress }: RunOptions,
): Promise<readonly Artifact[]> {
  const kind = getJobKind({ type: spec.type, spec });
  const jobId = randomUUID();
  const contextOf = (step: TaskStep, donePages = 0, pages?: number): TaskContext => ({
    jobId,
    resources,
    signal,
    log,
    reportProgress: (done, total, detail) =>
      onProgress({ phase: kind.phases[step], done: donePages + done, total: pages ?? total, detail }),
    findRate: async () => undefined,
  });
  const { partSizes, maxBadPages } = await kind.plan(spec, contextOf('plan'));
  const pages = partSizes.reduce((sum, size) => sum + size, 0);
  let [donePages, badPages] = [0, 0];
  for (const part of partSizes.keys()) {
    signal.throwIfAborted();
    const result = await kind.part(spec, part, contextOf('part', donePages, pages));
    donePages += result.done;
    badPages += result.badPages;
    if (badPages > maxBadPages) throw await kind.reportBadPages(spec, contextOf('finish'));
  }
  return kind.finish(spec, contextOf('finish'));
}
