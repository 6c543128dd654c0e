import { InvalidArgumentError } from 'commander';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNIT_MS: Readonly<Record<string, number>> = { h: HOUR_MS, d: DAY_MS };
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/;

/** When a key expires: after a time (`90d`, `12h`), at the end of a day (`2027-01-31`, UTC), or at a time with its zone. */
export function parseExpiry(text: string, now: Date): Date {
  const expiry = new Date(parseTime(text, now));
  if (Number.isNaN(expiry.getTime()))
    throw new InvalidArgumentError('expected 90d, 12h, 2027-01-31 or 2027-01-31T12:00Z');
  if (expiry <= now) throw new InvalidArgumentError('this time has passed');
  return expiry;
}

function parseTime(text: string, now: Date): number {
  const [, count, unit = ''] = /^(\d{1,6})([hd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs !== undefined) return now.getTime() + Number(count) * unitMs;
  if (TIME.test(text)) return Date.parse(text);
  if (!DATE.test(text)) return Number.NaN;
  const start = Date.parse(text);
  // Date.parse takes February 30 for March 2.
  return new Date(start || 0).toISOString().startsWith(text) ? start + DAY_MS : Number.NaN;
}
