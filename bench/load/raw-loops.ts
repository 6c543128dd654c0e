import type { ChildProcess } from 'node:child_process';
import type { ChildProcesses } from '../runner/child-processes.ts';
import { request } from '../runner/child-processes.ts';
import type { RawLoopRequest } from './raw-loop.ts';

/** How the engines of a model use the cores. */
export interface Layout {
  readonly engines: number;
  /** Of each engine */
  readonly threads: number;
}

/** Raw loops that run side by side, as the engines of a service do. */
export class RawLoops {
  readonly #loops: readonly ChildProcess[];

  private constructor(loops: readonly ChildProcess[]) {
    this.#loops = loops;
  }

  static async fork(children: ChildProcesses, { engines, threads }: Layout): Promise<RawLoops> {
    const args = ['0', String(threads)];
    const forks = Array.from({ length: engines }, () => children.fork('load/raw-loop.ts', { args }));
    return new RawLoops((await Promise.all(forks)).map(({ child }) => child));
  }

  /** Panels per second of all together. */
  async measure(settings: RawLoopRequest): Promise<number> {
    const rates = await Promise.all(this.#loops.map((loop) => request<RawLoopRequest, number>(loop, settings)));
    return rates.reduce((sum, rate) => sum + rate, 0);
  }
}
