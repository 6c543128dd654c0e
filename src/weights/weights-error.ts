import { type ErrorFields, PanelvecError } from '../errors.ts';

/** Weights that cannot be used: a broken file, a missing key, a shape that does not fit. The message names the key. */
export class WeightsError extends PanelvecError {
  constructor(message: string, fields: ErrorFields = {}) {
    super('weights_invalid', message, fields);
    this.name = 'WeightsError';
  }
}
