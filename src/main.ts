/** Entry of the command line. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. */
import { CommanderError } from 'commander';
import { createProgram } from './cli/program.ts';
import { oneLine, PanelvecError } from './errors.ts';

const FAILED = 1;
const WRONG_USAGE = 2;

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander has said what was wrong already; --help and --version come as errors with exit code 0.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
  else {
    const param = error instanceof PanelvecError ? error.param : undefined;
    const place = param === undefined || oneLine(error).startsWith(param) ? '' : `${param}: `;
    process.stderr.write(`panelvec: ${place}${oneLine(error)}\n`);
    const usage =
      error instanceof PanelvecError && (error.code === 'config_invalid' || error.code === 'invalid_request');
    process.exitCode = usage ? WRONG_USAGE : FAILED;
  }
}
