import type { RequestOutcome } from '../embedding/embedding-observer.ts';
import type { CanaryVerdict } from './canary-judgement.ts';
import { RecentValues } from './recent-values.ts';

/** Requests of the active model that one of the canary is compared with: the latest that are like it. */
const MAX_REFERENCES = 20;
const MIN_REFERENCES = 5;
/** Requests of the canary that decide. */
const MAX_REQUESTS = 40;
const MIN_REQUESTS = 20;
const MAX_LATENCY_RATIO = 2;
/** Twice of next to nothing is next to nothing. */
const MIN_LATENCY_DIFFERENCE_SECONDS = 0.02;
const MIN_SLOW_SHARE = 0.75;
/** Another process may take the processor away for a moment. */
const MIN_SLOW_MS = 5000;

/** What requests of the canary took, beside what like requests of the active model took at the time. */
class Comparisons {
  readonly seconds = new RecentValues(MAX_REQUESTS);
  readonly references = new RecentValues(MAX_REQUESTS);
  /** 1 for a request that was slow, 0 for another */
  readonly slow = new RecentValues(MAX_REQUESTS);
  /** Since when most are slow */
  slowSince: number | undefined;
}

/**
 * Compares how long the requests of a canary and of the active model take. Request by request, with what the active model took at the same
 * time: the load of a service changes, and a long wait of one page is a long wait of all its panels.
 */
export class LatencyComparison {
  readonly #references = new Map<string, RecentValues>();
  readonly #withPictures = new Comparisons();
  readonly #withoutPictures = new Comparisons();

  addActive(request: RequestOutcome): void {
    const references = this.#referencesOf(request);
    // It would have taken at least so long. Clients that give up soon must not make a model look fast.
    const isLong = request.outcome === 'given_up' && request.seconds > references.median;
    if (request.outcome === 'ok' || isLong) references.add(request.seconds);
  }

  /** @param now in milliseconds @returns a verdict where the canary is slow */
  addCanary(request: RequestOutcome, now: number): CanaryVerdict | undefined {
    const { outcome, seconds, hasPictures } = request;
    const references = this.#referencesOf(request);
    if (references.count < MIN_REFERENCES) return undefined;
    const reference = references.median;
    const isSlow = seconds > MAX_LATENCY_RATIO * reference && seconds - reference >= MIN_LATENCY_DIFFERENCE_SECONDS;
    if (outcome !== 'ok' && !(outcome === 'given_up' && isSlow)) return undefined;
    const comparisons = hasPictures ? this.#withPictures : this.#withoutPictures;
    comparisons.seconds.add(seconds);
    comparisons.references.add(reference);
    comparisons.slow.add(isSlow ? 1 : 0);
    const { slow } = comparisons;
    const areMostSlow = slow.count >= MIN_REQUESTS && slow.sum >= MIN_SLOW_SHARE * slow.count;
    comparisons.slowSince = areMostSlow ? (comparisons.slowSince ?? now) : undefined;
    if (comparisons.slowSince === undefined || now - comparisons.slowSince < MIN_SLOW_MS) return undefined;
    const reason =
      `it is slow: median ${toMs(comparisons.seconds.median)} ms of its latest ${slow.count} requests ` +
      `${hasPictures ? 'with' : 'without'} pictures, the active model ${toMs(comparisons.references.median)} ms of like ones`;
    return { end: 'latency', reason };
  }

  /** Large pages take longer than small ones, and pictures longer than texts: by chance one side may get more of either. */
  #referencesOf({ hasPictures, panels }: RequestOutcome): RecentValues {
    const kind = `${hasPictures} ${Math.floor(Math.log2(panels))}`;
    const known = this.#references.get(kind);
    if (known !== undefined) return known;
    const references = new RecentValues(MAX_REFERENCES);
    this.#references.set(kind, references);
    return references;
  }
}

function toMs(seconds: number): string {
  const ms = seconds * 1000;
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}
