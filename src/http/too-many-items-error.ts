import { PanelvecError } from '../errors.ts';

export function tooManyItemsError(items: number, limit: number, param?: string): PanelvecError {
  return new PanelvecError('too_many_items', `${items} items, over ${limit} of one request`, { param });
}
