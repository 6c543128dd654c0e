import type { StoreWrite } from './feature-store.ts';

/** What the writer thread starts with. */
export interface WriterThreadData {
  readonly file: string;
  readonly maxBytes: number;
}

/** What the writer thread can be asked. */
export type WriterMethods = {
  /** Does the writes in one transaction. After a failure, nothing more may be written. */
  write(writes: readonly StoreWrite[]): void;
  /** Closes the store; the thread then ends. */
  close(): void;
};
