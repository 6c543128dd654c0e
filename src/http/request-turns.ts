/** About four milliseconds of work where all of them are refused */
const MAX_PER_TURN = 8;

/**
 * Bounds how many requests begin in one turn of the event loop. When hundreds arrive at once, Node would read and refuse all of them in
 * one turn, and nothing else would be answered meanwhile.
 */
export class RequestTurns {
  readonly #waiting: (() => void)[] = [];
  #begun = 0;

  /** Resolves when a request may begin, in the order of the calls. */
  async next(): Promise<void> {
    if (this.#begun === 0) setImmediate(() => this.#endTurn());
    if (this.#begun++ < MAX_PER_TURN) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #endTurn(): void {
    const next = this.#waiting.splice(0, MAX_PER_TURN);
    // Those that come in this turn wait behind those that wait already.
    this.#begun = next.length + this.#waiting.length;
    if (this.#begun > 0) setImmediate(() => this.#endTurn());
    for (const begin of next) begin();
  }
}
