import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { slopeOf } from '../support/linear-fit.ts';
import type { RunningProcess } from '../support/process-tree.ts';
import { checkOutcome } from './check-outcome.ts';
import { deliver } from './deliver.ts';
import { FuzzRandom } from './fuzz-random.ts';
import { type FuzzRequest, makeFuzzRequest } from './fuzz-request.ts';
import { type FuzzService, waitUntilIdle } from './fuzz-service.ts';
import { KnownAnswers } from './known-answers.ts';
import { makeSamplePictures } from './sample-pictures.ts';
import { makeSampleRequests } from './sample-requests.ts';

export interface FuzzSettings {
  readonly seed: number;
  /** Index of the first request: the requests of a seed can be sent from any of them on */
  readonly first: number;
  readonly requests: number;
  /** Where the requests that failed are written */
  readonly failuresFolder: string;
  readonly onProgress?: (line: string) => void;
}

export interface FuzzReport {
  readonly seed: number;
  readonly problems: readonly string[];
  /** Responses by status; `none` where there was none */
  readonly statuses: Readonly<Record<string, number>>;
  readonly engineRestarts: number;
  /** MB per 1,000 requests by title of the process, over the second half of the requests */
  readonly growth: Readonly<Record<string, number>>;
}

const CONCURRENCY = 24;
/** After so many requests, the service is let come to rest, asked what it was asked before, and measured. */
const BATCH = 250;
const megabytes = (bytes: number) => bytes / 2 ** 20;

/** Sends damaged requests to a service, and collects all that no client should see. */
export async function fuzz(service: FuzzService, settings: FuzzSettings): Promise<FuzzReport> {
  const { seed, first, requests, onProgress } = settings;
  const pictures = await makeSamplePictures();
  const samples = makeSampleRequests(service.panelId);
  const [goodPicture] = pictures;
  if (goodPicture === undefined) throw new Error('there are no pictures');
  const known = await KnownAnswers.ask(service.address, samples, goodPicture);
  const problems: string[] = [];
  const statuses: Record<string, number> = {};
  const memory: { readonly sent: number; readonly processes: readonly RunningProcess[] }[] = [];
  let engineRestarts = 0;

  const send = async (index: number) => {
    if (service.ending() !== undefined) return;
    const random = new FuzzRandom(seed, index);
    const request = makeFuzzRequest(samples, pictures, random);
    const outcome = await deliver(service.address, request.bytes, request.delivery, request.method === 'HEAD', random);
    const status = String(outcome.responses[0]?.status ?? 'none');
    statuses[status] = (statuses[status] ?? 0) + 1;
    const found = checkOutcome(request, outcome);
    if (found.length === 0) return;
    const failure = await describeFailure(request, index, found, settings);
    problems.push(failure);
    onProgress?.(failure);
  };

  const limit = pLimit(CONCURRENCY);
  for (let start = first; start < first + requests; start += BATCH) {
    const count = Math.min(BATCH, first + requests - start);
    await Promise.all(Array.from({ length: count }, (_, i) => limit(() => send(start + i))));
    const ending = service.ending();
    if (ending !== undefined) {
      problems.push(`${ending}, after requests ${start} to ${start + count - 1} of seed ${seed}`);
      break;
    }
    ({ engineRestarts } = await waitUntilIdle(service.address));
    problems.push(...(await known.differences()));
    const processes = service.processes();
    memory.push({ sent: start + count - first, processes });
    const sizes = processes.map(({ title, residentBytes }) => `${title} ${megabytes(residentBytes).toFixed(0)} MB`);
    onProgress?.(
      `${start + count - first} requests, ${problems.length} problems, ${engineRestarts} restarts, ${sizes.join(', ')}`,
    );
  }
  return { seed, problems, statuses, engineRestarts, growth: measureGrowth(memory.slice(memory.length / 2)) };
}

async function describeFailure(
  { method, target, notes, delivery, bytes }: FuzzRequest,
  index: number,
  problems: readonly string[],
  { seed, failuresFolder }: FuzzSettings,
): Promise<string> {
  const file = path.join(failuresFolder, `request-${seed}-${index}.http`);
  await mkdir(failuresFolder, { recursive: true });
  await writeFile(file, bytes);
  const request = `${method.slice(0, 20)} ${target.slice(0, 100)}, ${notes.join('; ')}, ${delivery}`;
  return `request ${index} of seed ${seed} (${request}), written to ${file}: ${problems.join('; ')}`;
}

function measureGrowth(
  samples: readonly { readonly sent: number; readonly processes: readonly RunningProcess[] }[],
): Record<string, number> {
  const points = new Map<string, [x: number, y: number][]>();
  for (const { sent, processes } of samples) {
    for (const { pid, title, residentBytes } of processes) {
      const name = `${title} ${pid}`;
      points.set(name, [...(points.get(name) ?? []), [sent / 1000, megabytes(residentBytes)]]);
    }
  }
  return Object.fromEntries([...points].map(([name, line]) => [name, slopeOf(line)]));
}
