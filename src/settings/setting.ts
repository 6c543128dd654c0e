import { z } from 'zod';

/** A setting: an environment variable, and an option of the same name. */
export interface Setting<T> {
  readonly env: string;
  readonly flag: string;
  readonly schema: z.ZodType<T>;
  readonly defaultValue: string;
  readonly help: string;
  /** Whether its value is in no message, and is not passed on to child processes */
  readonly isSecret?: boolean;
}

/** Settings of one area, by the names of their fields in Config. Names of limits end in their unit. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** A setting whose option is named after its variable. */
export function defineSetting<T>(
  env: string,
  schema: z.ZodType<T>,
  defaultValue: string | number,
  help: string,
): Setting<T> {
  const flag = `--${env
    .replace(/^PANELVEC_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
  return { env, flag, schema, defaultValue: String(defaultValue), help };
}

export const positiveInteger = z.coerce.number().int().positive();
export const nonNegativeInteger = z.coerce.number().int().min(0);
export const seconds = z.coerce.number().positive().max(86_400);
export const autoOr = (schema: z.ZodType<number>) => z.union([z.literal('auto'), schema]);
export const commaSeparated = (itemSchema: z.ZodString) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(itemSchema).min(1));
