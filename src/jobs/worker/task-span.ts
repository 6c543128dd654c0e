import { errorTypeOf, startRoot } from '../../tracing/tracing.ts';
import type { Task } from '../job.ts';
import type { StartedTask } from '../queue/task-records.ts';

/** Runs a task as a span below that of its job. */
export async function withTaskSpan(
  { jobId, step, part }: Task,
  { type, traceHeaders }: Pick<StartedTask, 'type' | 'traceHeaders'>,
  run: () => Promise<void>,
): Promise<void> {
  const span = startRoot({
    name: `task ${type} ${step}`,
    role: 'consumer',
    parent: traceHeaders ?? undefined,
    attributes: {
      'panelvec.job.id': jobId,
      'panelvec.job.type': type,
      'panelvec.task.step': step,
      'panelvec.task.part': part,
    },
  });
  if (span === undefined) return run();
  try {
    await span.run(run);
  } catch (error) {
    span.end(errorTypeOf(error));
    throw error;
  }
  span.end();
}
