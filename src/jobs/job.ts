/** The states of a job. Queued and running jobs can be cancelled; the last three states are final. */
export const JOB_STATES = ['queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

export function hasEnded(state: JobState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** The steps of a job: one plan, then parts that any number of workers share, then one finish. */
export const TASK_STEPS = ['plan', 'part', 'finish'] as const;
export type TaskStep = (typeof TASK_STEPS)[number];

/** Current numbers of a training: epoch, step, losses */
export type ProgressDetail = Readonly<Record<string, number>>;

export interface Progress {
  /** Pages */
  readonly done: number;
  /** null while unknown */
  readonly total: number | null;
  /** Pages per second of all workers together */
  readonly rate: number;
  /** null while the rate is 0 */
  readonly seconds_left: number | null;
  readonly phase: string;
  /** null for jobs other than trainings; a number that JSON cannot express (a loss that is NaN) is null too */
  readonly detail: Readonly<Record<string, number | null>> | null;
}

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
}

/** A result of a job: a file, or a folder whose files can be requested below its name. */
export interface Artifact {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** null for a folder */
  readonly bytes: number | null;
  /** Relative to PANELVEC_HOME */
  readonly path: string;
}

export interface Job {
  readonly id: string;
  readonly type: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly state: JobState;
  readonly progress: Progress;
  /** How often work began: once, and once more for each lost worker */
  readonly attempts: number;
  readonly error: JobError | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly artifacts: readonly Artifact[];
  /** Increases with every change; unique among all jobs */
  readonly revision: number;
}

/** A piece of a job that one worker does at a time. */
export interface Task {
  readonly id: string;
  readonly jobId: string;
  readonly step: TaskStep;
  /** The index of the part, from 0; 0 for plan and finish */
  readonly part: number;
}
