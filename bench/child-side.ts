/** Tells the bench that this child is warm. */
export function announce(message: object): void {
  process.send!(message);
}

/** One answer for each question of the bench. A child whose bench is gone ends. */
export function answer<Question, Answer>(work: (question: Question) => Promise<Answer>): void {
  process.on('message', async (question: Question) => {
    const result = await work(question);
    if (process.connected) process.send!(result);
  });
  process.on('disconnect', () => process.exit(0));
}
