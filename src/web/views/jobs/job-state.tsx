import type { JobState as State } from '../../../jobs/job.ts';

export const JOB_STATES: readonly State[] = ['queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled'];

/** Whether nothing more will happen to a job. */
export function hasEnded(state: State): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** The state of a job, as a word; the colour only helps. */
export function JobState({ state }: { readonly state: State }) {
  return <span class={`job-state job-state-${state}`}>{state}</span>;
}
