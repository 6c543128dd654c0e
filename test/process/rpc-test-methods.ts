/** What the servers of the tests can be asked, whether they are a process or a thread. */
export type TestMethods = {
  echo(params: unknown): unknown;
  /** Resolves with its name when that is released. */
  hold(name: string): string;
  release(name: string): void;
  /** Reports 1 to n, then resolves with n. */
  count(n: number, emit: (i: number) => void): number;
  /** Waits to be cancelled, then resolves or rejects with its name. */
  waitForCancel(params: { readonly name: string; readonly outcome: 'resolve' | 'reject' }): string;
  /** Names of the requests that were cancelled. */
  listCancelled(): readonly string[];
  fail(kind: 'panelvec' | 'other' | 'not cloneable'): unknown;
  /** Ends the process or thread while it handles this. */
  crash(): void;
};
