/** Entry of the command line. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. */
import { CommanderError } from 'commander';
import { createProgram } from './cli/program.ts';
import { type ErrorCode, firstLine, PanelvecError } from './errors.ts';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const USAGE_CODES: ReadonlySet<ErrorCode> = new Set(['config_invalid', 'invalid_request']);

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander has printed its own errors already; --help and --version arrive as errors with exit code 0.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  else {
    const { code, param } = error instanceof PanelvecError ? error : {};
    const message = param === undefined ? firstLine(error) : `${param}: ${firstLine(error)}`;
    process.stderr.write(`panelvec: ${message}\n`);
    process.exitCode = code !== undefined && USAGE_CODES.has(code) ? EXIT_USAGE : EXIT_FAILURE;
  }
}
