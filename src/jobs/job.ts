/** Queued and running jobs may be cancelled; the last three states are final. */
export const JOB_STATES = ['queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

export function hasEnded(state: JobState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** What a job is cut into: one plan, parts that any number of workers share, one finish. */
export const TASK_STEPS = ['plan', 'part', 'finish'] as const;
export type TaskStep = (typeof TASK_STEPS)[number];

/** Live numbers of a task that has more to tell than pages: epoch, step, losses */
export type ProgressDetail = Readonly<Record<string, number>>;

export interface Progress {
  /** Pages */
  readonly done: number;
  /** null until it is known */
  readonly total: number | null;
  /** Pages per second, of all workers together */
  readonly rate: number;
  /** null where nothing moves */
  readonly seconds_left: number | null;
  readonly phase: string;
  /** null where there is nothing more to tell; a number that JSON does not have (a loss that is NaN) is null too */
  readonly detail: Readonly<Record<string, number | null>> | null;
}

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
}

/** A file that a job made, or a folder whose files can be asked for below its name. */
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
  /** How often work on it began: once, and once more for each time that a worker was lost */
  readonly attempts: number;
  readonly error: JobError | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly artifacts: readonly Artifact[];
  /** Grows with every change of any job */
  readonly revision: number;
}

/** A piece of a job in a worker's hands. */
export interface Task {
  readonly id: string;
  readonly jobId: string;
  readonly step: TaskStep;
  /** From 0; always 0 for plan and finish */
  readonly part: number;
}
