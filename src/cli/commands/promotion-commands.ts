import type { Config } from '../../config.ts';
import { PanelvecError } from '../../errors.ts';
import type { AliasResponse } from '../../http/routes/promotion/alias-schemas.ts';
import { ServiceClient } from '../service-client.ts';

export interface ActivateFlags {
  readonly alias: string;
  readonly evaluation?: string;
  readonly noWorseThan?: string;
  readonly margin?: readonly string[];
  readonly canary?: number;
  readonly force?: boolean;
}

export async function activateModelCommand(config: Config, id: string, flags: ActivateFlags): Promise<void> {
  const { alias, evaluation, noWorseThan, margin, canary, force } = flags;
  if (evaluation === undefined && (noWorseThan !== undefined || margin !== undefined)) {
    throw new PanelvecError('invalid_request', '--no-worse-than and --margin need --evaluation');
  }
  const requirement = evaluation && { evaluation, no_worse_than: noWorseThan, margins: parseMargins(margin ?? []) };
  const body = { alias, require: requirement, canary, force };
  await post(config, `/v1/models/${encodeURIComponent(id)}/activate`, body);
}

export async function rollbackCommand(config: Config, { alias }: { readonly alias: string }): Promise<void> {
  await post(config, '/v1/models/rollback', { alias });
}

export async function listAliasesCommand(config: Config): Promise<void> {
  const { data } = await new ServiceClient(config).requestJson<{ data: AliasResponse[] }>('GET', '/v1/aliases');
  for (const alias of data) process.stdout.write(`${describeAlias(alias)}\n`);
}

export async function removeAliasCommand(
  config: Config,
  alias: string,
  flags: { readonly force?: boolean },
): Promise<void> {
  const query = flags.force ? '?force=true' : '';
  await new ServiceClient(config).requestJson('DELETE', `/v1/aliases/${encodeURIComponent(alias)}${query}`);
  process.stdout.write(`removed ${alias}\n`);
}

export async function removeModelCommand(config: Config, id: string): Promise<void> {
  await new ServiceClient(config).requestJson('DELETE', `/v1/models/${encodeURIComponent(id)}`);
  process.stdout.write(`removed ${id}\n`);
}

async function post(config: Config, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const client = new ServiceClient(config);
  const alias = await client.requestJson<AliasResponse>('POST', path, { headers, body: JSON.stringify(body) });
  process.stdout.write(`${describeAlias(alias)}\n`);
}

/** `measure=number` each. @throws PanelvecError naming the one that is not */
function parseMargins(entries: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    entries.map((entry) => {
      const separator = entry.lastIndexOf('=');
      const margin = Number(entry.slice(separator + 1) || Number.NaN);
      if (separator > 0 && margin >= 0) return [entry.slice(0, separator), margin];
      throw new PanelvecError('invalid_request', `--margin "${entry}": expected measure=number`);
    }),
  );
}

/** Describes an alias in one line. */
function describeAlias({ alias, model, canary, previous, previous_warm, last_canary, problem }: AliasResponse): string {
  return [
    alias,
    model,
    canary ? `canary ${canary.model} gets ${canary.share} of the requests` : '',
    previous === null ? '' : `before: ${previous}${previous_warm ? ' (still loaded)' : ''}`,
    canary === null && last_canary ? `last canary: ${last_canary.model}, ended because ${last_canary.reason}` : '',
    problem ?? '',
  ]
    .filter((part) => part !== '')
    .join('  ');
}
