import type { Encoder } from '../encoders/contestants.ts';

/** Places for panels on a page; those without a panel go through the encoders, too. */
const SLOTS_PER_PAGE = 16;

export interface TrainingSize {
  readonly pages: number;
  readonly panels: number;
  readonly epochs: number;
}

/**
 * Panels that the original sends through all of its encoders in a training with frozen ones: it keeps no features, so every
 * epoch takes all places of all pages, and the panels that there are once more for the alignment objective.
 */
export function panelForwards({ pages, panels, epochs }: TrainingSize): number {
  return epochs * (pages * SLOTS_PER_PAGE + panels);
}

/** What these take in its encoders alone, at so many items per second of each. */
export function originalSeconds(training: TrainingSize, rates: Readonly<Record<Encoder, number>>): number {
  const secondsPerPanel = Object.values(rates).reduce((sum, rate) => sum + 1 / rate, 0);
  return panelForwards(training) * secondsPerPanel;
}
