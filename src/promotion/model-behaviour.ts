import type { PanelOutcome } from '../embedding/embedding-observer.ts';
import { RecentValues } from './recent-values.ts';

/** The latest panels that count. */
const MAX_PANELS = 200;

/** How long like panels took. */
export interface Latencies {
  readonly seconds: RecentValues;
  /** Requests that the panels are of */
  requests: number;
}

/** What a model has made of panels since a canary began. */
export class ModelBehaviour {
  /** 1 for a panel that failed, 0 for another */
  readonly failures = new RecentValues(MAX_PANELS);
  readonly #latencies = new Map<string, Latencies>();
  readonly #requests = new WeakSet<object>();

  add(panel: PanelOutcome): void {
    const isGivenUp = panel.outcome === 'given_up';
    if (!isGivenUp) this.failures.add(panel.outcome === 'error' ? 1 : 0);
    if (!isGivenUp && panel.outcome !== 'ok') return;
    const latencies = this.latenciesOf(panel);
    // It would have taken at least so long. Clients that give up soon must not make a model look fast.
    if (isGivenUp && panel.seconds < latencies.seconds.median) return;
    latencies.seconds.add(panel.seconds);
    if (!this.#requests.has(panel.request)) latencies.requests++;
    this.#requests.add(panel.request);
  }

  /** Those of panels that are like one. */
  latenciesOf(panel: PanelOutcome): Latencies {
    const kind = describeKind(panel);
    const known = this.#latencies.get(kind);
    if (known !== undefined) return known;
    const latencies = { seconds: new RecentValues(MAX_PANELS), requests: 0 };
    this.#latencies.set(kind, latencies);
    return latencies;
  }
}

/**
 * What panels are compared with. A text takes a fraction of a picture's time, and the panels of a large page wait for each other: by chance
 * one side may get more of either.
 */
export function describeKind({ hasPicture, request: { panels } }: PanelOutcome): string {
  const minPanels = 2 ** Math.floor(Math.log2(Math.max(1, panels)));
  const size = minPanels === 1 ? '1 panel' : `${minPanels} to ${2 * minPanels - 1} panels`;
  return `${hasPicture ? 'pictures' : 'texts and compositions'} of requests with ${size}`;
}
