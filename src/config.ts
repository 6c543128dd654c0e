/** The only reader of the environment. Each setting is an environment variable and an option of the same name. */
import { availableParallelism } from 'node:os';
import type { z } from 'zod';
import { PanelvecError } from './errors.ts';
import { type EngineLayout, plainLayout } from './inference/engine-layout.ts';
import { ENGINE_SETTINGS } from './settings/engine-settings.ts';
import { JOB_SETTINGS } from './settings/job-settings.ts';
import { LIMIT_SETTINGS } from './settings/limit-settings.ts';
import { MODEL_SETTINGS } from './settings/model-settings.ts';
import { REMOTE_SETTINGS } from './settings/remote-settings.ts';
import { SERVER_SETTINGS } from './settings/server-settings.ts';
import type { Setting } from './settings/setting.ts';
import { STORAGE_SETTINGS } from './settings/storage-settings.ts';
import { TRACING_SETTINGS } from './settings/tracing-settings.ts';

/** All settings, by the names of their fields in Config. */
export const SETTINGS = {
  ...SERVER_SETTINGS,
  ...STORAGE_SETTINGS,
  ...MODEL_SETTINGS,
  ...ENGINE_SETTINGS,
  ...LIMIT_SETTINGS,
  ...JOB_SETTINGS,
  ...REMOTE_SETTINGS,
  ...TRACING_SETTINGS,
};

type SettingValues = { readonly [K in keyof typeof SETTINGS]: z.output<(typeof SETTINGS)[K]['schema']> };
export interface Config extends Omit<SettingValues, keyof EngineLayout>, EngineLayout {
  /** What the settings say themselves of the layout. The rest is that of a command; a service chooses its own. */
  readonly fixedLayout: Partial<EngineLayout>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and validates all settings. An empty variable counts as not set.
 * @throws PanelvecError config_invalid naming the variable
 */
export function readConfig(environment: Environment = process.env): Config {
  const entries = Object.entries(SETTINGS).map(([key, setting]) => {
    const { env, flag, schema, defaultValue, isSecret = false }: Setting<unknown> = setting;
    const text = environment[env] || defaultValue;
    const parsed = schema.safeParse(text);
    if (!parsed.success) {
      const message = parsed.error.issues[0]?.message;
      throw new PanelvecError('config_invalid', `${env} (${flag}): ${isSecret ? '' : `"${text}": `}${message}`);
    }
    return [key, parsed.data];
  });
  const values = Object.fromEntries(entries) as SettingValues;
  const { engines, threads, decodeThreads } = values;
  const given = Object.entries({ engines, threads, decodeThreads }).filter(([, value]) => value !== 'auto');
  const fixedLayout: Partial<EngineLayout> = Object.fromEntries(given);
  return { ...values, ...plainLayout(availableParallelism(), fixedLayout), fixedLayout };
}

/** The environment variables of a configuration, for child processes. */
export function toEnvironment(config: Config): Record<string, string> {
  const entries = Object.entries(SETTINGS).map(([key, setting]) => {
    const { env, isSecret = false }: Setting<unknown> = setting;
    const value = isSecret ? undefined : config[key as keyof Config];
    return [env, Array.isArray(value) ? value.join(',') : String(value ?? '')];
  });
  return Object.fromEntries(entries);
}
