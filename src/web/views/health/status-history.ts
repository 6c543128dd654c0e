import type { StatusResponse } from '../../../http/routes/service/status-route.ts';

/** The last five minutes at one reading every two seconds */
const MAX_READINGS = 150;
/** Readings further apart than this have a gap between them: the page was hidden, or the service was away. */
const MAX_GAP_SECONDS = 10;

export interface Reading {
  /** In seconds */
  readonly time: number;
  readonly status: StatusResponse;
}

export interface Rates {
  readonly requests: readonly (number | null)[];
  readonly items: readonly (number | null)[];
  readonly loopDelayMs: readonly (number | null)[];
  readonly waiting: readonly (number | null)[];
  /** From the first reading to the last */
  readonly seconds: number;
}

/** The readings with one more; those of the time before a restart of the service are kept, too. */
export function addReading(readings: readonly Reading[], reading: Reading): readonly Reading[] {
  return [...readings, reading].slice(-MAX_READINGS);
}

/** What happened between each two readings, per second. */
export function toRates(readings: readonly Reading[]): Rates {
  const pairs = readings.slice(1).map((reading, i) => ({ reading, last: readings[i] ?? reading }));
  const perSecond = (name: 'requests' | 'items') =>
    pairs.map(({ reading, last }) => {
      const seconds = reading.time - last.time;
      const difference = reading.status.totals[name] - last.status.totals[name];
      const isContinuous = seconds > 0 && seconds <= MAX_GAP_SECONDS && difference >= 0;
      return isContinuous ? difference / seconds : null;
    });
  const first = readings[0];
  const last = readings.at(-1);
  return {
    requests: perSecond('requests'),
    items: perSecond('items'),
    loopDelayMs: readings.map(({ status }) => status.event_loop_delay.p99 * 1000),
    waiting: readings.map(({ status }) => status.queue.waiting),
    seconds: first && last ? last.time - first.time : 0,
  };
}
