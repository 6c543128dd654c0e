import type { ServerWindow } from './server-window.ts';
import type { Round } from './serving-rounds.ts';
import { median, quantile } from './statistics.ts';

export interface ServerSummary {
  readonly panelsPerSecond: number;
  /** Median of the rounds' ratios to the raw loop */
  readonly ofRaw: number;
  readonly ofRawByRound: readonly number[];
  /** Of all rounds' probes together */
  readonly liveP99Ms: number;
  readonly eventLoopP99Ms: number;
  readonly eventLoopP99MsByRound: readonly number[];
}

export interface ThreadsSummary {
  readonly threads: number;
  readonly rawPanelsPerSecond: number;
  readonly panelvec: ServerSummary;
  readonly plain: ServerSummary;
}

export function summarise(threads: number, rounds: readonly Round[]): ThreadsSummary {
  return {
    threads,
    rawPanelsPerSecond: median(rounds.map((round) => round.rawPanelsPerSecond)),
    panelvec: summariseServer(rounds, (round) => round.panelvec),
    plain: summariseServer(rounds, (round) => round.plain),
  };
}

export function summariseServer<R extends Pick<Round, 'rawPanelsPerSecond'>>(
  rounds: readonly R[],
  windowOf: (round: R) => ServerWindow,
): ServerSummary {
  const ratios = rounds.map((round) => windowOf(round).panelsPerSecond / round.rawPanelsPerSecond);
  const delays = rounds.map((round) => windowOf(round).eventLoopP99Ms);
  return {
    panelsPerSecond: median(rounds.map((round) => windowOf(round).panelsPerSecond)),
    ofRaw: median(ratios),
    ofRawByRound: ratios,
    liveP99Ms: quantile(
      rounds.flatMap((round) => windowOf(round).liveMs),
      0.99,
    ),
    eventLoopP99Ms: median(delays),
    eventLoopP99MsByRound: delays,
  };
}
