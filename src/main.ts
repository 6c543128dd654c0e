/** Entry of the command line. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. */
import { CommanderError } from 'commander';
import { createProgram } from './cli/program.ts';
import { type ErrorCode, firstLine, PanelvecError } from './errors.ts';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** What a shell shows for a program that SIGPIPE has ended */
const EXIT_BROKEN_PIPE = 141;
const USAGE_CODES: ReadonlySet<ErrorCode> = new Set(['config_invalid', 'invalid_request']);

// `panelvec … | head`: the reader has gone, which is no failure to tell about. Node ignores SIGPIPE, so that it comes as an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT_BROKEN_PIPE);
  throw error;
});

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
