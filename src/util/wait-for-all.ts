/** Like Promise.all, but comes back only when every job has ended. Rejects with the first failure in time. */
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
