/** Child process: as many requests at a time as it takes to keep a server busy. */
import { Agent } from 'node:http';
import { constants, setPriority } from 'node:os';
import { announce, answer } from './child-side.ts';
import { exchange } from './exchange.ts';
import { drawPanel } from './panel.ts';

export interface LoadQuestion {
  readonly address: string;
  readonly concurrency: number;
  /** Load that is not counted, before the window */
  readonly settleSeconds: number;
  readonly seconds: number;
}

/** Times in ms at which panels were answered within the window, in order. */
export type LoadAnswer = readonly number[];

// A client's own work is done on another machine: here it takes only what the server leaves.
setPriority(constants.priority.PRIORITY_LOW);

const jpeg = await drawPanel();

answer<LoadQuestion, LoadAnswer>(async ({ address, concurrency, settleSeconds, seconds }) => {
  const url = new URL('/v1/embeddings/image', address);
  const agent = new Agent({ keepAlive: true });
  const windowStarts = performance.now() + settleSeconds * 1000;
  const windowEnds = windowStarts + seconds * 1000;
  const answered: number[] = [];
  const caller = async () => {
    while (performance.now() < windowEnds) {
      await exchange(url, { agent, jpeg });
      answered.push(performance.now());
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  agent.destroy();
  return answered.filter((time) => time >= windowStarts && time < windowEnds);
});
announce({});
