/** Whether somebody waits for a response (`interactive`), or a program works through many (`batch`). */
export const PRIORITIES = ['interactive', 'batch'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Of so many turns, batch work gets one while interactive work waits too: it goes on, however busy the service is. */
const TURNS_PER_BATCH_TURN = 4;

/** What each priority gets of the engines while both wait */
export const PRIORITY_SHARES: Readonly<Record<Priority, number>> = {
  interactive: 1 - 1 / TURNS_PER_BATCH_TURN,
  batch: 1 / TURNS_PER_BATCH_TURN,
};

/** Decides which of two priorities comes next, so that neither starves. */
export class PriorityTurns {
  #turnsSinceBatch = 0;

  /** The priority of the next turn, of those that wait: at least one must. */
  take(isWaiting: Readonly<Record<Priority, boolean>>): Priority {
    const isBatchTurn = this.#turnsSinceBatch >= TURNS_PER_BATCH_TURN - 1;
    const priority = isWaiting.batch && (isBatchTurn || !isWaiting.interactive) ? 'batch' : 'interactive';
    // Turns count only while batch work waits for them.
    this.#turnsSinceBatch = priority === 'batch' || !isWaiting.batch ? 0 : this.#turnsSinceBatch + 1;
    return priority;
  }
}
