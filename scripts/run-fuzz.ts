/**
 * `npm run fuzz -- --requests 10000 --seed 7`: sends damaged requests to a service of its own, and fails if any of them
 * gets what no client should get. `--first 120 --requests 1` sends one request of a seed again; `--replay FILE` sends the
 * bytes of a file, and prints the response. `--request-timeout 10` gives clients ten seconds, where other programs keep the cores busy.
 */
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { deliver } from '../test/fuzz/deliver.ts';
import { fuzz } from '../test/fuzz/fuzz.ts';
import { FuzzRandom } from '../test/fuzz/fuzz-random.ts';
import { startFuzzService } from '../test/fuzz/fuzz-service.ts';
import type { RunningProcess } from '../test/support/process-tree.ts';

/** After which a service at rest has given back the memory that it does not need */
const REST_MS = 45_000;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    first: { type: 'string', default: '0' },
    failures: { type: 'string', default: path.join(tmpdir(), 'panelvec-fuzz-failures') },
    replay: { type: 'string' },
    'request-timeout': { type: 'string', default: '3' },
  },
});

await using service = await startFuzzService({ PANELVEC_REQUEST_TIMEOUT_SECONDS: values['request-timeout'] });
if (values.replay !== undefined) {
  const bytes = await readFile(values.replay);
  const isHead = bytes.subarray(0, 5).toString() === 'HEAD ';
  const { responses, hung } = await deliver(service.address, bytes, 'whole', isHead, new FuzzRandom(0));
  for (const { status, body } of responses) process.stdout.write(`${status} ${body.toString()}\n`);
  if (responses.length === 0) process.stdout.write(hung ? 'no response\n' : 'the connection was closed\n');
} else {
  const before = service.processes();
  const report = await fuzz(service, {
    seed: readNumber('seed'),
    first: readNumber('first'),
    requests: readNumber('requests'),
    failuresFolder: values.failures,
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  for (const problem of report.problems) process.stdout.write(`${problem}\n`);
  await delay(REST_MS);
  const memory = { before: toMegabytes(before), atRest: toMegabytes(service.processes()) };
  process.stdout.write(`${JSON.stringify({ ...report, problems: report.problems.length, memory })}\n`);
  if (report.problems.length > 0 || report.engineRestarts > 0) process.exitCode = 1;
}

function toMegabytes(processes: readonly RunningProcess[]): Record<string, number> {
  return Object.fromEntries(processes.map(({ title, residentBytes }) => [title, Math.round(residentBytes / 2 ** 20)]));
}

function readNumber(name: 'seed' | 'first' | 'requests'): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} ${values[name]}: must be a whole number`);
  return number;
}
