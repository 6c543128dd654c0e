/** Entry of the command line. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. */
import { CommanderError } from 'commander';
import { createProgram } from './cli/program.ts';
import { firstLine, PanelvecError } from './errors.ts';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander has said what was wrong already; --help and --version come as errors with exit code 0.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  else {
    const param = error instanceof PanelvecError ? error.param : undefined;
    const prefix = param === undefined || firstLine(error).startsWith(param) ? '' : `${param}: `;
    process.stderr.write(`panelvec: ${prefix}${firstLine(error)}\n`);
    const isUsageError =
      error instanceof PanelvecError && (error.code === 'config_invalid' || error.code === 'invalid_request');
    process.exitCode = isUsageError ? EXIT_USAGE : EXIT_FAILURE;
  }
}
