import { randomUUID } from 'node:crypto';
import { PanelvecError } from '../errors.ts';
import { type AliasChoice, type AliasRecord, withoutCanary } from './alias-record.ts';

export interface Activation {
  readonly alias: string;
  /** The model to put into service */
  readonly model: string;
  /** Its share of the requests; undefined for all of them */
  readonly canary: number | undefined;
}

/**
 * What an alias means after an activation; undefined where it means that already.
 * @param active the model that the alias means now, by its record or as the default of PANELVEC_MODELS
 * @throws PanelvecError invalid_request where there is nothing to share requests with
 */
export function chooseAfterActivation(
  { alias, model, canary: share }: Activation,
  current: AliasRecord | undefined,
  active: string | undefined,
): AliasChoice | undefined {
  const none: AliasChoice = { alias, model, previous: null, canary: null, lastCanary: null };
  if (share === undefined) {
    if (current === undefined) return { ...none, previous: active === undefined || active === model ? null : active };
    if (current.model === model) {
      return current.canary === null ? undefined : withoutCanary(current, `${model} was activated again`);
    }
    const reason = current.canary?.model === model ? 'it became the active model' : `${model} was activated`;
    return { ...withoutCanary(current, reason), model, previous: current.model };
  }
  if (active === undefined) {
    const message = `the alias "${alias}" means no model yet that a canary could share requests with`;
    throw new PanelvecError('invalid_request', message, { param: 'canary' });
  }
  if (active === model) {
    throw new PanelvecError('invalid_request', `${model} gets all requests already`, { param: 'canary' });
  }
  const before = current === undefined ? { ...none, model: active } : withoutCanary(current, `${model} took its place`);
  return { ...before, canary: { id: randomUUID(), model, share, startedAt: new Date() } };
}
