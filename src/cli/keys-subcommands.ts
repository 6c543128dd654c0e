import { type Command, InvalidArgumentError, Option } from 'commander';
import { SCOPES, type Scope } from '../access/scopes.ts';
import { addLimitOptions, readLimitFlags } from './limit-options.ts';
import { addSettingOptions, readConfigWithFlags } from './options.ts';
import { parseExpiry } from './parse-expiry.ts';

/** Settings of commands that use the database of a service. */
const DATABASE_SETTINGS = ['home', 'databaseUrl', 'jobs', 'localSockets'] as const;
const MAX_NAME_LENGTH = 100;

/** Adds `panelvec keys` with its commands. */
export function addKeysCommands(program: Command): void {
  const keys = program
    .command('keys')
    .description('create, list and revoke the API keys of a service, in its database; the service need not run');

  const create = keys
    .command('create')
    .description('make a key and print it, once: only a hash of it is kept')
    .requiredOption('--name <name>', 'who or what the key is for; several keys may have one name', parseName)
    .requiredOption('--scopes <scopes>', `comma-separated: ${SCOPES.join(', ')}`, parseScopes)
    .addOption(
      new Option('--expires <time>', 'after some time (90d, 12h) or a date (2027-01-31: to its end, UTC)')
        .argParser((text) => parseExpiry(text, new Date()))
        .default(null, 'never'),
    );
  addLimitOptions(create);
  addSettingOptions(create, DATABASE_SETTINGS).action(async (flags) => {
    const { createKeyCommand } = await import('./commands/keys-commands.ts');
    await createKeyCommand(readConfigWithFlags(flags), {
      ...flags,
      expiresAt: flags.expires,
      limits: readLimitFlags(flags),
    });
  });

  const list = keys.command('list').description('list all keys, also revoked and expired ones');
  addSettingOptions(list, DATABASE_SETTINGS).action(async (flags) => {
    const { listKeysCommand } = await import('./commands/keys-commands.ts');
    await listKeysCommand(readConfigWithFlags(flags));
  });

  const revoke = keys
    .command('revoke')
    .description('end a key for good; services take it for two more seconds at most')
    .argument('<id>', 'id of the key, as `keys list` shows it');
  addSettingOptions(revoke, DATABASE_SETTINGS).action(async (id, flags) => {
    const { revokeKeyCommand } = await import('./commands/keys-commands.ts');
    await revokeKeyCommand(readConfigWithFlags(flags), id);
  });
}

function parseName(text: string): string {
  const name = text.trim();
  if (name.length > 0 && name.length <= MAX_NAME_LENGTH && /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(name)) return name;
  throw new InvalidArgumentError(`expected 1 to ${MAX_NAME_LENGTH} letters, digits, signs and spaces`);
}

function parseScopes(text: string): Scope[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  return names.map((name) => {
    const scope = SCOPES.find((candidate) => candidate === name);
    if (scope === undefined) throw new InvalidArgumentError(`"${name}" is no scope: give ${SCOPES.join(', ')}`);
    return scope;
  });
}
