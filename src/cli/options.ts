import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Config, readConfig, SETTINGS } from '../config.ts';

type SettingKey = keyof typeof SETTINGS;

/** Settings of commands that call a running service. The key has no option: all users of a machine can read the arguments of its processes. */
export const ADDRESS_SETTINGS = ['host', 'port'] as const satisfies readonly SettingKey[];

/** Settings of commands that run a model without a service. */
export const LOCAL_SETTINGS = [
  'home',
  'models',
  'provider',
  'devices',
  'engines',
  'threads',
  'maxBatch',
  'maxImageBytes',
  'maxImagePixels',
] as const satisfies readonly SettingKey[];

/** Settings of `layout`, which chooses engines, threads and decoders itself. */
export const LAYOUT_SETTINGS = [
  'home',
  'models',
  'provider',
  'devices',
  'maxBatch',
  'modelsMemoryBytes',
  'startTimeoutSeconds',
  'logLevel',
] as const satisfies readonly SettingKey[];

export const MIGRATE_SETTINGS = ['databaseUrl', 'search'] as const satisfies readonly SettingKey[];

export const WORKER_SETTINGS = [
  ...LOCAL_SETTINGS,
  'maxStripPixels',
  'decodeThreads',
  'batchTimeoutSeconds',
  'startTimeoutSeconds',
  'databaseUrl',
  'dataRoots',
  'workerEngines',
  'maxFeaturesBytes',
  'logLevel',
  'otlpEndpoint',
  'otlpTracesEndpoint',
  'otlpProtocol',
  'otlpTracesProtocol',
  'tracesExporter',
  'otelSdkDisabled',
] as const satisfies readonly SettingKey[];

/** Settings of `models pull`. The token has no option: all users of a machine can read the arguments of its processes. */
export const HUB_SETTINGS = ['home', 'hubEndpoint'] as const satisfies readonly SettingKey[];

/** Of commands that call a hub or a service */
const SETTINGS_OF_CLIENTS: readonly SettingKey[] = ['apiKey', 'hubEndpoint', 'hubToken'];
export const SERVE_SETTINGS: readonly SettingKey[] = (Object.keys(SETTINGS) as SettingKey[]).filter(
  (key) => !SETTINGS_OF_CLIENTS.includes(key),
);

/** Adds an option for each setting. It takes precedence over the environment variable of the setting. */
export function addSettingOptions(command: Command, keys: readonly SettingKey[]): Command {
  command.exitOverride();
  for (const key of keys) {
    const { env, flag, help, defaultValue } = SETTINGS[key];
    command.addOption(new Option(`${flag} <value>`, `${help} [${env}, default ${defaultValue || 'none'}]`));
  }
  return command;
}

/** The configuration of the environment and of the options that `addSettingOptions` added. */
export function readConfigWithFlags(flags: Readonly<Record<string, unknown>>): Config {
  const environment = { ...process.env };
  for (const { env, flag } of Object.values(SETTINGS)) {
    const value = flags[camelCase(flag)];
    if (typeof value === 'string') environment[env] = value;
  }
  return readConfig(environment);
}

/** Name that commander gives to the value of an option: --max-batch becomes maxBatch. */
function camelCase(flag: string): string {
  return flag.replace(/^--/, '').replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Parses the value of an option. */
export function parsePositiveInteger(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('expected a positive integer');
}
