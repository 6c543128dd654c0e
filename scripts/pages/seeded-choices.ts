import { mulberry32 } from '../../test/support/mulberry32.ts';

/** Makes seeded choices, so that stars and waves are in the same place each time. */
export class SeededChoices {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = mulberry32(seed);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.#random();
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.between(0, choices.length))];
    if (choice === undefined) throw new Error('there is nothing to choose from');
    return choice;
  }

  repeat(count: number, draw: (index: number) => string): string {
    return Array.from({ length: count }, (_, index) => draw(index)).join('');
  }
}
