import { type Command, InvalidArgumentError } from 'commander';
import type { KeyLimits } from '../access/key-limits.ts';

/** Fits a column of integers */
const MAX_LIMIT = 2 ** 31 - 1;

interface LimitFlags {
  readonly requestsPerMinute?: number;
  readonly concurrent?: number;
  readonly panelsPerDay?: number;
}

/** Adds the options for the limits of a key. */
export function addLimitOptions(command: Command): void {
  command
    .option(
      '--requests-per-minute <number>',
      'requests in a minute, of all services together (default: any)',
      parseLimit,
    )
    .option('--concurrent <number>', 'requests at the same time, in each service (default: any)', parseLimit)
    .option('--panels-per-day <number>', 'panels and texts embedded in a day of UTC (default: any)', parseLimit);
}

export function readLimitFlags({ requestsPerMinute, concurrent, panelsPerDay }: LimitFlags): KeyLimits {
  return {
    requestsPerMinute: requestsPerMinute ?? null,
    maxConcurrent: concurrent ?? null,
    panelsPerDay: panelsPerDay ?? null,
  };
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (/^[1-9]\d*$/.test(text) && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`expected an integer from 1 to ${MAX_LIMIT}`);
}
