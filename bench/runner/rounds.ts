import { median } from '../../src/util/arrays.ts';
/** One measurement of each program, by name. */
export type Programs<Round> = { readonly [Name in keyof Round]: () => Promise<Round[Name]> };

/** Measures all programs in turn, in the order in which they are listed. */
export async function measureInTurn<Round extends object>(programs: Programs<Round>): Promise<Round> {
  const round: Partial<Round> = {};
  for (const name of Object.keys(programs) as (keyof Round)[]) round[name] = await programs[name]();
  return round as Round;
}

/**
 * Runs rounds one after the other. Programs take turns within each round, so that a slow moment of the machine
 * meets them all, and only ratios within a round are compared.
 */
export async function runRounds<Round>(
  count: number,
  measureRound: (index: number) => Promise<Round>,
): Promise<Round[]> {
  const rounds: Round[] = [];
  while (rounds.length < count) rounds.push(await measureRound(rounds.length));
  return rounds;
}

/** Items per second of a loop. @param run resolves with the number of items that it has processed */
export async function measureRate(seconds: number, run: () => number | Promise<number>): Promise<number> {
  const start = performance.now();
  let items = 0;
  do items += await run();
  while (performance.now() - start < seconds * 1000);
  return items / ((performance.now() - start) / 1000);
}

/** Median of a figure over the rounds, and the figure of each round. */
export interface RoundsSummary {
  readonly median: number;
  readonly byRound: readonly number[];
}

export function summariseRounds(byRound: readonly number[]): RoundsSummary {
  return { median: median(byRound), byRound };
}

/** Summary of the rounds in which a program ran; undefined if there are none. */
export function summariseIfAny(byRound: readonly (number | undefined)[]): RoundsSummary | undefined {
  const present = byRound.filter((value) => value !== undefined);
  return present.length === 0 ? undefined : summariseRounds(present);
}

/** The smallest sample that is at least as large as this share of all samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
