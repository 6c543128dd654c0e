/**
 * `npm run soak -- --minutes 30`: calls of every kind in an open loop at 80 % of what the service can do, beside a job, and
 * how the memory of each process grows meanwhile. Writes a line for each process and sample to a CSV file, and fails if one grows by
 * over 1 MB a minute, or if a known request gets another response.
 */
import { appendFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startFuzzService } from '../../test/fuzz/fuzz-service.ts';
import { KnownAnswers } from '../../test/fuzz/known-answers.ts';
import { makeSamplePictures } from '../../test/fuzz/sample-pictures.ts';
import { makeSampleRequests } from '../../test/fuzz/sample-requests.ts';
import { slopeOf } from '../../test/support/linear-fit.ts';
import { writeExampleCorpus } from '../jobs/example-corpus.ts';
import { embedSpec, JobClient } from '../jobs/job-service.ts';
import { formatTable, printProgress, printReport } from '../runner/report.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import { fillMemories } from './fill-memories.ts';
import { type CallCounts, MixedCalls } from './mixed-calls.ts';

const SAMPLE_SECONDS = 10;
const CAPACITY_SECONDS = 20;
const CAPACITY_CLIENTS = 4;
const JOB_PAGES = 4000;
/** Of what the service does without a job: the rest is for the job. */
const SHARE_OF_CAPACITY = 0.8;
const MAX_WARM_UP_MINUTES = 5;
const MAX_SLOPE = 1;
const BYTES_PER_MEGABYTE = 2 ** 20;

interface Sample {
  readonly minute: number;
  readonly process: string;
  readonly megabytes: number;
  readonly openFiles: number;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string' },
    out: { type: 'string', default: 'soak.csv' },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: must be a number over 0`);

using folder = new TemporaryFolder();
const corpus = await writeExampleCorpus(folder, JOB_PAGES);
await using service = await startFuzzService({ PANELVEC_DATA_ROOTS: corpus.roots.join(',') });
const samples = makeSampleRequests(service.panelId);
const calls = await MixedCalls.create(service.address, samples);
const [picture] = await makeSamplePictures();
if (picture === undefined) throw new Error('there is no picture');
const known = await KnownAnswers.ask(service.address, samples, picture);

const featureBytes = await fillMemories(service.address, calls);
printProgress(`features of ${(featureBytes / BYTES_PER_MEGABYTE).toFixed(1)} MB are in memory`);
const rate = values.rate === undefined ? SHARE_OF_CAPACITY * (await measureCapacity()) : Number(values.rate);
printProgress(`${rate.toFixed(1)} calls/s for ${minutes} minutes`);
const jobs = new JobClient(service.address);
await writeFile(values.out, 'minute,process,megabytes,open_files\n');
const counts: CallCounts = { byOutcome: {}, milliseconds: 0 };
const taken: Sample[] = [];
const delays: number[] = [];
const start = performance.now();
const elapsedMinutes = () => (performance.now() - start) / 60_000;
const [differences, jobRuns] = await Promise.all([takeSamples(), runJobs(), sendCalls()]);
report();

/** Calls per second of a closed loop without a job */
async function measureCapacity(): Promise<number> {
  const warmUp: CallCounts = { byOutcome: {}, milliseconds: 0 };
  let sent = 0;
  const end = performance.now() + 1000 * CAPACITY_SECONDS;
  const client = async () => {
    while (performance.now() < end) {
      await calls.send(warmUp);
      sent++;
    }
  };
  await Promise.all(Array.from({ length: CAPACITY_CLIENTS }, client));
  return sent / CAPACITY_SECONDS;
}

async function sendCalls(): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  for (let sent = 0; elapsedMinutes() < minutes; sent++) {
    const dueMs = (1000 * sent) / rate - (performance.now() - start);
    if (dueMs > 0) await delay(dueMs);
    const call = calls.send(counts).finally(() => inFlight.delete(call));
    inFlight.add(call);
  }
  await Promise.all(inFlight);
}

/** Runs one job after the other. Resolves with how many have ended. */
async function runJobs(): Promise<number> {
  for (let ended = 0; ; ended++) {
    const id = await jobs.submit(embedSpec(`soak-${ended}`, corpus));
    const success = jobs.waitForSuccess(id).then(() => true);
    const over = delay(Math.max(0, (minutes - elapsedMinutes()) * 60_000)).then(() => false);
    if (await Promise.race([success, over])) continue;
    success.catch(() => undefined);
    await jobs.cancel(id);
    return ended;
  }
}

async function takeSamples(): Promise<string[]> {
  const found: string[] = [];
  while (elapsedMinutes() < minutes) {
    await delay(1000 * SAMPLE_SECONDS);
    const minute = elapsedMinutes();
    for (const { title, pid, residentBytes, openFiles } of service.processes()) {
      const process = `${title} ${pid}`;
      taken.push({ minute, process, megabytes: residentBytes / BYTES_PER_MEGABYTE, openFiles });
      await appendFile(
        values.out,
        `${minute.toFixed(2)},${process},${(residentBytes / BYTES_PER_MEGABYTE).toFixed(1)},${openFiles}\n`,
      );
    }
    const response = await fetch(`${service.address}/v1/status`);
    const status: { event_loop_delay: { p99: number } } = JSON.parse(await response.text());
    delays.push(1000 * status.event_loop_delay.p99);
    found.push(...(await known.differences(isNearlyEqual)));
    const ending = service.ending();
    if (ending !== undefined) throw new Error(ending);
  }
  return found;
}

/** Whether texts are equal but for the last digits of numbers, which depend on what runs in the same batch. */
function isNearlyEqual(actual: string, expected: string): boolean {
  if (actual === expected) return true;
  // A refusal under load says nothing about vectors, and is counted with the calls.
  if (actual.startsWith('503') || actual.startsWith('429')) return true;
  const number = /-?\d+\.?\d*(?:e[-+]?\d+)?/g;
  const base64 = /"[A-Za-z0-9+/=]{100,}"/g;
  const skeleton = (text: string) => text.replaceAll(base64, '""').replaceAll(number, '#');
  if (skeleton(actual) !== skeleton(expected)) return false;
  const numbersOf = (text: string) => (text.replaceAll(base64, '""').match(number) ?? []).map(Number);
  const expectedNumbers = numbersOf(expected);
  return numbersOf(actual).every((value, i) => Math.abs(value - (expectedNumbers[i] ?? Number.NaN)) < 0.01);
}

function report(): void {
  const warmUp = Math.min(MAX_WARM_UP_MINUTES, minutes / 3);
  const rows = [...Map.groupBy(taken, ({ process }) => process)].map(([process, all]) => {
    const line = all.filter(({ minute }) => minute > warmUp);
    const slope = slopeOf(line.map(({ minute, megabytes }) => [minute, megabytes]));
    const sizes = line.map(({ megabytes }) => megabytes);
    const files = all.map(({ openFiles }) => openFiles);
    return {
      process,
      slope,
      first: sizes[0],
      last: sizes.at(-1),
      highest: Math.max(...sizes),
      samples: line.length,
      files: Math.max(...files),
    };
  });
  // A worker that ends with its job has too few samples for a slope.
  const growing = rows.filter(({ slope, samples: count }) => slope > MAX_SLOPE && count * SAMPLE_SECONDS > 60);
  const format = (value: number | undefined) => value?.toFixed(2) ?? '';
  const table = [
    ['process', 'MB/min', 'first MB', 'last MB', 'highest MB', 'samples', 'open files'],
    ...rows.map((row) => [
      row.process,
      ...[row.slope, row.first, row.last, row.highest].map(format),
      String(row.samples),
      String(row.files),
    ]),
  ];
  const delayMs = delays.toSorted((a, b) => a - b)[Math.floor(delays.length / 2)];
  printReport(
    [
      ...formatTable(table),
      `aim: slopes up to ${MAX_SLOPE} MB/min after ${warmUp.toFixed(1)} minutes: ${growing.length === 0 ? 'reached' : 'missed'}`,
      ...differences,
    ],
    { part: 'soak', minutes, rate, ...counts, eventLoopP99Ms: delayMs, jobRuns, differences: differences.length, rows },
  );
  if (growing.length > 0 || differences.length > 0) process.exitCode = 1;
}
