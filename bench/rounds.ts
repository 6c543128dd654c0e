import { ask, type Children } from './children.ts';
import type { PlainAnnouncement } from './plain-server.ts';
import type { RawQuestion } from './raw-loop.ts';
import { measureServer, type ServerWindow } from './server-window.ts';

const WARM_UP_SECONDS = 1.5;

export interface Round {
  readonly rawPanelsPerSecond: number;
  readonly panelvec: ServerWindow;
  readonly plain: ServerWindow;
}

export interface RoundSettings {
  readonly rounds: number;
  readonly seconds: number;
  /** Panels of one inference run */
  readonly batch: number;
}

/** Raw loop, service and plain server in turn, again and again: a slow moment of the machine meets them all. */
export async function measureRounds(children: Children, { rounds, seconds, batch }: RoundSettings): Promise<Round[]> {
  const { child: raw } = await children.fork('raw-loop.ts');
  const { announced: plain } = await children.fork<PlainAnnouncement>('plain-server.ts');
  const panelvecAddress = await children.serve();
  const { child: load } = await children.fork('load.ts');
  const { child: probe } = await children.fork('probe.ts');

  const round = async (window: { readonly seconds: number; readonly batch: number }): Promise<Round> => ({
    rawPanelsPerSecond: await ask<RawQuestion, number>(raw, window),
    panelvec: await measureServer(panelvecAddress, { load, probe }, window),
    plain: await measureServer(plain.address, { load, probe }, window),
  });
  await round({ seconds: WARM_UP_SECONDS, batch });
  const measured: Round[] = [];
  while (measured.length < rounds) measured.push(await round({ seconds, batch }));
  return measured;
}
