import { createProgram } from '../src/cli/program.ts';
import { SETTINGS } from '../src/config.ts';
import { ERROR_CODES } from '../src/errors.ts';
import { fullName, listLeaves } from './reference-pages/commands-page.ts';
import { listMetrics } from './reference-pages/metrics-page.ts';

/** What programs and operators name, beside what openapi.yaml has: error codes, settings, metrics with their labels, commands with their options. */
export function collectApiNames(): Record<string, readonly string[]> {
  const metrics = listMetrics().flatMap(({ name, labelNames }) => [
    name,
    ...labelNames.map((label) => `${name}{${label}}`),
  ]);
  const commands = listLeaves(createProgram()).flatMap((command) => [
    fullName(command),
    ...command.options.map(({ long }) => `${fullName(command)} ${long}`),
  ]);
  return {
    error_codes: [...ERROR_CODES].sort(),
    settings: Object.values(SETTINGS)
      .map(({ env }) => env)
      .sort(),
    metrics: metrics.sort(),
    commands: commands.sort(),
  };
}
