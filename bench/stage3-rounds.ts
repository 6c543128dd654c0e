import { type Children, request } from './children.ts';
import type { RawRequest } from './raw-loop.ts';
import { PANEL_KINDS, type PanelKind } from './requests.ts';
import { measureServer, type ServerWindow } from './server-window.ts';
import type { RoundSettings } from './serving-rounds.ts';

/** Until the first full batch has been answered */
const SETTLE_SECONDS = 2.5;
/** So seldom that the questions take nothing from encoders that need both cores. */
const PROBE_PERIOD_MS = 100;

export type Stage3Round = Readonly<Record<PanelKind, RawAndService>>;

interface RawAndService {
  readonly rawPanelsPerSecond: number;
  readonly panelvec: ServerWindow;
}

/** Raw loop and service in turn, for each kind of panel, again and again. Both have run all their sessions while loading. */
export async function measureStage3Rounds(
  children: Children,
  { rounds, seconds, batch }: RoundSettings,
): Promise<Stage3Round[]> {
  const [raw, address, load, probe] = await Promise.all([
    children.fork('raw-loop.ts'),
    children.serve(),
    children.fork('load.ts'),
    children.fork('probe.ts'),
  ]);
  const instruments = { load: load.child, probe: probe.child };
  const both = async (panel: PanelKind): Promise<RawAndService> => {
    const window = { panel, settleSeconds: SETTLE_SECONDS, probePeriodMs: PROBE_PERIOD_MS, seconds, batch };
    return {
      rawPanelsPerSecond: await request<RawRequest, number>(raw.child, { panel, seconds }),
      panelvec: await measureServer(address, instruments, window),
    };
  };
  const measured: Stage3Round[] = [];
  while (measured.length < rounds) {
    const round: Partial<Record<PanelKind, RawAndService>> = {};
    for (const panel of PANEL_KINDS) round[panel] = await both(panel);
    measured.push(round as Stage3Round);
  }
  return measured;
}
