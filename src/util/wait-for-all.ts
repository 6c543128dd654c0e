/**
 * Waits until every promise has settled. Resolves to their values, or rejects with the first failure in time. (Promise.all
 * rejects while others still run; Promise.allSettled never rejects.)
 * @param onFailure called once, on the first failure, such as to abort the others
 */
export async function waitForAll<T>(promises: readonly Promise<T>[], onFailure: () => void = () => {}): Promise<T[]> {
  const failures: unknown[] = [];
  const settled = promises.map((promise) =>
    promise.catch((error: unknown) => {
      if (failures.push(error) === 1) onFailure();
    }),
  );
  const results = await Promise.all(settled);
  if (failures.length > 0) throw failures[0];
  return results as T[];
}
