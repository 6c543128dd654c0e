import type { Admission } from '../embedding/admission.ts';
import { PanelvecError } from '../errors.ts';

/** An amount that an admission counts, which may grow until it is released. */
export class Reservation {
  readonly #admission: Admission;
  #amount: number;
  #release: () => void;
  #isReleased = false;

  /** @throws PanelvecError queue_full */
  constructor(admission: Admission, amount: number) {
    this.#admission = admission;
    this.#amount = amount;
    this.#release = admission.reserve(amount);
  }

  get amount(): number {
    return this.#amount;
  }

  /**
   * Counts another amount in its place.
   * @throws PanelvecError queue_full, with nothing counted any more; request_cancelled after the release, which nobody would
   *   repeat: a body may still be decompressed when its client has left
   */
  resize(amount: number): void {
    if (this.#isReleased) throw new PanelvecError('request_cancelled', 'the request has ended');
    this.#release();
    this.#release = () => {};
    this.#release = this.#admission.reserve(amount);
    this.#amount = amount;
  }

  release(): void {
    this.#isReleased = true;
    this.#release();
    this.#release = () => {};
  }
}
