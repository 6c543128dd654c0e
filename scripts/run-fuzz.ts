/**
 * `npm run fuzz -- --requests 10000 --seed 7`: sends damaged requests to a service of its own, and fails if any of them
 * gets what no client should get. `--first 120 --requests 1` sends one request of a seed again; `--replay FILE` sends the
 * bytes of a file, and prints the response.
 */
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { deliver } from '../test/fuzz/deliver.ts';
import { fuzz } from '../test/fuzz/fuzz.ts';
import { FuzzRandom } from '../test/fuzz/fuzz-random.ts';
import { startFuzzService } from '../test/fuzz/fuzz-service.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    first: { type: 'string', default: '0' },
    failures: { type: 'string', default: path.join(tmpdir(), 'panelvec-fuzz-failures') },
    replay: { type: 'string' },
  },
});

await using service = await startFuzzService();
if (values.replay !== undefined) {
  const bytes = await readFile(values.replay);
  const isHead = bytes.subarray(0, 5).toString() === 'HEAD ';
  const { responses, hung } = await deliver(service.address, bytes, 'whole', isHead, new FuzzRandom(0));
  for (const { status, body } of responses) process.stdout.write(`${status} ${body.toString()}\n`);
  if (responses.length === 0) process.stdout.write(hung ? 'no response\n' : 'the connection was closed\n');
} else {
  const report = await fuzz(service, {
    seed: readNumber('seed'),
    first: readNumber('first'),
    requests: readNumber('requests'),
    failuresFolder: values.failures,
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  for (const problem of report.problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(`${JSON.stringify({ ...report, problems: report.problems.length })}\n`);
  if (report.problems.length > 0 || report.engineRestarts > 0) process.exitCode = 1;
}

function readNumber(name: 'seed' | 'first' | 'requests'): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} ${values[name]}: must be a whole number`);
  return number;
}
