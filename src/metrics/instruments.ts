import { Counter, Histogram, type Registry } from 'prom-client';

const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Creates a histogram of durations, with the buckets that all durations share. */
export function createSecondsHistogram<T extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: T[],
): Histogram<T> {
  return new Histogram({ name, help, labelNames, buckets: SECONDS_BUCKETS, registers: [registry] });
}

export function createCounter<T extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: T[],
): Counter<T> {
  return new Counter({ name, help, labelNames, registers: [registry] });
}
