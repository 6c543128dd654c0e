import { type Children, request } from './children.ts';
import type { PlainServerReady } from './plain-server.ts';
import type { RawRequest } from './raw-loop.ts';
import { measureServer, type ServerWindow, type WindowSettings } from './server-window.ts';

const WARM_UP_SECONDS = 1.5;
const SETTLE_SECONDS = 0.75;
const PROBE_PERIOD_MS = 20;

export interface Round {
  readonly rawPanelsPerSecond: number;
  readonly panelvec: ServerWindow;
  readonly plain: ServerWindow;
}

export interface RoundSettings extends Pick<WindowSettings, 'seconds' | 'batch'> {
  readonly rounds: number;
}

/** Raw loop, service and plain server in turn, again and again: a slow moment of the machine meets them all. */
export async function measureRounds(children: Children, { rounds, seconds, batch }: RoundSettings): Promise<Round[]> {
  const [raw, plain, panelvecAddress, load, probe] = await Promise.all([
    children.fork('raw-loop.ts'),
    children.fork<PlainServerReady>('plain-server.ts'),
    children.serve(),
    children.fork('load.ts'),
    children.fork('probe.ts'),
  ]);
  const instruments = { load: load.child, probe: probe.child };
  const round = async (window: WindowSettings): Promise<Round> => ({
    rawPanelsPerSecond: await request<RawRequest, number>(raw.child, window),
    panelvec: await measureServer(panelvecAddress, instruments, window),
    plain: await measureServer(plain.ready.address, instruments, window),
  });
  const window = { panel: 'image', settleSeconds: SETTLE_SECONDS, probePeriodMs: PROBE_PERIOD_MS, batch } as const;
  await round({ ...window, seconds: WARM_UP_SECONDS });
  const measured: Round[] = [];
  while (measured.length < rounds) measured.push(await round({ ...window, seconds }));
  return measured;
}
