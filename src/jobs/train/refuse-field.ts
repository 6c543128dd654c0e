import { PanelvecError } from '../../errors.ts';

/** Refuses a field of the request that contradicts the base or another field. @throws PanelvecError invalid_request */
export function refuseField(param: string, message: string): never {
  throw new PanelvecError('invalid_request', message, { param });
}
