/** Child process: as many requests at a time as it takes to keep a server busy. */
import { Agent } from 'node:http';
import { constants, setPriority } from 'node:os';
import { announce, answer } from './child-side.ts';
import { exchange } from './exchange.ts';
import { PANEL_KINDS, type PanelKind, panelRequest } from './requests.ts';

export interface LoadQuestion {
  readonly address: string;
  readonly panel: PanelKind;
  readonly concurrency: number;
  /** Load that is not counted, before the window */
  readonly settleSeconds: number;
  readonly seconds: number;
}

/** Times in ms at which panels were answered within the window, in order. */
export type LoadAnswer = readonly number[];

// A client's own work is done on another machine: here it takes only what the server leaves.
setPriority(constants.priority.PRIORITY_LOW);

const requests = new Map(await Promise.all(PANEL_KINDS.map(async (kind) => [kind, await panelRequest(kind)] as const)));

answer<LoadQuestion, LoadAnswer>(async ({ address, panel, concurrency, settleSeconds, seconds }) => {
  const posted = requests.get(panel)!;
  const url = new URL(posted.path, address);
  const agent = new Agent({ keepAlive: true });
  const windowStarts = performance.now() + settleSeconds * 1000;
  const windowEnds = windowStarts + seconds * 1000;
  const answered: number[] = [];
  const caller = async () => {
    while (performance.now() < windowEnds) {
      await exchange(url, { agent, posted });
      answered.push(performance.now());
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  agent.destroy();
  return answered.filter((time) => time >= windowStarts && time < windowEnds);
});
announce({});
