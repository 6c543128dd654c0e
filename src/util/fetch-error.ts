import { firstLine } from '../errors.ts';

/** The reason for a failed `fetch` in one line. Node hides it in the cause of a TypeError that only says "fetch failed". */
export function fetchErrorReason(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: undefined };
  return (cause instanceof Error && firstLine(cause)) || firstLine(error);
}
