import type { ProgressDetail } from '../job.ts';
import type { TaskProgress } from '../queue/task-records.ts';

/** The rate is measured over this time: short enough to follow changes, long enough not to jump. */
const WINDOW_MS = 10_000;

interface Sample {
  readonly time: number;
  readonly done: number;
}

/** Measures how far a task is and how fast it goes. */
export class TaskProgressMeter {
  #samples: readonly Sample[];
  #done = 0;
  #total: number | undefined;
  #detail: ProgressDetail | undefined;

  constructor() {
    this.#samples = [{ time: performance.now(), done: 0 }];
  }

  record(done: number, total?: number, detail?: ProgressDetail): void {
    this.#done = done;
    this.#total = total;
    this.#detail = detail;
  }

  get hasDetail(): boolean {
    return this.#detail !== undefined;
  }

  /** The progress now, with the rate per second since the last few calls. */
  read(): TaskProgress {
    const now = { time: performance.now(), done: this.#done };
    const recent = this.#samples.filter(({ time }) => now.time - time <= WINDOW_MS);
    const first = recent[0] ?? this.#samples.at(-1) ?? now;
    this.#samples = [...(recent.length > 0 ? recent : [first]), now];
    const seconds = (now.time - first.time) / 1000;
    return {
      done: now.done,
      rate: seconds > 0 ? (now.done - first.done) / seconds : 0,
      ...(this.#total !== undefined && { total: this.#total }),
      ...(this.#detail !== undefined && { detail: this.#detail }),
    };
  }
}
