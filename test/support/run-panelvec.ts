import { execFile } from 'node:child_process';
import path from 'node:path';

export const PANELVEC_BIN = path.join(import.meta.dirname, '../../bin/panelvec.js');

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a user does. @param bin the program, if not that of the repository */
export function runPanelvec(
  args: readonly string[],
  environment: Record<string, string>,
  cwd?: string,
  bin = PANELVEC_BIN,
): Promise<CommandResult> {
  const env = { ...process.env, PANELVEC_PROVIDER: 'cpu', PANELVEC_THREADS: '1', ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { env, cwd }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
