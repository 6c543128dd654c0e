import { type ErrorFields, PanelvecError } from '../errors.ts';

/** A model folder that cannot be used. The message names the file and the field. */
export class ModelError extends PanelvecError {
  constructor(message: string, fields: ErrorFields = {}) {
    super('model_invalid', message, fields);
    this.name = 'ModelError';
  }
}
