import type { Measure } from '../evaluation-result.ts';
import { estimate } from './bootstrap.ts';
import type { MeasuredPanels } from './measured-panels.ts';
import type { MaybeStatistic } from './statistic.ts';

/** Turns statistics into measures, and keeps them by the path of the measure, for comparisons. */
export class StatisticRecorder {
  readonly panels: MeasuredPanels;
  readonly statistics = new Map<string, MaybeStatistic>();

  constructor(panels: MeasuredPanels) {
    this.panels = panels;
  }

  measure(path: string, statistic: MaybeStatistic): Measure {
    this.statistics.set(path, statistic);
    return estimate(this.panels, statistic);
  }

  /** Measures each of some statistics under its own name. */
  measureAll<Name extends string>(
    path: string,
    statistics: Readonly<Record<Name, MaybeStatistic>>,
  ): Record<Name, Measure> {
    const entries = Object.entries(statistics) as [Name, MaybeStatistic][];
    const measures = entries.map(([name, statistic]) => [name, this.measure(`${path}.${name}`, statistic)]);
    return Object.fromEntries(measures) as Record<Name, Measure>;
  }
}
