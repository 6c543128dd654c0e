/** Tells the bench that this child is warm. */
export function sendReady(message: object): void {
  process.send!(message);
}

/** One answer for each question of the bench. A child whose bench is gone ends. */
export function handleRequests<Request, Result>(handle: (question: Request) => Promise<Result>): void {
  process.on('message', async (request: Request) => {
    const result = await handle(request);
    if (process.connected) process.send!(result);
  });
  process.on('disconnect', () => process.exit(0));
}
