import { mulberry32 } from '../../test/support/mulberry32.ts';

/** Seeded choices, so that every star and wave falls in the same place each time. */
export class Mulberry32 {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = mulberry32(seed);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.#random();
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.between(0, choices.length))]!;
  }

  repeat(count: number, draw: (index: number) => string): string {
    return Array.from({ length: count }, (_, index) => draw(index)).join('');
  }
}
