import type { ProgressDetail } from '../job.ts';
import type { TaskProgress } from '../queue/task-records.ts';

/** The rate is that of the last seconds, so that it follows what happens without jumping. */
const WINDOW_MS = 10_000;

interface Sample {
  readonly time: number;
  readonly done: number;
}

/** How far a task is, and how fast it goes. */
export class TaskProgressMeter {
  readonly #samples: Sample[];
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

  /** Done, total where it is known, and done per second. */
  read(): TaskProgress {
    const now = { time: performance.now(), done: this.#done };
    while (this.#samples.length > 1 && now.time - this.#samples[0]!.time > WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0]!;
    this.#samples.push(now);
    const seconds = (now.time - first.time) / 1000;
    return {
      done: now.done,
      rate: seconds > 0 ? (now.done - first.done) / seconds : 0,
      ...(this.#total !== undefined && { total: this.#total }),
      ...(this.#detail !== undefined && { detail: this.#detail }),
    };
  }
}
