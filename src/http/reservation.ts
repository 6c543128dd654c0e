import type { Admission } from '../embedding/admission.ts';

/** An amount that an admission counts, which may grow. */
export class Reservation {
  readonly #admission: Admission;
  #amount: number;
  #release: () => void;

  /** @throws PanelvecError queue_full */
  constructor(admission: Admission, amount: number) {
    this.#admission = admission;
    this.#amount = amount;
    this.#release = admission.reserve(amount);
  }

  get amount(): number {
    return this.#amount;
  }

  /** Counts another amount in its place. @throws PanelvecError queue_full, with nothing counted any more */
  resize(amount: number): void {
    this.release();
    this.#release = this.#admission.reserve(amount);
    this.#amount = amount;
  }

  release(): void {
    this.#release();
    this.#release = () => {};
    this.#amount = 0;
  }
}
